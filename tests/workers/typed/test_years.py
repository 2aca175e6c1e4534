"""Dates of rows without a year take that of the document's own dates, or stay open."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.typed import read_yearless, within_of

JANUARY = ("2024-12-15", "2025-01-14")  # a statement's period

patient = settings(deadline=None, max_examples=60)


def date(
    text: str, days: tuple[str, ...] = JANUARY, rows: tuple[str, ...] = (), *, day_first: bool | None = None
) -> tuple[str | None, str | None]:
    within = within_of(days, (text, *rows), day_first=day_first)
    assert within is not None
    typed = read_yearless(text, within)
    return typed.value, typed.problem


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("20 Dec", "2024-12-20"),
        ("3. Januar", "2025-01-03"),
        ("03.01.", "2025-01-03"),
        ("27/12", "2024-12-27"),
        ("01-14", "2025-01-14"),
        ("12/12", "2024-12-12"),  # before the period, and near
        ("le 20 déc.", "2024-12-20"),
        ("Jan 5, 10:31", "2025-01-05"),
    ],
)
def test_the_year_is_that_in_which_the_day_lies_within_the_document_s_dates(text: str, day: str) -> None:
    assert date(text, rows=("Jan 05", "Jan 03"), day_first=text != "01-14") == (day, None)


@patient
@given(last=st.dates(dt.date(1950, 1, 1), dt.date(2090, 1, 1)), ago=st.integers(0, 190))
def test_one_date_alone_tells_the_year_of_the_days_before_it(last: dt.date, ago: int) -> None:
    day = last - dt.timedelta(ago)
    assert date(f"{day:%d.%m.}", (last.isoformat(),)) == (day.isoformat(), None)


def test_a_day_far_from_all_dates_or_in_several_of_their_years_stays_open() -> None:
    assert date("1 Jun", ("2025-01-14",)) == (None, "incomplete-date")
    assert date("1 Jul", ("2019-01-01", "2029-12-31")) == (None, "incomplete-date")
    within = within_of(("2023-06-01", "2024-12-31"), (), day_first=None)
    assert within is not None
    typed = read_yearless("1 Jul", within)
    assert (typed.problem, typed.readings) == ("ambiguous-date", ("2023-07-01", "2024-07-01"))


def test_figures_in_doubt_are_told_as_both_days_unless_something_tells_their_order() -> None:
    march = ("2025-03-01", "2025-04-30")
    within = within_of(march, (), day_first=None)
    assert within is not None
    assert read_yearless("03/04", within).readings == ("2025-04-03", "2025-03-04")
    assert date("03/04", march, day_first=True) == ("2025-04-03", None)
    assert date("03/04", march, ("25/03",)) == ("2025-04-03", None)  # there is no 25th month
    assert date("03/04", march, ("03/05", "03/11", "03/24")) == ("2025-03-04", None)  # else they lie outside


@pytest.mark.parametrize("text", ["03/24", "Mar 24"])
def test_what_may_be_a_month_of_a_year_is_no_day_unless_the_rows_write_days_there(text: str) -> None:
    around = ("2025-03-01", "2025-03-31")
    assert date(text, around) == (None, "incomplete-date")
    assert date(text, around, day_first=False) == ("2025-03-24", None)
    assert date(text, around, (text[:-2] + "05", text[:-2] + "11", text[:-2] + "07")) == ("2025-03-24", None)


@pytest.mark.parametrize("text", ["", "soon", "31.02.", "4.20", "12 May to 14 June", "99", "x" * 1000, "March 2024"])
def test_what_names_no_day_stays_so(text: str) -> None:
    assert date(text) == (None, "incomplete-date")


def test_without_a_whole_date_nothing_tells_years() -> None:
    assert within_of((), ("20 Dec",), day_first=True) is None
