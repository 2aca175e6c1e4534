"""Amounts that bound something: `over 100 EUR`, `between 5 and 10`, `100 EUR or more`.

A bare number before a noun counts things, and bounds no amount.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from storage.filters import Op
from workers.plans import lexicon
from workers.plans.amounts import Amount, amount_at
from workers.plans.lexicon import longest
from workers.plans.marks import Bound
from workers.plans.reading import Token

_UNITS = frozenset({"day", "days", "page", "pages", "time", "times", "%", "percent", "prozent", "tage", "kg", "km"})


@dataclass(frozen=True, slots=True)
class Bounding:
    """The amounts of one question. `counts_at` says whether things begin at a word that a number may count."""

    tokens: Sequence[Token]
    words: Sequence[str]
    german: bool
    counts_at: Callable[[int], bool]

    def bound(self, at: int) -> tuple[Bound, int] | None:
        """Over, under, between amounts."""
        return self._between(at) or self._beyond(at) or self._or_more(at) or self.exactly(at)

    def exactly(self, at: int) -> tuple[Bound, int] | None:
        """The one amount that a field has, said with its currency: `a total of 100 EUR`."""
        n = longest(lexicon.HAS_AMOUNT, self.words[at:])
        amount = self._amount(at + n) if n else None
        if amount is None or amount.currency is None or self._more_behind(at + n + amount.length):
            return None
        return Bound(Op.EQUALS, (amount.number,), amount.currency), n + amount.length

    def _between(self, at: int) -> tuple[Bound, int] | None:
        between = longest(lexicon.BETWEEN, self.words[at:])
        low = self._amount(at + between) if between else None
        joint = at + between + low.length if low else 0
        high = self._amount(joint + 1) if low and self._is_and(joint) else None
        if low is None or high is None or (low.currency and high.currency and low.currency != high.currency):
            return None
        mark = Bound(Op.BETWEEN, (low.number, high.number), high.currency or low.currency)
        return self._unless_counting(mark, at, between + low.length + 1 + high.length)

    def _beyond(self, at: int) -> tuple[Bound, int] | None:
        for op, said in lexicon.BOUNDS.items():
            n = longest(said, self.words[at:])
            amount = self._amount(at + n) if n else None
            if amount is not None:
                return self._unless_counting(Bound(op, (amount.number,), amount.currency), at, n + amount.length)
        return None

    def _or_more(self, at: int) -> tuple[Bound, int] | None:
        skip = longest(lexicon.HAS_AMOUNT, self.words[at:])
        amount = self._amount(at + skip)
        if amount is None:
            return None
        behind = at + skip + amount.length
        for op, said in lexicon.BOUNDS_BEHIND.items():
            if n := longest(said, self.words[behind:]):
                mark = Bound(op, (amount.number,), amount.currency)
                return self._unless_counting(mark, at, behind + n - at)
        return None

    def _amount(self, at: int) -> Amount | None:
        return amount_at(self.tokens, at, german=self.german)

    def _more_behind(self, at: int) -> bool:
        return any(longest(said, self.words[at:]) for said in lexicon.BOUNDS_BEHIND.values())

    def _is_and(self, at: int) -> bool:
        return at < len(self.words) and self.words[at] in {"and", "und", "to", "bis"}

    def _unless_counting(self, mark: Bound, at: int, length: int) -> tuple[Bound, int] | None:
        end = at + length
        if mark.currency is None and end < len(self.words) and (self.words[end] in _UNITS or self.counts_at(end)):
            return None
        return mark, length
