"""What is shown of a page that was found: a piece of its text with marks, and where on the page the words stand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from storage.search_query import Search, Term
from storage.search_words import Spot, spots_of

LENGTH = 240  # characters of a snippet, about
_BEFORE = 60  # of them before the first mark
MOST_BOXES = 50
_MORE = "…"


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a text; `marks` are the beginnings and ends of what was found in it."""

    text: str
    marks: tuple[tuple[int, int], ...]


def places_in(text: str, search: Search) -> list[tuple[int, int]]:
    """Beginnings and ends of what a search finds in a text, in order; what overlaps is one."""
    spots = list(spots_of(text))
    found = sorted(place for term in search.terms for place in _places_of(term, spots))
    joined: list[tuple[int, int]] = []
    for start, end in found:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def snippet_of(text: str, places: Sequence[tuple[int, int]]) -> Snippet:
    """The piece of the text with the most of these places; its beginning where there are none."""
    start = _best_start(places)
    first = text.rfind(" ", 0, max(0, start - _BEFORE)) + 1 if start > _BEFORE else 0
    first = max(first, start - 2 * _BEFORE)  # a text without blanks
    last = min(len(text), first + LENGTH)
    if last < len(text):
        blank = text.rfind(" ", first + LENGTH // 2, last)
        last = blank if blank > 0 else last
    inside = [(a, min(b, last)) for a, b in places if first <= a < last]
    before = _MORE if first else ""
    shift = len(before) - first
    shown = text[first:last].replace("\n", " ") + (_MORE if last < len(text) else "")
    return Snippet(before + shown, tuple((a + shift, b + shift) for a, b in inside))


def lines_with(text: str, places: Sequence[tuple[int, int]]) -> list[int]:
    """The numbers of the lines that hold one of these places, or a part of it; at most MOST_BOXES."""
    numbers: list[int] = []
    line, at = 0, 0
    for start, end in places:
        line += text.count("\n", at, start)
        at = start
        numbers += range(line, line + text.count("\n", start, end) + 1)
    return list(dict.fromkeys(numbers))[:MOST_BOXES]


def _best_start(places: Sequence[tuple[int, int]]) -> int:
    best, most = 0, 0
    for number, (start, _) in enumerate(places):
        near = sum(other < start + LENGTH - _BEFORE for other, _ in places[number : number + LENGTH])
        if near > most:
            best, most = start, near
    return best


def _places_of(term: Term, spots: Sequence[Spot]) -> Iterator[tuple[int, int]]:
    first, length = term.words[0], len(term.words)
    for at in range(len(spots) - length + 1):
        alone = length == 1 and term.begins
        if spots[at].word != first and not (alone and spots[at].word.startswith(first)):
            continue
        run = spots[at : at + length]
        if all(map(_is, run, term.words, [False] * (length - 1) + [term.begins])):
            yield run[0].start, run[-1].end


def _is(spot: Spot, word: str, begins: bool) -> bool:  # noqa: FBT001 - mapped over
    return spot.word.startswith(word) if begins else spot.word == word
