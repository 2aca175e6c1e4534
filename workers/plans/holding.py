"""Conditions of a plan: days as comparisons, and whether comparisons can hold together."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from storage.filters import Op
from storage.subjects import Subject
from workers.plans.marks import On
from workers.plans.plan import Condition


def days_said(on: On) -> str:
    """Which days are meant by words that today's date makes days of."""
    if on.first is not None and on.last is not None:
        return f"{on.said!r} is {' to '.join(dict.fromkeys((on.first.isoformat(), on.last.isoformat())))}."
    day, side = (on.first, "from") if on.first is not None else (on.last, "until")
    return f"By {on.said!r}, days {side} {day.isoformat() if day else ''} are meant."


def days_of(subject: Subject, first: dt.date | None, last: dt.date | None) -> Condition:
    """That a date lies between two days; None: without an end."""
    if first is None or last is None:
        op, day = (Op.AT_MOST, last) if first is None else (Op.AT_LEAST, first)
        return Condition(subject.field, op, (day.isoformat() if day else "",))
    if first == last:
        return Condition(subject.field, Op.EQUALS, (first.isoformat(),))
    return Condition(subject.field, Op.BETWEEN, (first.isoformat(), last.isoformat()))


def can_hold(conditions: Sequence[Condition]) -> bool:
    """Whether conditions on one field leave anything: two names at once do not, nor do spans that do not meet."""
    for name in {one.field for one in conditions}:
        mine = [one for one in conditions if one.field == name]
        if len({one.currency for one in mine if one.op is not Op.IS}) > 1:
            return False
        if any(one.negated for one in mine):
            continue
        if sum(one.op in {Op.EQUALS, Op.IN, Op.IS, Op.CONTAINS} for one in mine) > 1:
            return False
        low = [_bound(one.values[0]) for one in mine if one.op in {Op.AT_LEAST, Op.MORE, Op.BETWEEN, Op.EQUALS}]
        high = [_bound(one.values[-1]) for one in mine if one.op in {Op.AT_MOST, Op.LESS, Op.BETWEEN, Op.EQUALS}]
        if low and high and max(low) > min(high):
            return False
        if sum(one.op is Op.BETWEEN for one in mine) > 1:
            return False
    return True


def _bound(text: str) -> tuple[int, Decimal, str]:
    """Numbers in the order of numbers, days in that of texts."""
    number = text.replace(".", "", 1).removeprefix("-").isdecimal()
    return (0, Decimal(text), "") if number else (1, Decimal(0), text)
