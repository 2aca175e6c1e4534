"""What a document's values tell of each other."""

from core.records import FieldKind
from workers.typed import NO_HINTS, hints_of, read_value

DATE, MONEY = FieldKind.DATE, FieldKind.MONEY


def test_nothing_tells_nothing() -> None:
    assert hints_of([]) == NO_HINTS
    assert hints_of([("", kind) for kind in FieldKind] + [("x" * 1000, DATE)]) == NO_HINTS


def test_one_date_beyond_doubt_settles_the_others() -> None:
    assert hints_of([("25/12/2024", DATE), ("03/04/2025", DATE)]).day_first is True
    assert hints_of([("12/25/2024", DATE), ("03/04/2025", DATE)]).day_first is False
    assert hints_of([("03/04/2025", DATE), ("5 March 2025", DATE), ("05/05/2025", DATE)]).day_first is None


def test_dates_that_contradict_each_other_settle_nothing() -> None:
    hints = hints_of([("25/12/2024", DATE), ("12/25/2024", DATE)])
    assert hints.day_first is None
    assert read_value("03/04/2025", DATE, hints=hints).problem == "ambiguous-date"


def test_months_in_another_language_than_english_settle_the_order() -> None:
    hints = hints_of([("12 août 2024", DATE), ("3 mai 2024", DATE)])
    assert (hints.day_first, hints.language) == (True, "fr")


def test_one_misread_row_of_a_long_table_unsettles_nothing() -> None:
    rows = [(f"{amount}.50", MONEY) for amount in range(10, 40)]
    assert hints_of([*rows, ("1.204,00", MONEY)]).decimal == "."
    assert hints_of([*rows[:5], ("1.204,00", MONEY)]).decimal is None


def test_numbers_with_check_digits_tell_the_country() -> None:
    account, foreign = ("DE89370400440532013000", FieldKind.IBAN), ("ATU13585627", FieldKind.VAT)
    assert hints_of([account, ("DE89370400440532013001", FieldKind.IBAN)]).country == "DE"
    assert hints_of([account, foreign]).countries == ("AT", "DE")
    assert hints_of([account, foreign]).country is None


def test_the_latest_full_year_is_known() -> None:
    assert hints_of([("13.05.1975", DATE), ("1 May 2019", DATE), ("13.05.21", DATE)]).year == 2019
