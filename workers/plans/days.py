"""Spans of days as questions name them: `in March 2024`, `last year`, `Q1 2024`, `between 2022 and 2023`.

What may mean two things is none: a month without its year, 03/04/2024.
"""

import datetime as dt
import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from core.records import FieldKind
from workers.plans.lexicon import NUMBERS, longest, phrases
from workers.plans.reading import Token
from workers.typed import Hints, read_value
from workers.typed.months import month_of

FIRST_YEAR, LAST_YEAR = 1900, 2100
_YEAR = re.compile(r"(?:19|20)\d\d")
_YEARS = re.compile(r"((?:19|20)\d\d)[-/]((?:19|20)\d\d)")
_MONTH = re.compile(r"((?:19|20)\d\d)-(0[1-9]|1[0-2])")
_MONTH_LAST = re.compile(r"(0?[1-9]|1[0-2])[/.]((?:19|20)\d\d)")
_DAY = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
_NTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?")
_QUARTER = re.compile(r"q([1-4])")
_QUARTER_LAST = re.compile(r"((?:19|20)\d\d)[- ]?q([1-4])|q([1-4])[-/ ]?((?:19|20)\d\d)")
_HALF = re.compile(r"h([12])")
_ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}
_ORDINALS |= {"erstes": 1, "ersten": 1, "erste": 1, "zweites": 2, "zweiten": 2, "drittes": 3, "dritten": 3}
_ORDINALS |= {"viertes": 4, "vierten": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_LAST_OF = frozenset({"last", "final", "letztes", "letzten", "letzte", "letztem"})
_PARTS = {"quarter": 3, "quartal": 3, "half": 6, "halfte": 6, "halbjahr": 6, "month": 1, "monat": 1}
_THIS = phrases("this, the current, current, dieses, diesen, diesem, diese, dieser")
_LAST = phrases(
    "last, the last, previous, the previous, past, the past, prior, letztes, letzten, letztem, letzte, im letzten"
)
_LAST += phrases("vergangenes, vergangenen, voriges, vorigen")
_NEXT = phrases("next, the next, nachstes, nachsten, nachste")
_UNITS = {"day": "day", "tag": "day", "tage": "day", "tagen": "day", "week": "week", "woche": "week", "wochen": "week"}
_UNITS |= {"month": "month", "monat": "month", "monate": "month", "monaten": "month", "monats": "month"}
_UNITS |= {"quarter": "quarter", "quartal": "quarter", "quartals": "quarter", "quartale": "quarter"}
_UNITS |= {"year": "year", "jahr": "year", "jahre": "year", "jahren": "year", "jahres": "year"}
_MOST_BACK = 1_000


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last`, both included, and how many tokens name them."""

    first: dt.date
    last: dt.date
    length: int
    said: str | None = None  # where today's date tells which days these are


def span_at(tokens: Sequence[Token], at: int, today: dt.date) -> Span | None:
    """The longest span of days that begins at this token; None where none does, or where it may be two."""
    if at >= len(tokens) or tokens[at].quoted:
        return None
    rest = tokens[at:]
    ways: tuple[Callable[[], Span | None], ...] = (
        lambda: _relative(rest, today),
        lambda: _quarter(rest),
        lambda: _day(rest),
        lambda: _month(rest),
        lambda: _year(rest),
    )
    spans = [span for way in ways if (span := way()) is not None]
    return max(spans, key=lambda span: span.length, default=None)


def _relative(rest: Sequence[Token], today: dt.date) -> Span | None:
    span = _by_today(rest, today)
    return span and replace(span, said=" ".join(token.text for token in rest[: span.length]))


def _by_today(rest: Sequence[Token], today: dt.date) -> Span | None:
    words = [token.word for token in rest]
    if words[0] in {"today", "heute"}:
        return Span(today, today, 1)
    if words[0] in {"yesterday", "gestern"}:
        day = today - dt.timedelta(days=1)
        return Span(day, day, 1)
    if words[:2] == ["year", "to"] and words[2:3] == ["date"]:
        return Span(dt.date(today.year, 1, 1), today, 3)
    for said, steps in ((_THIS, 0), (_LAST, -1), (_NEXT, 1)):
        length = longest(said, words)
        if length and length < len(rest):
            return _steps(rest, length, steps, today)
    return None


def _steps(rest: Sequence[Token], length: int, steps: int, today: dt.date) -> Span | None:
    """`last year`, and `last 30 days`, which end today."""
    unit = _UNITS.get(rest[length].stem)
    if unit is not None:
        if rest[length - 1].word == "past":  # the last twelve months, or the calendar's last year
            return None
        first, last = _unit_around(today, unit, steps)
        return Span(first, last, length + 1)
    count = NUMBERS.get(rest[length].word) or (int(rest[length].word) if rest[length].word.isdecimal() else None)
    unit = _UNITS.get(rest[length + 1].stem) if length + 1 < len(rest) else None
    if unit is None or steps != -1 or not count or count > _MOST_BACK:
        return None
    return Span(_back(today, unit, count), today, length + 2)


def _unit_around(today: dt.date, unit: str, steps: int) -> tuple[dt.date, dt.date]:
    """The whole day, week, month, quarter or year that lies so many steps from today's."""
    match unit:
        case "day":
            day = today + dt.timedelta(days=steps)
            return day, day
        case "week":
            monday = today - dt.timedelta(days=today.weekday()) + dt.timedelta(weeks=steps)
            return monday, monday + dt.timedelta(days=6)
        case "month":
            return _months(today.year, today.month + steps, 1)
        case "quarter":
            return _months(today.year, (today.month - 1) // 3 * 3 + 1 + 3 * steps, 3)
        case _:
            return _months(today.year + steps, 1, 12)


def _back(today: dt.date, unit: str, count: int) -> dt.date:
    """The first of so many days, weeks, months or years that end today."""
    if unit in {"day", "week"}:
        return today - dt.timedelta(days=count * (7 if unit == "week" else 1) - 1)
    months = count * {"month": 1, "quarter": 3, "year": 12}[unit]
    first, last = _months(today.year, today.month - months, 1)
    return min(first.replace(day=min(today.day, last.day)) + dt.timedelta(days=1), today)


def _months(year: int, month: int, count: int) -> tuple[dt.date, dt.date]:
    """So many whole months from this one on; a month outside of 1 to 12 lies in another year."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    end_year, end_month = year + (month + count - 2) // 12, (month + count - 2) % 12 + 1
    return dt.date(year, month, 1), dt.date(end_year, end_month, monthrange(end_year, end_month)[1])


def _quarter(rest: Sequence[Token]) -> Span | None:
    """`Q1 2024`, `first quarter of 2024`, `2024 Q1`, `second half of 2023`."""
    words = [token.word for token in rest]
    joined = _QUARTER_LAST.fullmatch(rest[0].text.lower())
    if joined:
        year, number = joined[1] or joined[4], joined[2] or joined[3]
        return _part_of_year(int(year), int(number), 3, 1)
    for length, number, months in _parts_named(words):
        skip = 1 if words[length : length + 1] and words[length] in {"of", "in", "des", "im"} else 0
        skip += words[length + skip : length + skip + 1] == ["jahres"]
        year = words[length + skip] if length + skip < len(words) else ""
        if _YEAR.fullmatch(year):
            return _part_of_year(int(year), number, months, length + skip + 1)
    if _YEAR.fullmatch(words[0]) and len(words) > 1 and (short := _QUARTER.fullmatch(words[1])):
        return _part_of_year(int(words[0]), int(short[1]), 3, 2)
    return None


def _parts_named(words: Sequence[str]) -> list[tuple[int, int, int]]:
    """Length, number and months of a quarter or half that begins here."""
    found = []
    if short := _QUARTER.fullmatch(words[0]):
        found.append((1, int(short[1]), 3))
    if short := _HALF.fullmatch(words[0]):
        found.append((1, int(short[1]), 6))
    at = 1 if words[0] == "the" else 0
    if len(words) > at + 1 and (number := _ORDINALS.get(words[at])):
        months = _PARTS.get(words[at + 1])
        if months and number * months <= 12:  # noqa: PLR2004 - months of a year
            found.append((at + 2, number, months))
    if len(words) > at + 1 and words[at] in _LAST_OF:
        months = _PARTS.get(words[at + 1])
        if months:
            found.append((at + 2, 12 // months, months))
    if words[0] in {"quarter", "quartal"} and len(words) > 1 and words[1] in {"1", "2", "3", "4"}:
        found.append((2, int(words[1]), 3))
    return found


def _part_of_year(year: int, number: int, months: int, length: int) -> Span:
    first, last = _months(year, (number - 1) * months + 1, months)
    return Span(first, last, length)


def _day(rest: Sequence[Token]) -> Span | None:
    """`2024-03-01`, `1 March 2024`, `March 1st, 2024`, `1. März 2024`; in figures only where it can be but one day."""
    if _DAY.fullmatch(rest[0].text):
        return _read_day(rest[0].text, 1)
    words = [token.word for token in rest[:5]]
    for day_at, month_at, year_at in ((0, 1, 2), (1, 0, 2), (0, 2, 3)):
        if len(words) <= year_at or (year_at == 3 and words[1] != "of"):  # noqa: PLR2004 - `1st of March 2024`
            continue
        number, month = _NTH.fullmatch(words[day_at]), month_of(words[month_at])
        if number and month and _YEAR.fullmatch(words[year_at]):
            return _read_day(f"{words[year_at]}-{month.number:02}-{int(number[1]):02}", year_at + 1)
    return None


def _read_day(text: str, length: int) -> Span | None:
    typed = read_value(text, FieldKind.DATE, hints=Hints())
    if not isinstance(typed.value, str) or typed.problem is not None:
        return None
    day = dt.date.fromisoformat(typed.value)
    return Span(day, day, length)


def _month(rest: Sequence[Token]) -> Span | None:
    """`March 2024`, `2024-03`, `03/2024`; without its year a month is none."""
    text = rest[0].text
    if found := _MONTH.fullmatch(text):
        return Span(*_months(int(found[1]), int(found[2]), 1), 1)
    if found := _MONTH_LAST.fullmatch(text):
        return Span(*_months(int(found[2]), int(found[1]), 1), 1)
    month = month_of(rest[0].word)
    skip = 2 if len(rest) > 2 and rest[1].word == "of" else 1  # noqa: PLR2004 - `March of 2024`
    if month is None or len(rest) <= skip or not _YEAR.fullmatch(rest[skip].word):
        return None
    return Span(*_months(int(rest[skip].word), month.number, 1), skip + 1)


def _year(rest: Sequence[Token]) -> Span | None:
    """`2024`, `the year 2024`, `2022-2023`."""
    skip = 0
    while skip < min(2, len(rest) - 1) and rest[skip].word in {"the", "year", "jahr", "calendar", "jahre"}:
        skip += 1
    if years := _YEARS.fullmatch(rest[skip].text):
        first, last = int(years[1]), int(years[2])
        return Span(dt.date(first, 1, 1), dt.date(last, 12, 31), skip + 1) if first < last else None
    if not _YEAR.fullmatch(rest[skip].text):
        return None
    return Span(*_months(int(rest[skip].text), 1, 12), skip + 1)
