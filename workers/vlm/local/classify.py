"""Which label fits a page: how likely the model finds each of them as its reply, and none of them when unsure."""

import math
from collections.abc import Sequence

from core.records import StopReason
from workers.vlm.asking import NONE_OF_THESE
from workers.vlm.interface import Generation
from workers.vlm.local.decode import Spoken

SURE = 0.5  # the share of the likelihood that a label needs
_LEAST = 1e-30  # below it, likelihoods are all the same


def candidates(labels: Sequence[str]) -> tuple[str, ...]:
    """The labels, each once, and the way out."""
    return tuple(dict.fromkeys((*labels, NONE_OF_THESE)))


def verdict(names: Sequence[str], spoken: Sequence[Spoken], seconds: float) -> Generation:
    """The likeliest label by the product of its tokens' probabilities; None where that is the way out, or unsure."""
    stopped = next((s.stop for s in spoken if s.stop is not StopReason.END), None)
    if stopped is not None:
        return Generation(None, None, None, stopped, seconds)
    logs = [sum(math.log(max(chance, _LEAST)) for chance in s.chances) for s in spoken]
    weights = [math.exp(log - max(logs)) for log in logs]
    shares = [weight / sum(weights) for weight in weights]
    best = max(range(len(names)), key=shares.__getitem__)
    if names[best] == NONE_OF_THESE:
        return Generation(None, spoken[best].chances, None, StopReason.END, seconds, shares[best])
    if shares[best] < SURE:
        return Generation(None, spoken[best].chances, None, StopReason.END, seconds, 1 - shares[best])
    return Generation(names[best], spoken[best].chances, None, StopReason.END, seconds, shares[best])
