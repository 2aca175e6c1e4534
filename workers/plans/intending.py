"""What a question asks to be done: to count, to add up, to list, to look up."""

from collections.abc import Sequence

from workers.plans.doubts import demand
from workers.plans.marks import Asks, Group, Limit, Mention, Noun, RowsOf, Total, Verb, Where
from workers.plans.placed import Marks, PlacedAs
from workers.plans.plan import AMOUNTS, Intent

_WEAK = frozenset({Intent.LIST, Intent.LOOKUP})


def intent_of(marks: Marks, left: Sequence[PlacedAs[Mention]], *, of_rows: bool, bounded: bool) -> tuple[Intent, bool]:
    """What is asked, and whether of days.

    `left` are mentions that are no part of a condition yet, `of_rows`: it is about a table's rows, `bounded`: it has
    conditions. Raises Unclear where it may be two things.
    """
    asks = [p.mark for p in marks.all(Asks)]
    strong = {ask.intent for ask in asks if ask.intent not in _WEAK}
    strong |= {Intent.LARGEST for p in marks.all(Limit) if p.mark.top}
    strong |= {Intent.SUM for p in marks.all(Verb) if p.mark.sums}
    demand(len(strong) <= 1)
    of_dates = any(ask.of_dates for ask in asks)
    if not strong:
        return _weak_intent(marks, left, bounded=bounded), of_dates
    (intent,) = strong
    if intent is Intent.COUNT and _counts_values(marks):
        return Intent.LIST, False
    if intent is Intent.SUM and not of_rows and any(p.mark.one for p in marks.all(Where)):
        return Intent.LOOKUP, False
    return intent, of_dates


def is_about_one(marks: Marks) -> bool:
    """The invoice, or one by its number; but invoice totals, and a total invoice amount, are those of many."""
    if any(p.mark.one for p in marks.all(Where)):
        return True
    many = {p.at for p in marks.all(Mention) if p.mark.many} | {p.at for p in marks.all(Total) if p.mark.many}
    totals = {p.end for p in marks.all(Total)}
    return any(p.mark.one and p.end not in many and p.at not in totals for p in marks.all(Noun))


def _weak_intent(marks: Marks, left: Sequence[PlacedAs[Mention]], *, bounded: bool) -> Intent:
    """Where no word says it, what is mentioned does: a total of many is a sum, of one it is looked up."""
    asks = [p.mark for p in marks.all(Asks)]
    summed = any(p.mark.summed for p in marks.all(Mention)) or bool(marks.all(Total))
    leading = asks[0].intent if asks else None
    grouped, about_one = bool(marks.all(Group)), is_about_one(marks)
    if grouped and _has_amount(marks, left):
        return Intent.SUM
    if summed and not about_one and leading is not Intent.LIST:
        return Intent.SUM
    if leading is None and not about_one and not summed and isinstance(marks.first(), Noun | RowsOf):
        demand(grouped or bounded)  # invoices per month, invoices from Acme
        return Intent.COUNT if grouped else Intent.LIST
    if leading is Intent.LIST and not about_one:
        return Intent.LIST
    if summed or any(ask.of_dates for ask in asks) or left:
        return Intent.LOOKUP
    demand(leading is Intent.LIST)  # what is invoice 7 asks for nothing of it
    return Intent.LIST


def _has_amount(marks: Marks, left: Sequence[PlacedAs[Mention]]) -> bool:
    """Whether an amount is named that nothing compares: tax per vendor."""
    return bool(marks.all(Total)) or (len(left) == 1 and left[0].mark.subject.kind in AMOUNTS)


def _counts_values(marks: Marks) -> bool:
    """Whether it is a field's different values that are counted: how many vendors, not how many invoices."""
    counted = next((p for p in marks.placed if isinstance(p.mark, Mention | Noun | RowsOf)), None)
    return counted is not None and isinstance(counted.mark, Mention)
