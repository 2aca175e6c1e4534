"""One order out of several: reciprocal rank fusion, after Cormack, Clarke and Büttcher (SIGIR 2009)."""

from collections.abc import Hashable, Iterable
from typing import TypeVar

K = 60  # as the paper sets it: how little a first place counts more than a second

_Place = TypeVar("_Place", bound=Hashable)


def fuse(*ranks: Iterable[_Place], k: int = K) -> list[tuple[_Place, float]]:
    """All that stands in any of these orders (each the best first, each thing once), with its score, the best first.

    A thing's score is the sum of 1 / (k + place) over the orders that have it, places counted from 1; scores of the
    orders themselves play no part, so that they need not compare. Of equals the one of the earlier order comes first.
    """
    scores: dict[_Place, float] = {}
    for rank in ranks:
        for place, thing in enumerate(rank, 1):
            scores[thing] = scores.get(thing, 0.0) + 1 / (k + place)
    return sorted(scores.items(), key=lambda one: -one[1])
