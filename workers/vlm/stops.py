"""Why a generation ends before its end: it repeats itself, or nobody waits for it any more."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from transformers import StoppingCriteria

from workers.vlm.loops import LEAST_ROUNDS, LONGEST_CYCLE, loops


class LoopStop(StoppingCriteria):  # type: ignore[misc]
    """Ends the rows of a batch that loop; `start` is how many tokens the prompt has in a row.

    `lengths` tells afterwards which rows looped, and how many new tokens each had then: padding follows.
    """

    def __init__(self, start: int) -> None:
        self.start = start
        self.lengths: dict[int, int] = {}

    def __call__(self, input_ids: Tensor, _scores: Any, **_: Any) -> Tensor:
        """Rows to end, (B,)."""
        rows = input_ids[:, self.start :][:, -LONGEST_CYCLE * LEAST_ROUNDS :].tolist()  # (B, at most 128)
        looping = [loops(row) for row in rows]
        for number in (n for n, found in enumerate(looping) if found):
            self.lengths.setdefault(number, input_ids.shape[1] - self.start)
        return torch.tensor(looping, device=input_ids.device)


class CancelStop(StoppingCriteria):  # type: ignore[misc]
    """Ends the whole batch at its next token once nobody waits for it; `seen` tells afterwards."""

    def __init__(self, cancelled: Callable[[], bool]) -> None:
        self.cancelled = cancelled
        self.seen = False

    def __call__(self, input_ids: Tensor, _scores: Any, **_: Any) -> Tensor:
        """All rows or none, (B,)."""
        self.seen = self.seen or self.cancelled()
        return torch.full((input_ids.shape[0],), self.seen, dtype=torch.bool, device=input_ids.device)
