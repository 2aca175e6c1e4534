"""Pages found by their words: one interface over the full-text indexes of SQLite and PostgreSQL.

The index says which pages match, the newest first; of at most MOST_RANKED the order is worked out here, by BM25 over
these pages, so that it is the same on both databases and its time does not grow with the archive.
"""

import base64
import binascii
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import select, text

from core.errors import InvalidCursor
from core.records import Box, ReadingSource
from storage.database import Session
from storage.matching import matching
from storage.paging import clamp
from storage.readings import SaidOnPage, values_on_pages
from storage.search_query import Search, Term, as_match
from storage.snippets import Snippet, lines_with, places_in, snippet_of
from storage.tables import Document, Passage, Reading

MOST_RANKED = 500  # pages
_K1, _B = 1.2, 0.75  # of BM25, as it is set most often


@dataclass(frozen=True, slots=True)
class FoundValue:
    """A value of the page that holds a word of the search."""

    field: str
    raw: str
    box: list[float] | None


@dataclass(frozen=True, slots=True)
class Hit:
    """A page that was found."""

    document_id: str
    document_name: str
    page: int
    score: float  # by BM25: of this search alone
    snippet: Snippet
    boxes: tuple[Box, ...]  # of the lines that hold what was found
    values: tuple[FoundValue, ...]
    source: ReadingSource | None  # None: the page was found by its values alone


@dataclass(frozen=True, slots=True)
class Found:
    """A part of the pages that were found, the best first."""

    hits: list[Hit]
    total: int  # pages, of which at most MOST_RANKED are counted
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Ranked:
    """A page and how well it matches."""

    score: float
    passage_id: int
    document_id: str
    page: int
    page_id: str

    @property
    def place(self) -> tuple[float, int]:
        """Sorts the best first, of equals the newest."""
        return (-self.score, -self.passage_id)


def find_pages(
    session: Session,
    workspace_id: str,
    search: Search,
    document_ids: Sequence[str] = (),
    *,
    limit: int = 20,
    cursor: str | None = None,
) -> Found:
    """The pages of a workspace, or of some of its documents, that a search finds. Raises InvalidCursor."""
    after = None if cursor is None else _place_from(cursor)
    ranked = rank_pages(session, workspace_id, search, document_ids)
    left = [page for page in ranked if after is None or page.place > after]
    shown = left[: clamp(limit)]
    more = len(left) > len(shown)
    return Found(hits_of(session, search, shown), len(ranked), _cursor_of(shown[-1]) if more else None)


def rank_pages(session: Session, workspace_id: str, search: Search, document_ids: Sequence[str] = ()) -> list[Ranked]:
    """At most MOST_RANKED pages that match, the best first. Those with all words are taken before others are."""
    rows: dict[int, Any] = {}
    for stage in (search.strict(), search) if search.is_open else (search,):
        if len(rows) < MOST_RANKED:
            rows |= {row.id: row for row in islice(_matching(session, workspace_id, stage, document_ids), MOST_RANKED)}
    kept = list(islice(rows.values(), MOST_RANKED))
    scores = _scores([row.words + row.said for row in kept], [row.length for row in kept], search.terms)
    pages = [
        Ranked(score, row.id, row.document_id, row.page_number, row.page_id)
        for score, row in zip(scores, kept, strict=True)
    ]
    return sorted(pages, key=lambda page: page.place)


def documents_with(session: Session, workspace_id: str, search: Search) -> dict[str, int]:
    """The documents of the newest MOST_RANKED pages that match, each with the first of these pages."""
    pages: dict[str, int] = {}
    for row in islice(_matching(session, workspace_id, search, ()), MOST_RANKED):
        pages[row.document_id] = min(row.page_number, pages.get(row.document_id, row.page_number))
    return pages


def _matching(session: Session, workspace_id: str, search: Search, document_ids: Sequence[str]) -> Any:
    """The newest passages that match."""
    mine = Passage.workspace_id == workspace_id  # the index says so, too; this is the wall
    columns = (Passage.id, Passage.page_id, Passage.document_id, Passage.page_number)
    query = select(*columns, Passage.words, Passage.said, Passage.length).where(mine)
    if session.get_bind().dialect.name == "sqlite":
        matched = text("SELECT rowid FROM passages_fts WHERE passages_fts MATCH :asked ORDER BY rowid DESC LIMIT :most")
        given = {"asked": as_match(search, workspace_id, document_ids), "most": MOST_RANKED}
        ids = list(session.scalars(matched, given))
        return session.execute(query.where(Passage.id.in_(ids)).order_by(Passage.id.desc()))
    how = matching(session, search, workspace_id, document_ids, MOST_RANKED)
    return session.execute(query.where(how.passes).order_by(how.by).limit(MOST_RANKED))


def _scores(texts: Sequence[str], lengths: Sequence[int], terms: Sequence[Term]) -> list[float]:
    """BM25 of each text, with words counted as rare by these texts alone."""
    scores = [0.0] * len(texts)
    mean = sum(lengths) / max(1, len(lengths)) or 1.0
    norms = [_K1 * (1 - _B + _B * length / mean) for length in lengths]
    for term in terms:
        wanted = f" {' '.join(term.words)}" + ("" if term.begins else " ")
        counts = [words.count(wanted) for words in texts]
        has = sum(count > 0 for count in counts)
        weight = math.log(1 + (len(texts) - has + 0.5) / (has + 0.5))
        for at, (count, norm) in enumerate(zip(counts, norms, strict=True)):
            scores[at] += weight * count * (_K1 + 1) / (count + norm)
    return scores


def hits_of(session: Session, search: Search | None, pages: Sequence[Ranked]) -> list[Hit]:
    """Pages as they are shown, in order: with what was found on them by a search; None: they were not by words."""
    if not pages:
        return []
    ids = {page.document_id for page in pages}
    rows = session.execute(select(Document.id, Document.name).where(Document.id.in_(ids)))
    names = {row.id: row.name for row in rows}
    read = select(Reading).where(Reading.page_id.in_([page.page_id for page in pages]))
    readings = {reading.page_id: reading for reading in session.scalars(read)}
    said = values_on_pages(session, ids, {page.page for page in pages})
    return [_hit(page, names.get(page.document_id, ""), search, readings.get(page.page_id), said) for page in pages]


def _hit(
    page: Ranked,
    name: str,
    search: Search | None,
    reading: Reading | None,
    said: dict[tuple[str, int], list[SaidOnPage]],
) -> Hit:
    read = reading.text if reading else ""
    places = _places(read, search)
    values = [v for v in said.get((page.document_id, page.page), ()) if _places(_line_of(v), search)]
    lines = reading.lines if reading else []
    boxes = tuple(Box(*lines[number][1:]) for number in lines_with(read, places) if number < len(lines))
    if places or not values:
        snippet = snippet_of(read, places)
    else:
        shown = "; ".join(_line_of(value) for value in values)
        snippet = snippet_of(shown, _places(shown, search))
    found = tuple(FoundValue(value.field, value.raw, value.box) for value in values)
    source = reading.source if reading else None
    return Hit(page.document_id, name, page.page, round(page.score, 6), snippet, boxes, found, source)


def _places(text: str, search: Search | None) -> list[tuple[int, int]]:
    return [] if search is None else places_in(text, search)


def _line_of(value: SaidOnPage) -> str:
    typed = f" ({value.typed})" if value.typed and value.typed != value.raw else ""
    return f"{value.field}: {value.raw}{typed}"


def _cursor_of(page: Ranked) -> str:
    return base64.urlsafe_b64encode(json.dumps(page.place).encode()).decode().rstrip("=")


def _place_from(cursor: str) -> tuple[float, int]:
    """Where the page before ended. Raises InvalidCursor."""
    try:
        plain = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        plain = None
    match plain:
        case [float() | int() as score, int() as passage_id] if not isinstance(score, bool):
            return (float(score), passage_id)
    raise InvalidCursor("The cursor is broken; take next_cursor as it was given.")
