"""Rows are batched within their budget, and a lack of memory costs no reply."""

from collections.abc import Sequence

import pytest
import torch

from workers.vlm.local.batches import batches, run_halving
from workers.vlm.local.pages import Page, RecentPages


def test_rows_of_like_length_go_together_within_the_budget() -> None:
    costs = [10, 90, 12, 80, 11, 40]
    made = list(batches(costs, ["a"] * 6, most=180, rows=16, ragged=True))
    assert made == [[0, 4, 2, 5], [3, 1]]
    assert all(len(batch) * max(costs[n] for n in batch) <= 180 for batch in made)


def test_a_row_that_is_larger_than_the_budget_goes_alone() -> None:
    assert list(batches([500, 10], ["a"] * 2, most=100, rows=16, ragged=True)) == [[1], [0]]


def test_rows_of_other_kinds_or_too_many_part() -> None:
    assert list(batches([1, 1, 1], ["a", "b", "a"], most=100, rows=16, ragged=True)) == [[0, 2], [1]]
    assert list(batches([1] * 5, ["a"] * 5, most=100, rows=2, ragged=True)) == [[0, 1], [2, 3], [4]]


def test_positions_that_count_padding_allow_equal_lengths_alone() -> None:
    assert list(batches([3, 4, 3], ["a"] * 3, most=100, rows=16, ragged=False)) == [[0, 2], [1]]


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory."),
        MemoryError(),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes."),
    ],
)
def test_a_batch_that_does_not_fit_is_halved_until_it_does(error: Exception) -> None:
    sizes: list[int] = []

    def run(rows: Sequence[int]) -> list[int]:
        sizes.append(len(rows))
        if len(rows) > 2:
            raise error
        return [row * 10 for row in rows]

    assert run_halving(range(7), run) == [0, 10, 20, 30, 40, 50, 60]
    assert sizes == [7, 3, 1, 2, 4, 2, 2]


def test_a_row_that_does_not_fit_alone_and_another_fault_are_told() -> None:
    def fail(_rows: Sequence[int]) -> list[int]:
        raise torch.OutOfMemoryError("no")

    def break_down(_rows: Sequence[int]) -> list[int]:
        raise RuntimeError("shapes differ")

    with pytest.raises(torch.OutOfMemoryError):
        run_halving([1, 2], fail)
    with pytest.raises(RuntimeError, match="shapes"):
        run_halving([1, 2], break_down)


def page_of(numbers: int) -> Page:
    return Page((1, 1), features=torch.zeros(numbers))  # four bytes each


def test_pages_that_were_not_asked_for_longest_go_first() -> None:
    kept = RecentPages(most=100)
    first, second = kept.get("a", lambda: page_of(10)), kept.get("b", lambda: page_of(10))
    assert kept.get("a", lambda: page_of(1)) is first
    kept.get("c", lambda: page_of(10))
    assert (len(kept), kept.bytes) == (2, 80)
    assert kept.get("a", lambda: page_of(1)) is first
    assert kept.get("b", lambda: page_of(10)) is not second


def test_a_page_that_is_larger_than_the_store_leaves_the_others_alone() -> None:
    kept = RecentPages(most=100)
    small = kept.get("a", lambda: page_of(10))
    assert kept.get("b", lambda: page_of(100)).size == 400
    assert (len(kept), kept.bytes) == (1, 40)
    assert kept.get("a", lambda: page_of(1)) is small
