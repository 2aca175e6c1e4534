"""Dates of six languages, and those that may be two days."""

import datetime as dt

import pytest
from babel.dates import format_date
from hypothesis import given, settings
from hypothesis import strategies as st

from core.records import FieldKind
from workers.typed import NO_HINTS, Hints, hints_of, read_value
from workers.typed.months import LANGUAGES

patient = settings(deadline=None, max_examples=60)  # the first value of a kind loads what is known of it

THIS_YEAR = dt.datetime.now(dt.UTC).year
days = st.dates(dt.date(1000, 1, 1), dt.date(2999, 12, 31))


def date(text: str, hints: Hints = NO_HINTS) -> tuple[str | None, str | None]:
    typed = read_value(text, FieldKind.DATE, hints=hints)
    return typed.value, typed.problem


@patient
@given(day=days, language=st.sampled_from(LANGUAGES), form=st.sampled_from(["long", "full", "d MMM y", "dd-MMM-y"]))
def test_a_date_with_the_name_of_its_month_is_read_in_every_language(day: dt.date, language: str, form: str) -> None:
    assert date(format_date(day, form, language)) == (day.isoformat(), None)


@patient
@given(day=days, form=st.sampled_from(["y-MM-dd", "y/MM/dd", "dd.MM.y", "d. M. y", "y年M月d日"]))
def test_a_date_in_a_form_with_one_order_is_read(day: dt.date, form: str) -> None:
    assert date(format_date(day, form, "en")) == (day.isoformat(), None)


@patient
@given(day=days, mark=st.sampled_from(["/", "-", " "]))
def test_figures_that_may_be_two_days_are_told_as_both_and_never_guessed(day: dt.date, mark: str) -> None:
    typed = read_value(day.strftime(f"%d{mark}%m{mark}") + f"{day.year:04}", FieldKind.DATE)
    if day.day > 12 or day.day == day.month:
        assert typed.value == day.isoformat()
    else:
        other = day.replace(month=day.day, day=day.month)
        assert typed.value is None
        assert typed.problem == "ambiguous-date"
        assert typed.readings == (day.isoformat(), other.isoformat())  # the one with the day first


@patient
@given(day=days, day_first=st.booleans())
def test_the_document_s_order_decides_what_is_in_doubt(day: dt.date, day_first: bool) -> None:  # noqa: FBT001 - hypothesis calls it
    text = f"{day.day:02}/{day.month:02}/{day.year}" if day_first else f"{day.month:02}/{day.day:02}/{day.year}"
    assert date(text, Hints(day_first=day_first)) == (day.isoformat(), None)


def test_figures_above_twelve_outdo_the_document_s_order() -> None:
    assert date("06/22/2012", Hints(day_first=True)) == ("2012-06-22", None)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Monday, March 10th, 2015", "2015-03-10"),
        ("19th of January 2022", "2022-01-19"),
        ("2024 March 10", "2024-03-10"),
        ("Sept 3, 2019", "2019-09-03"),
        ("12mar2024", "2024-03-12"),
        ("03-APR-1970", "1970-04-03"),
        ("Montag, den 3. Mai 2021", "2021-05-03"),
        ("12. Jänner 2020", "2020-01-12"),
        ("Paris, le 12 mars 2024", "2024-03-12"),
        ("1er févr. 2024", "2024-02-01"),
        ("mar. 12 avril 2024", "2024-04-12"),
        ("1º de enero de 2024", "2024-01-01"),
        ("3 gennaio '24", "2024-01-03"),
        ("12 mrt. 2024", "2024-03-12"),
        ("20240312", "2024-03-12"),
        ("12.03.2020, 14:30 Uhr", "2020-03-12"),
        ("2020-03-04T10:11:12.5Z", "2020-03-04"),
        ("Date: 13/02/2021", "2021-02-13"),
        ("98-12-31", "1998-12-31"),
        ("2024-1-5", "2024-01-05"),
        ("29.02.2024", "2024-02-29"),
    ],
)
def test_what_people_write_around_and_between_is_no_hindrance(text: str, day: str) -> None:
    assert date(text) == (day, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "31.02.2024",
        "29/02/2023",
        "00/00/0000",
        "2024-13-01",
        "version 1.2.3",
        "01.01.2024 - 31.01.2024",
        "12 May to 14 June 2020",
        "Invoice 4711",
        "192.168.10.20",
        "12/034/2024",
        "soon",
    ],
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert date(text) == (None, "not-a-date")


@pytest.mark.parametrize("text", ["March 2024", "03/2024", "12.03.", "5 mai"])
def test_a_date_that_lacks_its_day_or_year_is_incomplete(text: str) -> None:
    assert date(text) == (None, "incomplete-date")


def test_a_year_of_two_figures_is_the_nearest_and_both_where_it_may_be_either() -> None:
    assert date(f"13.05.{THIS_YEAR % 100:02}") == (f"{THIS_YEAR}-05-13", None)
    assert date(f"13.05.{(THIS_YEAR + 1) % 100:02}") == (f"{THIS_YEAR + 1}-05-13", None)
    assert date(f"13.05.{(THIS_YEAR - 30) % 100:02}") == (f"{THIS_YEAR - 30}-05-13", None)
    birthday_or_end = read_value(f"13.05.{(THIS_YEAR + 20) % 100:02}", FieldKind.DATE)
    assert birthday_or_end.problem == "ambiguous-date"
    assert birthday_or_end.readings == (f"{THIS_YEAR + 20}-05-13", f"{THIS_YEAR - 80}-05-13")


def test_an_old_document_leaves_no_doubt_of_a_year_far_behind_it() -> None:
    old = hints_of([("13 May 1988", FieldKind.DATE)])
    assert date(f"13.05.{(THIS_YEAR + 20) % 100:02}", old) == (f"{THIS_YEAR - 80}-05-13", None)
