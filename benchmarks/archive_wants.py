"""What a counting, adding or listing question wants, and the same worked out in plain Python, over whatever values."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from workers.typed.folding import bare

Row = Mapping[str, tuple[str, str | None]]  # by field: text, date or amount, and the currency of an amount
Table = Mapping[str, Row]  # by document


@dataclass(frozen=True, slots=True)
class Condition:
    """What a row has to pass: a name is its field's, a day or an amount lies between two, both included."""

    field: str
    name: str = ""
    least: str = ""
    most: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Want:
    """What is worked out: of which records, under which conditions, from which field."""

    schema: str
    intent: str  # count, sum, largest, smallest, list or per
    field: str = ""
    conditions: tuple[Condition, ...] = ()
    per: str = ""

    @property
    def fields(self) -> set[str]:
        """All fields that the reply depends on."""
        return {name for name in (self.field, self.per, *(c.field for c in self.conditions)) if name}


@dataclass(frozen=True, slots=True)
class Result:
    """What comes out: a number by currency, or by group, and the documents that it comes from."""

    numbers: Mapping[str, str]  # by currency, empty where there is none; by `group_of` if there are groups
    documents: frozenset[str]


def work_out(want: Want, table: Table) -> Result:
    """Go through all rows."""
    passed = {file: row for file, row in table.items() if all(_passes(row, c) for c in want.conditions)}
    match want.intent:
        case "count":
            return Result({"": str(len(passed))}, frozenset(passed))
        case "list":
            return Result({"": str(len(passed))}, frozenset(passed))
        case "per":
            return _per(want, passed)
    told = {file: row[want.field] for file, row in passed.items() if want.field in row}
    return _sum(told) if want.intent == "sum" else _extreme(told, largest=want.intent == "largest")


def amount(text: str) -> Decimal | None:
    """A number as records keep it."""
    try:
        return Decimal(text)
    except ArithmeticError:
        return None


def _passes(row: Row, condition: Condition) -> bool:
    if condition.field not in row:
        return False
    value, currency = row[condition.field]
    if condition.name and f" {bare(condition.name)} " not in f" {bare(value)} ":  # whole words
        return False
    if condition.currency and currency != condition.currency:
        return False
    return _between(value, condition.least, condition.most)


def _between(value: str, least: str, most: str) -> bool:
    """Dates compare as texts, amounts as numbers."""
    number = amount(value)
    if number is None:
        return (not least or value >= least) and (not most or value <= most)
    return (not least or number >= Decimal(least)) and (not most or number <= Decimal(most))


def _sum(told: Mapping[str, tuple[str, str | None]]) -> Result:
    sums = defaultdict[str, Decimal](Decimal)
    for value, currency in told.values():
        sums[currency or ""] += amount(value) or 0
    return Result({currency: str(total) for currency, total in sums.items()}, frozenset(told))


def _extreme(told: Mapping[str, tuple[str, str | None]], *, largest: bool) -> Result:
    """The largest or smallest by currency, and the documents that have it."""
    groups = defaultdict[str, list[tuple[Decimal, str, str]]](list)  # dates are in order as texts
    for file, (value, currency) in told.items():
        groups[currency or ""].append((amount(value) or Decimal(0), value, file))
    numbers, files = dict[str, str](), set[str]()
    for currency, entries in groups.items():
        best = (max if largest else min)(entries)
        numbers[currency] = best[1]
        files |= {file for _, value, file in entries if value == best[1]}
    return Result(numbers, frozenset(files))


def _per(want: Want, passed: Table) -> Result:
    """A count for each name, or a sum where a field is named, for each name and currency."""
    groups = defaultdict[str, Decimal](Decimal)
    files = set[str]()
    for file, row in passed.items():
        if want.per not in row or (want.field and want.field not in row):
            continue
        value, currency = row[want.field] if want.field else ("1", None)
        groups[group_of(row[want.per][0], currency)] += amount(value) or 0
        files.add(file)
    return Result({name: str(number) for name, number in groups.items()}, frozenset(files))


def group_of(name: str, currency: str | None) -> str:
    """What a group goes by: spellings that differ in capitals and marks alone are one."""
    return f"{bare(name)} {currency or ''}".strip()


def rows_of(values: Sequence[tuple[str, str, str, str | None]]) -> Table:
    """A table from document, field, value and currency."""
    table = defaultdict[str, dict[str, tuple[str, str | None]]](dict)
    for file, field, value, currency in values:
        table[file][field] = (value, currency)
    return dict(table)
