"""Orders of pages made one."""

import pytest

from storage.fusion import fuse


def test_what_both_orders_have_comes_before_what_one_has_alone() -> None:
    fused = fuse(["a", "b", "c"], ["d", "b", "a"])
    assert [page for page, _ in fused] == ["a", "b", "d", "c"]
    assert fused[0][1] == pytest.approx(1 / 61 + 1 / 63)
    assert fused[3][1] == pytest.approx(1 / 63)


def test_one_order_alone_stays_as_it_is_and_equals_follow_the_earlier_order() -> None:
    assert [page for page, _ in fuse(["b", "a"])] == ["b", "a"]
    assert [page for page, _ in fuse(["words"], ["looks"])] == ["words", "looks"]
    assert fuse([], []) == []
