"""Why a generation ends before its end: it repeats itself, or nobody waits for it any more."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import StoppingCriteria

LONGEST_CYCLE = 32  # tokens
LEAST_REPEATED = 24  # tokens: a number of twenty equal digits is no loop
LEAST_ROUNDS = 4


def loops(tokens: Sequence[int]) -> bool:
    """Whether a text ends in one short cycle that was said again and again."""
    for cycle in range(1, min(LONGEST_CYCLE, len(tokens) // LEAST_ROUNDS) + 1):
        rounds = max(LEAST_ROUNDS, -(-LEAST_REPEATED // cycle))
        tail = tokens[-cycle * rounds :]
        if len(tail) == cycle * rounds and all(tail[i] == tail[i % cycle] for i in range(cycle, len(tail))):
            return True
    return False


class LoopStop(StoppingCriteria):  # type: ignore[misc]
    """Ends the rows of a batch that loop; `start` is how many tokens the prompt has in a row."""

    def __init__(self, start: int) -> None:
        self.start = start

    def __call__(self, input_ids: Tensor, _scores: Any, **_: Any) -> Tensor:
        """Rows to end, (B,)."""
        rows = input_ids[:, self.start :][:, -LONGEST_CYCLE * LEAST_ROUNDS :].tolist()  # (B, at most 128)
        return torch.tensor([loops(row) for row in rows], device=input_ids.device)


class CancelStop(StoppingCriteria):  # type: ignore[misc]
    """Ends the whole batch at its next token once nobody waits for it; `seen` tells afterwards."""

    def __init__(self, cancelled: Callable[[], bool]) -> None:
        self.cancelled = cancelled
        self.seen = False

    def __call__(self, input_ids: Tensor, _scores: Any, **_: Any) -> Tensor:
        """All rows or none, (B,)."""
        self.seen = self.seen or self.cancelled()
        return torch.full((input_ids.shape[0],), self.seen, dtype=torch.bool, device=input_ids.device)
