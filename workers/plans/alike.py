"""Names that are written differently and may be the same: told with the reason, and never taken for one.

Figures never differ: Store 12 is not Store 13. Two forms of companies do not either: Acme Ltd is not Acme GmbH.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from workers.plans.names import FORMS, core_of
from workers.typed.folding import bare

MOST_COMPARED = 5_000  # names among which alike ones are sought
_SHORTEST = 5  # letters of a name of which one may differ
_NEAREST, _MOST_NEAREST = 0.7, 3
# What readers of pages take for one another, as the one form that all of them get.
_LOOKS: tuple[tuple[str, str], ...] = (
    ("rn", "m"),
    ("nn", "m"),
    ("vv", "w"),
    ("cl", "d"),
    ("ii", "u"),
    ("0", "o"),
    ("1", "l"),
    ("i", "l"),
)
_LOOKS += (("5", "s"), ("8", "b"), ("6", "b"), ("2", "z"))


@dataclass(frozen=True, slots=True)
class Alike:
    """A name that may be the same as another one, and why."""

    name: str
    like: str
    why: str


def alike_among(names: Sequence[str]) -> list[Alike]:
    """Of these names, the likeliest first, those that may be the same as one before them."""
    found: list[Alike] = []
    seen: dict[str, list[str]] = {}
    for name in names[:MOST_COMPARED]:
        near = [other for key in _keys(name) for other in seen.get(key, ())]
        like = next(((other, why) for other in dict.fromkeys(near) if (why := why_alike(name, other))), None)
        if like is not None:
            found.append(Alike(name, *like))
        for key in set(_keys(name)):
            seen.setdefault(key, []).append(name)
    return found


def alike_to(names: Iterable[str], meant: Sequence[str]) -> list[Alike]:
    """Those of the names that may be the same as one that is meant, and are none of these."""
    found = []
    for name in names:
        like = next(((other, why) for other in meant if (why := why_alike(name, other))), None)
        if name not in meant and like is not None:
            found.append(Alike(name, *like))
    return found


def nearest(names: Sequence[str], said: str) -> list[str]:
    """The names that come nearest to one that nobody has."""
    by_core = {core_of(name): name for name in reversed(names[:MOST_COMPARED])}
    return [by_core[core] for core in get_close_matches(core_of(said), by_core, _MOST_NEAREST, _NEAREST)]


def why_alike(one: str, other: str) -> str | None:
    """Why two names may be the same; None where nothing says so."""
    left, right = bare(one), bare(other)
    forms = _form(left), _form(right)
    if left.replace(" ", "") == right.replace(" ", ""):
        return "only capitals, blanks or marks differ"
    if core_of(one) == core_of(other) and not all(forms):
        return "only the form of the company is left out"
    if _numbers(left) != _numbers(right) or (all(forms) and _looks(forms[0]) != _looks(forms[1])):
        return None
    if _looks(left) == _looks(right):
        return "the letters look alike"
    short = min(len(core_of(one)), len(core_of(other)))
    return "one letter differs" if short >= _SHORTEST and is_one_apart(core_of(one), core_of(other)) else None


def is_one_apart(one: str, other: str) -> bool:
    """Whether one letter is another, is missing, or has changed places with the next."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    alike = (n for n, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1])
    start = next(alike, min(len(one), len(other)))
    left, right = one[start:], other[start:]
    swapped = len(right) > 1 and left[:2] == right[1::-1] and left[2:] == right[2:]
    return swapped or left[1:] in {right[1:], right} or left == right[1:]


def _keys(name: str) -> Iterator[str]:
    """What names that are alike share: what they look like, or a core that lacks one letter."""
    core = core_of(name)
    yield _looks(bare(name))
    yield from {core, *(core[:n] + core[n + 1 :] for n in range(len(core)))}


def _looks(text: str) -> str:
    """A text with one form for all letters that look alike; figures that stand alone stay."""
    words = [word if word.isdecimal() else _look(word) for word in text.split()]
    return "".join(words)


def _look(word: str) -> str:
    for said, form in _LOOKS:
        word = word.replace(said, form)
    return word


def _form(text: str) -> str:
    """The form of a company at the end of a name."""
    last = text.rpartition(" ")[2]
    return last if last in FORMS or _look(last) in {_look(form) for form in FORMS if len(form) > 1} else ""


def _numbers(text: str) -> list[str]:
    return [word for word in text.split() if word.isdecimal()]
