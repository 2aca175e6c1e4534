"""The measures of answers: exact match, ANLS, edits, intervals, and whether confidence means what it says."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.records import caseless

HALF = 0.5  # under this similarity ANLS counts nothing; over this overlap a box is right
DRAWS = 1_000  # of a bootstrap
BINS = 10  # of confidence
Interval = tuple[float, float]


def distance(a: Sequence[object], b: Sequence[object]) -> int:
    """Levenshtein's distance of two texts or two rows of ids."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, start=1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


def anls(said: str, truth: str) -> float:
    """Average normalized Levenshtein similarity of one answer (Biten et al. 2019, threshold one half)."""
    a, b = caseless(said), caseless(truth)
    if not a and not b:
        return 1.0
    share = 1 - distance(a, b) / max(len(a), len(b))
    return share if share >= HALF else 0.0


def wilson(right: int, total: int) -> Interval:
    """The 95 % interval of a share (Wilson's)."""
    if not total:
        return (0.0, 1.0)
    z, p = 1.96, right / total
    centre = (p + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return (max(0.0, centre - half), min(1.0, centre + half))


def resampled(parts: Sequence[int], wholes: Sequence[int]) -> Interval:
    """The 95 % interval of sum(parts) / sum(wholes), one of each a page, over exams drawn from these pages anew."""
    if not sum(wholes):
        return (0.0, 1.0)
    draws = _draws(len(wholes))
    totals = draws @ np.array(wholes)
    shares = (draws @ np.array(parts))[totals > 0] / totals[totals > 0]
    low, high = np.quantile(shares, (0.025, 0.975)).tolist()
    return (low, high)


@cache
def _draws(pages: int) -> NDArray[np.int64]:
    """How often each page is taken (DRAWS, pages), when so many are drawn with putting back."""
    return np.random.default_rng(0).multinomial(pages, np.full(pages, 1 / pages), size=DRAWS)


def interval(outcomes: Iterable[tuple[int, bool]]) -> Interval:
    """The 95 % interval of the share of outcomes that are true, each with the number of its page.

    Prompts of a page fail together, so pages are resampled; where that knows too little (few pages, none wrong),
    Wilson's interval is wider. The wider end counts.
    """
    right, total = defaultdict[int, int](int), defaultdict[int, int](int)
    for page, outcome in outcomes:
        right[page] += outcome
        total[page] += 1
    alone = wilson(sum(right.values()), sum(total.values()))
    together = resampled([right[page] for page in total], list(total.values()))
    return (min(alone[0], together[0]), max(alone[1], together[1])) if total else alone


def ordering(right: Sequence[float], wrong: Sequence[float]) -> float:
    """How often a right answer's confidence is above a wrong one's (area under the curve): 0.5 is chance, 1 perfect."""
    pairs = len(right) * len(wrong)
    if not pairs:
        return HALF
    return sum((r > w) + HALF * (r == w) for r in right for w in wrong) / pairs


def reliability(said: Sequence[tuple[float, bool]]) -> list[tuple[int, float, float]]:
    """In ten equal steps of confidence from 0 to 1: how many answers, their mean confidence, the share that is right.

    A step that no answer falls into is (0, 0, 0).
    """
    steps: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for confidence, right in said:
        steps[min(BINS - 1, int(confidence * BINS))].append((confidence, right))
    return [
        (len(step), sum(c for c, _ in step) / max(1, len(step)), sum(r for _, r in step) / max(1, len(step)))
        for step in steps
    ]


def calibration_error(said: Sequence[tuple[float, bool]]) -> float:
    """How far confidence is from the share that is right, in steps as above (expected calibration error)."""
    return sum(count * abs(mean - share) for count, mean, share in reliability(said)) / max(1, len(said))
