"""What the records of a query come to: how many there are, and what their amounts add up to, exactly.

A value that was not read, or whose text is no number, adds nothing; how many values were added is told beside the sum.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, select

from storage.database import Session
from storage.queries import Query, passing
from storage.record_values import NO_ROW
from storage.sums import MILLION
from storage.tables import Record, RecordValue
from storage.wanted import TableField


@dataclass(frozen=True, slots=True)
class Total:
    """The values of one field in one currency, added up. Amounts that print none have the currency None."""

    field: str
    currency: str | None
    values: int
    millionths: int


def totals(session: Session, query: Query, fields: Sequence[str]) -> list[Total]:
    """The sums of these fields, numbers or amounts of money, over all records that `find_records` would give."""
    if not fields:
        return []
    value = RecordValue
    mine = and_(value.record_id == Record.id, value.field.in_(fields), value.row == NO_ROW)
    high, low = func.sum(value.millionths // MILLION), func.sum(value.millionths % MILLION)
    statement = passing(session, query).join(value, mine).where(value.millionths.is_not(None))
    statement = statement.add_columns(value.field, value.currency, func.count(), high, low)
    rows = session.execute(statement.group_by(value.field, value.currency))
    found = [Total(field, unit, count, int(high) * MILLION + int(low)) for field, unit, count, high, low in rows]
    order = {field: number for number, field in enumerate(fields)}
    return sorted(found, key=lambda one: (order[one.field], one.currency or "~"))


def count_records(session: Session, query: Query) -> int:
    """How many records `find_records` would give."""
    return session.scalars(passing(session, query).add_columns(func.count(Record.id))).one()  # type: ignore[no-any-return]


def count_versions(session: Session, workspace_id: str, schema_ids: Sequence[str]) -> dict[str, int]:
    """How many records there are under each of these versions of schemas; those without any are left out."""
    counted = select(Record.schema_id, func.count()).where(Record.workspace_id == workspace_id)
    rows = session.execute(counted.where(Record.schema_id.in_(schema_ids)).group_by(Record.schema_id))
    return {row[0]: row[1] for row in rows}


def count_rows(session: Session, record_ids: Sequence[str], tables: Sequence[TableField]) -> dict[str, dict[str, int]]:
    """How many rows each table of these records has, by record and by the table's path."""
    columns = {f"{table.path}.{column.path}": table.path for table in tables for column in table.fields}
    mine = (RecordValue.record_id.in_(record_ids), RecordValue.field.in_(columns), RecordValue.row != NO_ROW)
    query = select(RecordValue.record_id, RecordValue.field, func.max(RecordValue.row)).where(*mine)
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for record_id, field, last in session.execute(query.group_by(RecordValue.record_id, RecordValue.field)):
        table = columns[field]
        found[record_id][table] = max(last + 1, found[record_id].get(table, 0))
    return dict(found)
