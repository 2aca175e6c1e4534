"""The queue of values that need a review: what is likeliest to be wrong, and matters most, comes first.

Its order is kept with the values, so that it is read from an index: see `patience` of `RecordValue`. A place in it
names a value by its record and field, as a value's id changes whenever its record is made anew.
"""

import base64
import binascii
import heapq
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import func, select, text, tuple_

from core.errors import InvalidCursor, RecordNotFound
from storage.database import Session
from storage.schemas import list_versions
from storage.tables import Record, RecordValue, Schema
from storage.tables.findings import REVIEW

_PARTS = (float, str, str, int)
_ROWS = 10**9  # more than a record has
_NEEDED = text(REVIEW)  # in the index's own words, or the planner would not know that it fits
_ORDER = (RecordValue.patience, RecordValue.record_id, RecordValue.field, RecordValue.row)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a value stands in the queue, or stood."""

    patience: float
    record_id: str
    field: str  # of a cell without its row
    row: int

    def as_cursor(self) -> str:
        """The place as an opaque text."""
        plain = json.dumps([self.patience, self.record_id, self.field, self.row], separators=(",", ":"))
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    @classmethod
    def of_cursor(cls, cursor: str) -> Self:
        """The place that a cursor names. Raises InvalidCursor."""
        try:
            plain = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            parts = json.loads(plain)
        except (binascii.Error, ValueError) as error:
            raise InvalidCursor from error
        if not isinstance(parts, list) or [type(part) for part in parts] != list(_PARTS):
            raise InvalidCursor
        place = cls(*parts)
        if not (math.isfinite(place.patience) and (place.record_id + place.field).isprintable() and place.row < _ROWS):
            raise InvalidCursor
        return place


@dataclass(frozen=True, slots=True)
class Waiting:
    """A value that needs a review."""

    place: Place
    document_id: str
    schema_id: str


def waiting(
    session: Session,
    workspace_id: str,
    schema_name: str | None = None,
    *,
    after: Place | None = None,
    before: Place | None = None,
    limit: int = 1,
) -> list[Waiting]:
    """What needs a review, the most urgent first, behind `after`; or the last ones in front of `before`.

    All of the workspace, or what was read under a schema, in any of its versions.
    """
    parts = [_part(session, where, after, before, limit) for where in _wheres(session, workspace_id, schema_name)]
    backward = before is not None
    merged = list(heapq.merge(*parts, key=lambda one: one.place, reverse=backward))[:limit]
    return merged[::-1] if backward else merged


def count_waiting(session: Session, workspace_id: str, schema_name: str | None = None) -> int:
    """How many values need a review; told that patience is never above 0, SQLite counts in the queue's own index."""
    counts = (
        session.scalar(select(func.count()).select_from(RecordValue).where(_NEEDED, where, RecordValue.patience <= 0))
        for where in _wheres(session, workspace_id, schema_name)
    )
    return sum(count or 0 for count in counts)


def find_place(session: Session, workspace_id: str, record_id: str, field: str, row: int) -> Place | None:
    """Where a value of the workspace stands in the queue; None where it needs no review, or is not there."""
    mine = (RecordValue.workspace_id == workspace_id, RecordValue.record_id == record_id)
    query = select(RecordValue.patience).where(*mine, RecordValue.field == field, RecordValue.row == row)
    patience = session.scalar(query)
    return None if patience is None else Place(patience, record_id, field, row)


def record_at(session: Session, workspace_id: str, place: Place) -> tuple[Record, Schema]:
    """The record of a place with its schema. Raises RecordNotFound, also where it is in another workspace."""
    query = select(Record, Schema).join(Schema, Schema.id == Record.schema_id)
    found = session.execute(
        query.where(Record.workspace_id == workspace_id, Record.id == place.record_id)
    ).one_or_none()
    if found is None:
        raise RecordNotFound
    record, schema = found
    return record, schema


def _wheres(session: Session, workspace_id: str, schema_name: str | None) -> Sequence[Any]:
    """A condition for each index range: versions are walked one by one, so that none is sorted."""
    if schema_name is None:
        return [RecordValue.workspace_id == workspace_id]
    versions = list_versions(session, workspace_id, schema_name)
    return [RecordValue.schema_id == schema.id for schema in versions]


def _part(session: Session, where: Any, after: Place | None, before: Place | None, limit: int) -> list[Waiting]:
    query = select(*_ORDER, RecordValue.document_id, RecordValue.schema_id).where(_NEEDED, where)
    for place, is_behind in ((after, True), (before, False)):
        if place is not None:
            there = (place.patience, place.record_id, place.field, place.row)
            query = query.where(tuple_(*_ORDER) > there if is_behind else tuple_(*_ORDER) < there)
    ordered = query.order_by(*(column.desc() if before else column for column in _ORDER))
    return [
        Waiting(Place(patience or 0.0, record_id, field, row), document_id, schema_id)
        for patience, record_id, field, row, document_id, schema_id in session.execute(ordered.limit(limit))
    ]
