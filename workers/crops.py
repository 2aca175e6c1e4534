"""Boxes of a page cut out, to be looked at alone: each as a picture, or many on one white sheet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from core.records import Box

AROUND, ABOVE = 0.35, 0.25  # of a box's height, cut with it at its sides, and above and below
LARGEST = 4.0  # how many times larger a crop is made at most: more than that shows nothing more
PAPER = 90  # the percentile of a crop's levels that is taken for its paper, and made white
DARKEST_PAPER = 64  # a crop without anything so light is left as it is
GAP = 32  # pixels of white round a crop on a sheet: a reader's sight of its neighbours ends before
WIDEST = 1240  # pixels of a sheet, unless a crop is wider
MOST_PIXELS = 2_000_000  # of a sheet with more than one crop: a larger picture would be shown smaller


@dataclass(frozen=True, slots=True)
class Crop:
    """What a box shows with a little round it, and where the box stands in that, in shares of the picture."""

    image: Image.Image
    place: Box


@dataclass(frozen=True, slots=True)
class Sheet:
    """Crops on white paper, and where each one's box stands on it, in shares of the sheet."""

    image: Image.Image
    places: tuple[Box, ...]


def crop_of(page: Image.Image, box: Box, height: int | None = None) -> Crop:
    """A box of a page in gray on white paper; `height` is that of the box in pixels, by default as on the page."""
    x0, y0, x1, y1 = _in_pixels(box, page.size)
    tall = max(1.0, y1 - y0)
    left, right = _cut(x0 - AROUND * tall, x1 + AROUND * tall, page.width)
    top, low = _cut(y0 - ABOVE * tall, y1 + ABOVE * tall, page.height)
    image = _on_white(page.crop((left, top, right, low)).convert("L"))
    scale = 1.0 if height is None else min(LARGEST, height / tall)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    if size != image.size:
        image = image.resize(size, Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.LANCZOS)
    wide, high = right - left, low - top
    return Crop(image, Box((x0 - left) / wide, (y0 - top) / high, (x1 - left) / wide, (y1 - top) / high))


def sheets_of(crops: Sequence[Crop]) -> Iterator[Sheet]:
    """The crops in order on as few sheets as hold them, row after row, with white between."""
    start = 0
    while start < len(crops):
        width = max(WIDEST, crops[start].image.width + 2 * GAP)
        corners, height = _laid_out(crops[start:], width)
        yield _sheet(crops[start : start + len(corners)], corners, (width, height))
        start += len(corners)


def _laid_out(crops: Sequence[Crop], width: int) -> tuple[list[tuple[int, int]], int]:
    """Where the first crops go on a sheet of this width, as many as it holds and one at least, and its height."""
    corners: list[tuple[int, int]] = []
    x, y, row = GAP, GAP, 0
    for crop in crops:
        wide, high = crop.image.size
        if corners and x + wide + GAP > width:
            x, y, row = GAP, y + row + GAP, 0
        full = (y + max(row, high) + GAP) * width > MOST_PIXELS or wide + 2 * GAP > width
        if corners and full:
            break
        corners.append((x, y))
        x, row = x + wide + GAP, max(row, high)
    return corners, y + row + GAP


def _sheet(crops: Sequence[Crop], corners: Sequence[tuple[int, int]], size: tuple[int, int]) -> Sheet:
    image = Image.new("L", size, 255)
    places = []
    for crop, (x, y) in zip(crops, corners, strict=True):
        image.paste(crop.image, (x, y))
        sides = _in_pixels(crop.place, crop.image.size)
        x0, y0, x1, y1 = (side + by for side, by in zip(sides, (x, y, x, y), strict=True))
        places.append(Box(x0 / size[0], y0 / size[1], x1 / size[0], y1 / size[1]))
    return Sheet(image, tuple(places))


def _in_pixels(box: Box, size: tuple[int, int]) -> tuple[float, float, float, float]:
    width, height = size
    return box.x0 * width, box.y0 * height, box.x1 * width, box.y1 * height


def _cut(start: float, end: float, length: int) -> tuple[int, int]:
    """A stretch of a side in whole pixels, at least one of them, within the page."""
    first = min(max(0, round(start)), length - 1)
    return first, min(length, max(first + 1, round(end)))


def _on_white(gray: Image.Image) -> Image.Image:
    """The crop with its paper made white, so that no edge is seen where it is pasted; dark ground stays dark."""
    levels = np.asarray(gray, np.float32)
    paper = float(np.percentile(levels, PAPER))
    if paper < DARKEST_PAPER or paper >= 255:  # noqa: PLR2004 - white
        return gray
    return Image.fromarray(np.clip(levels * (255 / paper), 0, 255).astype(np.uint8))
