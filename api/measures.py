"""What is said of many outcomes together: intervals of shares, and whether confidence means what it says."""

import math
import random
from collections.abc import Callable, Sequence

Interval = tuple[float, float]
Said = Sequence[tuple[float, bool]]  # confidence, and whether that was right

COVERAGES = (0.5, 0.8, 0.9, 0.95, 1.0)
_BINS = 10
_DRAWS = 500
_Z = 1.96  # of 95 %


def wilson(right: int, total: int) -> Interval | None:
    """The 95 % interval of a share (Wilson's); None of nothing."""
    if not total:
        return None
    share, spread = right / total, _Z * _Z / total
    middle = (share + spread / 2) / (1 + spread)
    half = _Z * math.sqrt(share * (1 - share) / total + spread / (4 * total)) / (1 + spread)
    return (max(0.0, middle - half), min(1.0, middle + half))


def bootstrap(parts: Sequence[tuple[float, ...]], figure: Callable[[Sequence[float]], float | None]) -> Interval | None:
    """The 95 % interval of a figure of sums, when the documents that they are sums over are drawn anew, always alike.

    None where there are fewer than two documents.
    """
    if len(parts) < 2:  # noqa: PLR2004 - one document tells nothing of others
        return None
    dice = random.Random(0)  # noqa: S311 - always the same draws, no secret
    drawn = []
    for _ in range(_DRAWS):
        sums = [sum(column) for column in zip(*dice.choices(parts, k=len(parts)), strict=True)]
        told = figure(sums)
        if told is not None:
            drawn.append(told)
    return _middle(drawn) if drawn else None


def calibration_error(said: Said) -> float | None:
    """How far confidence is from the share that is right, in ten equal steps of it; None of nothing."""
    if not said:
        return None
    steps: list[list[tuple[float, bool]]] = [[] for _ in range(_BINS)]
    for confidence, right in said:
        steps[min(_BINS - 1, int(confidence * _BINS))].append((confidence, right))
    return sum(abs(sum(c - r for c, r in step)) for step in steps) / len(said)


def calibration_interval(said: Said) -> Interval | None:
    """The 95 % interval of the calibration error, when values are drawn anew, always alike."""
    if len(said) < 2:  # noqa: PLR2004 - one value tells nothing of others
        return None
    dice = random.Random(0)  # noqa: S311 - always the same draws, no secret
    return _middle([calibration_error(dice.choices(said, k=len(said))) or 0.0 for _ in range(_DRAWS // 5)])


def risks(said: Said) -> dict[str, float | None]:
    """The share that is wrong among the surest values, by how many of all values that takes in."""
    return {at: wrong / total if total else None for at, (wrong, total) in _wrong_of(said).items()}


def risk_intervals(said: Said) -> dict[str, Interval | None]:
    """The 95 % intervals of these shares."""
    return {at: wilson(wrong, total) for at, (wrong, total) in _wrong_of(said).items()}


def _wrong_of(said: Said) -> dict[str, tuple[int, int]]:
    """How many are wrong of how many, by coverage."""
    ordered = [right for _, right in sorted(said, key=lambda one: -one[0])]
    taken = {str(coverage): ordered[: math.ceil(coverage * len(ordered))] for coverage in COVERAGES}
    return {at: (some.count(False), len(some)) for at, some in taken.items()}


def _middle(drawn: Sequence[float]) -> Interval:
    """Where 95 % of what was drawn lies."""
    ordered = sorted(drawn)
    return ordered[int(0.025 * len(ordered))], ordered[math.ceil(0.975 * len(ordered)) - 1]
