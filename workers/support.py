"""Whether a page, or its document, has what a question is about; forgiving where the page may have been misread.

Words of a PDF's own layer are compared as they are. Words that a model has read may be near ones (`workers.nearness`)
where it was not sure of their line: a misreading is assumed only where the reading itself doubts. Numbers are never
near ones: an invoice whose number differs in a digit is another invoice.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from itertools import permutations

from storage.search_words import words_of
from workers.codes import stands_in
from workers.field_words import LEGAL_FORMS, TITLES, synonyms_of
from workers.nearness import is_near
from workers.subject_words import About, Day, Kind, Subject
from workers.typed.months import month_of

SURE = 0.9  # confidence of a line from which on its words are taken as read: 99 in 100 of them are right
ENOUGH = 0.5  # of the soft words, by their weight, have to be there
APART = 3  # words that may stand between those of a name
FAR = 3  # pages; behind, in a long document, a name is about something else
SHORT = 10  # pages of a document that is about one thing
_LEAST_STEM, _SHORT_WORD, _LONGEST_ENDING = 4, 5, 3  # letters
_CENTURY = 100
_NAME_WORDS = synonyms_of("name") | {"given", "family", "surname", "christian"}
_DATE = 3  # numbers of a day that is written out


class Support(IntEnum):
    """How near an answer's page is to what the question is about."""

    NONE = 0  # it is not there
    UNKNOWN = 1  # nobody has read the page
    DOCUMENT = 2  # on another page of the document
    PAGE = 3


@dataclass(frozen=True)
class PageText:
    """The words of a page in order, and where among them a model was not sure."""

    words: tuple[str, ...] = ()
    unsure: frozenset[int] = field(default_factory=frozenset)
    is_read: bool = True
    lines: int = 0  # how many of the words are those of its lines; the others are of values, in no order
    codes: Mapping[int, range] = field(default_factory=dict)  # of words that are parts of a number: the whole of it

    @property
    def printed(self) -> tuple[str, ...]:
        """The words that were read on the page, without those of values; where nobody has read it, these."""
        return self.words[: self.lines] if self.lines else self.words

    @cached_property
    def places(self) -> Mapping[str, list[int]]:
        """Where each word stands."""
        found: dict[str, list[int]] = {}
        for at, word in enumerate(self.words):
            found.setdefault(word, []).append(at)
        return found

    def find(self, word: str) -> list[int]:
        """Where a word stands, in the genitive too, or one that may be it."""
        exact = [at for form in (word, f"{word}s") for at in self.places.get(form, ())]
        if exact:
            return exact
        return [at for at in sorted(self.unsure) if is_near(word, self.words[at])]


UNREAD = PageText(is_read=False)


@dataclass(frozen=True, slots=True)
class Judged:
    """What is to be thought of an answer of a page."""

    support: Support
    share: float  # of the soft words that are there, by their weight


NOTHING = Judged(Support.NONE, 0.0)


def judge(
    about: About, pages: Mapping[int, PageText], number: int, name: str, weights: Mapping[str, float], *, strict: bool
) -> Judged:
    """An answer that stands on page `number` of a document called `name`, of which these pages are known.

    A date counts on this page and on the first: elsewhere in a document many days stand.
    With `strict`, a question about nothing but soft words needs the greater part of them, too.
    """
    page = pages.get(number, UNREAD)
    around = [text for at, text in pages.items() if at != number and _is_near_page(at, number, len(pages))]
    whole = [page, *around, PageText(tuple(words_of(name)))]
    share = _share(about.words, whole, weights)
    if about.subjects:
        some = any if about.either else all
        found = {subject: stands_on(subject, page) for subject in about.subjects}
        here = some(found.values())
        first = [text for text in (pages.get(1), whole[-1]) if text is not None]
        there = here or some(
            on_page or any(stands_on(subject, text) for text in (first if subject.kind is Kind.DATE else whole[1:]))
            for subject, on_page in found.items()
        )
    else:
        here = not strict or _share(about.words, [page], weights) >= ENOUGH
        there = share >= ENOUGH
    if here:
        return Judged(Support.PAGE, share)
    if there:
        return Judged(Support.DOCUMENT, share)
    is_read = page.is_read and all(text.is_read for text in around)
    return Judged(Support.NONE if is_read else Support.UNKNOWN, share)


def stands_on(subject: Subject, page: PageText) -> bool:
    """Whether a page has a subject of the question."""
    match subject.kind:
        case Kind.DATE:
            return subject.day is not None and _has_day(page, subject.day)
        case Kind.NUMBER:
            return stands_in(page.printed, page.codes, subject.words, subject.beside)
        case Kind.QUOTE:
            return _has_row(page, subject.words)
        case Kind.NAME:
            return _has_name(page, subject.words)


def _is_near_page(at: int, number: int, pages: int) -> bool:
    return pages <= SHORT or at == 1 or abs(at - number) <= FAR


def _has_name(page: PageText, words: Sequence[str]) -> bool:
    """All words of a name, close together: in their order, or as `Schmidt, Dr. Anna`."""
    known = [page.find(word) for word in words]
    return any(all(any(_is_by(page, first, at, words) for at in places) for places in known) for first in known[0])


def _is_by(page: PageText, first: int, at: int, name: Sequence[str]) -> bool:
    """Whether a name's other word stands where it may, seen from its first one."""
    words = len(name)
    if at >= first:
        return at - first < words + APART
    between = page.words[at + 1 : first]
    return len(between) < words + APART and all(_is_of_a_name(word) or word in name for word in between)


def _is_of_a_name(word: str) -> bool:
    """Whether a word may stand inside a name, or between its parts on a form: a title, an initial, `first name`."""
    return word in TITLES or len(word) == 1 or word in _NAME_WORDS


def _has_row(page: PageText, words: Sequence[str]) -> bool:
    """These words next to each other."""
    known = [set(page.find(word)) for word in words]
    return any(all(at + i in places for i, places in enumerate(known)) for at in known[0])


def _has_day(page: PageText, day: Day) -> bool:
    """A day, a month or a year in any order: `12.03.24`, `2024-03-12`, `March 12, 2024`, `12 mars 2024`."""
    parts = [(part, value) for part in ("day", "month", "year") if (value := getattr(day, part)) is not None]
    words = page.words
    if len(parts) == 1 and any(_is_short_date(words[at : at + _DATE], day.year) for at in _dates_on(page)):
        return True
    return any(
        all(_fits(word, *part, alone=len(parts) < 3) for word, part in zip(order, parts, strict=True))  # noqa: PLR2004 - a whole date
        for at in range(len(words) - len(parts) + 1)
        for order in permutations(words[at : at + len(parts)])
    )


def _dates_on(page: PageText) -> Iterator[int]:
    """Where three numbers stand that may be a date: in one token, or each in its own, as in `12. 03. 24`."""
    for at in range(len(page.words) - _DATE + 1):
        first, *others = (page.codes.get(place, range(place, place + 1)) for place in range(at, at + _DATE))
        digits = sum(not page.words[place].isalpha() for place in first)
        alone = all(len(code) == 1 for code in (first, *others))
        if alone or (all(code == first for code in others) and digits in {_DATE, 2 * _DATE}):
            yield at


def _fits(word: str, part: str, value: int, *, alone: bool) -> bool:
    number = _number(word)
    if number == value:
        return True
    if part == "month":
        found = month_of(word) if word.isalpha() else None
        return found is not None and found.number == value
    return part == "year" and not alone and len(word) == 2 and number == value % _CENTURY  # noqa: PLR2004 - `24`


def _is_short_date(words: Sequence[str], year: int | None) -> bool:
    """Whether these are a day and a month, and this year in two digits."""
    day, month, short = (_number(word) or 0 for word in words)
    return year is not None and len(words[2]) == 2 and short == year % _CENTURY and 0 < day <= 31 and 0 < month <= 31  # noqa: PLR2004 - days


def _number(word: str) -> int | None:
    digits = word.rstrip("stndrhe")  # 1st, 2nd, 3rd, 4th, 1er
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 4 else None  # noqa: PLR2004 - a year


def _share(words: Iterable[str], pages: Sequence[PageText], weights: Mapping[str, float]) -> float:
    """Of soft words those that are on one of the pages, by weight; 1 where there are none."""
    each = {word: weights.get(word, 1.0) for word in words if word not in LEGAL_FORMS}
    whole = sum(each.values())
    there = sum(weight for word, weight in each.items() if any(_has_stem(page, word) for page in pages))
    return there / whole if whole else 1.0


def _has_stem(page: PageText, word: str) -> bool:
    """A word, or another form of it: with another ending, and not only another word that begins alike."""
    if page.find(word):
        return True
    if len(word) < _LEAST_STEM:
        return False
    stem = word.rstrip("sne")[: max(_LEAST_STEM, len(word) - 2)] if len(word) > _SHORT_WORD else word.rstrip("s")
    return any(other.startswith(stem) and len(other) - len(stem) <= _LONGEST_ENDING for other in page.places)
