"""Amounts of money with their currencies."""

from decimal import Decimal
from typing import Literal, get_args

import pytest
from babel.numbers import format_currency, get_currency_precision
from hypothesis import given, settings
from hypothesis import strategies as st

from core.records import FieldKind
from workers.typed import NO_HINTS, Hints, as_number, currency_of, hints_of, read_value

patient = settings(deadline=None, max_examples=60)  # the first value of a kind loads what is known of it

LOCALES = ["en_US", "en_GB", "de_DE", "de_AT", "fr_FR", "es_ES", "it_IT", "nl_NL", "de_CH", "sv_SE", "pl_PL", "cs_CZ"]
Form = Literal["standard", "accounting"]
FORMS: tuple[Form, ...] = get_args(Form)
CURRENCIES = ["EUR", "USD", "GBP", "CHF", "CAD", "PLN", "CZK", "HUF", "BRL", "INR"]


def money(text: str, hints: Hints = NO_HINTS) -> tuple[str, str | None] | None:
    typed = read_value(text, FieldKind.MONEY, hints=hints)
    return (typed.value["amount"], typed.value["currency"]) if typed.value else None


@patient
@given(
    cents=st.integers(-(10**12), 10**12),
    currency=st.sampled_from(CURRENCIES),
    locale=st.sampled_from(LOCALES),
    form=st.sampled_from(FORMS),
)
def test_an_amount_is_read_exactly_as_any_country_writes_it(cents: int, currency: str, locale: str, form: Form) -> None:
    amount = (Decimal(cents) / 100).quantize(Decimal(1).scaleb(-get_currency_precision(currency)))
    text = format_currency(amount, currency, locale=locale, format_type=form)
    typed = read_value(text, FieldKind.MONEY)
    assert as_number(typed) == amount, text
    assert currency_of(typed) == currency, text


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("1.204,00 €", "1204.00", "EUR"),
        ("$1,204.00", "1204.00", "USD"),
        ("1 204,00 EUR", "1204.00", "EUR"),
        ("1\u202f204,00\u00a0€", "1204.00", "EUR"),
        ("(12.50)", "-12.50", None),
        ("($12.50)", "-12.50", "USD"),
        ("12.50-", "-12.50", None),
        ("-£5", "-5.00", "GBP"),
        ("$-5.00", "-5.00", "USD"),
        ("CHF 1'204.—", "1204.00", "CHF"),
        ("1’204.50 Fr.", "1204.50", "CHF"),
        ("€ 12,-", "12.00", "EUR"),
        ("12,50 EUR S", "-12.50", "EUR"),
        ("12,50 EUR H", "12.50", "EUR"),
        ("1,204.00 DR", "-1204.00", None),
        ("US$ 12", "12.00", "USD"),
        ("12 Schweizer Franken", "12.00", "CHF"),
        ("1.204,50 euros", "1204.50", "EUR"),
        ("Total TTC : 1 204,00 € TTC", "1204.00", "EUR"),
        ("1.204,00 inkl. MwSt.", "1204.00", None),
        ("* 12,50 A", "12.50", None),
        ("5,00 zł", "5.00", "PLN"),
        ("kr -2.542,53", "-2542.53", None),
        ("-0,00 €", "0.00", "EUR"),
        ("-,50 €", "0.50", "EUR"),
        ("¥1,234", "1234", "JPY"),  # nothing is below a yen
        ("0.0045 EUR", "0.0045", "EUR"),
    ],
)
def test_amounts_are_understood_as_they_are_printed(text: str, amount: str, currency: str | None) -> None:
    assert money(text) == (amount, currency)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "free",
        "NaN €",
        "5 x 12.50",
        "VAT 19% 12,50",
        "19 %",
        "12 kg",
        "A12",
        "$12 EUR",
        "€",
        "12,5 Mio. €",
        "$1.5k",
        "3 TEUR",
        "-.50",
    ],
)
def test_what_is_no_amount_is_none(text: str) -> None:
    typed = read_value(text, FieldKind.MONEY)
    assert (typed.value, typed.problem) == (None, "not-an-amount")


def test_an_amount_that_may_be_two_is_told_as_both() -> None:
    typed = read_value("€ 1.234", FieldKind.MONEY)
    assert typed.value is None
    assert typed.problem == "ambiguous-amount"
    assert [reading["amount"] for reading in typed.readings] == ["1234.00", "1.234"]
    assert money("€ 1.234", hints_of([("€ 12,50", FieldKind.MONEY)])) == ("1234.00", "EUR")


def test_an_amount_without_a_sign_is_in_the_one_currency_of_its_document() -> None:
    euros = [("12,50 €", FieldKind.MONEY), ("3,00", FieldKind.MONEY)]
    assert money("3,00", hints_of(euros)) == ("3.00", "EUR")
    assert money("3,00", hints_of([*euros, ("CHF 4.00", FieldKind.MONEY)])) == ("3.00", None)


def test_a_sign_that_several_currencies_share_is_the_one_that_the_document_names() -> None:
    assert money("$5.00", hints_of([("CAD 12.00", FieldKind.MONEY), ("$5.00", FieldKind.MONEY)])) == ("5.00", "CAD")
    assert money("5,00 kr", hints_of([("12,00 SEK", FieldKind.MONEY)])) == ("5.00", "SEK")
    assert money("5,00 kr", Hints(countries=("DK",))) == ("5.00", "DKK")
    assert money("$5.00", hints_of([("12,00 €", FieldKind.MONEY)])) == ("5.00", "USD")
