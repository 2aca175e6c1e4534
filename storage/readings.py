"""Readings: the text of each page, and the passage by which the page is found, always written together.

Whoever writes a passage holds its document, so that of two workers the later one sees what the earlier one wrote.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import undefer

from core.records import Box, PageState, ReadingSource, ValueState
from storage import documents
from storage.database import Session, insert_into, now
from storage.paging import in_parts
from storage.search_query import as_vector, scope_of
from storage.search_words import words_of
from storage.tables import SEEN, Page, Passage, Reading, RecordValue

_MOST_BYTES = 900_000  # of a page's words: PostgreSQL takes no more
_BYTES_APART = 8  # what a word costs beyond its letters


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line of a page's text."""

    text: str
    box: Box
    confidence: float | None  # 0..1; None of a text layer


@dataclass(frozen=True, slots=True)
class NewReading:
    """What a page says, top to bottom."""

    source: ReadingSource
    model: str | None
    lines: Sequence[ReadLine]


@dataclass(frozen=True, slots=True)
class SaidOnPage:
    """A value that stands on a page, by its field's path."""

    field: str
    raw: str
    typed: str | None
    box: list[float] | None


def has_reading(session: Session, page_id: str) -> bool:
    """Whether the page was read: by more than the words that nobody sees on it."""
    read = exists().where(Reading.page_id == page_id, SEEN)
    return bool(session.scalar(select(read)))


def find_made(session: Session, page_id: str) -> tuple[ReadingSource, int] | None:
    """Where a page's text is from, and how many lines it has; None where nobody has read what is seen on it."""
    made = (Reading.page_id == page_id, SEEN)
    row = session.execute(select(Reading.source, Reading.lines).where(*made)).one_or_none()
    return None if row is None else (row.source, len(row.lines))


def lines_of(session: Session, workspace_id: str, document_id: str, first: int) -> list[list[ReadLine]]:
    """The lines of the first so many pages of a document, page by page, of those that were read by what they show."""
    query = select(Reading.text, Reading.lines).join(Page, Page.id == Reading.page_id)
    mine = (Reading.workspace_id == workspace_id, Reading.document_id == document_id, Page.number <= first)
    rows = session.execute(query.where(*mine, SEEN).order_by(Page.number))
    return [
        [ReadLine(said, Box(*box), sure) for said, (sure, *box) in zip(text.split("\n"), lines, strict=False)]
        for text, lines in rows
    ]


def unread_pages(session: Session, document_id: str, after: int, limit: int) -> list[Page]:
    """The next pages behind this number that are drawn and were read by nobody, with their words."""
    unread = ~exists().where(Reading.page_id == Page.id)
    query = select(Page).where(Page.document_id == document_id, Page.number > after, Page.state == PageState.READY)
    return list(session.scalars(query.where(unread).order_by(Page.number).limit(limit).options(undefer(Page.words))))


def put_first_readings(session: Session, workspace_id: str, document_id: str, pages: Mapping[str, NewReading]) -> None:
    """As `put_readings`, of those pages alone nobody has read meanwhile by what they show. Raises DocumentNotFound."""
    documents.get_document(session, workspace_id, document_id, for_update=True)
    known: set[str] = set()
    for some in in_parts(pages):
        made = (Reading.page_id.in_(some), SEEN)
        known |= set(session.scalars(select(Reading.page_id).where(*made)))
    put_readings(session, workspace_id, document_id, {key: new for key, new in pages.items() if key not in known})


def put_reading(session: Session, workspace_id: str, document_id: str, page_id: str, new: NewReading) -> None:
    """Make this the page's only reading, and let it be found by it. Raises DocumentNotFound where it was deleted."""
    put_readings(session, workspace_id, document_id, {page_id: new})


def put_readings(session: Session, workspace_id: str, document_id: str, pages: Mapping[str, NewReading]) -> None:
    """The same for several pages of a document, by their ids."""
    documents.get_document(session, workspace_id, document_id, for_update=True)
    of = {"workspace_id": workspace_id, "document_id": document_id, "created_at": now()}
    rows = [{"page_id": page_id, **of, **_columns_of(new)} for page_id, new in pages.items()]
    _upsert(session, Reading, rows)
    texts = {str(row["page_id"]): str(row["text"]) for row in rows}
    there = select(Page.id, Page.number, Passage.said).outerjoin(Passage, Passage.page_id == Page.id)
    known = [row for some in in_parts(texts) for row in session.execute(there.where(Page.id.in_(some)))]
    new_ones = [row.number for row in known if row.said is None]
    values = values_on_pages(session, [document_id], new_ones) if new_ones else {}
    passages = {}
    for row in known:
        said = _spaced(_words_said(values.get((document_id, row.number), ()))) if row.said is None else row.said
        passages[row.number] = (row.id, _spaced(words_of(texts[row.id])), said)
    _put_passages(session, workspace_id, document_id, passages)


def index_values(session: Session, workspace_id: str, document_id: str) -> None:
    """Let the document's pages be found by the values of its records as they stand now, and by no earlier ones."""
    documents.get_document(session, workspace_id, document_id, for_update=True)
    said = {page: _spaced(_words_said(values)) for page, values in values_on_pages(session, [document_id]).items()}
    columns = (Passage.page_id, Passage.page_number, Passage.words, Passage.said)
    rows = session.execute(select(*columns).where(Passage.document_id == document_id)).all()
    changed = {
        row.page_number: (row.page_id, row.words, now_said)
        for row in rows
        if row.said != (now_said := said.get((document_id, row.page_number), ""))
    }
    known = {row.page_number for row in rows}
    for some in in_parts(sorted(number for _, number in said if number not in known)):
        pages = select(Page.number, Page.id).where(Page.document_id == document_id, Page.number.in_(some))
        changed |= {row.number: (row.id, "", said[document_id, row.number]) for row in session.execute(pages)}
    _put_passages(session, workspace_id, document_id, changed)


def values_on_pages(
    session: Session, document_ids: Iterable[str], numbers: Iterable[int] | None = None
) -> dict[tuple[str, int], list[SaidOnPage]]:
    """What was found on pages under any schema, by document and page, each once; without a page it is on the first."""
    page = func.coalesce(RecordValue.page, 1)
    columns = (RecordValue.document_id, page.label("at"), RecordValue.field, RecordValue.raw, RecordValue.box)
    query = select(*columns, func.coalesce(RecordValue.text, RecordValue.date).label("typed"))
    query = query.where(RecordValue.state == ValueState.FOUND, RecordValue.raw.is_not(None)).order_by(RecordValue.id)
    if numbers is not None:
        query = query.where(page.in_(sorted(set(numbers))))
    seen: set[tuple[str, int, str, str | None]] = set()
    result: dict[tuple[str, int], list[SaidOnPage]] = {}
    for some in in_parts(sorted(set(document_ids))):
        for row in session.execute(query.where(RecordValue.document_id.in_(some))):
            key = (row.document_id, row.at, row.field, row.raw)
            if key not in seen:
                seen.add(key)
                said = SaidOnPage(row.field, row.raw, row.typed, row.box)
                result.setdefault((row.document_id, row.at), []).append(said)
    return result


def _words_said(values: Iterable[SaidOnPage]) -> list[str]:
    """Names and texts, the typed text too where it has other words."""
    words: list[str] = []
    for value in values:
        name, raw, typed = words_of(value.field), words_of(value.raw), words_of(value.typed or "")
        words += [*name, *raw]
        if typed and typed != raw:
            words += [*name, *typed]
    return words


def _put_passages(
    session: Session, workspace_id: str, document_id: str, pages: Mapping[int, tuple[str, str, str]]
) -> None:
    """The passages of pages, by their number: page, words of the reading, words of the values."""
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    scope = scope_of(workspace_id, document_id)
    of = {"workspace_id": workspace_id, "document_id": document_id, "scope": scope}
    rows = []
    for number, (page_id, words, said) in pages.items():
        one, other = words.split(), said.split()
        own = {"page_id": page_id, "page_number": number, "words": words, "said": said, "length": len(one) + len(other)}
        rows.append({**of, **own, "vector": as_vector(one, other, scope) if on_postgresql else None})
    _upsert(session, Passage, rows)


def _upsert(session: Session, table: type[Reading | Passage], rows: Sequence[dict[str, Any]]) -> None:
    """Write these rows, each in place of the one that its page has."""
    if not rows:
        return
    written = insert_into(session, table)
    changes = {name: written.excluded[name] for name in rows[0] if name != "page_id"}
    session.execute(written.on_conflict_do_update(index_elements=["page_id"], set_=changes), list(rows))


def _columns_of(new: NewReading) -> dict[str, Any]:
    lines = [(text, line) for line in new.lines if (text := _plain(line.text))]
    return {
        "source": new.source,
        "model": new.model,
        "text": "\n".join(text for text, _ in lines),
        "lines": [[line.confidence, *line.box.as_list()] for _, line in lines],
    }


def _spaced(words: Sequence[str]) -> str:
    """Words with a blank before and after each, as many as a database takes."""
    kept: list[str] = []
    left = _MOST_BYTES // 2
    for word in words:
        left -= len(word.encode()) + _BYTES_APART
        if left < 0:
            break
        kept.append(word)
    return f" {' '.join(kept)} " if kept else ""


def _plain(text: str) -> str:
    """One line of text that every database keeps."""
    return " ".join(text.replace("\0", " ").encode(errors="replace").decode().split())
