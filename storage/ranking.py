"""Pages ranked by the words of a question: BM25, with each word as rare as it is in the whole archive."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from storage.search_query import Term

MOST_WORDS = 12  # of a question, that are searched for
BESIDE = 0.5  # what a word counts that another page of the document has
NEAR = 0.6  # what a word counts that may be another one, misread
_K1, _B = 1.2, 0.75  # of BM25, as it is set most often

Nearness = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Sought:
    """What a question is searched by, each word folded as the index has it.

    Pages are taken by the words of `names` and by `words`; by `fields` only where there are none of these.
    """

    names: tuple[tuple[Term, ...], ...] = ()  # each one or several ways of writing a name or a number
    words: tuple[str, ...] = ()
    fields: tuple[tuple[str, ...], ...] = ()  # each the words that stand for one thing that is asked
    is_near: Nearness = str.__eq__  # whether a word of a page may be one that was asked, misread

    @property
    def choosing(self) -> tuple[str, ...]:
        """The words that take pages, each once."""
        named = [word for ways in self.names for word in ways[0].words]
        return tuple(dict.fromkeys([*named, *self.words]))[:MOST_WORDS]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A page that may answer, and how well it fits."""

    document_id: str
    page: int
    page_id: str
    score: float


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the words of a question: how many pages have them, and what they may be misread as."""

    pages: int
    counts: Mapping[str, int]
    groups: Sequence[int]  # pages that have a word of each group of fields
    near: Mapping[str, frozenset[str]]

    def rarity(self, count: int) -> float:
        """The weight of a word that so many pages have."""
        return math.log(1 + (max(0, self.pages - count) + 0.5) / (count + 0.5))


@dataclass(frozen=True)
class Row:
    """A passage that may be ranked."""

    id: int
    page_id: str
    document_id: str
    page_number: int
    text: str  # all its words, blanks around each
    length: int

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each word is there."""
        return Counter(self.text.split())

    def count(self, way: str) -> int:
        """How often a word is there, or several in a row."""
        return self.text.count(f" {way} ") if " " in way else self.counts[way]


def rank(rows: Sequence[Row], sought: Sought, known: Known) -> list[Candidate]:
    """Passages by BM25, the best first, of equals the newest; what has no word of the question is left out."""
    scorers = list(_scorers(sought, known))
    mean = sum(row.length for row in rows) / max(1, len(rows)) or 1.0
    own = [[_score(row, mean, scorer) for scorer in scorers] for row in rows]
    best: dict[str, list[float]] = {}
    for row, scores in zip(rows, own, strict=True):
        before = best.get(row.document_id, scores)
        best[row.document_id] = [max(pair) for pair in zip(before, scores, strict=True)]
    ranked = []
    for row, scores in zip(rows, own, strict=True):
        beside = (score or BESIDE * other for score, other in zip(scores, best[row.document_id], strict=True))
        ranked.append((sum(beside), row))
    ranked.sort(key=lambda one: (-one[0], -one[1].id))
    return [Candidate(row.document_id, row.page_number, row.page_id, score) for score, row in ranked if score > 0]


@dataclass(frozen=True, slots=True)
class _Scorer:
    """Words of which any counts, and for how much."""

    words: tuple[str, ...]  # or several in a row
    weight: float
    near: tuple[str, ...] = ()


def _scorers(sought: Sought, known: Known) -> Iterator[_Scorer]:
    for word in sought.choosing:
        yield _Scorer((word,), known.rarity(known.counts[word]), tuple(sorted(known.near.get(word, ()))))
    for ways in sought.names:
        if len(ways) > 1 or len(ways[0].words) > 1:
            rarest = min(known.counts.get(word, 0) for word in ways[0].words)
            yield _Scorer(tuple(" ".join(way.words) for way in ways), known.rarity(rarest))
    for group, count in zip(sought.fields, known.groups, strict=True):
        yield _Scorer(group, known.rarity(count) / 2)


def _score(row: Row, mean: float, scorer: _Scorer) -> float:
    count = sum(map(row.count, scorer.words))
    weight = scorer.weight
    if not count and scorer.near:
        count = sum(map(row.count, scorer.near))
        weight *= NEAR
    return float(weight * count * (_K1 + 1) / (count + _K1 * (1 - _B + _B * row.length / mean)))
