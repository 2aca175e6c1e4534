"""The finder: from a page's ink to the lines of text that stand on it."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own habit

SIDE = 32  # a page's sides are multiples of it: they are halved five times
STRIDE = 4  # page pixels per cell of the finder's map: half resolution, then an unshuffle by 2
COARSE, WINDOW = 8, 13  # the ground is sought in squares of 8 pixels, 13 of them on each side
MINIMUM_CELLS = 2  # smaller specks are not text


@dataclass(frozen=True, slots=True)
class Segment:
    """A straight piece of a line of text, in page pixels: its ends, the middle's height at both, and how tall it is."""

    x0: float
    x1: float
    y0: float  # middle of the line at x0
    y1: float  # middle of the line at x1
    height: float  # from the top of the tallest letter to the bottom of the deepest


def without_ground(ink: Tensor) -> Tensor:
    """Ink (B, 1, H, W) above the paper's own gray, which is the lightest within about a hundred pixels, smoothed.

    A photograph's shadow and a scanner's gray paper look like clean paper then; dark bands with white text stay dark.
    """
    coarse = F.avg_pool2d(ink, COARSE)  # (B, 1, H/8, W/8)
    lightest = -F.max_pool2d(-coarse, WINDOW, stride=1, padding=WINDOW // 2)
    ground = F.avg_pool2d(lightest, WINDOW, stride=1, padding=WINDOW // 2, count_include_pad=False)
    ground = F.interpolate(ground, scale_factor=float(COARSE), mode="bilinear")  # (B, 1, H, W)
    return ((ink - ground) / (1 - ground).clamp_min(0.3)).clamp(0, 1)


class Block(nn.Module):
    """Two 3x3 convolutions with a short cut."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.one = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm_one = nn.BatchNorm2d(width)
        self.two = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm_two = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        """Refine (B, width, H, W) in place of size."""
        hidden = F.relu(self.norm_one(self.one(x)))  # (B, width, H, W)
        return F.relu(x + self.norm_two(self.two(hidden)))  # (B, width, H, W)


class Down(nn.Module):
    """A convolution that halves height and width by the given stride, normed."""

    def __init__(self, before: int, after: int, stride: int | tuple[int, int]) -> None:
        super().__init__()
        self.conv = nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(after)

    def forward(self, x: Tensor) -> Tensor:
        """(B, before, H, W) to (B, after, H/stride, W/stride)."""
        return F.relu(self.norm(self.conv(x)))


class Finder(nn.Module):
    """A small U-Net over the half-resolution page: per cell, whether a line's core runs through, and how tall it is.

    Channels of the output: logit of core; distance to the line's top and to its bottom, in cells.
    """

    def __init__(self, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.stem = Down(4, widths[0], 1)
        self.first = Block(widths[0])
        self.downs = nn.ModuleList(Down(a, b, 2) for a, b in pairwise(widths))
        self.blocks = nn.ModuleList(Block(w) for w in widths[1:])
        self.ups = nn.ModuleList(nn.Conv2d(b, a, 1, bias=False) for a, b in pairwise(widths))
        self.mends = nn.ModuleList(Down(a, a, 1) for a in widths[:-1])
        self.head = nn.Conv2d(widths[0], 3, 3, padding=1)

    def forward(self, ink: Tensor) -> Tensor:
        """(B, 1, H, W) of ink 0..1 without ground, sides multiples of 32, to (B, 3, H/4, W/4)."""
        half = F.avg_pool2d(ink, 2)  # (B, 1, H/2, W/2)
        x = self.first(self.stem(F.pixel_unshuffle(half, 2)))  # (B, w0, H/4, W/4)
        stairs = [x]
        for down, block in zip(self.downs, self.blocks, strict=True):
            x = block(down(x))  # (B, wi, H/4/2^i, W/4/2^i)
            stairs.append(x)
        for level in reversed(range(len(self.downs))):
            low = F.interpolate(self.ups[level](x), scale_factor=2.0, mode="nearest")  # (B, wi, ...)
            x = self.mends[level](stairs[level] + low)
        out: Tensor = self.head(x)  # (B, 3, H/4, W/4)
        return torch.cat([out[:, :1], F.softplus(out[:, 1:])], 1)


def segments_from(cells: NDArray[np.float32]) -> list[Segment]:
    """Connect the core cells of one map (3, h, w) to straight segments in page pixels, top to bottom."""
    core = cells[0] > 0  # the logit's sign: p > 0.5
    labels, count = ndimage.label(core, structure=np.ones((3, 3), int))
    found = []
    for number, window in enumerate(ndimage.find_objects(labels, count), start=1):
        rows, columns = np.nonzero(labels[window] == number)
        if len(rows) < MINIMUM_CELLS:
            continue
        rows, columns = rows + window[0].start, columns + window[1].start
        above, below = cells[1, rows, columns], cells[2, rows, columns]
        middle = rows + 0.5 + (below - above) / 2
        found.append(_fit(columns + 0.5, middle, float(np.median(above + below))))
    return sorted(found, key=lambda s: (s.y0 + s.y1, s.x0))


def _fit(x: NDArray[np.float64], middle: NDArray[np.float64], height: float) -> Segment:
    """A straight line through the middles; level where the piece is too short to tell a slope."""
    centre, mean = float(x.mean()), float(middle.mean())
    spread = float(((x - centre) ** 2).sum())
    long_enough = float(np.ptp(x)) > 4 * height
    slope = float(((x - centre) * (middle - mean)).sum()) / spread if long_enough and spread else 0.0
    x0, x1 = float(x.min()) - 0.5, float(x.max()) + 0.5
    y0, y1 = mean + slope * (x0 - centre), mean + slope * (x1 - centre)
    return Segment(x0 * STRIDE, x1 * STRIDE, y0 * STRIDE, y1 * STRIDE, height * STRIDE)
