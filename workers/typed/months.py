"""The names of months, whole and short, and of days of the week, from babel's locales."""

from dataclasses import dataclass
from functools import cache

from workers.typed.folding import bare

LANGUAGES = ("en", "de", "fr", "es", "it", "nl")  # whose names may be cut anywhere: `Sept`, `févr`
FURTHER = ("pt", "sv", "da", "nb", "pl", "cs", "fi", "de_AT")
SHORTEST = 3  # letters of a name


@dataclass(frozen=True, slots=True)
class Month:
    """A month by one of its names."""

    number: int
    languages: frozenset[str]  # that use the name
    whole: bool  # whether it is the whole name


def month_of(word: str) -> Month | None:
    """The month of a name in any of the languages; None where it is none, or where languages disagree."""
    name = bare(word)
    if len(name) < SHORTEST:
        return None
    exact = _names().get(name)
    whole = exact is not None and any(is_whole for _, _, is_whole in exact)
    found = exact or {entry for full, entries in _names().items() if full.startswith(name) for entry in entries}
    found = {entry for entry in found if exact or (entry[1] in LANGUAGES)}
    numbers = {number for number, _, _ in found}
    return Month(numbers.pop(), frozenset(language for _, language, _ in found), whole) if len(numbers) == 1 else None


def is_weekday(word: str) -> bool:
    """Whether a word is a day of the week in any of the languages, or `montags`."""
    name = bare(word)
    return name in _weekdays() or name.removesuffix("s") in _weekdays()


@cache
def _weekdays() -> frozenset[str]:
    from babel import Locale  # noqa: PLC0415 - costs a start 20 ms

    locales = [Locale.parse(tag) for tag in (*LANGUAGES, *FURTHER)]
    return frozenset(bare(name) for locale in locales for name in locale.days["format"]["wide"].values())


@cache
def _names() -> dict[str, set[tuple[int, str, bool]]]:
    """By folded name: months, languages, and whether it is the whole name."""
    from babel import Locale  # noqa: PLC0415 - costs a start 20 ms

    names: dict[str, set[tuple[int, str, bool]]] = {}
    for tag in (*LANGUAGES, *FURTHER):
        for forms in Locale.parse(tag).months.values():
            for width in ("wide", "abbreviated"):
                for number, name in forms[width].items():
                    entry = (number, tag.partition("_")[0], width == "wide")
                    names.setdefault(bare(name), set()).add(entry)
    return names
