"""From values that are known to be right or wrong to a table of what a model's confidence means.

First how evidence counts, by logistic regression; then a curve over all values, and one for each kind of which enough
are known, by isotonic regression. Every share is drawn towards a prior, so that few values never make a sure one.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.records import FieldKind, LayerVerdict
from workers.confidence import ABSENT, ANY, EVIDENCE, UNVERIFIED, Curve, TrustTable, evidence_of, log_odds, scores

FEWEST = 20  # values of a kind that has a curve of its own
FOR_ALL = (1.0, 2.0)  # right ones, and all, that each share of the curve over all values begins with: Laplace's rule
FOR_KIND = 20.0  # values that a kind's share begins with, right as often as those of all other kinds
_HELD = 1.0  # how firmly evidence is held at counting nothing, and confidence at counting as it is
_STEPS = 30
_LEAST_SLOPE = 0.2
_AGAINST = frozenset({UNVERIFIED, LayerVerdict.CLASHES.value})

Shares = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A value, or that a field is absent, as a model said it, and whether that is right."""

    kind: FieldKind | None  # None: an absent field
    confidence: float
    right: bool
    verified: bool | None = None
    layer: LayerVerdict | None = None


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
    """What each piece of evidence adds to the log odds of a value: Newton's steps to the likeliest, held by a prior.

    What speaks for a value never counts against it, nor the other way round.
    """
    if not values:
        return {}
    marks = [[name in evidence_of(verified=v.verified, layer=v.layer) for name in EVIDENCE] for v in values]
    odds = log_odds(np.array([v.confidence for v in values], float))
    inputs = np.column_stack([odds, np.ones_like(odds), np.array(marks, float)])
    start = np.array([1.0, *[0.0] * (inputs.shape[1] - 1)])
    weights = start.copy()
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(inputs @ weights, -30, 30)))
        slope = inputs.T @ (chance - _right(values)) + _HELD * (weights - start)
        bend = (inputs * (chance * (1 - chance))[:, None]).T @ inputs + _HELD * np.eye(len(weights))
        weights = weights - np.linalg.solve(bend, slope)
    scale = max(float(weights[0]), _LEAST_SLOPE)
    sensed = {
        name: min(weight, 0.0) if name in _AGAINST else max(weight, 0.0)
        for name, weight in zip(EVIDENCE, weights[2:].tolist(), strict=True)
    }
    return {name: round(weight / scale, 3) for name, weight in sensed.items()}


def _scored(values: Sequence[Labelled], evidence: dict[str, float]) -> Shares:
    shifts = [sum(evidence.get(n, 0.0) for n in evidence_of(verified=v.verified, layer=v.layer)) for v in values]
    return scores(np.array([v.confidence for v in values], float), np.array(shifts, float))


def _right(values: Sequence[Labelled]) -> Shares:
    return np.array([v.right for v in values], float)


def _curve(values: Sequence[Labelled], evidence: dict[str, float], others: Curve | None) -> Curve:
    """A curve that never falls: steps of equal shares, each drawn to its prior, and made never to fall again."""
    from sklearn.isotonic import isotonic_regression  # noqa: PLC0415 - an extra, and slow to import

    said, place, counts = np.unique(_scored(values, evidence), return_inverse=True, return_counts=True)
    right = np.bincount(place, weights=_right(values))  # of each score, as equal ones are one step
    shares = isotonic_regression(right / counts, sample_weight=counts.astype(float))
    steps = np.flatnonzero(np.diff(shares, prepend=-1.0) > 0)
    size = np.add.reduceat(counts, steps).astype(float)
    middle = np.add.reduceat(said * counts, steps) / size
    good, total = FOR_ALL
    prior = np.full(len(steps), good)
    if others is not None:
        prior, total = FOR_KIND * np.array([others.at(m) for m in middle.tolist()]), FOR_KIND
    drawn = (np.add.reduceat(right, steps) + prior) / (size + total)
    return Curve(_rounded(middle), _rounded(isotonic_regression(drawn, sample_weight=size)), len(values))


def _rounded(numbers: Shares) -> tuple[float, ...]:
    return tuple(round(number, 6) for number in numbers.tolist())
