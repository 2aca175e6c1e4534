"""Counts and sums over records, exact: which records a question is about, what they add up to, and what is left out.

A document may have records under several versions of a schema. The one under the latest version counts and the others
do not, as if they were gone: so each document counts once. A version that lacks a field of the question says nothing
about it, so its records are told as missing.

A condition on a value that was not read, or whose text means nothing of its kind, is neither true nor false: such a
record is undecided, and no number has it. Millionths are added as whole numbers, in two parts, as no database adds
without end.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias, assert_never

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
    not_,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from core.records import Decision, FieldKind, ValueState
from storage.conditions import holds_of, value_passes
from storage.database import Session
from storage.filters import AllOf, AnyOf, Comparison, Filter, Node, NoneOf
from storage.record_values import NO_ROW, NUMBERS
from storage.subjects import Part, Subject
from storage.tables import Record, RecordValue

MILLION = 10**6
_MOST_LISTED = 500  # ids that a statement lists one by one

# Made once: an alias costs more than the rest of a statement.
_RECORD, _NEWER = aliased(Record), aliased(Record)
_CELL, _VALUE, _GROUP, _ASKED, _ANY = (aliased(RecordValue) for _ in range(5))

_NO_NUMBER = cast(null(), BigInteger)

Condition: TypeAlias = ColumnElement[bool]


class Standing(StrEnum):
    """What a record, or a row of a table, is to a question that it may be about."""

    COUNTS = "counts"
    MISSING = "missing"  # the value that is wanted, or that of its group, is not there
    UNREADABLE = "unreadable"  # it is there, and nothing can be made of it
    UNDECIDED = "undecided"  # a value that a condition compares was not read, or says nothing
    EMPTY = "empty"  # nothing at all was found in the document


class Cut(StrEnum):
    """By what rows are grouped: by a value itself, by a part of a date, or by the currency of an amount."""

    VALUE = "value"
    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    CURRENCY = "currency"


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the schema as a question reads it. With `lacks`, a field of the question is not in it."""

    schema_id: str
    number: int
    where: Filter | None = None
    lacks: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question over the records of a schema in these versions, the latest first."""

    workspace_id: str
    versions: tuple[Version, ...]
    document_ids: Collection[str] | None = None  # None: of all documents
    field: Subject | None = None  # what is added up, compared or listed
    shown: str | None = None  # without a field: whose value is cited
    currency: str | None = None  # only amounts of this one count
    by: Subject | None = None
    cut: Cut = Cut.VALUE
    columns: tuple[str, ...] = ()  # with these paths of cells, rows of their table are meant, not records


@dataclass(frozen=True, slots=True)
class Tally:
    """Rows of one standing, group and currency together."""

    standing: Standing
    key: str | None  # of the group; None: there are no groups, or it is an amount without a currency
    shown: str | None  # the group as it was read
    currency: str | None
    rows: int
    unsure: int  # of them, those with a value that needs a review
    millionths: int | None  # added up; of numbers that count
    least: Any  # of the values: millionths, a date or a folded text
    most: Any
    records: int  # that these rows are of
    incomplete: int  # of these records, those of which a page or a row could not be read


def tally(session: Session, asked: Asked) -> list[Tally]:
    """Everything that the question may be about, added up by standing, group and currency."""
    found: list[Tally] = []
    for number in range(len(asked.versions)):
        unit = units(session, asked, number).subquery()
        keys = (unit.c.standing, unit.c.key, unit.c.currency)
        numeric = asked.field is not None and asked.field.kind in NUMBERS
        high, low = (unit.c.measure // MILLION, unit.c.measure % MILLION) if numeric else (_NO_NUMBER, _NO_NUMBER)
        statement = select(
            *keys,
            func.min(unit.c.group_shown),
            func.count(),
            func.sum(unit.c.unsure),
            func.sum(high),
            func.sum(low),
            func.min(unit.c.measure),
            func.max(unit.c.measure),
            func.count(unit.c.record_id.distinct()),
            func.count(unit.c.incomplete.distinct()),
        ).group_by(*keys)
        found += [_tally_of(row) for row in session.execute(statement)]
    return found


def _tally_of(row: Any) -> Tally:
    standing, key, currency, shown, rows, unsure, high, low, least, most, records, incomplete = row
    total = None if high is None else int(high) * MILLION + int(low)
    return Tally(
        Standing(standing), key, shown, currency, rows, int(unsure or 0), total, least, most, records, incomplete
    )


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
    field, by = asked.field.field if asked.field else asked.shown, asked.by.field if asked.by else None
    for value, name in ((_VALUE, field), (_GROUP, by)):
        if name is not None:
            mine = (
                value.record_id == record.id,
                value.field == name,
                value.row == (row if name in columns else NO_ROW),
            )
            statement = statement.outerjoin(value, and_(*mine))
    certain, possible = _truth(version.where.node, record.id, row, columns) if version.where else (true(), true())
    key, group_shown = _key(asked)
    return statement.where(or_(possible, literal(version.lacks is not None)), _of_currency(asked)).add_columns(
        record.id.label("record_id"),
        record.document_id.label("document_id"),
        literal(version.number).label("version"),
        row.label("row"),
        _standing(asked, version, certain).label("standing"),
        key.label("key"),
        group_shown.label("group_shown"),
        _VALUE.currency.label("currency") if _is_money(asked) else cast(null(), String).label("currency"),
        _measure(asked).label("measure"),
        case((_is_unsure(asked, version, row), 1), else_=0).label("unsure"),
        case((record.complete, null()), else_=record.id).label("incomplete"),
        (_VALUE.id if field is not None else cast(null(), BigInteger)).label("value_id"),
    )


def latest_versions(session: Session, schema_ids: Sequence[str]) -> list[str]:
    """Those of the schema versions that have any record, in the same order."""
    there = [select(literal(n)).where(exists().where(Record.schema_id == i)) for n, i in enumerate(schema_ids)]
    found = {number for one in there for number in session.scalars(one)}
    return [schema_id for number, schema_id in enumerate(schema_ids) if number in found]


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
    return conditions


def _rows_of(schema_id: str, columns: Sequence[str]) -> Any:
    """Each row of a table that has any cell."""
    mine = (_CELL.schema_id == schema_id, _CELL.field.in_(columns), _CELL.row != NO_ROW)
    return select(_CELL.record_id, _CELL.row).where(*mine).distinct().subquery()


def _standing(asked: Asked, version: Version, certain: Condition) -> ColumnElement[str]:
    """In this order: what lacks everything is not undecided, what is undecided lacks nothing else that counts."""
    ways: list[tuple[Condition, str]] = []
    if not asked.columns:
        found = exists().where(_ANY.record_id == _RECORD.id, _ANY.state == ValueState.FOUND)
        ways.append((~found, Standing.EMPTY.value))
    if version.lacks is not None:
        ways.append((true(), Standing.MISSING.value))
    ways.append((not_(func.coalesce(certain, false())), Standing.UNDECIDED.value))
    if asked.field is not None:
        usable = _column(asked.field, _VALUE).is_not(None)
        usable = and_(usable, _VALUE.currency == asked.currency) if asked.currency else usable
        ways += _without(_VALUE, usable)
    if asked.by is not None and asked.by != asked.field:
        column = _GROUP.millionths if asked.cut is Cut.CURRENCY else _key(asked)[0]
        ways += _without(_GROUP, column.is_not(None))
    return case(*ways, else_=Standing.COUNTS.value)


def _without(value: Any, usable: Condition) -> list[tuple[Condition, str]]:
    """What a row is whose value of a field is not there, or says nothing."""
    absent = or_(value.id.is_(None), value.state == ValueState.ABSENT)
    return [(absent, Standing.MISSING.value), (not_(func.coalesce(usable, false())), Standing.UNREADABLE.value)]


def _of_currency(asked: Asked) -> Condition:
    """Amounts in other currencies are not what is asked for; those without one may be."""
    if asked.currency is None:
        return true()
    return or_(_VALUE.currency.is_(None), _VALUE.currency == asked.currency)


def _is_money(asked: Asked) -> bool:
    return asked.field is not None and asked.field.kind is FieldKind.MONEY


def _column(subject: Subject, value: Any) -> Any:
    """What of a value is counted with, exactly."""
    if subject.kind in NUMBERS:
        return value.millionths
    return value.date if subject.kind is FieldKind.DATE else value.folded


def _measure(asked: Asked) -> Any:
    return cast(null(), String) if asked.field is None else _column(asked.field, _VALUE)


def _key(asked: Asked) -> tuple[Any, Any]:
    """The key of a row's group, and the group as it was read."""
    if asked.by is None:
        return cast(null(), String), cast(null(), String)
    if asked.by.kind is FieldKind.BOOLEAN:
        truth = case((_GROUP.number == 1, "yes"), (_GROUP.number == 0, "no"), else_=None)
        return truth, truth
    if asked.cut is Cut.VALUE and asked.by.kind is not FieldKind.DATE:
        return _GROUP.folded, func.coalesce(_GROUP.text, _GROUP.raw)
    key = _GROUP.currency if asked.cut is Cut.CURRENCY else _part_of_day(asked.cut, _GROUP.date)
    return key, key


def _part_of_day(cut: Cut, day: Any) -> Any:
    match cut:
        case Cut.VALUE | Cut.DAY | Cut.CURRENCY:
            return day
        case Cut.MONTH:
            return func.substr(day, 1, 7)
        case Cut.QUARTER:
            return func.substr(day, 1, 4).concat("-Q").concat(_quarter(func.substr(day, 6, 2)))
        case Cut.YEAR:
            return func.substr(day, 1, 4)
        case _:
            assert_never(cut)


def _quarter(month: Any) -> Any:
    return case((month.is_(None), null()), (month <= "03", "1"), (month <= "06", "2"), (month <= "09", "3"), else_="4")


def _is_unsure(asked: Asked, version: Version, row: Any) -> Condition:
    """Whether any value that the row counts by needs a review."""
    fields = {s.field for s in (asked.field, asked.by) if s is not None}
    fields |= {one.subject.field for one in _comparisons(version.where.node if version.where else None)}
    if not fields:
        return false()
    mine = (_ANY.record_id == _RECORD.id, _ANY.field.in_(sorted(fields)), or_(_ANY.row == NO_ROW, _ANY.row == row))
    return exists().where(*mine, _ANY.decision == Decision.NEEDS_REVIEW)


def _comparisons(node: Node | None) -> list[Comparison]:
    match node:
        case None:
            return []
        case Comparison():
            return [node] if node.subject.part is Part.VALUE else []
        case NoneOf(one):
            return _comparisons(one)
        case AllOf(nodes) | AnyOf(nodes):
            return [found for one in nodes for found in _comparisons(one)]
        case _:
            assert_never(node)


def _truth(node: Node, record_id: Any, row: Any, columns: Sequence[str]) -> tuple[Condition, Condition]:
    """Whether the filter certainly holds, and whether it may: by what is not there, both ways are open."""
    match node:
        case AllOf(nodes):
            pairs = [_truth(one, record_id, row, columns) for one in nodes]
            return and_(*(pair[0] for pair in pairs)), and_(*(pair[1] for pair in pairs))
        case AnyOf(nodes):
            pairs = [_truth(one, record_id, row, columns) for one in nodes]
            return or_(*(pair[0] for pair in pairs)), or_(*(pair[1] for pair in pairs))
        case NoneOf(one):
            certain, possible = _truth(one, record_id, row, columns)
            return not_(possible), not_(certain)
        case Comparison():
            return _truth_of(node, record_id, row, columns)
        case _:
            assert_never(node)


def _truth_of(asked: Comparison, record_id: Any, row: Any, columns: Sequence[str]) -> tuple[Condition, Condition]:
    """Of one comparison. A cell of the table whose rows are meant is that of the row itself."""
    mine: list[Condition] = [_ASKED.record_id == record_id, _ASKED.field == asked.subject.field]
    if asked.subject.field in columns:
        mine.append(_ASKED.row == row)
        certain: Condition = exists().where(*mine, value_passes(asked, _ASKED))
    else:
        certain = holds_of(asked, record_id)
    if asked.subject.part is not Part.VALUE or asked.state is not None:
        return certain, certain
    return certain, or_(certain, ~exists().where(*mine, _says_something(asked, _ASKED)))


def _says_something(asked: Comparison, value: Any) -> Condition:
    """Whether a value can be compared at all: with an amount of a currency only where it has one."""
    kind = asked.subject.kind
    column = value.number if kind in NUMBERS else value.date if kind is FieldKind.DATE else value.folded
    if any(operand.currency for operand in asked.operands):
        return and_(column.is_not(None), value.currency.is_not(None))
    return column.is_not(None)  # type: ignore[no-any-return]
