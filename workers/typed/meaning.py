"""What typed values say to those who count, sort and compare them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from string import ascii_uppercase
from typing import Any

from core.records import FieldKind, TypedValue
from workers.typed.contacts import same_phone
from workers.typed.folding import folded, plain
from workers.typed.hints import NO_HINTS, Hints
from workers.typed.reading import read_value


def as_number(typed: TypedValue) -> Decimal | None:
    """The number of a number, or the amount of money, exact; None of anything else."""
    match typed.value:
        case bool():
            return None
        case int() | float() as number:
            return Decimal(str(number))
        case {"amount": str(amount)}:
            return Decimal(amount)
        case _:
            return None


def as_date(typed: TypedValue) -> str | None:
    """The date as `2025-04-03`; None of anything else."""
    if not isinstance(typed.value, str) or len(typed.value) != len("2025-04-03"):
        return None
    try:
        return dt.date.fromisoformat(typed.value).isoformat()
    except ValueError:
        return None


def currency_of(typed: TypedValue) -> str | None:
    """The ISO 4217 code of money; None where nothing says it, and of anything else."""
    currency = typed.value.get("currency") if isinstance(typed.value, Mapping) else None
    return currency if isinstance(currency, str) else None


def same(a: str, b: str, kind: FieldKind, *, choices: Sequence[str] = (), hints: Hints = NO_HINTS) -> bool:
    """Whether two raw texts mean the same under a kind.

    Where nothing decides what a text means, it means what the other one does if it may: `03/04/2025` and `3 April 2025`
    are the same, `03/04/2025` and `04/03/2025` are not. An amount without currency is in the other one's.
    """
    if folded(a) == folded(b):
        return True
    left, right = (read_value(text, kind, choices=choices, hints=hints) for text in (a, b))
    match kind:
        case FieldKind.PHONE:
            return (left.value is not None and left.value == right.value) or same_phone(plain(a), plain(b))
        case FieldKind.VAT:
            return _same_vat(left.value, right.value)
        case FieldKind.TEXT:
            return False
        case _:
            return _meet(_meanings(left), _meanings(right))


def _meanings(typed: TypedValue) -> tuple[Any, ...]:
    return typed.readings if typed.value is None else (typed.value,)


def _meet(left: tuple[Any, ...], right: tuple[Any, ...]) -> bool:
    """Whether two texts may mean one thing; of two that are in doubt, whether they are so in the same way."""
    if len(left) > 1 and len(right) > 1:
        return all(_equal(one, other) for one, other in zip(left, right, strict=False))
    return any(_equal(one, other) for one in left for other in right)


def _equal(one: Any, other: Any) -> bool:
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return bool(one == other)
    clash = one["currency"] and other["currency"] and one["currency"] != other["currency"]
    return not clash and Decimal(one["amount"]) == Decimal(other["amount"])


def _same_vat(one: str | None, other: str | None) -> bool:
    """With its country in front or without."""
    if not one or not other:
        return False
    short, long = sorted((one, other), key=len)
    return short == long or (short[0].isdecimal() and long[0].isalpha() and long.lstrip(ascii_uppercase) == short)
