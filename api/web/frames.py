"""The frame of a box on a page: a little wider than the box, so that it cuts no letter."""

from collections.abc import Sequence
from typing import TypeAlias

Sides: TypeAlias = tuple[float, float, float, float]  # x, y, width, height: shares of the page

MARGIN = 0.2  # at either side, in heights of the box: nine boxes of ten end within that of their last letter


def frame_of(box: Sequence[float]) -> Sides:
    """The sides of the frame of a box `x0, y0, x1, y1`; all are shares of the page, and none leaves it."""
    x0, y0, x1, y1 = box
    margin = MARGIN * (y1 - y0)
    left, right = max(0.0, x0 - margin), min(1.0, x1 + margin)
    return (left, y0, right - left, y1 - y0)
