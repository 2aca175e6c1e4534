"""Counts and sums over records, exact: which records a question is about, what they add up to, and what is left out.

A document may have records under several versions of a schema. The one under the latest version counts and the others
do not, as if they were gone: so each document counts once. A version that lacks a field of the question says nothing
about it, so its records are told as missing.

A condition on a value that was not read, or whose text means nothing of its kind, is neither true nor false: such a
record is undecided, and no number has it. Millionths are added as whole numbers, in two parts, as no database adds
without end.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, cast, exists, func, literal, null, select

from storage.asked import Asked, Cut, Standing, Tally, Version
from storage.database import Session
from storage.record_values import NUMBERS
from storage.tables import Record
from storage.units import among, units

__all__ = ["MILLION", "Asked", "Cut", "Standing", "Tally", "Version", "among", "latest_versions", "tally", "units"]

MILLION = 10**6
_NO_NUMBER = cast(null(), BigInteger)


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
            *(func.count(_once(asked, column)) for column in (unit.c.record_id, unit.c.incomplete)),
        ).group_by(*keys)
        found += [_tally_of(row) for row in session.execute(statement)]
    return found


def latest_versions(session: Session, schema_ids: Sequence[str]) -> list[str]:
    """Those of the schema versions that have any record, in the same order."""
    there = [select(literal(n)).where(exists().where(Record.schema_id == i)) for n, i in enumerate(schema_ids)]
    found = {number for one in there for number in session.scalars(one)}
    return [schema_id for number, schema_id in enumerate(schema_ids) if number in found]


def _once(asked: Asked, column: Any) -> Any:
    """Each record once. Where records are meant, not rows of a table, each comes once by itself."""
    return column.distinct() if asked.columns else column


def _tally_of(row: Any) -> Tally:
    standing, key, currency, shown, rows, unsure, high, low, least, most, records, incomplete = row
    total = None if high is None else int(high) * MILLION + int(low)
    return Tally(
        Standing(standing), key, shown, currency, rows, int(unsure or 0), total, least, most, records, incomplete
    )
