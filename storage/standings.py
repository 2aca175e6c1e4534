"""SQL of what a row is to a question: whether it counts, which group it is in, and what it is counted with."""

from typing import Any, TypeAlias, assert_never

from sqlalchemy import ColumnElement, String, and_, case, cast, false, func, not_, null, or_, select, true
from sqlalchemy.orm import aliased

from core.records import FieldKind, ValueState
from storage.asked import Asked, Cut, Standing, Version
from storage.certainty import Joined
from storage.record_values import NUMBERS
from storage.subjects import Subject
from storage.tables import RecordValue

_ANY = aliased(RecordValue)  # made once: an alias costs more than the rest of a statement

Condition: TypeAlias = ColumnElement[bool]


def standing_of(asked: Asked, version: Version, certain: Condition, joined: Joined) -> ColumnElement[str]:
    """In this order: what lacks everything is not undecided, what is undecided lacks nothing else that counts."""
    ways: list[tuple[Condition, str]] = []
    if not asked.columns:
        ways.append((_is_empty(joined), Standing.EMPTY.value))
    if version.lacks is not None:
        ways.append((true(), Standing.MISSING.value))
    ways.append((not_(func.coalesce(certain, false())), Standing.UNDECIDED.value))
    if asked.field is not None:
        value = joined.values[asked.field.field]
        usable = _column(asked.field, value).is_not(None)
        usable = and_(usable, value.currency == asked.currency) if asked.currency else usable
        ways += _without(value, usable)
    if asked.by is not None and asked.by != asked.field:
        group = joined.values[asked.by.field]
        column = group.millionths if asked.cut is Cut.CURRENCY else key_of(asked, joined)[0]
        ways += _without(group, column.is_not(None))
    return case(*ways, else_=Standing.COUNTS.value)


def measure_of(asked: Asked, value: Any) -> Any:
    """What a row is counted with, from its value of the field."""
    return cast(null(), String) if asked.field is None else _column(asked.field, value)


def key_of(asked: Asked, joined: Joined) -> tuple[Any, Any]:
    """The key of a row's group, and the group as it was read."""
    if asked.by is None:
        return cast(null(), String), cast(null(), String)
    group = joined.values[asked.by.field]
    if asked.by.kind is FieldKind.BOOLEAN:
        truth = case((group.number == 1, "yes"), (group.number == 0, "no"), else_=None)
        return truth, truth
    if asked.cut is Cut.VALUE and asked.by.kind is not FieldKind.DATE:
        return group.folded, func.coalesce(group.text, group.raw)
    key = group.currency if asked.cut is Cut.CURRENCY else _part_of_day(asked.cut, group.date)
    return key, key


def _is_empty(joined: Joined) -> Condition:
    """Whether nothing at all was found in the document. Joined values that were found spare a look for others."""
    found = select(_ANY.id).where(_ANY.record_id == joined.record_id, _ANY.state == ValueState.FOUND).limit(1)
    seen = [value.state == ValueState.FOUND for value in joined.values.values()]
    # Of EXISTS, PostgreSQL would read the values of all records.
    return and_(not_(func.coalesce(or_(false(), *seen), false())), found.scalar_subquery().is_(None))


def _without(value: Any, usable: Condition) -> list[tuple[Condition, str]]:
    """What a row is whose value of a field is not there, or says nothing."""
    absent = or_(value.id.is_(None), value.state == ValueState.ABSENT)
    return [(absent, Standing.MISSING.value), (not_(func.coalesce(usable, false())), Standing.UNREADABLE.value)]


def _column(subject: Subject, value: Any) -> Any:
    """What of a value is counted with, exactly."""
    if subject.kind in NUMBERS:
        return value.millionths
    return value.date if subject.kind is FieldKind.DATE else value.folded


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
