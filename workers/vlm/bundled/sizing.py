"""The size at which a page is read: the finder and the reader know type of the usual height best.

A page of 100 dpi, or one set in small print, is found and read again enlarged: of clean pages at 100 dpi a quarter as
many characters are wrong then. Very large type is read from a smaller page. Figures: docs/log.md.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from workers.vlm.bundled.finder import SIDE, Segment

SMALL, LARGE = 18.0, 34.0  # pixels: line heights, usual on a page, that are read as they are
WANTED = 24.0  # the height that others are brought to, about
LEAST, MOST = 0.4, 2.0  # times
MOST_PIXELS = 6_000_000  # of an enlarged page

Size = tuple[float, float]


def zoom_for(segments: Sequence[Segment], size: Size) -> float:
    """How many times larger a page of this width and height is to be read; 1 where its type is of the usual height."""
    if not segments:
        return 1.0
    usual = usual_height(segments)
    if SMALL <= usual <= LARGE:
        return 1.0
    most = min(MOST, max(1.0, (MOST_PIXELS / (size[0] * size[1])) ** 0.5))
    zoom: float = min(most, max(LEAST, WANTED / usual))
    return zoom


def usual_height(segments: Sequence[Segment]) -> float:
    """The line height of a page by which half of its text, by length, is no taller. In pixels."""
    heights = torch.tensor([s.height for s in segments])  # (n,)
    lengths = torch.tensor([s.x1 - s.x0 for s in segments])  # (n,)
    order = heights.argsort()
    along = lengths[order].cumsum(0)
    return float(heights[order][torch.searchsorted(along, along[-1:] / 2)])


def zoomed(ink: Tensor, size: Size, zoom: float) -> tuple[Tensor, Size]:
    """A page's ink (1, 1, H, W) of this width and height, larger or smaller; sides are multiples of SIDE again."""
    if zoom == 1.0:
        return ink, size
    width, height = (max(SIDE, round(side * zoom)) for side in size)
    page = ink[:, :, : round(size[1]), : round(size[0])]
    page = F.interpolate(page, (height, width), mode="bicubic", antialias=zoom < 1, align_corners=False).clamp(0, 1)
    right, below = -width % SIDE, -height % SIDE
    return F.pad(page, (0, right, 0, below)), (float(width), float(height))
