"""How well a text was read: exact match after folding, ANLS, and shares over many fields."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.records import caseless

_ANLS_THRESHOLD = 0.5  # of the measure itself: Biten et al. 2019, https://arxiv.org/abs/1905.13648


def is_exact(said: str | None, truth: str) -> bool:
    """Whether the text was read as it stands."""
    return said is not None and caseless(said) == caseless(truth)


def anls(said: str | None, truth: str) -> float:
    """Normalized Levenshtein similarity, nothing under one half: 1 minus edits over the longer length."""
    if said is None:
        return 0.0
    a, b = caseless(said), caseless(truth)
    longer = max(len(a), len(b))
    share = 1 - _edits(a, b) / longer if longer else 1.0
    return share if share >= _ANLS_THRESHOLD else 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one field of the truth. `truth` is None for a field that the document does not have."""

    field: str
    truth: str | None
    said: str | None

    @property
    def exact(self) -> bool:
        """Whether it was read as it stands."""
        return self.truth is not None and is_exact(self.said, self.truth)


def shares(outcomes: Iterable[Outcome]) -> dict[str, float | int | None]:
    """The figures over these outcomes. A share of nothing is None."""
    outcomes = list(outcomes)
    present = [o for o in outcomes if o.truth is not None]
    absent = [o for o in outcomes if o.truth is None]
    return {
        "exact_match": _mean(float(o.exact) for o in present),
        "anls": _mean(anls(o.said, o.truth or "") for o in present),
        "values_on_absent": _mean(float(o.said is not None) for o in absent),
        "fields": len(present),
        "absent": len(absent),
    }


def _mean(numbers: Iterable[float]) -> float | None:
    numbers = list(numbers)
    return round(sum(numbers) / len(numbers), 4) if numbers else None


def _edits(a: str, b: str) -> int:
    """Levenshtein distance, row by row."""
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        above, row[0] = row[0], i
        for j, right in enumerate(b, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (left != right))
    return row[-1]
