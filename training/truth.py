"""From rendered pages to what the network's parts should say: ink, segments, maps of cells."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.render import Grade, Page, Run, compose, degrade, rasterize
from training.render.page import Split
from workers.vlm.bundled.finder import STRIDE, Segment

GRADES = (Grade.CLEAN, Grade.SCAN, Grade.PHOTO, Grade.FAINT, Grade.LOW)
USUAL_DPI = 150  # the product's own


@dataclass(frozen=True, slots=True)
class Mix:
    """How pages to learn from are shown: the grades' shares, and the range of resolutions of those that have one."""

    shares: tuple[float, ...]  # of GRADES
    dpi: Mapping[Grade, tuple[int, int]]


USUAL_MIX = Mix((0.45, 0.3, 0.09, 0.08, 0.08), {Grade.CLEAN: (100, 160)})


@dataclass(frozen=True, slots=True)
class Shown:
    """A page as the network sees it, and where its runs stand in that picture."""

    page: Page
    ink: Tensor  # (1, 1, H, W), 0 white to 1 black, sides multiples of 32
    segments: tuple[Segment, ...]  # one for each run of the page
    scale: float  # picture pixels per point
    affine: NDArray[np.float64]  # (2, 3), undegraded pixels to picture pixels
    size: tuple[int, int]  # width and height of the picture without padding


def show(page: Page, rng: np.random.Generator, dpi: int = 150, grade: Grade | None = None) -> Shown:
    """Rasterize and degrade a page; a grade is drawn where none is given."""
    gray = rasterize(page, dpi)
    grade = grade if grade is not None else GRADES[rng.choice(len(GRADES), p=USUAL_MIX.shares)]
    gray, affine = degrade(gray, grade, rng)
    scale = dpi / 72
    segments = tuple(segment_of(run, scale, affine) for run in page.runs)
    return Shown(page, ink_of(gray), segments, scale, affine, (gray.shape[1], gray.shape[0]))


def ink_of(gray: NDArray[np.uint8]) -> Tensor:
    """Gray (H, W) to ink (1, 1, H', W'), padded with white to multiples of 32."""
    height, width = (-(-side // 32) * 32 for side in gray.shape)
    ink = torch.zeros(1, 1, height, width)
    ink[0, 0, : gray.shape[0], : gray.shape[1]] = torch.from_numpy((255.0 - gray) / 255.0)
    return ink


def segment_of(run: Run, scale: float, affine: NDArray[np.float64]) -> Segment:
    """A run's line box in the picture."""
    middle = (run.baseline + (run.descent - run.ascent) / 2) * scale
    x0, y0 = affine @ (run.x * scale, middle, 1.0)
    x1, y1 = affine @ (run.edges[-1] * scale, middle, 1.0)
    zoom = float(np.hypot(affine[0, 0], affine[1, 0]))
    return Segment(float(x0), float(x1), float(y0), float(y1), (run.ascent + run.descent) * scale * zoom)


def jittered(segment: Segment, rng: np.random.Generator) -> Segment:
    """A segment as a finder would have it: a little off, and in a face that it does not know, up to a fifth."""
    height = segment.height * math.exp(rng.normal(0, 0.09))
    lift = segment.height * rng.normal(0, 0.045)
    tilt = segment.height * rng.normal(0, 0.015)
    left, right = segment.height * rng.normal(0, 0.08, 2)
    return Segment(
        segment.x0 + left,
        max(segment.x1 + right, segment.x0 + left + 2),
        segment.y0 + lift - tilt,
        segment.y1 + lift + tilt,
        height,
    )


def cells_of(shown: Shown) -> tuple[Tensor, Tensor]:
    """The finder's target map (3, h, w) and the weight of each cell (h, w): cells at a core's rim count for less."""
    h, w = shown.ink.shape[2] // STRIDE, shown.ink.shape[3] // STRIDE
    target, weight = torch.zeros(3, h, w), torch.ones(h, w)
    for run, segment in zip(shown.page.runs, shown.segments, strict=True):
        share = run.ascent / (run.ascent + run.descent)
        _paint(target, weight, segment, share)
    return target, weight


def _paint(target: Tensor, weight: Tensor, segment: Segment, share: float) -> None:
    """Paint one segment's core: from the height of small letters to just above the baseline, column by column."""
    x0, x1 = round(segment.x0 / STRIDE), max(round(segment.x1 / STRIDE), round(segment.x0 / STRIDE) + 1)
    columns = np.arange(max(x0, 0), min(x1, target.shape[2]))
    along = ((columns + 0.5) * STRIDE - segment.x0) / max(segment.x1 - segment.x0, 1.0)
    top = segment.y0 + (segment.y1 - segment.y0) * along - segment.height / 2
    base = top + share * segment.height
    high, low = (base - 0.46 * segment.height) / STRIDE, (base - 0.02 * segment.height) / STRIDE
    first = np.maximum(np.round(high), 0).astype(int)
    last = np.maximum(np.round(low).astype(int), first + 1)
    for column, a, b, t in zip(columns, first, last, top / STRIDE, strict=True):
        end = min(int(b), target.shape[1])
        rows = torch.arange(a, end)
        target[0, a:end, column] = 1
        target[1, a:end, column] = rows + 0.5 - t
        target[2, a:end, column] = t + segment.height / STRIDE - rows - 0.5
        weight[max(a - 1, 0) : a, column] = 0.3
        weight[end : end + 1, column] = 0.3


def show_training(seed: int, family: str | None = None, mix: Mix = USUAL_MIX) -> Shown:
    """A page to learn from: its grade is drawn, and for some grades its resolution, the usual in three of five."""
    rng = np.random.default_rng(seed)
    grade = GRADES[rng.choice(len(GRADES), p=mix.shares)]
    usual = grade not in mix.dpi or rng.random() < 0.6
    dpi = USUAL_DPI if usual else int(rng.integers(*mix.dpi[grade]))
    return show(compose(seed, Split.TRAIN, family), rng, dpi, grade)


def show_seed(seed: int, split: Split, family: str | None = None, grade: Grade | None = None, dpi: int = 150) -> Shown:
    """Compose and show the page of a seed."""
    return show(compose(seed, split, family), np.random.default_rng(seed), dpi, grade)
