"""Records that pass a filter, in the order of their values, part by part.

A page of them is to cost the same among a million values as among a thousand. Where one comparison of the filter leaves
few records, these are fetched and sorted. Else many pass, and the index of the first column of the order is walked
until enough have: first the records that have a value there, then those that have none.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Subquery, and_, false, func, select
from sqlalchemy.orm import aliased, defer

from storage.conditions import holds_along, holds_of, not_by_index
from storage.database import Session
from storage.few import find_possible
from storage.filters import Filter
from storage.paging import Listing, clamp
from storage.record_values import NO_ROW
from storage.sorting import (
    MOST_KEYS,
    Place,
    SortKey,
    behind,
    column_of,
    decode_place,
    encode_place,
    kept,
    ordered,
)
from storage.subjects import Part
from storage.tables import Document, Record, RecordValue

_OWN = {
    Part.DOCUMENT: Document.name,
    Part.PAGES: Document.page_count,
    Part.UPDATED_AT: Record.updated_at,
    Part.COMPLETE: Record.complete,
    Part.UNSURE: Record.unsure,
    Part.FLAGGED: Record.flagged,
}
# Made once: an alias costs more than the rest of a statement.
_WALKED = aliased(RecordValue)
_KEYS = tuple(aliased(RecordValue) for _ in range(MOST_KEYS))


@dataclass(frozen=True, slots=True)
class Query:
    """Which records of a schema version, in which order; without one the oldest first."""

    workspace_id: str
    schema_id: str
    where: Filter | None = None
    sort: tuple[SortKey, ...] = ()
    document_ids: Collection[str] | None = None  # None: of all documents


def find_records(
    session: Session, query: Query, cursor: str | None = None, limit: int = 50, *, tables: bool = True
) -> Listing[tuple[Record, Document]]:
    """One part of the records that pass, with their documents. Raises InvalidCursor.

    Records that are added or changed meanwhile move none of the others: each of these is given out once. Without
    `tables` the rows of records stay unread.
    """
    limit = clamp(limit)
    place = None if cursor is None else decode_place(query.sort, cursor)
    places = _places(session, query, place, limit + 1)
    shown = places[:limit]
    rows = _rows(session, query, [place.record_id for place in shown], tables=tables)
    items = [rows[place.record_id] for place in shown if place.record_id in rows]  # or deleted since
    return Listing(items, encode_place(query.sort, shown[-1]) if len(places) > limit else None)


def find_documents(session: Session, query: Query, limit: int) -> list[str]:
    """The documents of the records that pass, at most so many, those of the newest records first."""
    found = passing(session, query).add_columns(Record.document_id)
    return list(session.scalars(found.order_by(Record.id.desc()).limit(limit)))


def passing(session: Session, query: Query) -> Select[Any]:
    """The records of a query, to which columns are still to be added; where an index leaves few, no others are read."""
    possible = find_possible(session, query.schema_id, query.where.node) if query.where else None
    found = select()
    if possible is not None and possible.few:
        found = found.select_from(possible.ids).join(Record, Record.id == not_by_index(possible.ids.c.record_id))
    else:
        found = found.select_from(Record)
    found = found.where(Record.workspace_id == query.workspace_id, Record.schema_id == query.schema_id)
    if query.document_ids is not None:
        found = found.where(Record.document_id.in_(query.document_ids))
    return found if query.where is None else found.where(holds_of(query.where.node, Record.id))


def _places(session: Session, query: Query, after: Place | None, limit: int) -> list[Place]:
    """The next records by their places in the order."""
    possible = find_possible(session, query.schema_id, query.where.node) if query.where else None
    few = possible.ids if possible is not None and possible.few else None
    if few is not None or query.document_ids is not None or not _is_walkable(query):
        return _sorted(session, query, after, limit, few)
    places: list[Place] = []
    if after is None or after.values[0] is not None:
        places = _walked(session, query, after, limit, None if possible is None else possible.ids)
        after = None
    if len(places) < limit:
        places += _sorted(session, query, after, limit - len(places), None, without_first=True)
    return places


def _is_walkable(query: Query) -> bool:
    """Whether the first column of the order has an index to walk along."""
    return bool(query.sort) and query.sort[0].subject.part is Part.VALUE


def _walked(session: Session, query: Query, after: Place | None, limit: int, possible: Subquery | None) -> list[Place]:
    """The next records that have a value in the first column, along its index, past those that are not possible."""
    first, *others = query.sort
    value = _WALKED
    column = column_of(first.subject, value)
    mine = (value.schema_id == query.schema_id, value.field == first.subject.field, column.is_not(None))
    statement = select().select_from(value).where(*mine)
    if any(key.subject.part in _OWN for key in others):
        statement = statement.join(Record, Record.id == value.record_id)
        statement = statement.join(Document, Document.id == Record.document_id)
    statement, columns = _joined(statement, others, value.record_id)
    columns = [column, *columns]
    by = ordered(query.sort, columns, value.record_id)[1:]  # all have a value: the index gives them in order
    if possible is not None:  # looked up in memory: of a bare IN, PostgreSQL would make a join
        known = not_by_index(value.record_id).in_(select(possible.c.record_id))
        statement = statement.where(func.coalesce(known, false()))
    if query.where is not None:
        statement = statement.where(holds_along(query.where.node, value, first.subject.field))
    if after is not None:
        start = column <= after.values[0] if first.descending else column >= after.values[0]
        statement = statement.where(start, behind(query.sort, columns, value.record_id, after))
    return _fetched(session, statement.add_columns(*columns, value.record_id).order_by(*by).limit(limit))


def _sorted(
    session: Session,
    query: Query,
    after: Place | None,
    limit: int,
    few: Subquery | None,
    *,
    without_first: bool = False,
) -> list[Place]:
    """The next of these few records, or of all; or, `without_first`, of those that lack the first column."""
    start = (
        select().select_from(Record)
        if few is None
        else select().select_from(few).join(Record, Record.id == not_by_index(few.c.record_id))
    )
    statement = start.join(Document, Document.id == Record.document_id)
    statement = statement.where(Record.workspace_id == query.workspace_id, Record.schema_id == query.schema_id)
    statement, columns = _joined(statement, query.sort, Record.id)
    if query.document_ids is not None:
        statement = statement.where(Record.document_id.in_(query.document_ids))
    if without_first:
        statement = statement.where(columns[0].is_(None))
    if query.where is not None:
        statement = statement.where(holds_of(query.where.node, Record.id))
    if after is not None:
        statement = statement.where(behind(query.sort, columns, Record.id, after))
    by = ordered(query.sort, columns, Record.id)
    return _fetched(session, statement.add_columns(*columns, Record.id).order_by(*by).limit(limit))


def _joined(statement: Select[Any], keys: Sequence[SortKey], record_id: Any) -> tuple[Select[Any], list[Any]]:
    """The statement with a column for each key, null where a record has no such value."""
    columns = []
    for key, value in zip(keys, _KEYS, strict=False):
        if key.subject.part in _OWN:
            columns.append(_OWN[key.subject.part])
            continue
        mine = and_(value.record_id == record_id, value.field == key.subject.field, value.row == NO_ROW)
        statement = statement.outerjoin(value, mine)
        columns.append(column_of(key.subject, value))
    return statement, columns


def _fetched(session: Session, statement: Select[Any]) -> list[Place]:
    return [
        Place(tuple(kept(value) for value in values), record_id) for *values, record_id in session.execute(statement)
    ]


def _rows(
    session: Session, query: Query, record_ids: Sequence[str], *, tables: bool
) -> dict[str, tuple[Record, Document]]:
    """The records with their documents, behind the wall of the workspace."""
    statement = select(Record, Document).join(Document, Document.id == Record.document_id)
    statement = statement.where(Record.workspace_id == query.workspace_id, Record.id.in_(record_ids))
    if not tables:
        statement = statement.options(defer(Record.tables, raiseload=True))
    return {record.id: (record, document) for record, document in session.execute(statement)}
