"""Rows in batches: up to a budget of tokens, of like length together, halved where memory runs out."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import torch

from core.logs import get_log

_log = get_log(__name__)
_Row = TypeVar("_Row")
_Out = TypeVar("_Out")


def batches(
    costs: Sequence[int], kinds: Sequence[object], most: int, rows: int, *, ragged: bool
) -> Iterator[list[int]]:
    """Numbers of rows that go together: of one kind, alike in length, `rows` at most, padded within `most` tokens."""
    order = sorted(range(len(costs)), key=lambda n: (str(kinds[n]), costs[n]))
    batch: list[int] = []
    for number in order:
        if batch and not _joins(batch, number, costs, kinds, most, rows, ragged=ragged):
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch


def _joins(
    batch: list[int],
    number: int,
    costs: Sequence[int],
    kinds: Sequence[object],
    most: int,
    rows: int,
    *,
    ragged: bool,
) -> bool:
    if kinds[number] != kinds[batch[0]] or len(batch) == rows:
        return False
    alike = ragged or costs[number] == costs[batch[0]]
    return alike and (len(batch) + 1) * costs[number] <= most


def run_halving(rows: Sequence[_Row], run: Callable[[Sequence[_Row]], list[_Out]]) -> list[_Out]:
    """All rows at once; where memory runs out, each half by itself. One row that does not fit alone is raised."""
    try:
        return run(rows)
    except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
        if len(rows) == 1 or not ran_out_of_memory(error):
            raise
    _log.warning("model.out_of_memory", rows=len(rows))
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    middle = len(rows) // 2
    return [*run_halving(rows[:middle], run), *run_halving(rows[middle:], run)]


def ran_out_of_memory(error: BaseException) -> bool:
    """Whether an error is a lack of memory, on a device or on the machine."""
    said = str(error).lower()
    return (
        isinstance(error, torch.OutOfMemoryError | MemoryError) or "out of memory" in said or "allocate memory" in said
    )
