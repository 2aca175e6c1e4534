"""Questions that rank groups, `top 3 vendors by total`, told as those that only group, and how many groups they want.

Whose numbers these are has to be certain: the vendor of the largest invoice is none that has the largest sum.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.records import FieldKind
from storage.sums import Cut
from workers.plans.doubts import LIGHT, demand
from workers.plans.marks import Asks, ByCount, Group, Limit, Mention, Most, Noun, Placed, RowsOf, Total, Verb
from workers.plans.plan import AMOUNTS, Intent

_WEAK = frozenset({Intent.LIST, Intent.LOOKUP})
_THINGS = frozenset({FieldKind.TEXT, FieldKind.CHOICE, FieldKind.COUNTRY, FieldKind.BOOLEAN})


@dataclass(frozen=True, slots=True)
class Ranking:
    """The marks of a question that only groups, and of how many groups is asked; 0: of all."""

    marks: tuple[Placed, ...]
    top: int = 0


def ranked(marks: Sequence[Placed]) -> Ranking:
    """The question without what ranks its groups; as it is where nothing does. Raises Unclear."""
    by = next((p for p in marks if isinstance(p.mark, Most | ByCount)), None)
    thing = _thing(marks)
    if by is None and thing is not None:
        by = _by_amount(marks, thing)
    if by is None:
        demand(not any(isinstance(p.mark, Group) and p.mark.asked for p in marks))
        return Ranking(tuple(marks))
    demand(thing is not None and sum(isinstance(p.mark, Most | ByCount) for p in marks) <= 1)
    return _rewritten(marks, thing, by) if thing is not None else Ranking(tuple(marks))


def _thing(marks: Sequence[Placed]) -> Placed | None:
    """What is ranked: a text that is named before all that ranks it, or a part of the calendar that is asked for."""
    for placed in marks:
        match placed.mark:
            case Mention(subject) if subject.kind in _THINGS:
                return placed
            case Group(asked=True):
                return placed
            case Mention() | Total() | Noun() | RowsOf():
                return None
            case _:
                pass
    return None


def _by_amount(marks: Sequence[Placed], thing: Placed) -> Placed | None:
    """The amount by which things are ranked: `top 3 vendors by total`, `the vendor with the highest total`."""
    behind = [p for p in marks if p.at >= thing.end and not isinstance(p.mark, LIGHT)]
    limited = any(isinstance(p.mark, Limit) and p.mark.top and p.end <= thing.at for p in marks)
    for number, placed in enumerate(behind):
        match placed.mark:
            case Group(subject=subject) if limited and subject is not None and subject.kind in AMOUNTS:
                return placed
            case Asks(Intent.LARGEST | Intent.SMALLEST) if _adds(behind[number + 1 :]):
                return placed
            case _:
                pass
    return None


def _adds(behind: Sequence[Placed]) -> bool:
    """Whether a total comes first, which only many together have, or that of documents: highest invoice total."""
    named = bool(behind) and isinstance(behind[0].mark, Noun)
    placed = behind[int(named)] if len(behind) > int(named) else None
    return placed is not None and _is_total(placed)


def _is_total(placed: Placed) -> bool:
    return isinstance(placed.mark, Total) or (isinstance(placed.mark, Mention) and placed.mark.summed)


def _rewritten(marks: Sequence[Placed], thing: Placed, by: Placed) -> Ranking:
    limit = next((p for p in marks if isinstance(p.mark, Limit)), None)
    counts = isinstance(by.mark, ByCount) or (isinstance(by.mark, Most) and _counts(marks, by))
    demand(counts or not isinstance(by.mark, Most) or _is_paid(marks, by))
    fewest = (isinstance(by.mark, Most) and by.mark.fewest) or (
        isinstance(by.mark, Asks) and by.mark.intent is Intent.SMALLEST
    )
    top = limit.mark.number if limit is not None and isinstance(limit.mark, Limit) else _how_many(thing, by)
    kept: list[Placed] = [Placed(Asks(Intent.COUNT if counts else Intent.SUM), -1, 0)]
    for placed in marks:
        if placed is thing:
            kept.append(replace(placed, mark=_grouped(thing)))
        elif placed is by:
            if isinstance(by.mark, Group) and by.mark.subject is not None:
                kept.append(replace(placed, mark=Mention(by.mark.subject, summed=True, many=True)))
        elif not isinstance(placed.mark, Limit) and not _only_asks(placed):
            kept.append(placed)
    return Ranking(tuple(kept), -top if fewest else top)


def _grouped(thing: Placed) -> Group:
    if isinstance(thing.mark, Mention):
        return Group(Cut.VALUE, thing.mark.subject)
    return replace(thing.mark, asked=False) if isinstance(thing.mark, Group) else Group(Cut.VALUE)


def _how_many(thing: Placed, by: Placed) -> int:
    """One where one is asked for; all where nothing but an order is said; of several nobody says how many."""
    if isinstance(by.mark, ByCount):
        return 0
    demand(not isinstance(thing.mark, Mention) or not thing.mark.many)
    return 1


def _counts(marks: Sequence[Placed], by: Placed) -> bool:
    """Whether things are what there is most of: most invoices, most line items."""
    behind = next((p for p in marks if p.at >= by.end and not isinstance(p.mark, LIGHT)), None)
    return behind is not None and isinstance(behind.mark, Noun | RowsOf)


def _is_paid(marks: Sequence[Placed], by: Placed) -> bool:
    """Whether money is what there is most of: who billed us most."""
    return any(isinstance(p.mark, Verb) and (p.mark.billed or p.mark.paid) and p.end <= by.at for p in marks)


def _only_asks(placed: Placed) -> bool:
    return isinstance(placed.mark, Asks) and placed.mark.intent in _WEAK
