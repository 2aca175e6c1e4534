"""The pages that may answer a question: found by its rare words, ranked by all of them.

No word is looked up further than MOST pages, so the time does not grow with the archive. A word that fewer pages have
is rare: all its pages are taken. A word that more have takes pages only together with others. What is taken is ranked
by BM25, with words as rare as they are in the whole archive.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, islice
from typing import Any

from sqlalchemy import func, select, text

from storage.database import Session
from storage.matching import matching
from storage.paging import in_parts
from storage.ranking import Candidate, Known, Nearness, Row, Sought, rank
from storage.search_query import Search, Term, as_match
from storage.search_words import LONGEST_WORD
from storage.tables import Passage
from storage.units import among

MOST = 400  # pages that one search gives
MOST_SCORED = 2_000  # pages whose words are read
SMALL = 300  # pages of a scope that are all read, without any search
MOST_NAMED = 500  # documents that the index is asked for by name; of more, the index's pages are held against the scope
SPREAD = 30  # documents whose other pages are looked at, too
_WIDER = 4  # how many times as many of the index's pages are taken next, where too few of them are in the scope
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SHORTEST_NEAR = 5  # letters of a word that may be misread
_MOST_VARIANTS = 200


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
    archive = _Archive.of(session, workspace_id, document_ids)
    searched = archive.pages
    found = _looked_through(archive, sought) if searched <= SMALL else _looked_up(archive, sought)
    ranked = rank(found.rows, sought, found.known)
    return Candidates(tuple(ranked[:limit]), len(ranked), searched, found.known.counts)


@dataclass(frozen=True, slots=True)
class _Found:
    """Passages that are worth ranking."""

    rows: Sequence[Row]
    known: Known


@dataclass(frozen=True, slots=True)
class _Archive:
    """The passages of a workspace, or of some documents in it."""

    session: Session
    workspace_id: str
    document_ids: frozenset[str] | None
    inside: frozenset[int] | None  # the passages of these documents; None: all
    pages: int
    oldest: int  # of the passages; 0 where there is none
    newest: int

    @classmethod
    def of(cls, session: Session, workspace_id: str, document_ids: Sequence[str] | None) -> "_Archive":
        """All that is in the scope, or that there is."""
        mine = Passage.workspace_id == workspace_id
        if document_ids is None:
            ends = select(func.count(), func.min(Passage.id), func.max(Passage.id)).where(mine)
            pages, oldest, newest = session.execute(ends).one()
            return cls(session, workspace_id, None, None, pages, oldest or 0, newest or 0)
        named = frozenset(document_ids)
        ids = select(Passage.id).where(mine, among(session, Passage.document_id, named))
        inside = frozenset(session.scalars(ids))
        ends_of = (min(inside, default=0), max(inside, default=0))
        return cls(session, workspace_id, named, inside, len(inside), *ends_of)

    @property
    def named(self) -> list[str]:
        """The documents that the index is asked for."""
        few = self.document_ids is not None and len(self.document_ids) <= MOST_NAMED
        return sorted(self.document_ids or ()) if few else []

    def all_rows(self) -> list[Row]:
        """All passages, of a small scope."""
        if self.document_ids is None:
            return self._read(_PASSAGES.order_by(Passage.id))
        parts = in_parts(sorted(self.document_ids))
        return [row for some in parts for row in self._read(_PASSAGES.where(Passage.document_id.in_(some)))]

    def rows(self, ids: Iterable[int]) -> list[Row]:
        """These passages, as far as they are in the scope."""
        rows = [row for some in in_parts(ids) for row in self._read(_PASSAGES.where(Passage.id.in_(some)))]
        return [row for row in rows if self.document_ids is None or row.document_id in self.document_ids]

    def _read(self, query: Any) -> list[Row]:
        mine = query.where(Passage.workspace_id == self.workspace_id)
        found = self.session.execute(mine)
        return [Row(r.id, r.page_id, r.document_id, r.page_number, r.words + r.said, r.length) for r in found]

    def find(self, search: Search, within: Sequence[str] = ()) -> list[int]:
        """The newest passages that match, MOST and one at most; `within` narrows the scope to some documents."""
        documents = list(within) or self.named
        found: list[int] = []
        below, take = self.newest + 1, MOST + 1
        while True:
            ids = self._matching(search, documents, below, take)
            found += ids if self.inside is None else [one for one in ids if one in self.inside]
            if len(ids) < take or len(found) > MOST:
                return found[: MOST + 1]
            below, take = ids[-1], take * _WIDER

    def _matching(self, search: Search, documents: Sequence[str], below: int, most: int) -> list[int]:
        """The newest passages under this id that match; none older than the scope."""
        if self.session.get_bind().dialect.name == "sqlite":
            asked = as_match(search, self.workspace_id, documents)
            given = {"asked": asked, "most": most, "below": below, "oldest": self.oldest}
            return list(self.session.scalars(_MATCHED, given))
        how = matching(self.session, search, self.workspace_id, documents, most)
        mine = (Passage.workspace_id == self.workspace_id, Passage.id < below, Passage.id >= self.oldest)
        query = select(Passage.id).where(*mine, how.passes)
        return list(self.session.scalars(query.order_by(how.by).limit(most)))

    def estimate(self, ids: Sequence[int]) -> int:
        """How many pages match what gave these newest ones: by how close together they lie, where they are cut off."""
        if len(ids) <= MOST:
            return len(ids)
        share = len(ids) * (self.newest - self.oldest + 1) / (max(ids) - min(ids) + 1)
        return max(len(ids), min(self.pages, round(share)))


_COLUMNS = (Passage.id, Passage.page_id, Passage.document_id, Passage.page_number)
_PASSAGES = select(*_COLUMNS, Passage.words, Passage.said, Passage.length)
_MATCHED = text(
    "SELECT rowid FROM passages_fts WHERE passages_fts MATCH :asked AND rowid >= :oldest AND rowid < :below "
    "ORDER BY rowid DESC LIMIT :most"
)


def _looked_through(archive: _Archive, sought: Sought) -> _Found:
    """All passages of a small scope."""
    rows = archive.all_rows()
    counts = {word: sum(_has(row, word) for row in rows) for word in sought.choosing}
    groups = [sum(any(_has(row, word) for word in group) for row in rows) for group in sought.fields]
    near = {word: _near_words(rows, word, sought.is_near) for word, count in counts.items() if not count}
    return _Found(rows, Known(len(rows), counts, groups, near))


def _looked_up(archive: _Archive, sought: Sought) -> _Found:
    """The passages that the index gives: all of rare words, those of common ones together."""
    lists = {word: archive.find(_all_of(word)) for word in sought.choosing}
    counts = {word: archive.estimate(ids) for word, ids in lists.items()}
    groups = [archive.estimate(archive.find(Search((_any_of(group),)))) for group in sought.fields]
    near: dict[str, frozenset[str]] = {}
    ids: dict[int, None] = {}
    for word in sorted(lists, key=lambda word: counts[word]):
        if not lists[word] and _may_be_misread(word):
            there = archive.rows(archive.find(_near_of(word)))
            near[word] = _near_words(there, word, sought.is_near)
            ids |= dict.fromkeys(row.id for row in there if any(_has(row, other) for other in near[word]))
        elif len(lists[word]) <= MOST:
            ids |= dict.fromkeys(lists[word])
    known = Known(archive.pages, counts, groups, near)
    named = {word for ways in sought.names for word in ways[0].words}
    is_enough = any(word in named or not named for word, found in lists.items() if 0 < len(found) <= MOST)
    for search in _together(sought, known, is_enough=is_enough):
        if len(ids) > MOST_SCORED:
            break
        ids |= dict.fromkeys(archive.find(search))
    rows = archive.rows(islice(ids, MOST_SCORED))
    return _Found([*rows, *_spread(archive, sought, rows, known)], known)


def _together(sought: Sought, known: Known, *, is_enough: bool) -> Iterator[Search]:
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


def _spread(archive: _Archive, sought: Sought, rows: Sequence[Row], known: Known) -> list[Row]:
    """Further pages of the best documents that have a word of what is asked: a name may stand on another page."""
    ranked = rank(rows, sought, known)
    best = list(islice(dict.fromkeys(page.document_id for page in ranked), SPREAD))
    terms = tuple(term for group in sought.fields for term in _any_of(group))
    if not best or not terms or not sought.choosing:
        return []
    there = {row.id for row in rows}
    return archive.rows(number for number in archive.find(Search((terms,)), best) if number not in there)


def _all_of(*words: str) -> Search:
    return Search(tuple((Term((word,)),) for word in words))


def _any_of(words: Iterable[str]) -> tuple[Term, ...]:
    return tuple(Term((word,)) for word in words)


def _has(row: Row, word: str) -> bool:
    return word in row.counts


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


def _near_words(rows: Sequence[Row], word: str, is_near: Nearness) -> frozenset[str]:
    """The words of these passages that may be one that was asked, misread."""
    if not _may_be_misread(word):
        return frozenset()
    there = {other for row in rows for other in row.counts}
    return frozenset(other for other in there if abs(len(other) - len(word)) <= 2 and is_near(word, other))  # noqa: PLR2004 - edits
