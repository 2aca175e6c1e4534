"""Dates as they are printed, in figures or with the name of the month; what may be two days is both.

General parsers of dates guess the order of day and month, put a birthday of 47 into 2047, and need half a second for
their first date. This one knows what stands on documents, takes its months from the locales of babel, and guesses not.
"""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.records import TypedValue
from workers.typed.hints import Hints
from workers.typed.months import Month, month_of

SOON = 5  # years from today up to which a year of two figures is the one ahead, not the one a century before
AHEAD = 30  # years from the document's latest up to which it may be either
FIRST_YEAR, LAST_YEAR = 1000, 2999
MOST_WORDS = 8  # around a date: "Paris, le mardi 12 mars 2024"
_CLOCK = re.compile(
    r"(?:\b|(?<=\dT))\d{1,2}(?::\d{2}(?::\d{2}(?:[.,]\d+)?)?|h\d{0,2}\b|\.\d{2}(?=\s?(?:uhr|uur)))"
    r"\s?(?:z\b|[ap]\.?m\b\.?|uhr|uur|h\b|[+-]\d{2}:?\d{2}\b)?",
    re.IGNORECASE,
)
_FIGURES = re.compile(
    r"(?<![\w.,/'-])(\d{1,4})(\s?[./-]\s?|\s|年)(\d{1,2})(\s?[./-]\s?|\s|月)('?)(\d{4}|\d{1,2})日?(?![\w/]|[.,:-]\d)"
)
_PART = re.compile(r"(?:0?[1-9]|1[012]) ?[./-] ?\d{4}|[0-3]?\d ?[./-] ?[0-3]?\d ?[./-]?")  # 03/2024, 12.03.
_COMPACT = re.compile(r"(?:19|20)\d{6}")
TOKEN = re.compile(r"\d+|[^\W\d_]+")
MOST_DAYS = 31  # of a month
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
    text = without_clock(text)
    if _COMPACT.fullmatch(text):
        return _printed(_days([int(text[:4])], int(text[4:6]), int(text[6:])), int(text[:4]))
    found = _FIGURES.search(text)
    if found and found[2].strip() in {found[4].strip(), "年"}:
        rest = f"{text[: found.start()]} {text[found.end() :]}"
        alone = not any(c.isdecimal() for c in rest) and len(TOKEN.findall(rest)) <= MOST_WORDS
        return _in_figures(found, hints) if alone else Printed()
    return _in_words(text, hints)


def without_clock(text: str) -> str:
    """A plain text without times of day, and without what then hangs at its ends."""
    return " ".join(_CLOCK.sub(" ", text).split()).strip(" ,;T")


def _in_figures(found: re.Match[str], hints: Hints) -> Printed:
    first, second, last = found[1], int(found[3]), found[6]
    if len(first) > _SHORT:
        return _printed(_days(_years(first, hints), second, int(last)), int(first))
    years, printed = _years(last, hints), int(last) if len(last) > _SHORT else None
    day_first, month_first = _days(years, second, int(first)), _days(years, int(first), second)
    if not (day_first or month_first or printed or found[5]):
        return _printed(_days(_years(first, hints), second, int(last)), None)  # 98-12-31
    if day_first == month_first:
        return _printed(day_first, printed)
    if not (day_first and month_first):
        return replace(_printed(day_first or month_first, printed), day_first=bool(day_first))
    # No locale that parts by dots puts the month first, so these are in doubt only where the others of the page do.
    order = True if hints.day_first is None and found[2].strip() == "." else hints.day_first
    return _printed(day_first + month_first if order is None else day_first if order else month_first, printed)


def _in_words(text: str, hints: Hints) -> Printed:
    tokens = TOKEN.findall(text)
    figures = [token for token in tokens if token.isdecimal()]
    words = [token for token in tokens if not token.isdecimal()]
    month = month_among(words) if len(words) <= MOST_WORDS else None
    if month is None:
        return Printed(problem="incomplete-date" if _PART.fullmatch(text) else "not-a-date")
    if len(figures) != 2:  # noqa: PLR2004 - a day and a year
        return Printed(problem="incomplete-date" if len(figures) == 1 else "not-a-date", languages=month.languages)
    day, year = figures
    if len(day) > _SHORT or f"'{day}" in text or (len(year) <= _SHORT and int(day) > MOST_DAYS):
        day, year = year, day
    if len(day) > _SHORT:
        return Printed()
    days = _days(_years(year, hints), month.number, int(day))
    return replace(_printed(days, int(year) if len(year) > _SHORT else None), languages=month.languages)


def month_among(words: Iterable[str]) -> Month | None:
    """The one month that words name; a whole name outdoes a short one: `mar. 12 avril` is a Tuesday."""
    months = [month for word in words if (month := month_of(word))]
    whole = [month for month in months if month.whole] or months
    return whole[0] if len({month.number for month in whole}) == 1 else None


def _printed(days: tuple[dt.date, ...], year: int | None) -> Printed:
    if not days:
        return Printed()
    return Printed(days, None if len(days) == 1 else "ambiguous-date", year=year)


def _days(years: Iterable[int], month: int, day: int) -> tuple[dt.date, ...]:
    """That day in those of the years that have it."""
    found = []
    for year in years:
        try:
            found.append(dt.date(year, month, day))
        except ValueError:
            continue
    return tuple(found)


def _years(figures: str, hints: Hints) -> tuple[int, ...]:
    """What a year of two figures may be: of the last hundred years the one, and of the next ones where it may be so."""
    if len(figures) != _SHORT:
        return (int(figures),) if len(figures) == len("2025") and FIRST_YEAR <= int(figures) <= LAST_YEAR else ()
    today = dt.datetime.now(dt.UTC).year
    ahead = today + (int(figures) - today) % 100
    if ahead <= today + SOON:
        return (ahead,)
    return (ahead, ahead - 100) if ahead <= min(today, hints.year or today) + AHEAD else (ahead - 100,)
