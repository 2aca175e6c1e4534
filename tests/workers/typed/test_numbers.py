"""Numbers with the marks of all countries, their units, and those that may be two."""

from decimal import Decimal

import pytest
from babel.numbers import format_decimal
from hypothesis import given, settings
from hypothesis import strategies as st

from core.records import FieldKind
from workers.typed import Hints, as_number, read_value

patient = settings(deadline=None, max_examples=60)  # the first value of a kind loads what is known of it

LOCALES = ["en_US", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "de_CH", "sv_SE", "hi_IN"]
hundredths = st.integers(-(10**14), 10**14).map(lambda cents: Decimal(cents) / 100)


@patient
@given(number=hundredths, locale=st.sampled_from(LOCALES))
def test_a_number_with_decimals_is_read_in_the_marks_of_every_country(number: Decimal, locale: str) -> None:
    text = format_decimal(number, "#,##,##0.00" if locale == "hi_IN" else "#,##0.00", locale)
    assert as_number(read_value(text, FieldKind.NUMBER)) == number


@pytest.mark.parametrize("text", ["1.234", "1,234", "-12,345"])
def test_a_mark_that_may_be_either_is_never_guessed(text: str) -> None:
    typed = read_value(text, FieldKind.NUMBER)
    assert typed.value is None
    assert typed.problem == "ambiguous-number"
    thousands, decimals = typed.readings
    assert thousands == 1000 * decimals


def test_the_document_s_decimal_mark_decides() -> None:
    assert read_value("1.234", FieldKind.NUMBER, hints=Hints(decimal=",")).value == 1234
    assert read_value("1.234", FieldKind.NUMBER, hints=Hints(decimal=".")).value == 1.234
    assert (
        read_value("12,50", FieldKind.NUMBER, hints=Hints(decimal=".")).value == 12.5
    )  # its own form outdoes the rest


def test_a_whole_number_leaves_no_doubt() -> None:
    assert read_value("1.234", FieldKind.INTEGER).value == 1234
    assert read_value("1,234", FieldKind.INTEGER, hints=Hints(decimal=",")).value == 1234
    assert read_value("12.00", FieldKind.INTEGER).value == 12
    assert read_value("12.5", FieldKind.INTEGER).problem == "not-an-integer"
    assert read_value("twelve", FieldKind.INTEGER).problem == "not-a-number"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12,5 kg", 12.5),
        ("19 %", 19),
        ("Qty: 3", 3),
        ("5 m²", 5),
        (".50", 0.5),
        ("0.125", 0.125),
        ("1234,567", 1234.567),
        ("1 204.500", 1204.5),
        ("1.234.567", 1234567),
        ("1,00,000", 100000),
        ("(12.50)", -12.5),
        ("12.50-", -12.5),
        ("− 5", -5),  # noqa: RUF001 - a minus
        ("१२", 12),
        ("１２．５", 12.5),  # noqa: RUF001 - figures as wide as Chinese characters
    ],
)
def test_signs_units_and_figures_of_other_scripts_are_understood(text: str, number: float) -> None:
    assert read_value(text, FieldKind.NUMBER).value == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "NaN",
        "inf",
        "1e5",
        "A12",
        "12-B",
        "1 2 3",
        "12²",
        "12½",
        "½",
        "12.03.2020",
        "1,234.567,8",
        "1234 567",
        "10:30",
    ],
)
def test_what_is_no_number_is_none(text: str) -> None:
    typed = read_value(text, FieldKind.NUMBER)
    assert (typed.value, typed.problem) == (None, "not-a-number")


@patient
@given(number=st.integers(-(10**24) + 1, 10**24 - 1))
def test_whole_numbers_stay_exact(number: int) -> None:
    assert read_value(str(number), FieldKind.INTEGER).value == number
