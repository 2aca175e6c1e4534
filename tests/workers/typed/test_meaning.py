"""Whether two texts mean the same, and what typed values say to those who count."""

from decimal import Decimal

import pytest

from core.records import FieldKind, TypedValue
from workers.typed import as_date, as_number, currency_of, folded, read_value, same

K = FieldKind


@pytest.mark.parametrize(
    ("a", "b", "kind"),
    [
        ("03/04/2025", "3 April 2025", K.DATE),
        ("03/04/2025", "03-04-2025", K.DATE),
        ("$1,204.00", "1204 USD", K.MONEY),
        ("€ 5", "5,00", K.MONEY),
        ("1.234", "1,234.00", K.MONEY),
        ("12,0", "12", K.NUMBER),
        ("1.234", "1 234", K.INTEGER),
        ("030 1234567", "+49 30 1234567", K.PHONE),
        ("00743110157", "IT 00743110157", K.VAT),
        ("DE89 3704 0044 0532 0130 00", "de89370400440532013000", K.IBAN),
        ("Deutschland", "Germany", K.COUNTRY),
        ("☒", "ja", K.BOOLEAN),
        ("Foo  Bar", "foo bar", K.TEXT),
        ("not a date", "NOT A DATE", K.DATE),
    ],
)
def test_texts_that_mean_the_same(a: str, b: str, kind: FieldKind) -> None:
    assert same(a, b, kind)
    assert same(b, a, kind)


@pytest.mark.parametrize(
    ("a", "b", "kind"),
    [
        ("03/04/2025", "04/03/2025", K.DATE),
        ("03/04/2025", "5 April 2025", K.DATE),
        ("€ 5", "$ 5", K.MONEY),
        ("12.50", "-12.50", K.MONEY),
        ("12.50", "(12.50)", K.NUMBER),
        ("DE89 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 01", K.IBAN),
        ("ja", "nein", K.BOOLEAN),
        ("soon", "later", K.DATE),
        ("", "12", K.NUMBER),
        ("Müller", "Muller", K.TEXT),
        ("ATU13585627", "DE136695976", K.VAT),
        ("+49 30 1234567", "+49 30 1234568", K.PHONE),
        ("", "call", K.PHONE),
    ],
)
def test_texts_that_mean_something_else(a: str, b: str, kind: FieldKind) -> None:
    assert not same(a, b, kind)
    assert not same(b, a, kind)


def test_choices_are_the_same_by_what_they_choose() -> None:
    assert same("net 30", "NET-30", K.CHOICE, choices=("net_30", "net_60"))
    assert not same("net 30", "net 60", K.CHOICE, choices=("net_30", "net_60"))


def test_numbers_dates_and_currencies_come_out_of_typed_values() -> None:
    price = read_value("$1,204.10", K.MONEY)
    assert (as_number(price), currency_of(price), as_date(price)) == (Decimal("1204.10"), "USD", None)
    day = read_value("3 April 2025", K.DATE)
    assert (as_number(day), currency_of(day), as_date(day)) == (None, None, "2025-04-03")
    assert as_number(read_value("0,1", K.NUMBER)) == Decimal("0.1")
    for none in (TypedValue(None), TypedValue(True), TypedValue("2025-13-01"), TypedValue("1234567890")):  # noqa: FBT003 - a value
        assert (as_number(none), currency_of(none), as_date(none)) == (None, None, None)


def test_folded_texts_differ_in_what_makes_a_difference_alone() -> None:
    assert folded(" STRASSE\u00a0“x”\u200e ") == folded('Straße "X"')
    assert folded("ﬁne – ok") == folded("fine - OK")
    assert folded("Müller") != folded("Muller")
