"""Which rules the values of a record break, and by how much. A broken rule flags a record and lowers no value.

Amounts are compared exactly, as they are printed: a sum of lines that is a cent off is broken. Where a rule multiplies,
the page has rounded, so half a unit of the last place of the amounts beside the product is given way: half a cent.
"""

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation, localcontext
from typing import Any, TypeAlias

from core.records import FieldKind, TypedValue
from storage.wanted import Both, Count, Number, Of, Rule, Sum, Term

Row: TypeAlias = Mapping[str, TypedValue]

_PRECISION = 200  # digits: everything below is exact
_MOST_ROWS = 20  # told of one rule
_LARGEST = Decimal("1e60")  # larger amounts are not judged
_RELATIONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_GIVING_WAY = frozenset({"=", "<=", ">="})


def broken_rules(
    rules: Iterable[Rule], values: Mapping[str, TypedValue], tables: Mapping[str, Sequence[Row]]
) -> list[dict[str, Any]]:
    """The rules that do not hold: `rule` its name, `fields` whose values clash, `detail` a sentence with the numbers.

    `values` by path and `tables` by their path hold what was found, in the rows by a column's path. A rule about
    something that was not found, or whose text means nothing, is not judged; empty cells of a sum count nothing, unless
    all are empty.
    """
    broken: list[dict[str, Any]] = []
    with localcontext() as context:
        context.prec = _PRECISION
        for rule in rules:
            if rule.table is None:
                broken += _broken(rule, _Record(values, tables))
            else:
                broken += _broken_rows(rule, values, tables)
    return broken


@dataclass(frozen=True, slots=True)
class _Worth:
    """What a side of a rule comes to."""

    number: Decimal
    currencies: frozenset[str] = frozenset()
    step: Decimal | None = None  # one unit of the last printed place of its amounts, of the coarsest
    multiplied: bool = False

    def __str__(self) -> str:
        currency = f" {next(iter(self.currencies))}" if len(self.currencies) == 1 else ""
        return f"{self.number:f}{currency}"


class _Unknown(Exception):
    """A value is missing, or means nothing."""


@dataclass(frozen=True, slots=True)
class _Record:
    values: Mapping[str, TypedValue]
    tables: Mapping[str, Sequence[Row]]
    row: Row | None = None

    def typed(self, of: Of) -> TypedValue:
        """The value of a field, or of the row's cell. Raises _Unknown."""
        found = (self.values if of.table is None else self.row or {}).get(of.path)
        if found is None or found.value is None:
            raise _Unknown
        return found

    def worth(self, term: Term) -> _Worth:
        """What a term comes to. Raises _Unknown."""
        match term:
            case Number(text):
                return _Worth(Decimal(text))
            case Of(kind=kind):
                return _worth_of(self.typed(term), kind)
            case Count(table):
                return _Worth(Decimal(len(self._rows(table))))
            case Sum(table, column, kind):
                return self._sum([row[column] for row in self._rows(table) if column in row], kind)
            case Both(sign, left, right):
                return _combined(sign, self.worth(left), self.worth(right))

    def _rows(self, table: str) -> Sequence[Row]:
        if table not in self.tables:
            raise _Unknown
        return self.tables[table]

    def _sum(self, cells: Sequence[TypedValue], kind: FieldKind) -> _Worth:
        if not cells:
            raise _Unknown
        total = _worth_of(cells[0], kind)
        for cell in cells[1:]:
            total = _combined("+", total, _worth_of(cell, kind))
        return total


def _broken_rows(
    rule: Rule, values: Mapping[str, TypedValue], tables: Mapping[str, Sequence[Row]]
) -> Iterator[dict[str, Any]]:
    told = 0
    for number, row in enumerate(tables.get(rule.table or "", ())):
        for flag in _broken(rule, _Record(values, tables, row)):
            told += 1
            if told <= _MOST_ROWS:
                fields = [_in_row(field, rule.table, number) for field in rule.fields]
                yield {**flag, "fields": fields, "detail": f"Row {number + 1}: {flag['detail']}"}
    if told > _MOST_ROWS:
        detail = f"{rule.check} does not hold in {told - _MOST_ROWS} more rows."
        yield {"rule": rule.name, "fields": list(rule.fields), "detail": detail}


def _in_row(field: str, table: str | None, number: int) -> str:
    return f"{table}[{number}]{field[len(table) :]}" if table and field.startswith(f"{table}.") else field


def _broken(rule: Rule, record: _Record) -> Iterator[dict[str, Any]]:
    try:
        detail = _dates(rule, record) if _compares_dates(rule) else _numbers(rule, record)
    except (_Unknown, InvalidOperation):
        return
    if detail is not None:
        yield {"rule": rule.name, "fields": list(rule.fields), "detail": detail}


def _compares_dates(rule: Rule) -> bool:
    return isinstance(rule.left, Of) and rule.left.kind is FieldKind.DATE


def _dates(rule: Rule, record: _Record) -> str | None:
    """What is wrong between two dates; None where the rule holds."""
    left, right = (str(record.typed(side).value) for side in (rule.left, rule.right) if isinstance(side, Of))
    if _RELATIONS[rule.relation](left, right):  # ISO dates sort as they stand
        return None
    return f"{rule.check} does not hold: {left} on the left, {right} on the right."


def _numbers(rule: Rule, record: _Record) -> str | None:
    """What is wrong between two amounts; None where the rule holds."""
    left, right = record.worth(rule.left), record.worth(rule.right)
    currencies = left.currencies | right.currencies
    if len(currencies) > 1:
        return f"{rule.check} cannot hold: the amounts are in {' and '.join(sorted(currencies))}."
    steps = [side.step for side in (left, right) if side.step is not None]
    rounded = (left.multiplied or right.multiplied) and rule.relation in _GIVING_WAY and bool(steps)
    way = max(steps) / 2 if rounded else Decimal(0)
    holds = abs(left.number - right.number) <= way if rounded else False
    if holds or _RELATIONS[rule.relation](left.number, right.number):
        return None
    return f"{rule.check} does not hold: {left} on the left, {right} on the right."


def _combined(sign: str, left: _Worth, right: _Worth) -> _Worth:
    currencies = left.currencies | right.currencies
    if sign == "*":
        return _Worth(left.number * right.number, currencies, None, multiplied=True)
    number = left.number + right.number if sign == "+" else left.number - right.number
    steps = [side.step for side in (left, right) if side.step is not None]
    return _Worth(number, currencies, max(steps, default=None), left.multiplied or right.multiplied)


def _worth_of(typed: TypedValue, kind: FieldKind) -> _Worth:
    """What a typed value counts. Raises _Unknown where it is no number, or a monstrous one."""
    said = typed.value
    money = said if kind is FieldKind.MONEY and isinstance(said, Mapping) else None
    try:
        number = Decimal(str(said if money is None else money.get("amount")))
    except InvalidOperation as error:
        raise _Unknown from error
    if not number.is_finite() or abs(number) > _LARGEST:
        raise _Unknown
    if money is None:
        return _Worth(number)
    exponent = number.as_tuple().exponent
    step = Decimal(1).scaleb(exponent) if isinstance(exponent, int) else None
    currency = money.get("currency")
    return _Worth(number, frozenset({str(currency)} if currency else ()), step)
