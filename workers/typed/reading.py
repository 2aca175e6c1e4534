"""From a raw text to its typed value, kind by kind."""

from collections.abc import Sequence
from typing import assert_never

from core.records import FieldKind, TypedValue
from workers.typed.amounts import read_integer, read_number
from workers.typed.choices import read_boolean, read_choice
from workers.typed.codes import read_iban, read_vat
from workers.typed.contacts import read_email, read_phone
from workers.typed.countries import read_country
from workers.typed.dates import read_date
from workers.typed.folding import LONGEST, plain, shown
from workers.typed.hints import NO_HINTS, Hints
from workers.typed.money import read_money


def read_value(raw: str, kind: FieldKind, *, choices: Sequence[str] = (), hints: Hints = NO_HINTS) -> TypedValue:
    """What `raw` means as a `kind`: its value, or the problem, or the readings among which nothing decides.

    Any text may come, of any length; none raises. What `core.records.TypedValue` says of values holds. Without a value:
    `not-a-date`, `not-an-amount` and the like, `incomplete-date`, `ambiguous-date`, `ambiguous-amount`,
    `ambiguous-number`, `no-country` (of a telephone number), `too-long`. Beside a value: `bad-checksum`, `bad-form` and
    `no-country` (of VAT numbers), `unassigned-number` (of telephones).
    """
    if kind is FieldKind.TEXT:
        return TypedValue(shown(raw))
    if len(raw) > LONGEST and len(raw.strip()) > LONGEST:
        return TypedValue(None, "too-long")
    text = plain(raw)
    return read_choice(text, choices) if kind is FieldKind.CHOICE else _read(text, kind, hints)


def _read(text: str, kind: FieldKind, hints: Hints) -> TypedValue:  # noqa: C901, PLR0911 - one for each kind
    match kind:
        case FieldKind.NUMBER:
            return read_number(text, hints)
        case FieldKind.INTEGER:
            return read_integer(text)
        case FieldKind.BOOLEAN:
            return read_boolean(text)
        case FieldKind.DATE:
            return read_date(text, hints)
        case FieldKind.MONEY:
            return read_money(text, hints)
        case FieldKind.IBAN:
            return read_iban(text)
        case FieldKind.VAT:
            return read_vat(text, hints)
        case FieldKind.EMAIL:
            return read_email(text)
        case FieldKind.PHONE:
            return read_phone(text, hints)
        case FieldKind.COUNTRY:
            return read_country(text)
        case FieldKind.TEXT | FieldKind.CHOICE:
            return TypedValue(text)
        case _:
            assert_never(kind)
