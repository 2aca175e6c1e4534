"""Conditions on days: before, after, since, until, between and in the spans that `workers.plans.days` reads."""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from workers.plans import lexicon
from workers.plans.days import Span, span_at
from workers.plans.lexicon import longest
from workers.plans.marks import Mark, On
from workers.plans.reading import Token

_BEFORE, _AFTER = (
    lexicon.phrases("before, earlier than, prior to, vor, vor dem"),
    lexicon.phrases("after, later than, nach, nach dem"),
)
_SINCE = lexicon.phrases(
    "since, starting, starting in, starting from, as of, from, seit, seit dem, ab, ab dem, von, vom"
)
_UNTIL = lexicon.phrases("until, till, through, up to, to, bis, bis zum, bis zu, and, und, bis einschliesslich")
_ALONE_UNTIL = lexicon.phrases("until, till, through, up to, bis, bis zum")
_DURING = lexicon.phrases(
    "in, in the, during, during the, for, for the, of, of the, from, from the, on, on the, within, within the, over the"
    ",throughout, dated, im, im jahr, im jahre, in den, am, wahrend, vom, aus, aus dem, von, des",
)
_DAY = dt.timedelta(days=1)
# What goes first among equals: `from 2023` is that year, not all since.
_SIDES: tuple[tuple[tuple[tuple[str, ...], ...], Callable[[Span], On]], ...] = (
    (_DURING, lambda span: On(span.first, span.last)),
    (_BEFORE, lambda span: On(None, span.first - _DAY)),
    (_AFTER, lambda span: On(span.last + _DAY, None)),
    (_SINCE, lambda span: On(span.first, None)),
    (_ALONE_UNTIL, lambda span: On(None, span.last)),
)
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Dating:
    """The days of one question."""

    tokens: Sequence[Token]
    words: Sequence[str]
    today: dt.date

    def dated(self, at: int) -> tuple[Mark, int] | None:
        """Before, after, since, until, between or in some days."""
        words = self.words[at:]
        between = longest(lexicon.BETWEEN, words)
        if between:
            found = self._days_between(at, between)
            years = found is not None and all(_YEAR.fullmatch(w) for w in self.words[at + 1 : at + found[1] : 2])
            return (replace(found[0], years_between=True), found[1]) if found and years else found
        ways: list[tuple[Mark, int]] = []
        if (n := longest(_SINCE, words)) and (both := self._days_between(at, n)):
            ways.append(both)
        for said, make in _SIDES:
            if (n := longest(said, words)) and (span := span_at(self.tokens, at + n, self.today)):
                ways.append((replace(make(span), said=span.said), n + span.length))
        if span := span_at(self.tokens, at, self.today):
            ways.append((On(span.first, span.last, said=span.said), span.length))
        best = max(ways, key=lambda way: way[1], default=None)
        return None if best is None else self._with_more_years(at, best)

    def _days_between(self, at: int, skip: int) -> tuple[On, int] | None:
        first = span_at(self.tokens, at + skip, self.today) or self._month_before(at + skip)
        if first is None:
            return None
        behind = at + skip + first.length
        joint = longest(_UNTIL, self.words[behind:])
        last = span_at(self.tokens, behind + joint, self.today) if joint else None
        if last is None or last.last < first.first:
            return None
        return On(first.first, last.last), skip + first.length + joint + last.length

    def _month_before(self, at: int) -> Span | None:
        """The first month of `from March to May 2024`, in the year of the second."""
        joint = longest(_UNTIL, self.words[at + 1 :])
        last = span_at(self.tokens, at + 1 + joint, self.today) if joint else None
        if last is None or last.first.year != last.last.year:
            return None
        year = replace(self.tokens[at], text=str(last.last.year), word=str(last.last.year))
        span = span_at([self.tokens[at], year], 0, self.today)
        return Span(span.first, span.last, 1) if span and span.length == 2 else None  # noqa: PLR2004 - month and year

    def _with_more_years(self, at: int, found: tuple[Mark, int]) -> tuple[Mark, int] | None:
        """`in 2022 and 2023` are both; days apart from each other are no one span, and nothing is understood."""
        mark, length = found
        while (joint := at + length) < len(self.tokens) and self.words[joint] in lexicon.OR | {"&"}:
            more = span_at(self.tokens, joint + 1, self.today)
            if more is None:
                break
            whole = isinstance(mark, On) and mark.first is not None and mark.last is not None
            if not whole or not isinstance(mark, On) or mark.last is None:
                return None
            if mark.last + dt.timedelta(days=1) != more.first:
                return None
            mark, length = On(mark.first, more.last), length + 1 + more.length
        return mark, length
