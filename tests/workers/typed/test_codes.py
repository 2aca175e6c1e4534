"""Account and VAT numbers, by their check digits."""

import string

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.records import FieldKind, TypedValue
from workers.typed import Hints, hints_of, read_value

patient = settings(deadline=None, max_examples=60)  # the first value of a kind loads what is known of it

# As their offices print them in examples.
VAT_NUMBERS = {
    "DE": "DE136695976",
    "AT": "ATU13585627",
    "BE": "BE0403170701",
    "FR": "FR40303265045",
    "ES": "ESB58378431",
    "IT": "IT00743110157",
    "NL": "NL123456782B90",
    "PL": "PL8567346215",
    "PT": "PT501964843",
    "GR": "EL094259216",
    "GB": "GB980780684",
    "CH": "CHE107787577",
}


def iban_of(country: str, account: str) -> str:
    left = int("".join(str(int(c, 36)) for c in f"{account}{country}00")) % 97
    return f"{country}{98 - left:02}{account}"


@patient
@given(account=st.text(string.digits, min_size=18, max_size=18), spaced=st.booleans(), label=st.booleans())
def test_an_account_number_is_read_in_groups_and_behind_its_label(account: str, spaced: bool, label: bool) -> None:  # noqa: FBT001 - hypothesis calls it
    iban = iban_of("DE", account)
    printed = " ".join(iban[i : i + 4] for i in range(0, len(iban), 4)) if spaced else iban
    text = f"IBAN: {printed} BIC: COBADEFFXXX" if label else printed.lower()
    assert read_value(text, FieldKind.IBAN) == TypedValue(iban)


@patient
@given(
    account=st.text(string.digits, min_size=18, max_size=18),
    at=st.integers(4, 21),
    digit=st.sampled_from(string.digits),
)
def test_one_wrong_digit_of_an_account_number_is_seen(account: str, at: int, digit: str) -> None:
    iban = iban_of("DE", account)
    assume(iban[at] != digit)
    wrong = iban[:at] + digit + iban[at + 1 :]
    assert read_value(wrong, FieldKind.IBAN) == TypedValue(wrong, "bad-checksum")


@pytest.mark.parametrize(
    "text", ["", "hello", "DE89", "12345678901234567890", "DE89 and more words than an account has"]
)
def test_what_is_no_account_number_is_none(text: str) -> None:
    assert read_value(text, FieldKind.IBAN) == TypedValue(None, "not-an-iban")


def test_an_account_number_of_the_wrong_length_is_not_right() -> None:
    short = iban_of("DE", "1" * 17)
    assert read_value(short, FieldKind.IBAN) == TypedValue(short, "bad-checksum")


@pytest.mark.parametrize("number", VAT_NUMBERS.values())
def test_a_vat_number_is_checked_by_the_rules_of_its_country(number: str) -> None:
    assert read_value(number, FieldKind.VAT) == TypedValue(number)
    assert read_value(f"VAT No.: {number[:2]} {number[2:5]}.{number[5:]}", FieldKind.VAT) == TypedValue(number)
    changed = number[:5] + str((int(number[5]) + 1) % 10) + number[6:]
    assert read_value(changed, FieldKind.VAT).value == changed
    assert read_value(changed, FieldKind.VAT).problem in {"bad-checksum", "bad-form"}


@pytest.mark.parametrize("country", ["ES", "IT", "PL", "PT", "GR"])
def test_a_vat_number_without_its_country_is_of_the_document_s(country: str) -> None:
    number = VAT_NUMBERS[country]
    assert read_value(number[2:], FieldKind.VAT, hints=Hints(countries=("DE", country))) == TypedValue(number)
    assert read_value(number[2:], FieldKind.VAT) == TypedValue(number[2:], "no-country")


def test_the_language_of_a_document_may_tell_whose_vat_number_it_is() -> None:
    hints = hints_of([("12 gennaio 2024", FieldKind.DATE)])
    assert read_value("P.IVA 00743110157", FieldKind.VAT, hints=hints) == TypedValue("IT00743110157")


def test_the_words_behind_swiss_numbers_are_no_part_of_them() -> None:
    assert read_value("CHE-107.787.577 MWST", FieldKind.VAT) == TypedValue("CHE107787577")


def test_a_number_that_no_country_gives_its_taxpayers_is_told_apart_from_a_misread_one() -> None:
    assert read_value("DE12345", FieldKind.VAT) == TypedValue("DE12345", "bad-form")
    assert read_value("none", FieldKind.VAT) == TypedValue(None, "not-a-vat-number")
