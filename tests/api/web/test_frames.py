"""Frames on pages: no letter of a value is cut, and none leaves the page."""

import pytest

from api.web.frames import frame_of


def test_a_frame_is_a_little_wider_than_its_box() -> None:
    assert frame_of((0.4, 0.5, 0.6, 0.52)) == pytest.approx((0.396, 0.5, 0.208, 0.02))


def test_a_frame_ends_where_the_page_does() -> None:
    assert frame_of((0.0, 0.1, 1.0, 0.2)) == pytest.approx((0.0, 0.1, 1.0, 0.1))
