"""Which columns of a table are the wanted ones: by name, by what titles mean, and by what stands in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.records import FieldKind
from workers.vlm.bundled.tables.body import Body, merged
from workers.vlm.bundled.tables.columns import Span
from workers.vlm.bundled.tables.header import Target
from workers.vlm.bundled.tables.sheet import text_in
from workers.vlm.figures import FIGURES, Look
from workers.vlm.interface import AGAINST
from workers.vlm.titles import Means, meanings

_FIGURES = frozenset({*FIGURES, Look.NOTHING})
_WORDS = frozenset({Look.TEXT, Look.CODE, Look.NOTHING, Look.INTEGER, Look.NUMBER})
_LOOKS = {  # what may stand under a title of a meaning
    Means.POSITION: frozenset({Look.INTEGER, Look.NUMBER, Look.CODE, Look.NOTHING}),
    Means.CODE: frozenset({Look.CODE, Look.TEXT, Look.INTEGER, Look.NUMBER, Look.DATE, Look.NOTHING}),
    Means.DESCRIPTION: frozenset({Look.TEXT, Look.CODE, Look.NOTHING}),
    Means.QUANTITY: _FIGURES,
    Means.UNIT: frozenset({Look.TEXT, Look.CODE, Look.NOTHING}),
    Means.UNIT_PRICE: frozenset({Look.MONEY, Look.NUMBER, Look.INTEGER, Look.NOTHING}),
    Means.DISCOUNT: _FIGURES,
    Means.TAX_RATE: frozenset({*FIGURES, Look.CODE, Look.TEXT, Look.NOTHING}),
    Means.TAX: _FIGURES,
    Means.AMOUNT: _FIGURES,
    Means.DATE: frozenset({Look.DATE, Look.TEXT, Look.NUMBER}),
    Means.VALUE_DATE: frozenset({Look.DATE}),
    Means.DEBIT: _FIGURES,
    Means.CREDIT: _FIGURES,
    Means.BALANCE: _FIGURES,
    Means.CURRENCY: frozenset({Look.CURRENCY, Look.TEXT, Look.CODE}),
}
_OF_KIND = {  # what may stand in a column of a kind
    FieldKind.MONEY: FIGURES,
    FieldKind.NUMBER: FIGURES,
    FieldKind.INTEGER: frozenset({Look.INTEGER, Look.NUMBER}),
    FieldKind.DATE: frozenset({Look.DATE}),
}
_MONEY = frozenset({Means.AMOUNT, Means.UNIT_PRICE, Means.DEBIT, Means.CREDIT, Means.BALANCE, Means.TAX})
_BY_KIND = (Means.DATE, Means.BALANCE, Means.AMOUNT, Means.UNIT_PRICE, Means.QUANTITY, Means.DESCRIPTION)
_FITTING = {
    Means.DATE: frozenset({Look.DATE}),
    Means.BALANCE: frozenset({Look.MONEY}),
    Means.AMOUNT: frozenset({Look.MONEY}),
    Means.UNIT_PRICE: frozenset({Look.MONEY}),
    Means.QUANTITY: frozenset({Look.INTEGER}),
    Means.DESCRIPTION: frozenset({Look.TEXT, Look.CODE}),
}
_MINUS = "-−–("  # noqa: RUF001 - signs as they are printed


@dataclass(frozen=True, slots=True)
class Chosen:
    """A wanted column and its places in the table: two where debits and credits make one amount."""

    target: Target
    places: tuple[int, ...]
    look: Look
    debit: int | None = None  # the place whose amounts count against

    def signed(self, index: int, text: str) -> str:
        """An amount with the sign that its column gives it."""
        if index != self.debit or text[:1] in _MINUS or text[-1:] in "-)":
            return text
        return f"{AGAINST}{text}"


def choose(body: Body, spans: Sequence[Span], targets: Sequence[Target]) -> list[Chosen]:
    """The wanted columns that the table has; none is taken twice."""
    means = [_means_of(body, index, span) for index, span in enumerate(spans)]
    taken = _by_titles(body, spans, means, targets)
    sides: dict[int, int] = {}
    for number, target in enumerate(targets):
        if number not in taken and Means.AMOUNT in target.means:
            sides |= _two_sides(number, means, taken)
    for wanted in _BY_KIND:
        for number, target in enumerate(targets):
            if number not in taken and target.means[:1] == (wanted,):
                _by_kind(number, wanted, body, means, taken)
    found = ((targets[n], places, sides.get(n)) for n, places in sorted(taken.items()))
    return [Chosen(target, places, body.looks[places[0]], debit) for target, places, debit in found]


def _by_titles(
    body: Body, spans: Sequence[Span], means: Sequence[Sequence[Means]], targets: Sequence[Target]
) -> dict[int, tuple[int, ...]]:
    """Each wanted column's place: under its own name, whatever stands there, else under a title that means it."""
    taken: dict[int, tuple[int, ...]] = {}
    for number, target in enumerate(targets):
        free = [i for i in _free(spans, taken) if target.is_named(spans[i].title) and _suits(target, body.looks[i])]
        if free:
            taken[number] = (free[0],)
    for number, target in enumerate(targets):
        for wanted in target.means if number not in taken else ():
            free = [i for i in _free(spans, taken) if wanted in means[i]]
            if free:
                taken[number] = (min(free, key=lambda i: means[i].index(wanted)),)
                break
    return taken


def _free(spans: Sequence[Span], taken: dict[int, tuple[int, ...]]) -> list[int]:
    used = {place for places in taken.values() for place in places}
    return [index for index in range(len(spans)) if index not in used]


def _means_of(body: Body, index: int, span: Span) -> tuple[Means, ...]:
    """What a column may mean by its title, of which its cells allow."""
    look = body.looks[index]
    found = tuple(means for means in meanings(span.title) if look in _LOOKS[means])
    if Means.POSITION in found and not _counts(body, index):
        return tuple(means for means in found if means is not Means.POSITION)
    return (Means.POSITION,) if Means.POSITION in found else found


def _counts(body: Body, index: int) -> bool:
    """Whether cells count 1, 2, 3."""
    said = ["".join(c for c in text_in(merged(row, index)) if c.isdigit()) for row in body.rows]
    numbers = [int(text) for text in said if text]
    return len(numbers) > 1 and numbers[:2] in ([1, 2], [10, 20]) and numbers == sorted(numbers)


def _suits(target: Target, look: Look) -> bool:
    allowed = _OF_KIND.get(target.column.kind)
    return allowed is None or look in allowed or look in {Look.NOTHING, Look.TEXT}


def _two_sides(number: int, means: Sequence[Sequence[Means]], taken: dict[int, tuple[int, ...]]) -> dict[int, int]:
    """Let debits and credits make an amount, where nobody wants them by themselves; tell the debits' place."""
    used = {place for places in taken.values() for place in places}
    debits = [i for i, some in enumerate(means) if Means.DEBIT in some and i not in used]
    credits_ = [i for i, some in enumerate(means) if Means.CREDIT in some and i not in used and i not in debits[:1]]
    if not debits and not credits_:
        return {}
    taken[number] = (*debits[:1], *credits_[:1])
    return {number: debits[0]} if debits else {}


def _by_kind(
    number: int,
    wanted: Means,
    body: Body,
    means: Sequence[Sequence[Means]],
    taken: dict[int, tuple[int, ...]],
) -> None:
    """Take a column without a known title that holds what is wanted: the last one of money, the first of others."""
    used = {place for places in taken.values() for place in places}
    free = [i for i, some in enumerate(means) if not some and i not in used]
    fit = [i for i in free if body.looks[i] in _FITTING[wanted]]
    if wanted is Means.QUANTITY:
        fit = [i for i in fit if 2 * sum(bool(merged(row, i)) for row in body.rows) > len(body.rows)]
    if wanted is Means.BALANCE and len(fit) < 2:  # noqa: PLR2004 - the amount comes first
        return
    if wanted is Means.AMOUNT and len(fit) > 1 and (sides := _sides(body, fit)):
        taken[number] = sides
    elif wanted is Means.DESCRIPTION and fit:
        taken[number] = (max(fit, key=lambda i: _letters(body, i)),)
    elif fit:
        last = wanted in _MONEY
        taken[number] = (fit[-1 if last else 0],)


def _sides(body: Body, places: Sequence[int]) -> tuple[int, int] | None:
    """Two columns of money side by side, of which each row fills one."""
    for one, other in pairwise(places):
        filled = [(bool(merged(row, one)), bool(merged(row, other))) for row in body.rows]
        if not any(a and b for a, b in filled) and any(a for a, _ in filled) and any(b for _, b in filled):
            return one, other
    return None


def _letters(body: Body, index: int) -> int:
    return sum(len(text_in(merged(row, index))) for row in body.rows)
