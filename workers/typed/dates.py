"""Dates as they are printed, in figures or with the name of the month; what may be two days is both.

General parsers of dates guess the order of day and month, put a birthday of 47 into 2047, and need half a second for
their first date. This one knows what stands on documents, takes its months from the locales of babel, and guesses not.
"""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from core.records import TypedValue
from workers.typed.hints import Hints
from workers.typed.months import Month, month_of

AHEAD = 20  # years that a date with a year of two figures may lie behind the document's others, or today
FIRST_YEAR, LAST_YEAR = 1000, 2999
MOST_WORDS = 8  # around a date: "Paris, le mardi 12 mars 2024"
_CLOCK = re.compile(
    r"(?:\b|(?<=\dT))\d{1,2}(?::\d{2}(?::\d{2}(?:[.,]\d+)?)?|h\d{0,2}\b|\.\d{2}(?=\s?(?:uhr|uur)))"
    r"\s?(?:z\b|[ap]\.?m\b\.?|uhr|uur|h\b|[+-]\d{2}:?\d{2}\b)?",
    re.IGNORECASE,
)
_FIGURES = re.compile(
    r"(?<![\w.,/'-])(\d{1,4})(\s?[./-]\s?|\s|年)(\d{1,2})(\s?[./-]\s?|\s|月)('?)(\d{4}|\d{2})日?(?![\w/]|[.,:-]\d)"
)
_PART = re.compile(r"(?:0?[1-9]|1[012]) ?[./-] ?\d{4}|[0-3]?\d ?[./-] ?[0-3]?\d ?[./-]?")  # 03/2024, 12.03.
_COMPACT = re.compile(r"(?:19|20)\d{6}")
_TOKEN = re.compile(r"\d+|[^\W\d_]+")
_SHORT = 2  # figures of a day, a month, or a year without its century


@dataclass(frozen=True, slots=True)
class Printed:
    """What a text says of a day, and what it tells of the habits of its document."""

    days: tuple[dt.date, ...] = ()  # the reading with the day first comes first
    problem: str | None = "not-a-date"
    day_first: bool | None = None  # proven by figures above 12
    languages: frozenset[str] = frozenset()  # that call the month so
    year: int | None = None  # printed in full


def read_date(text: str, hints: Hints) -> TypedValue:
    """A day as `2025-04-03`. Day and month in doubt: by the document's other dates, else both readings."""
    printed = find_date(text, hints)
    days = tuple(day.isoformat() for day in printed.days)
    return TypedValue(days[0]) if len(days) == 1 else TypedValue(None, printed.problem, days)


def find_date(text: str, hints: Hints) -> Printed:
    """The one day that a plain text names."""
    text = " ".join(_CLOCK.sub(" ", text).split()).strip(" ,;T")
    if _COMPACT.fullmatch(text):
        return _certain(_days([(int(text[:4]), int(text[4:6]), int(text[6:]))]), int(text[:4]))
    found = _FIGURES.search(text)
    if found:
        rest = f"{text[: found.start()]} {text[found.end() :]}"
        if any(c.isdecimal() for c in rest) or len(_TOKEN.findall(rest)) > MOST_WORDS:
            return Printed()
        if found[2].strip() in {found[4].strip(), "年"}:
            return _in_figures(found, hints)
    return _in_words(text, hints)


def _in_figures(found: re.Match[str], hints: Hints) -> Printed:
    first, second, last = int(found[1]), int(found[3]), int(found[6])
    if len(found[1]) > _SHORT:
        return _certain(_days([(first, second, last)] if len(found[1]) == len("2025") else []), first)
    year = last if len(found[6]) > _SHORT else _full(last, hints)
    printed = last if len(found[6]) > _SHORT else None
    day_first, month_first = _days([(year, second, first)]), _days([(year, first, second)])
    if not day_first and not month_first and len(found[6]) == _SHORT and not found[5]:
        return _certain(_days([(_full(first, hints), second, last)]), None)
    if day_first == month_first or not (day_first and month_first):
        proof = None if day_first == month_first else bool(day_first)
        return _certain(day_first or month_first, printed, day_first=proof)
    # No locale that parts by dots puts the month first, so these are in doubt only where the others of the page do.
    order = hints.day_first if hints.day_first is not None else True if found[2].strip() == "." else None
    if order is None:
        return Printed(day_first + month_first, "ambiguous-date", year=printed)
    return _certain(day_first if order else month_first, printed)


def _in_words(text: str, hints: Hints) -> Printed:
    tokens = _TOKEN.findall(text)
    figures = [token for token in tokens if token.isdecimal()]
    words = [token for token in tokens if not token.isdecimal()]
    month = _month_among(words) if len(words) <= MOST_WORDS else None
    if month is None:
        return Printed(
            problem="incomplete-date" if re.fullmatch(r"(0?[1-9]|1[012]) ?[./-] ?\d{4}", text) else "not-a-date"
        )
    if len(figures) == 1:
        return Printed(problem="incomplete-date", languages=month.languages)
    if len(figures) != _SHORT:
        return Printed()
    day, year = figures
    if len(day) > _SHORT or f"'{day}" in text or (len(year) <= _SHORT and int(day) > 31):  # noqa: PLR2004 - days of a month
        day, year = year, day
    if len(day) > _SHORT or len(year) not in {2, 4}:
        return Printed()
    full = len(year) > _SHORT
    days = _days([(int(year) if full else _full(int(year), hints), month.number, int(day))])
    return _certain(days, int(year) if full else None, languages=month.languages)


def _month_among(words: Iterable[str]) -> Month | None:
    """The one month that words name; a whole name outdoes a short one: `mar. 12 avril` is a Tuesday."""
    months = [month for word in words if (month := month_of(word))]
    whole = [month for month in months if month.whole] or months
    return whole[0] if len({month.number for month in whole}) == 1 else None


def _certain(
    days: tuple[dt.date, ...],
    year: int | None,
    *,
    day_first: bool | None = None,
    languages: frozenset[str] = frozenset(),
) -> Printed:
    if not days:
        return Printed()
    return Printed(days, None, day_first, languages, year)


def _days(parts: Iterable[tuple[int, int, int]]) -> tuple[dt.date, ...]:
    """Those of (year, month, day) that the calendar has."""
    found = []
    for year, month, day in parts:
        if FIRST_YEAR <= year <= LAST_YEAR:
            try:
                found.append(dt.date(year, month, day))
            except ValueError:
                continue
    return tuple(found)


def _full(year: int, hints: Hints) -> int:
    """A year of two figures in its century: the latest that is not far ahead of the document, or of today."""
    latest = (hints.year or dt.datetime.now(dt.UTC).year) + AHEAD
    century = latest - latest % 100
    return century + year if century + year <= latest else century - 100 + year
