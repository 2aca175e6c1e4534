"""Amounts of money: exact, with the cents of their currency, and the currency where something says it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.records import TypedValue
from workers.typed.amounts import Reading, find_figure, sign_of
from workers.typed.currencies import currency_in, places_of
from workers.typed.hints import Hints

_OWED, _OWNED = {"dr", "db", "soll"}, {"cr", "haben"}  # on statements: a debit is below nought
_MARKS = " \t.,:;=*|#/[]()\"'"


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount as printed: its readings without sign, its sign, its currency and whether it names that alone."""

    readings: tuple[Reading, ...]
    sign: int
    currency: str | None
    named: bool


def read_money(text: str, hints: Hints) -> TypedValue:
    """`{"amount": "1204.00", "currency": "USD"}`; without a sign of its own, in the one currency of the document."""
    amount = find_amount(text, hints)
    if not amount:
        return TypedValue(None, "not-an-amount")
    currency = amount.currency or hints.currency
    values = tuple(_money(amount.sign * reading.number, currency) for reading in amount.readings)
    return TypedValue(values[0]) if len(values) == 1 else TypedValue(None, "ambiguous-amount", values)


def find_amount(text: str, hints: Hints) -> Amount | None:
    """The one amount of a plain text; None where it has none, or says something else behind it: `12 kg`, `19 %`."""
    figure = find_figure(text)
    if not figure or "%" in text:
        return None
    after, side = _side(figure.after)
    sign, before, after = sign_of(figure.before, after)
    in_front, named_first, _ = currency_in(before, hints)
    behind, named_last, sensible = currency_in(after, hints)
    stuck = figure.before[-1:].isalpha() and not in_front  # A12, no currency
    if stuck or not (sensible or in_front) or len({in_front, behind} - {None}) > 1:
        return None
    currency = in_front or behind
    readings = figure.under(hints)
    if not places_of(currency):  # nothing is below a yen
        readings = tuple(r for r in readings if r.number == r.number.to_integral_value()) or readings
    return Amount(readings, side or sign, currency, (named_first and bool(in_front)) or (named_last and bool(behind)))


def _side(after: str) -> tuple[str, int]:
    """The mark of debit or credit taken from behind an amount, and the sign it means; 0 where there is none."""
    *rest, last = after.split() or [""]
    word = last.strip(_MARKS)
    if word.lower() in _OWED or word == "S":
        return " ".join(rest), -1
    if word.lower() in _OWNED or word == "H":
        return " ".join(rest), 1
    return after, 0


def _money(amount: Decimal, currency: str | None) -> dict[str, Any]:
    places = places_of(currency)
    if -amount.as_tuple().exponent < places:  # type: ignore[operator]  # only of NaN and infinity it is a letter
        amount = amount.quantize(Decimal(1).scaleb(-places))
    return {"amount": format(amount or abs(amount), "f"), "currency": currency}  # nought has no sign
