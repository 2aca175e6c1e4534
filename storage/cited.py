"""The rows behind a number, one by one: each with its document, its page, its box and what was read there."""

import base64
import binascii
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, false, func, or_, select
from sqlalchemy.orm import aliased

from core.errors import InvalidCursor
from core.records import ValueState
from storage.database import Session
from storage.paging import Listing, clamp
from storage.record_values import NO_ROW
from storage.sums import Asked, Standing, among, units
from storage.tables import Document, Record, RecordValue

_LONGEST_CURSOR = 200

_VALUE = aliased(RecordValue)


@dataclass(frozen=True, slots=True)
class Row:
    """A row that a question may be about. Without a value, the record as a whole is meant."""

    standing: Standing
    record_id: str
    row: int  # of a table, from 0; NO_ROW: none
    version: int
    document_id: str
    document_name: str
    unsure: bool
    key: str | None  # of its group
    currency: str | None
    measure: Any  # what it is counted with: millionths, a date, a folded text
    value: RecordValue | None


@dataclass(frozen=True, slots=True)
class Text:
    """A text that a field has, in how many records."""

    folded: str
    shown: str
    rows: int


def list_rows(
    session: Session,
    asked: Asked,
    standings: Collection[Standing] = (Standing.COUNTS,),
    cursor: str | None = None,
    limit: int = 100,
    *,
    unsure: bool = False,
    groups: Sequence[tuple[Any, ...]] | None = None,
) -> Listing[Row]:
    """One part of the rows of these standings, by the ids of their records. Raises InvalidCursor.

    With `unsure`, those alone that need a review; with `groups`, those of one of these keys, each maybe with a
    currency, and with a measure behind it.
    """
    limit = clamp(limit)
    version, after = _decoded(cursor) if cursor is not None else (0, None)
    found: list[Row] = []
    places: list[tuple[int, str, int]] = []
    for number in range(version, len(asked.versions)):
        for row in _part(session, asked, number, (standings, unsure, groups), after, limit + 1 - len(found)):
            found.append(row)
            places.append((number, row.record_id, row.row))
        after = None
        if len(found) > limit:
            break
    more = len(found) > limit
    return Listing(found[:limit], _encoded(places[limit - 1]) if more else None)


def _part(
    session: Session, asked: Asked, number: int, which: tuple[Any, bool, Any], after: Any, limit: int
) -> list[Row]:
    standings, unsure, groups = which
    unit = units(session, asked, number).subquery()
    statement = select(unit, Document.name, _VALUE).join(Document, Document.id == unit.c.document_id)
    statement = statement.outerjoin(_VALUE, _VALUE.id == unit.c.value_id)
    statement = statement.where(unit.c.standing.in_([one.value for one in standings]))
    if unsure:
        statement = statement.where(unit.c.unsure == 1)
    if groups is not None:
        keys = (unit.c.key, unit.c.currency, unit.c.measure)
        mine = [and_(*(_is(*pair) for pair in zip(keys, group, strict=False))) for group in groups]
        statement = statement.where(or_(false(), *mine))
    if after is not None:
        behind = and_(unit.c.record_id == after[0], unit.c.row > after[1])
        statement = statement.where(or_(unit.c.record_id > after[0], behind))
    statement = statement.order_by(unit.c.record_id, unit.c.row).limit(limit)
    return [_row_of(row) for row in session.execute(statement)]


def top_measures(
    session: Session, asked: Asked, of: tuple[str | None, str | None], limit: int, *, most: bool
) -> list[Any]:
    """The different measures of the first so many rows of a group and currency, from the largest down or up."""
    found: list[Any] = []
    for number in range(len(asked.versions)):
        unit = units(session, asked, number).subquery()
        mine = (unit.c.standing == Standing.COUNTS.value, _is(unit.c.key, of[0]), _is(unit.c.currency, of[1]))
        order = unit.c.measure.desc() if most else unit.c.measure
        found += session.scalars(select(unit.c.measure).where(*mine).order_by(order).limit(limit))
    return list(dict.fromkeys(sorted(found, reverse=most)[:limit]))


def _is(column: Any, value: Any) -> Any:
    return column.is_(None) if value is None else column == value


def _row_of(row: Any) -> Row:
    return Row(
        Standing(row.standing),
        row.record_id,
        row.row,
        row.version,
        row.document_id,
        row.name,
        bool(row.unsure),
        row.key,
        row.currency,
        row.measure,
        row[-1],
    )


def first_values(session: Session, record_ids: Sequence[str]) -> dict[str, RecordValue]:
    """The first value of each record that was found on a page: what a record as a whole is shown by."""
    found = (RecordValue.state == ValueState.FOUND, RecordValue.page.is_not(None), RecordValue.row == NO_ROW)
    first = select(func.min(RecordValue.id)).where(RecordValue.record_id.in_(record_ids), *found)
    rows = session.scalars(select(RecordValue).where(RecordValue.id.in_(first.group_by(RecordValue.record_id))))
    return {value.record_id: value for value in rows}


def list_texts(session: Session, schema_ids: Sequence[str], field: str, most: int) -> list[Text] | None:
    """The different texts of a field, those in most records first; None where they are more than `most`."""
    mine = (RecordValue.schema_id.in_(schema_ids), RecordValue.field == field, RecordValue.folded.is_not(None))
    shown = func.min(func.coalesce(RecordValue.text, RecordValue.raw))
    statement = select(RecordValue.folded, shown, func.count()).where(*mine).group_by(RecordValue.folded)
    rows = session.execute(statement.order_by(func.count().desc(), RecordValue.folded).limit(most + 1)).all()
    return None if len(rows) > most else [Text(row[0] or "", row[1] or row[0] or "", row[2]) for row in rows]


def list_spellings(
    session: Session, schema_ids: Sequence[str], field: str, folded: Sequence[str]
) -> dict[str, list[str]]:
    """Of these texts, by how they are compared, those that are written in more than one way, with all of the ways."""
    mine = (RecordValue.schema_id.in_(schema_ids), RecordValue.field == field, RecordValue.folded.in_(folded))
    shown = func.coalesce(RecordValue.text, RecordValue.raw)
    ways: dict[str, list[str]] = {}
    for key, way in session.execute(select(RecordValue.folded, shown).where(*mine).distinct().order_by(shown)):
        ways.setdefault(key or "", []).append(way or "")
    return {key: found for key, found in ways.items() if len(found) > 1}


def has_text(session: Session, schema_ids: Sequence[str], field: str, folded: str) -> bool:
    """Whether any record has exactly this under a field."""
    mine = (RecordValue.schema_id.in_(schema_ids), RecordValue.field == field, RecordValue.folded == folded)
    return session.scalar(select(RecordValue.id).where(*mine).limit(1)) is not None


def has_document(session: Session, workspace_id: str, name: str) -> bool:
    """Whether a document was sent under this name, in whichever case its letters are."""
    mine = (Document.workspace_id == workspace_id, func.lower(Document.name) == name.lower())
    return session.scalar(select(Document.id).where(*mine).limit(1)) is not None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many documents there are, and what they were read for."""

    documents: int
    read: int  # under any version of the schema
    elsewhere: int  # under other schemas alone

    @property
    def unread(self) -> int:
        """Under no schema at all."""
        return self.documents - self.read - self.elsewhere


def coverage(
    session: Session, workspace_id: str, schema_ids: Sequence[str], document_ids: Collection[str] | None
) -> Coverage:
    """How many of the documents were read under the schema."""
    mine = (Document.workspace_id == workspace_id, among(session, Document.id, document_ids))
    here = select(Record.document_id).where(Record.schema_id.in_(schema_ids), Record.workspace_id == workspace_id)
    anywhere = select(Record.document_id).where(Record.workspace_id == workspace_id)
    counts = [
        session.scalar(select(func.count()).select_from(Document).where(*mine, *more)) or 0
        for more in ((), (Document.id.in_(here),), (Document.id.in_(anywhere),))
    ]
    return Coverage(counts[0], counts[1], counts[2] - counts[1])


def unread_documents(
    session: Session,
    workspace_id: str,
    schema_ids: Sequence[str],
    document_ids: Collection[str] | None,
    most: int,
) -> list[str]:
    """The documents without a record under these schema versions, at most so many; without versions, under any."""
    records = select(Record.document_id).where(Record.workspace_id == workspace_id)
    if schema_ids:
        records = records.where(Record.schema_id.in_(schema_ids))
    mine = (Document.workspace_id == workspace_id, among(session, Document.id, document_ids))
    statement = select(Document.id).where(*mine, Document.id.not_in(records)).order_by(Document.id).limit(most)
    return list(session.scalars(statement))


def count_pages(session: Session, workspace_id: str, document_ids: Collection[str] | None) -> tuple[int, int]:
    """How many documents there are, and how many pages they have, as far as is known."""
    mine = (Document.workspace_id == workspace_id, among(session, Document.id, document_ids))
    row = session.execute(select(func.count(), func.sum(Document.page_count)).where(*mine)).one()
    return row[0], int(row[1] or 0)


def _encoded(place: tuple[int, str, int]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")


def _decoded(cursor: str) -> tuple[int, tuple[str, int]]:
    broken = InvalidCursor("The cursor is broken; take next_cursor as it was given.")
    if len(cursor) > _LONGEST_CURSOR:
        raise broken
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        said = json.loads(text)
    except (binascii.Error, ValueError, RecursionError) as error:
        raise broken from error
    match said:
        case [int(number), str(record_id), int(row)] if number >= 0 and -1 <= row < 2**31:
            return number, (record_id, row)
        case _:
            raise broken
