"""What typed values say to those who count, sort and compare them."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from core.records import FieldKind, TypedValue
from workers.typed.folding import folded


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


def same(a: str, b: str, kind: FieldKind) -> bool:  # noqa: ARG001 - kinds come next
    """Whether two raw texts mean the same under a kind."""
    return folded(a) == folded(b)
