"""The records that a question is about, or rows of their tables, one by one: standing, group and measure of each."""

import json
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    Text,
    and_,
    any_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from core.records import Decision, FieldKind
from storage.asked import Asked, Version
from storage.certainty import Joined, comparisons, truth_of
from storage.database import Session
from storage.few import find_undecided_too
from storage.record_values import NO_ROW
from storage.standings import key_of, measure_of, standing_of
from storage.tables import Record, RecordValue

_MOST_LISTED = 500  # ids that a statement lists one by one

# Made once: an alias costs more than the rest of a statement.
_RECORD, _NEWER = aliased(Record), aliased(Record)
_CELL, _ANY = aliased(RecordValue), aliased(RecordValue)
_JOINED = tuple(aliased(RecordValue) for _ in range(8))  # values that a statement looks at by a join

Condition = ColumnElement[bool]


def units(session: Session, asked: Asked, number: int) -> Select[Any]:
    """The records of one of the versions that the question may be about, or rows of their table, with their standing.

    What certainly does not pass is not among them.
    """
    version = asked.versions[number]
    columns = () if version.lacks else asked.columns  # rows of a table that is not there are one thing missing
    record: Any = _RECORD
    row: Any = literal(NO_ROW)
    statement = select().select_from(record)
    if columns:
        cells = _rows_of(version.schema_id, columns)
        statement = statement.join(cells, cells.c.record_id == record.id)
        row = cells.c.row
    statement = statement.where(*_in_scope(session, asked, number))
    joined = Joined(record.id, row, columns, dict(zip(_looked_at(asked, version, columns), _JOINED, strict=False)))
    for name, value in joined.values.items():
        same_row = value.row == (row if name in columns else NO_ROW)
        statement = statement.outerjoin(value, and_(value.record_id == record.id, value.field == name, same_row))
    certain, possible = truth_of(version.where.node, joined) if version.where else (true(), true())
    value = joined.values.get(_valued(asked) or "")
    key, group_shown = key_of(asked, joined)
    return statement.where(or_(possible, literal(version.lacks is not None)), _of_currency(asked, value)).add_columns(
        record.id.label("record_id"),
        record.document_id.label("document_id"),
        literal(version.number).label("version"),
        row.label("row"),
        standing_of(asked, version, certain, joined).label("standing"),
        key.label("key"),
        group_shown.label("group_shown"),
        value.currency.label("currency") if value is not None and _is_money(asked) else _no_text().label("currency"),
        measure_of(asked, value).label("measure"),
        case((_is_unsure(asked, version, joined), 1), else_=0).label("unsure"),
        case((record.complete, null()), else_=record.id).label("incomplete"),
        (value.id if value is not None else cast(null(), BigInteger)).label("value_id"),
    )


def among(session: Session, column: Any, ids: Collection[str] | None) -> Condition:
    """Whether a column has one of these, however many there are; None: any."""
    if ids is None:
        return true()
    listed = list(ids)
    if len(listed) <= _MOST_LISTED:
        return column.in_(listed)  # type: ignore[no-any-return]
    if session.get_bind().dialect.name == "sqlite":
        each = func.json_each(json.dumps(listed)).table_valued("value")
        return column.in_(select(each.c.value))  # type: ignore[no-any-return]
    return column == any_(cast(listed, ARRAY(Text)))  # type: ignore[no-any-return]


def _in_scope(session: Session, asked: Asked, number: int) -> list[Condition]:
    """Of this version, of these documents, and no newer record of the same document."""
    record, version = _RECORD, asked.versions[number]
    conditions: list[Condition] = [record.workspace_id == asked.workspace_id, record.schema_id == version.schema_id]
    conditions.append(among(session, record.document_id, asked.document_ids))
    newer = [other.schema_id for other in asked.versions[:number]]
    if newer:
        same = (_NEWER.document_id == record.document_id, _NEWER.schema_id.in_(newer))
        conditions.append(~exists().where(*same))
    few = find_undecided_too(session, version.schema_id, version.where.node) if version.where else None
    if few is not None:
        conditions.append(record.id.in_(select(few.c.record_id)))
    return conditions


def _rows_of(schema_id: str, columns: Sequence[str]) -> Any:
    """Each row of a table that has any cell."""
    mine = (_CELL.schema_id == schema_id, _CELL.field.in_(columns), _CELL.row != NO_ROW)
    return select(_CELL.record_id, _CELL.row).where(*mine).distinct().subquery()


def _valued(asked: Asked) -> str | None:
    """The field whose value a row is cited by."""
    return asked.field.field if asked.field else asked.shown


def _looked_at(asked: Asked, version: Version, columns: Sequence[str]) -> list[str]:
    """Fields of which a row has one value: what is asked for, its group, and what conditions compare."""
    names = [_valued(asked), asked.by.field if asked.by else None]
    compared = [one.subject for one in comparisons(version.where)]
    names += [subject.field for subject in compared if not subject.cell or subject.field in columns]
    return list(dict.fromkeys(name for name in names if name is not None))


def _of_currency(asked: Asked, value: Any) -> Condition:
    """Amounts in other currencies are not what is asked for; those without one may be."""
    if asked.currency is None:
        return true()
    return or_(value.currency.is_(None), value.currency == asked.currency)


def _is_money(asked: Asked) -> bool:
    return asked.field is not None and asked.field.kind is FieldKind.MONEY


def _no_text() -> Any:
    return cast(null(), String)


def _is_unsure(asked: Asked, version: Version, joined: Joined) -> Condition:
    """Whether any value that the row counts by needs a review."""
    fields = {s.field for s in (asked.field, asked.by) if s is not None}
    fields |= {one.subject.field for one in comparisons(version.where)}
    ways = [joined.values[name].decision == Decision.NEEDS_REVIEW for name in sorted(fields & joined.values.keys())]
    others = sorted(fields - joined.values.keys())
    if others:
        own_row = or_(_ANY.row == NO_ROW, _ANY.row == joined.row)
        mine = (_ANY.record_id == joined.record_id, _ANY.field.in_(others), own_row)
        ways.append(exists().where(*mine, _ANY.decision == Decision.NEEDS_REVIEW))
    return or_(false(), *ways)
