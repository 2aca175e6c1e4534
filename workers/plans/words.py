"""Plans, numbers and what is left out, in the words of people."""

from collections.abc import Sequence
from decimal import Decimal
from typing import assert_never

from storage.filters import Op
from storage.sums import Cut
from storage.wanted import Wanted
from workers.plans.plan import Condition, Grouping, Intent, Plan
from workers.plans.vocabulary import Vocabulary

_MOST_VALUES = 5
_OPS = {
    Op.EQUALS: "is {}",
    Op.LESS: "is under {}",
    Op.AT_MOST: "is at most {}",
    Op.MORE: "is over {}",
    Op.AT_LEAST: "is at least {}",
    Op.CONTAINS: "contains {}",
}
_DAYS = {
    Op.EQUALS: "is {}",
    Op.LESS: "is before {}",
    Op.AT_MOST: "is no later than {}",
    Op.MORE: "is after {}",
    Op.AT_LEAST: "is {} or later",
}
_MEASURES = {
    Intent.SUM: "Sum of the {} of {}",
    Intent.AVERAGE: "Average {} of {}",
    Intent.SMALLEST: "Smallest {} of {}",
    Intent.LARGEST: "Largest {} of {}",
    Intent.LOOKUP: "The {} of {}",
}
_EARLIEST = {Intent.SMALLEST: "Earliest {} of {}", Intent.LARGEST: "Latest {} of {}"}


def in_words(plan: Plan, vocabulary: Vocabulary) -> str:
    """The plan as one phrase: `Number of invoices whose vendor name is acme ltd`."""
    things = things_of(plan, vocabulary) + (f" of {vocabulary.plural}" if plan.table else "")
    if plan.intent is Intent.COUNT and plan.currency is not None:
        things += f" with a {title_of(plan.field, vocabulary.wanted)} in {plan.currency}"
    elif plan.currency is not None:
        things += f" in {plan.currency}"
    said = _measured(plan, vocabulary, things) + _where(plan, vocabulary)
    return said + (f", {_by(plan.by, vocabulary.wanted)}{_top(plan.top)}" if plan.by else "")


def _top(top: int) -> str:
    """`, the 3 largest alone`, of groups."""
    if not top:
        return ""
    most = "largest" if top > 0 else "smallest"
    return f", the {most} alone" if abs(top) == 1 else f", the {abs(top)} {most} alone"


def things_of(plan: Plan, vocabulary: Vocabulary, count: int = 2) -> str:
    """What is counted: invoices, or their line items."""
    if plan.table is None:
        return vocabulary.singular if count == 1 else vocabulary.plural
    table = next(table for table in vocabulary.wanted.tables if table.path == plan.table)
    if table.title.endswith("s"):
        return table.title[:-1] if count == 1 else table.title
    return f"row of {table.title}" if count == 1 else f"rows of {table.title}"


def title_of(field: str | None, wanted: Wanted) -> str:
    """A field as people call it."""
    found = wanted.find(field) if field else None
    return found.title if found is not None else (field or "value").removeprefix("@")


def compared_title(field: str, plan: Plan, wanted: Wanted) -> str:
    """The same of a field that a condition compares: where any row of a table may pass, with the table's name."""
    table = next((table for table in wanted.tables if field.startswith(table.path + ".")), None)
    title = title_of(field, wanted)
    return title if table is None or table.path == plan.table else f"{title} in its {table.title}"


def number_text(value: Decimal | str | None, currency: str | None = None, *, cents: bool = False) -> str:
    """`1,204.50 EUR`; of money always with cents, unless there are more decimals."""
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return value
    places = max(2 if cents else 0, -int(value.normalize().as_tuple().exponent))
    shown = f"{value:,.{places}f}"
    return f"{shown} {currency}" if currency else shown


def counted(count: int, one: str, many: str) -> str:
    """`1 invoice`, `1,204 invoices`."""
    return f"{count:,} {one if count == 1 else many}"


def listed(names: Sequence[str], most: int) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _measured(plan: Plan, vocabulary: Vocabulary, things: str) -> str:
    title = title_of(plan.field, vocabulary.wanted)
    found = vocabulary.wanted.find(plan.field) if plan.field else None
    match plan.intent:
        case Intent.COUNT:
            return f"Number of {things}"
        case Intent.LIST:
            return f"{things[:1].upper()}{things[1:]}" if plan.field is None else f"Different {title} of {things}"
        case Intent.SMALLEST | Intent.LARGEST if found is not None and found.kind.value == "date":
            return _several(plan, _EARLIEST[plan.intent].format(title, things))
        case Intent.SUM | Intent.AVERAGE | Intent.SMALLEST | Intent.LARGEST | Intent.LOOKUP:
            return _several(plan, _MEASURES[plan.intent].format(title, things))
        case _:
            assert_never(plan.intent)


def _several(plan: Plan, said: str) -> str:
    return f"The {plan.limit} {said[:1].lower()}{said[1:]}" if plan.limit > 1 else said


def _where(plan: Plan, vocabulary: Vocabulary) -> str:
    said = [condition_words(condition, plan, vocabulary) for condition in plan.where]
    return f" whose {' and whose '.join(said)}" if said else ""


def condition_words(condition: Condition, plan: Plan, vocabulary: Vocabulary) -> str:
    """`total is over 1,000 EUR`; without a currency, in whatever it is."""
    title = compared_title(condition.field, plan, vocabulary.wanted)
    said = _compared(condition, vocabulary)
    if condition.negated:
        verb, _, rest = said.partition(" ")
        said = f"is not {rest}" if verb == "is" else f"does not contain {rest}"
    return f"{title} {said}"


def _compared(condition: Condition, vocabulary: Vocabulary) -> str:
    found = vocabulary.wanted.find(condition.field)
    kind = found.kind.value if found else "text"
    if condition.op is Op.IS:
        return f"is {condition.values[0].replace('_', ' ')}"
    values = [_value(value, kind, condition.currency) for value in condition.values]
    match condition.op:
        case Op.BETWEEN:
            return f"is between {values[0]} and {values[1]}"
        case Op.IN:
            return f"is one of {listed(values, _MOST_VALUES)}"
        case _:
            return (_DAYS if kind == "date" else _OPS).get(condition.op, _OPS[Op.EQUALS]).format(values[0])


def _value(value: str, kind: str, currency: str | None) -> str:
    if kind not in {"money", "number", "integer"}:
        return value
    shown = number_text(Decimal(value), currency)
    return f"{shown} of any currency" if kind == "money" and currency is None else shown


def _by(by: Grouping, wanted: Wanted) -> str:
    title = title_of(by.field, wanted)
    match by.cut:
        case Cut.VALUE:
            return f"for each {title}"
        case Cut.CURRENCY:
            return f"by the currency of the {title}"
        case Cut.DAY | Cut.MONTH | Cut.QUARTER | Cut.YEAR:
            return f"by {by.cut.value} of the {title}"
        case _:
            assert_never(by.cut)
