"""Shapes of questions that may mean two things, so that no plan is made of them."""

from collections.abc import Sequence
from typing import Any

from storage.subjects import Subject
from workers.plans.marks import (
    Asks,
    Bound,
    Group,
    Joint,
    Limit,
    Mention,
    Nothing,
    Noun,
    Placed,
    RowsOf,
    Total,
    Verb,
)
from workers.plans.plan import Intent

ADDING = frozenset({Intent.SUM, Intent.AVERAGE})
EXTREMES = frozenset({Intent.SMALLEST, Intent.LARGEST})
LIGHT = (Nothing, Joint, Verb)  # between two marks these say nothing


class Unclear(Exception):
    """The words do not make one plan."""


def demand(holds: object) -> None:
    """Raise Unclear unless it holds."""
    if not holds:
        raise Unclear


def check_doubts(marks: Sequence[Placed], intent: Intent) -> None:
    """Raise Unclear where a question of this intent has one of the shapes."""
    check_average(marks, intent)
    nouns = [p for p in marks if isinstance(p.mark, Noun)]
    demand(not any(one.end == other.at for one in nouns for other in nouns))  # brief letters are no letters of letters
    asked = [p.at for p in marks if (isinstance(p.mark, Asks) and p.mark.intent is intent) or _is_top(p)]
    limited = any(isinstance(p.mark, Limit) for p in marks)
    if intent is Intent.AVERAGE or (intent in EXTREMES and limited):  # the total of the three largest adds them up
        demand(not any(isinstance(p.mark, Total) and p.at < asked[0] for p in marks if asked))
    if intent in EXTREMES and not limited:  # the largest invoices are more than one, and nobody says how many
        ends, starts = ({place(p) for p in marks if isinstance(p.mark, Asks)} for place in (_end, _start))
        many = [p for p in marks if isinstance(p.mark, Noun) and not p.mark.one]
        demand(not any(p.at in ends or p.end in starts for p in many))
    for number, placed in enumerate(marks):
        following = [p for p in marks[number + 1 :] if not isinstance(p.mark, LIGHT)]
        demand(not _is_doubtful(placed, intent, _next(marks[:number][::-1]), following))


def _is_top(placed: Placed) -> bool:
    return isinstance(placed.mark, Limit) and placed.mark.top


def _start(placed: Placed) -> int:
    return placed.at


def _end(placed: Placed) -> int:
    return placed.end


def check_average(marks: Sequence[Placed], intent: Intent) -> None:
    """Raise Unclear of an average of nothing that is named: invoices per vendor on average are no amounts."""
    if intent is not Intent.AVERAGE or any(isinstance(p.mark, Mention | Total) for p in marks):
        return
    asks = [number for number, p in enumerate(marks) if isinstance(p.mark, Asks) and p.mark.intent is intent]
    behind = _next(marks[asks[0] + 1 :]) if asks else None
    demand(behind is not None and isinstance(behind.mark, Noun))


def check_field(marks: Sequence[Placed], intent: Intent, field: Placed, compared: Subject | None) -> None:
    """Raise Unclear where a field stands at a place where it may not be what is asked for.

    The date of the largest invoice is not the largest date, but that of the earliest is the earliest: it is what is
    `compared`. Vendors over 1,000 may be those whose invoices add up to it.
    """
    demand(intent is not Intent.COUNT)
    asks = [p.at for p in marks if isinstance(p.mark, Asks) and p.mark.intent is intent]
    same = isinstance(field.mark, Mention) and field.mark.subject == compared
    if intent in ADDING | EXTREMES and asks:
        demand(min(asks) < field.at or (same and intent in EXTREMES))
    if intent is not Intent.LIST:
        return
    demand(all(field.at < p.at for p in marks if isinstance(p.mark, Noun)))
    for number, placed in enumerate(marks):
        if isinstance(placed.mark, Bound):
            before = _next(marks[:number][::-1])
            demand(before is not None and before.at != field.at and isinstance(before.mark, _BOUNDED))


_BOUNDED = (Noun, RowsOf, Mention, Total)
_THINGS = (Noun, RowsOf, Mention, Total)


def _is_doubtful(placed: Placed, intent: Intent, before: Placed | None, following: Sequence[Placed]) -> bool:
    after = following[0] if following else None
    match placed.mark:
        case Group(each=each, subject=subject):
            # an average each month may be one of months; so many each over an amount may be sums over it
            rate = intent is Intent.AVERAGE and each and subject is None
            return rate or _has(after, Bound)
        case Total() if intent is not Intent.COUNT:
            # total invoices may be their number or their sum; a total invoice amount is a sum
            many = after is not None and _has(after, Noun) and after.at == placed.end
            return many and not (following[1:2] and _has(following[1], Mention) and following[1].at == following[0].end)
        case Joint():
            return _has(before, _THINGS) and _has(after, (*_THINGS, Asks))
        case _:
            return False


def _has(placed: Placed | None, kinds: Any) -> bool:
    return placed is not None and isinstance(placed.mark, kinds)


def _next(marks: Sequence[Placed]) -> Placed | None:
    """The first that says anything."""
    return next((p for p in marks if not isinstance(p.mark, LIGHT)), None)
