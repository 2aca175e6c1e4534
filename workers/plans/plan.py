"""A question over records as a typed plan: what is counted, added up or looked up, and in which groups."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.errors import InvalidFilter, InvalidRequest
from core.records import FieldKind
from storage.filters import Filter, Is, Op, parse_filter
from storage.subjects import Subject, did_you_mean, fields_by_path, find_subject, near
from storage.sums import Cut
from storage.wanted import TableField, Wanted

MOST_SHOWN = 100  # rows of a plan that are given out in order: the ten largest, the last five
AMOUNTS = frozenset({FieldKind.NUMBER, FieldKind.INTEGER, FieldKind.MONEY})  # what can be added up
_PLAIN_NAME = re.compile(r"@?\w[\w-]*(\.\w[\w-]*)*")
_BARE = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?|[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_KEYWORDS = frozenset({"and", "or", "not", "in", "between", "is"})
_DATED = frozenset({Cut.DAY, Cut.MONTH, Cut.QUARTER, Cut.YEAR})


class Intent(StrEnum):
    """What is asked of the rows."""

    COUNT = "count"
    SUM = "sum"
    AVERAGE = "average"
    SMALLEST = "smallest"  # of dates the earliest
    LARGEST = "largest"
    LIST = "list"  # the rows; with a field its different values
    LOOKUP = "lookup"  # the value of a field


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison, of the words of a filter: `total >= 1000 EUR`, `iban is absent`; negated, it is not to hold."""

    field: str
    op: Op
    values: tuple[str, ...]
    currency: str | None = None
    negated: bool = False

    @property
    def text(self) -> str:
        """As a filter."""
        return f"not ({self._holds})" if self.negated else self._holds

    @property
    def _holds(self) -> str:
        name = self.field if _PLAIN_NAME.fullmatch(self.field) and self.field.lower() not in _KEYWORDS else None
        name = name or f"`{self.field}`"
        unit = f" {self.currency}" if self.currency else ""
        values = [_literal(value) + unit for value in self.values]
        match self.op:
            case Op.IS:
                return f"{name} is {self.values[0]}"
            case Op.IN:
                return f"{name} in ({', '.join(values)})"
            case Op.BETWEEN:
                return f"{name} between {values[0]} and {values[1]}"
            case _:
                return f"{name} {self.op.value} {values[0]}"


@dataclass(frozen=True, slots=True)
class Grouping:
    """Rows together that have the same value, the same month of a date, or the same currency of an amount."""

    field: str
    cut: Cut = Cut.VALUE


@dataclass(frozen=True, slots=True)
class Plan:
    """A question over the records of a schema. All conditions have to hold."""

    intent: Intent
    schema: str
    field: str | None = None  # what is added up, compared, listed or looked up; None: the rows themselves
    where: tuple[Condition, ...] = ()
    by: Grouping | None = None
    currency: str | None = None  # only amounts in this one
    table: str | None = None  # rows of this table are meant, not records
    limit: int = 1  # of the smallest and the largest
    top: int = 0  # only so many groups, those of the largest numbers; below zero of the smallest; 0: all

    @property
    def where_text(self) -> str | None:
        """The conditions as a filter that anybody can run again."""
        return " and ".join(condition.text for condition in self.where) or None


def check_plan(plan: Plan, wanted: Wanted) -> None:
    """Raise InvalidRequest, which says what is wrong, unless the plan makes sense under this schema."""
    table = table_of(plan, wanted)
    subject = subject_of(plan.field, wanted) if plan.field is not None else None
    columns = columns_of(table)
    if subject is not None and subject.cell and subject.field not in columns:
        raise InvalidRequest(f"{subject.field} has a value in every row of its table; name the table as well.")
    if subject is not None and table is not None and not subject.cell:
        raise InvalidRequest(f"{subject.field} is no column of {table.path}.")
    _check_intent(plan, subject)
    _check_grouping(plan, wanted, columns)
    if plan.currency is not None and (subject is None or subject.kind is not FieldKind.MONEY):
        raise InvalidRequest("A currency needs a field of money whose amounts are meant.")
    for condition in plan.where:
        _check_condition(condition, wanted)
    filter_of(plan, wanted)


def _check_condition(condition: Condition, wanted: Wanted) -> None:
    """Raise unless no part of it could be taken for more than it is: the text of a filter is made of it."""
    if find_subject(condition.field, wanted) is None:
        subject_of(condition.field, wanted)
    if condition.currency is not None and not _CURRENCY.fullmatch(condition.currency):
        raise InvalidRequest(f"{condition.currency[:20]!r} is no code of a currency.")
    if condition.currency is not None and not all(_BARE.fullmatch(value) for value in condition.values):
        raise InvalidRequest("Only amounts have a currency.")
    wants = {Op.BETWEEN: 2, Op.IN: len(condition.values) or 1}.get(condition.op, 1)
    if len(condition.values) != wants:
        raise InvalidRequest(
            f"{condition.field} {condition.op.value} takes {wants} values, not {len(condition.values)}."
        )
    if condition.op is Op.IS and not is_state(condition.values[0]):
        raise InvalidRequest(f"A value is {', '.join(Is)}; not {condition.values[0][:20]!r}.")


def _check_intent(plan: Plan, subject: Subject | None) -> None:
    kind = subject.kind if subject else None
    match plan.intent:
        case Intent.SUM | Intent.AVERAGE if kind not in AMOUNTS:
            raise InvalidRequest("Only numbers and money can be added up; name such a field.")
        case Intent.SMALLEST | Intent.LARGEST if kind not in AMOUNTS and kind is not FieldKind.DATE:
            raise InvalidRequest("Only numbers, money and dates have a smallest and a largest; name such a field.")
        case Intent.LOOKUP if subject is None:
            raise InvalidRequest("A lookup needs the field that is looked up.")
        case Intent.LOOKUP | Intent.LIST if plan.by is not None:
            raise InvalidRequest("What is listed or looked up has no groups.")
        case _:
            pass
    if not 1 <= plan.limit <= MOST_SHOWN:
        raise InvalidRequest(f"A limit is between 1 and {MOST_SHOWN}.")
    if plan.top and (plan.by is None or plan.intent in {Intent.SMALLEST, Intent.LARGEST}):
        raise InvalidRequest("Only groups with a count, a sum or an average have a top.")
    if abs(plan.top) > MOST_SHOWN:
        raise InvalidRequest(f"At most the top {MOST_SHOWN} groups are shown.")


def _check_grouping(plan: Plan, wanted: Wanted, columns: Mapping[str, Subject]) -> None:
    if plan.by is None:
        return
    by = subject_of(plan.by.field, wanted)
    if by.cell and by.field not in columns:
        raise InvalidRequest(f"{by.field} has a value in every row of its table, so that records have no one group.")
    fits = {
        FieldKind.DATE: plan.by.cut in _DATED or plan.by.cut is Cut.VALUE,
        FieldKind.MONEY: plan.by.cut is Cut.CURRENCY,
        FieldKind.NUMBER: False,
        FieldKind.INTEGER: False,
    }
    if not fits.get(by.kind, plan.by.cut is Cut.VALUE):
        raise InvalidRequest(f"{by.field} cannot be grouped by {plan.by.cut.value}.")


def filter_of(plan: Plan, wanted: Wanted) -> Filter | None:
    """The conditions under a version of the schema. Raises InvalidFilter where it lacks a field or has another kind."""
    text = plan.where_text
    return None if text is None else parse_filter(text, wanted)


def subject_of(name: str, wanted: Wanted) -> Subject:
    """The field of this path. Raises InvalidRequest with the names that come near."""
    known = fields_by_path(wanted)
    if name not in known:
        names = near(name, known)
        raise InvalidRequest(f"The schema has no field {name[:100]!r}" + did_you_mean(names), near=names)
    return known[name]


def table_of(plan: Plan, wanted: Wanted) -> TableField | None:
    """The table whose rows are meant. Raises InvalidRequest."""
    if plan.table is None:
        return None
    found = next((table for table in wanted.tables if table.path == plan.table), None)
    if found is None:
        names = near(plan.table, [table.path for table in wanted.tables])
        raise InvalidRequest(f"The schema has no table {plan.table[:100]!r}" + did_you_mean(names), near=names)
    return found


def columns_of(table: TableField | None) -> dict[str, Subject]:
    """The columns of a table by their paths."""
    return {} if table is None else fields_by_path(Wanted(tables=(table,)))


def lacking(plan: Plan, wanted: Wanted) -> str | None:
    """The first field of the plan that a version of the schema has not, or not of a kind that fits; None: has all."""
    names = [plan.field, plan.by.field if plan.by else None, *(one.field for one in plan.where)]
    for name in dict.fromkeys(n for n in names if n is not None):
        if find_subject(name, wanted) is None:
            return name
    try:
        check_plan(plan, wanted)
    except InvalidFilter:
        return next((one.field for one in plan.where), None)
    except InvalidRequest:
        return plan.field or plan.table or (plan.by.field if plan.by else None)
    return None


def is_state(text: str) -> bool:
    """Whether a text is one of the words after `is`."""
    return text in set(Is)


def _literal(value: str) -> str:
    """A value as a filter takes it: but for numbers and days in quotes, so that no word of it is the filter's own."""
    if _BARE.fullmatch(value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
