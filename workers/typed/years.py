"""Days of tables that are printed without their year: it is that of the document's own dates, or stays open.

A statement of January has rows of December before it, so the year is the one in which the day lies between the dates
that the document says in full, else near them. What may be two days stays both, as in `dates`.
"""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from core.records import TypedValue
from workers.typed.dates import MOST_WORDS, TOKEN, month_among, without_clock
from workers.typed.folding import LONGEST, plain

BEFORE, AFTER = dt.timedelta(200), dt.timedelta(100)  # together less than a year, so that one day alone tells it
MOST_READINGS = 4
_LEAP = 2000  # a year that has every day
_FIGURES = re.compile(r"(\d{1,2})\s?([./-])\s?(\d{1,2})\2?")
_OLD, _AHEAD = 10, 10  # years from the document's: 24 may be a year, where a month stands before it
_MOSTLY = 0.8  # of the rows must lie within the document's dates under one order, and not under the other
_LEAST_ROWS = 3


@dataclass(frozen=True, slots=True)
class Within:
    """The first and the last day that a document says in full, and how its rows write days."""

    first: dt.date
    last: dt.date
    day_first: bool | None = None  # of figures; None: nothing tells
    days_last: bool = False  # proven that what follows a month is a day, not a year


@dataclass(frozen=True, slots=True)
class _Parts:
    """Month and day in the orders that figures allow."""

    day_first: tuple[int, int] | None
    month_first: tuple[int, int] | None
    named: bool  # the month is a word
    dotted: bool = False

    def fitting(self, within: Within) -> list[tuple[int, int]]:
        """The (month, day) that it may be; none where a year may be meant."""
        if self.day_first is None and not within.days_last and _may_be_year(self.month_first, within):
            return []
        order = True if self.dotted and within.day_first is None else within.day_first
        chosen = (self.day_first, self.month_first)
        if not self.named and order is not None and all(chosen):
            chosen = (self.day_first if order else self.month_first, None)
        return list(dict.fromkeys(parts for parts in chosen if parts is not None))


def within_of(days: Iterable[str], rows: Iterable[str], *, day_first: bool | None) -> Within | None:
    """What tells the years of a document's rows: its full dates, as `2025-04-03`; None without any.

    `rows` are the texts of its cells of dates: they tell the order of day and month where nothing else does, as far as
    they lie within these dates under one order only.
    """
    full = sorted(dt.date.fromisoformat(day) for day in days)
    if not full:
        return None
    bare = Within(full[0], full[-1], day_first)
    read = [parts for text in rows if (parts := _parts_of(text)) is not None]
    proven = any(p.day_first is None and not _may_be_year(p.month_first, bare) for p in read)
    ordered = replace(bare, day_first=_order(read, bare) if day_first is None else day_first)
    return replace(ordered, days_last=proven or ordered.day_first is False)


def read_yearless(raw: str, within: Within) -> TypedValue:
    """The day that a text without a year means: one, or all that it may be. `incomplete-date` where nothing tells."""
    parts = _parts_of(raw)
    days = [] if parts is None else list(chain.from_iterable(_near(*p, within) for p in parts.fitting(within)))
    if not days or len(days) > MOST_READINGS:
        return TypedValue(None, "incomplete-date")
    said = tuple(day.isoformat() for day in days)
    return TypedValue(said[0]) if len(said) == 1 else TypedValue(None, "ambiguous-date", said)


def _parts_of(raw: str) -> _Parts | None:
    if len(raw) > LONGEST:
        return None
    text = without_clock(plain(raw))
    found = _FIGURES.fullmatch(text)
    if found:
        one, other = int(found[1]), int(found[3])
        parts = _Parts(_real(other, one), _real(one, other), named=False, dotted=found[2] == ".")
        return parts if parts.day_first or parts.month_first else None
    return _named(text)


def _named(text: str) -> _Parts | None:
    """A month by its name, and one figure that is its day."""
    tokens = TOKEN.findall(text)
    figures = [token for token in tokens if token.isdecimal()]
    words = [token for token in tokens if not token.isdecimal()]
    month = month_among(words) if len(words) <= MOST_WORDS else None
    if month is None or len(figures) != 1 or len(figures[0]) > len("31"):
        return None
    day = _real(month.number, int(figures[0]))
    if day is None:
        return None
    before = tokens.index(figures[0]) == 0 or len(figures[0]) == 1  # `Mar 24` may be a year, `24 Mar` and `Mar 5` not
    return _Parts(day if before else None, None if before else day, named=True)


def _real(month: int, day: int) -> tuple[int, int] | None:
    try:
        dt.date(_LEAP, month, day)
    except ValueError:
        return None
    return month, day


def _may_be_year(parts: tuple[int, int] | None, within: Within) -> bool:
    """Whether what stands where a day would may as well be a year of two figures."""
    if parts is None:
        return False
    year = within.last.year // 100 * 100 + parts[1]
    return within.last.year - _OLD <= year <= within.last.year + _AHEAD


def _near(month: int, day: int, within: Within) -> list[dt.date]:
    """That day in every year in which it lies between the document's dates, else near them."""
    found = []
    for year in range(within.first.year - 1, within.last.year + 2):
        try:
            found.append(dt.date(year, month, day))
        except ValueError:
            continue
    between = [one for one in found if within.first <= one <= within.last]
    return between or [one for one in found if within.first - BEFORE <= one <= within.last + AFTER]


def _order(rows: Sequence[_Parts], within: Within) -> bool | None:
    """Whether days come first, by rows of figures: proven by one above 12, else by where they lie; None: in doubt."""
    figures = [row for row in rows if not row.named]
    if any(row.month_first is None for row in figures):
        return True  # 24/03; that 03/24 says the opposite is no proof, as it may be a month of a year
    shares = [_share(figures, within, day_first=day_first) for day_first in (True, False)]
    if len(figures) < _LEAST_ROWS or within.first == within.last or max(shares) < _MOSTLY or min(shares) >= _MOSTLY:
        return None
    return shares[0] > shares[1]


def _share(rows: Sequence[_Parts], within: Within, *, day_first: bool) -> float:
    """The share of rows that lie between the document's dates under an order."""
    chosen = [row.day_first if day_first else row.month_first for row in rows]
    inside = [
        parts is not None and any(within.first <= day <= within.last for day in _near(*parts, within))
        for parts in chosen
    ]
    return sum(inside) / max(len(inside), 1)
