"""From values that are known to be right or wrong to a table of what a model's confidence means.

First how evidence counts, by logistic regression; then a curve over all values, and one for each kind of which enough
are known, by isotonic regression. Every share is drawn towards a prior, so that few values never make a sure one.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.records import LayerVerdict
from workers.confidence import (
    ABSENT,
    ANY,
    EVIDENCE,
    UNVERIFIED,
    Curve,
    Labelled,
    TrustTable,
    evidence_of,
    log_odds,
    score_of,
)

FEWEST = 20  # values of a kind that has a curve of its own
GROUP, GROUPS = 10, 40  # values that are looked at together, at least; groups, at most
FOR_ALL = 1.0  # right ones, and as many wrong ones, that each share begins with: Laplace's rule
FOR_KIND = 0.5  # the same where all other kinds lend
LENT = 5.0  # values, right as often as those of all other kinds are
_LEAST_SLOPE = 0.2  # of the log odds of being right over those of confidence, by which evidence is measured
_AGAINST = frozenset({UNVERIFIED, LayerVerdict.CLASHES.value})

Shares = NDArray[np.float64]


def fit(labelled: Sequence[Labelled]) -> TrustTable:
    """The table under which these values are what it says. Kinds with too few values have no curve of their own."""
    values = [one for one in labelled if one.kind is not None]
    evidence = _evidence(values)
    by_kind: dict[str, list[Labelled]] = defaultdict(list)
    for one in labelled:
        by_kind[ABSENT if one.kind is None else one.kind.value].append(one)
    curves = {ANY: _curve(values, evidence, None)} if values else {}
    for kind, some in by_kind.items():
        if len(some) >= FEWEST:
            others = [one for one in values if one.kind is not some[0].kind and some[0].kind is not None]
            curves[kind] = _curve(some, evidence, _curve(others, evidence, None) if others else None)
    return TrustTable(curves, evidence)


def _evidence(values: Sequence[Labelled]) -> dict[str, float]:
    """What each piece of evidence adds to the log odds of a value: the likeliest, held back by a prior.

    What speaks for a value never counts against it, nor the other way round.
    """
    if len({value.right for value in values}) < 2:  # noqa: PLR2004 - right ones and wrong ones
        return {}
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - an extra, and slow to import

    marks = [[name in evidence_of(verified=v.verified, layer=v.layer) for name in EVIDENCE] for v in values]
    inputs = np.column_stack([np.array([log_odds(v.confidence) for v in values], float), np.array(marks, float)])
    slope, *weights = LogisticRegression(max_iter=1_000).fit(inputs, _right(values)).coef_[0].tolist()
    sensed = {
        name: min(weight, 0.0) if name in _AGAINST else max(weight, 0.0)
        for name, weight in zip(EVIDENCE, weights, strict=True)
    }
    scale = max(slope, _LEAST_SLOPE)
    return {name: round(weight / scale, 3) for name, weight in sensed.items() if weight}


def _scored(values: Sequence[Labelled], evidence: dict[str, float]) -> Shares:
    shifts = [sum(evidence.get(n, 0.0) for n in evidence_of(verified=v.verified, layer=v.layer)) for v in values]
    return np.array([score_of(v.confidence, shift) for v, shift in zip(values, shifts, strict=True)], float)


def _right(values: Sequence[Labelled]) -> Shares:
    return np.array([v.right for v in values], float)


def _curve(values: Sequence[Labelled], evidence: dict[str, float], others: Curve | None) -> Curve:
    """A curve that never falls: steps of equal shares, each drawn to its prior, and made never to fall again."""
    from sklearn.isotonic import isotonic_regression  # noqa: PLC0415 - an extra, and slow to import

    said, place, counts = np.unique(_scored(values, evidence), return_inverse=True, return_counts=True)
    size = max(GROUP, len(values) // GROUPS)
    group = np.minimum(
        (np.cumsum(counts) - counts) // size, max(0, len(values) // size - 1)
    )  # equal scores stay together
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    right, total, said = (
        np.add.reduceat(some, starts).astype(float)
        for some in (np.bincount(place, weights=_right(values)), counts, said * counts)
    )
    shares = isotonic_regression(right / total, sample_weight=total)
    steps = np.flatnonzero(np.diff(shares, prepend=-1.0) > 0)
    right, total, said = (np.add.reduceat(some, steps) for some in (right, total, said))
    middle = said / total
    if others is None:
        drawn = (right + FOR_ALL) / (total + 2 * FOR_ALL)
    else:
        lent = LENT * np.array([others.at(m) for m in middle.tolist()])
        drawn = (right + FOR_KIND + lent) / (total + 2 * FOR_KIND + LENT)
    return Curve(_rounded(middle), _rounded(isotonic_regression(drawn, sample_weight=total)), len(values))


def _rounded(numbers: Shares) -> tuple[float, ...]:
    return tuple(round(number, 6) for number in numbers.tolist())
