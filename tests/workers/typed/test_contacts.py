"""Telephone numbers and e-mail addresses."""

import phonenumbers
import pytest

from core.records import FieldKind, TypedValue
from workers.typed import Hints, hints_of, read_value

REGIONS = ["DE", "AT", "CH", "FR", "BE", "ES", "IT", "NL", "GB", "US", "IE", "PT", "PL", "SE"]
FORMS = phonenumbers.PhoneNumberFormat


@pytest.mark.parametrize("region", REGIONS)
def test_a_number_is_read_as_its_country_writes_it(region: str) -> None:
    number = phonenumbers.example_number(region)
    assert number is not None
    wanted = TypedValue(phonenumbers.format_number(number, FORMS.E164))
    abroad = phonenumbers.format_number(number, FORMS.INTERNATIONAL)
    home = phonenumbers.format_number(number, FORMS.NATIONAL)
    assert read_value(f"Tel.: {abroad}", FieldKind.PHONE) == wanted
    assert read_value(abroad.replace("+", "00"), FieldKind.PHONE) == wanted
    assert read_value(home, FieldKind.PHONE, hints=Hints(countries=(region,))) == wanted
    assert read_value(home, FieldKind.PHONE) == TypedValue(None, "no-country")


def test_the_nought_in_brackets_is_for_calls_at_home() -> None:
    assert read_value("+49 (0)30 1234567", FieldKind.PHONE) == TypedValue("+49301234567")
    assert read_value("+39 06 1234567", FieldKind.PHONE) == TypedValue("+39061234567")


def test_a_document_s_account_number_tells_the_country_of_its_telephone() -> None:
    hints = hints_of([("DE89 3704 0044 0532 0130 00", FieldKind.IBAN)])
    assert read_value("030 1234567", FieldKind.PHONE, hints=hints) == TypedValue("+49301234567")


def test_a_number_that_nobody_has_is_kept_and_flagged() -> None:
    assert read_value("+1 555 555 5555", FieldKind.PHONE) == TypedValue("+15555555555", "unassigned-number")


@pytest.mark.parametrize("text", ["", "12", "call us", "+49 30 123456789012345678", "+999 123456"])
def test_what_is_no_telephone_number_is_none(text: str) -> None:
    assert read_value(text, FieldKind.PHONE, hints=Hints(countries=("DE",))).value is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Info@Example.com.", "info@example.com"),
        ("E-mail: a.b+c@d.co.uk", "a.b+c@d.co.uk"),
        ("mailto:x@y.de", "x@y.de"),
        ("Max Müller <max@müller.de>", "max@müller.de"),
        ("info @ example . com", "info@example.com"),
        ("\u200finfo@example.com\u200e", "info@example.com"),
    ],
)
def test_an_address_is_read_without_what_is_around_it(text: str, address: str) -> None:
    assert read_value(text, FieldKind.EMAIL) == TypedValue(address)


@pytest.mark.parametrize(
    "text", ["", "a@b", "a..b@c.de", "x@y.de, z@y.de", "www.example.com", "@example.com", "a@b@c.de"]
)
def test_what_is_no_address_or_more_than_one_is_none(text: str) -> None:
    assert read_value(text, FieldKind.EMAIL) == TypedValue(None, "not-an-email-address")
