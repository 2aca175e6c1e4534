"""The pages that may answer a question: found by its rare words, ranked by all of them.

No word is looked up further than MOST pages, so the time does not grow with the archive. A word that fewer pages have
is rare: all its pages are taken. A word that more have takes pages only together with others. What is taken is ranked
by BM25, with words as rare as they are in the whole archive.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, islice
from typing import Any

from sqlalchemy import cast, func, select, text
from sqlalchemy.dialects.postgresql import TSQUERY

from storage.database import Session
from storage.paging import in_parts
from storage.search_query import Search, Term, as_match, as_tsquery
from storage.search_words import LONGEST_WORD
from storage.tables import Passage

MOST = 400  # pages that one search gives
MOST_SCORED = 2_000  # pages whose words are read
SMALL = 300  # pages of a scope that are all read, without any search
MOST_NAMED = 500  # documents that the index is asked for by name; more are sorted out afterwards
MOST_WORDS = 12  # of a question, that are searched for
BESIDE = 0.5  # what a word counts that another page of the document has
NEAR = 0.6  # what a word counts that may be another one, misread
SPREAD = 30  # documents whose other pages are looked at, too
_K1, _B = 1.2, 0.75  # of BM25, as it is set most often
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SHORTEST_NEAR = 5  # letters of a word that may be misread
_MOST_VARIANTS = 200

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
class Candidates:
    """The pages that fit best, and what is known of the words they were sought by."""

    pages: tuple[Candidate, ...]
    found: int  # pages that were ranked
    searched: int  # pages that could be found
    counts: Mapping[str, int] = field(default_factory=dict)  # pages by word: MOST + 1 and more are estimates


def find_candidates(
    session: Session, workspace_id: str, sought: Sought, document_ids: Sequence[str] | None, limit: int
) -> Candidates:
    """The best pages of a workspace, or of these documents. Pages that nobody has read are found by nothing."""
    archive = _Archive(session, workspace_id, None if document_ids is None else frozenset(document_ids))
    searched = archive.count_pages()
    found = _looked_through(archive, sought) if searched <= SMALL else _looked_up(archive, sought, searched)
    ranked = _ranked(found.rows, sought, found.known)
    return Candidates(tuple(ranked[:limit]), len(ranked), searched, found.known.counts)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of the words of a question: how many pages have them, and what they may be misread as."""

    pages: int
    counts: Mapping[str, int]
    groups: Sequence[int]  # pages that have a word of each group of fields
    near: Mapping[str, frozenset[str]]

    def rarity(self, count: int) -> float:
        """The weight of a word that so many pages have."""
        return math.log(1 + (max(0, self.pages - count) + 0.5) / (count + 0.5))


@dataclass(frozen=True, slots=True)
class _Found:
    """Passages that are worth ranking."""

    rows: Sequence[Any]
    known: _Known


@dataclass(slots=True)
class _Archive:
    """The passages of a workspace, or of some documents in it."""

    session: Session
    workspace_id: str
    document_ids: frozenset[str] | None
    reach: int | None = None  # ids between the oldest and the newest passage

    @property
    def named(self) -> list[str]:
        """The documents that the index is asked for."""
        few = self.document_ids is not None and len(self.document_ids) <= MOST_NAMED
        return sorted(self.document_ids or ()) if few else []

    def count_pages(self) -> int:
        count = select(func.count()).select_from(Passage).where(Passage.workspace_id == self.workspace_id)
        if self.document_ids is None:
            return self.session.scalar(count) or 0
        parts = in_parts(sorted(self.document_ids))
        return sum(self.session.scalar(count.where(Passage.document_id.in_(some))) or 0 for some in parts)

    def all_rows(self) -> list[Any]:
        """All passages, of a small scope."""
        query = _PASSAGES.where(Passage.workspace_id == self.workspace_id).order_by(Passage.id)
        if self.document_ids is None:
            return list(self.session.execute(query))
        parts = in_parts(sorted(self.document_ids))
        return [row for some in parts for row in self.session.execute(query.where(Passage.document_id.in_(some)))]

    def rows(self, ids: Iterable[int]) -> list[Any]:
        """These passages, as far as they are in the scope."""
        mine = _PASSAGES.where(Passage.workspace_id == self.workspace_id)
        rows = [row for some in in_parts(ids) for row in self.session.execute(mine.where(Passage.id.in_(some)))]
        return [row for row in rows if self.document_ids is None or row.document_id in self.document_ids]

    def find(self, search: Search, within: Sequence[str] = ()) -> list[int]:
        """The newest passages that match, MOST and one at most; `within` narrows the scope to some documents."""
        documents = list(within) or self.named
        given: dict[str, Any] = {"most": MOST + 1}
        if self.session.get_bind().dialect.name == "sqlite":
            given["asked"] = as_match(search, self.workspace_id, documents)
            return list(self.session.scalars(_MATCHED, given))
        self.session.execute(_OWN_PLAN)
        asked = cast(as_tsquery(search, self.workspace_id, documents), TSQUERY)
        query = select(Passage.id).where(Passage.workspace_id == self.workspace_id, Passage.vector.op("@@")(asked))
        return list(self.session.scalars(query.order_by(Passage.id.desc()).limit(MOST + 1)))

    def estimate(self, ids: Sequence[int], pages: int) -> int:
        """How many pages match what gave these newest ones: by how close together they lie, where they are cut off."""
        if len(ids) <= MOST:
            return len(ids)
        if self.reach is None:
            ends = select(func.max(Passage.id), func.min(Passage.id)).where(Passage.workspace_id == self.workspace_id)
            newest, oldest = self.session.execute(ends).one()
            self.reach = newest - oldest + 1
        share = len(ids) * self.reach / (max(ids) - min(ids) + 1)
        return max(len(ids), min(pages, round(share)))


_OWN_PLAN = text("SET LOCAL plan_cache_mode = force_custom_plan")  # rare and common words want other plans
_COLUMNS = (Passage.id, Passage.page_id, Passage.document_id, Passage.page_number)
_PASSAGES = select(*_COLUMNS, Passage.words, Passage.said, Passage.length)
_MATCHED = text("SELECT rowid FROM passages_fts WHERE passages_fts MATCH :asked ORDER BY rowid DESC LIMIT :most")


def _looked_through(archive: _Archive, sought: Sought) -> _Found:
    """All passages of a small scope."""
    rows = archive.all_rows()
    counts = {word: sum(_has(row, word) for row in rows) for word in sought.choosing}
    groups = [sum(any(_has(row, word) for word in group) for row in rows) for group in sought.fields]
    near = {word: _near_words(rows, word, sought.is_near) for word, count in counts.items() if not count}
    return _Found(rows, _Known(len(rows), counts, groups, near))


def _looked_up(archive: _Archive, sought: Sought, pages: int) -> _Found:
    """The passages that the index gives: all of rare words, those of common ones together."""
    lists = {word: archive.find(_all_of(word)) for word in sought.choosing}
    counts = {word: archive.estimate(ids, pages) for word, ids in lists.items()}
    groups = [archive.estimate(archive.find(Search((_any_of(group),))), pages) for group in sought.fields]
    near: dict[str, frozenset[str]] = {}
    ids: dict[int, None] = {}
    for word in sorted(lists, key=lambda word: counts[word]):
        if not lists[word] and _may_be_misread(word):
            there = archive.rows(archive.find(_near_of(word)))
            near[word] = _near_words(there, word, sought.is_near)
            ids |= dict.fromkeys(row.id for row in there if any(_has(row, other) for other in near[word]))
        elif len(lists[word]) <= MOST:
            ids |= dict.fromkeys(lists[word])
    known = _Known(pages, counts, groups, near)
    named = {word for ways in sought.names for word in ways[0].words}
    is_enough = any(word in named or not named for word, found in lists.items() if 0 < len(found) <= MOST)
    for search in _together(sought, known, is_enough=is_enough):
        if len(ids) > MOST_SCORED:
            break
        ids |= dict.fromkeys(archive.find(search))
    rows = archive.rows(islice(ids, MOST_SCORED))
    return _Found([*rows, *_spread(archive, sought, rows, known)], known)


def _together(sought: Sought, known: _Known, *, is_enough: bool) -> Iterator[Search]:
    """Searches for several words at once, the narrowest first; common words only where no rare one `is_enough`."""
    yield from (Search((ways,)) for ways in sought.names if len(ways) > 1 or len(ways[0].words) > 1)
    rarest = sorted((word for word in sought.choosing if known.counts[word]), key=lambda word: known.counts[word])
    asked = tuple(_any_of(group) for group, count in zip(sought.fields, known.groups, strict=True) if count)
    if not is_enough:
        yield from (_all_of(*words) for words in [rarest] if words)
        yield from (Search(((Term((word,)),), *asked)) for word in rarest[:2])
        yield from (_all_of(*pair) for pair in combinations(rarest[:4], 2))
        yield from (_all_of(word) for word in rarest[:1])
    if asked and not sought.choosing:
        yield Search(asked)
        yield Search((tuple(term for group in asked for term in group),))


def _spread(archive: _Archive, sought: Sought, rows: Sequence[Any], known: _Known) -> list[Any]:
    """Further pages of the best documents that have a word of what is asked: a name may stand on another page."""
    ranked = _ranked(rows, sought, known)
    best = list(islice(dict.fromkeys(page.document_id for page in ranked), SPREAD))
    terms = tuple(term for group in sought.fields for term in _any_of(group))
    if not best or not terms or not sought.choosing:
        return []
    there = {row.id for row in rows}
    return archive.rows(number for number in archive.find(Search((terms,)), best) if number not in there)


def _ranked(rows: Sequence[Any], sought: Sought, known: _Known) -> list[Candidate]:
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

    words: tuple[str, ...]  # as they stand in passages, blanks around them
    weight: float
    near: tuple[str, ...] = ()


def _scorers(sought: Sought, known: _Known) -> Iterator[_Scorer]:
    for word in sought.choosing:
        others = tuple(f" {other} " for other in sorted(known.near.get(word, ())))
        yield _Scorer((f" {word} ",), known.rarity(known.counts[word]), others)
    for ways in sought.names:
        if len(ways) > 1 or len(ways[0].words) > 1:
            rarest = min(known.counts.get(word, 0) for word in ways[0].words)
            yield _Scorer(tuple(f" {' '.join(way.words)} " for way in ways), known.rarity(rarest))
    for group, count in zip(sought.fields, known.groups, strict=True):
        yield _Scorer(tuple(f" {word} " for word in group), known.rarity(count) / 2)


def _score(row: Any, mean: float, scorer: _Scorer) -> float:
    said = row.words + row.said
    count: float = sum(said.count(word) for word in scorer.words)
    weight = scorer.weight
    if not count and scorer.near:
        count = sum(said.count(word) for word in scorer.near)
        weight *= NEAR
    return float(weight * count * (_K1 + 1) / (count + _K1 * (1 - _B + _B * row.length / mean)))


def _all_of(*words: str) -> Search:
    return Search(tuple((Term((word,)),) for word in words))


def _any_of(words: Iterable[str]) -> tuple[Term, ...]:
    return tuple(Term((word,)) for word in words)


def _has(row: Any, word: str) -> bool:
    wanted = f" {word} "
    return wanted in row.words or wanted in row.said


def _may_be_misread(word: str) -> bool:
    return len(word) >= _SHORTEST_NEAR and not any(c.isdigit() for c in word)


def _near_of(word: str) -> Search:
    """What may be this word, misread: words with its first half, and those that differ in one letter of that half."""
    half = len(word) // 2 + 1
    variants = [word[:at] + letter + word[at + 1 :] for at in range(half) for letter in _LETTERS]
    variants += [word[:at] + word[at + 1 :] for at in range(half)]
    variants += [word[:at] + letter + word[at:] for at in range(2) for letter in _LETTERS]
    wanted = [Term((other[:LONGEST_WORD],)) for other in dict.fromkeys(variants) if other != word]
    return Search(((Term((word[:half],), begins=True), *wanted[:_MOST_VARIANTS]),))


def _near_words(rows: Sequence[Any], word: str, is_near: Nearness) -> frozenset[str]:
    """The words of these passages that may be one that was asked, misread."""
    if not _may_be_misread(word):
        return frozenset()
    there = {other for row in rows for other in f"{row.words}{row.said}".split()}
    return frozenset(other for other in there if abs(len(other) - len(word)) <= 2 and is_near(word, other))  # noqa: PLR2004 - edits
