"""What a reader learns from: strips cut from rendered pages, varied beyond what the fonts at hand can show."""

import re
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from training.truth import Shown, jittered
from workers.vlm.bundled.configuration import IDS
from workers.vlm.bundled.finder import Segment, without_ground
from workers.vlm.bundled.reader import FRAME, batches, cut, pyramid_of, strip_width

Strip = tuple[Tensor, list[int]]  # ink (height, width) and character ids
VARIED = 0.8  # the share of strips that are varied at all
LEADER = re.compile(r"([._…-])\1{3,}")
PAD = 4  # a strip's width is a multiple of this


def ids_of(text: str) -> list[int]:
    """A run's character ids: spaces folded, and dotted lines to three of their dots, as nobody counts them."""
    return [IDS[c] for c in folded_leaders(" ".join(text.split()))]


def folded_leaders(text: str) -> str:
    """Rows of one sign that only lead the eye, cut to three."""
    return LEADER.sub(r"\1\1\1", text)


def strips_of(shown: Shown, rng: np.random.Generator | None, height: int, *, vary: bool = False) -> list[Strip]:
    """Every run of the page as strip and ids; `rng` puts lines off as a finder would, `vary` changes the letters."""
    pyramid = pyramid_of(without_ground(shown.ink))
    segments: list[Segment] = [jittered(s, rng) if rng else s for s in shown.segments]
    out = []
    for group in batches(segments, height):
        strips = cut(pyramid, [segments[i] for i in group], height)
        for strip, index in zip(strips[:, 0], group, strict=True):
            ids = ids_of(shown.page.runs[index].text)
            ink = strip[:, : strip_width(segments[index], height)]
            if rng and vary and rng.random() < VARIED:
                ink = varied(ink, rng)
            if ids and ink.shape[1] // FRAME >= len(ids) + sum(a == b for a, b in pairwise(ids)):
                out.append((ink, ids))
    return out


def varied(ink: Tensor, rng: np.random.Generator) -> Tensor:
    """The same text as another face would set it: wider or narrower, slanted, bolder or lighter; darker or noisier."""
    ink = reshaped(ink, rng)
    luck = rng.random()
    if luck < 0.45:
        ink = reweighted(ink, rng, bolder=luck < 0.25)
    ink = ink.clamp_min(0) ** float(np.exp(rng.normal(0, 0.3))) + ink.clamp_max(0)
    if rng.random() < 0.3:
        ink = ink + torch.from_numpy(rng.normal(0, rng.uniform(0.01, 0.08), ink.shape).astype(np.float32))
    return ink.clamp(-0.5, 1.0)


def reshaped(ink: Tensor, rng: np.random.Generator) -> Tensor:
    """Stretched along the line, and now and then slanted or warped: letters of other proportions."""
    height, width = ink.shape
    wide = max(2 * PAD, PAD * round(width * float(np.exp(rng.normal(0, 0.13))) / PAD))
    across = (torch.arange(wide) + 0.5) / wide * 2 - 1  # (wide,) of -1..1
    if rng.random() < 0.4:
        waves = rng.uniform(2, 8) * width / height / 4
        across = across + float(rng.uniform(0, 0.09)) * height / width * torch.sin(
            across * waves + float(rng.uniform(0, 6))
        )
    down = (torch.arange(height) + 0.5) / height * 2 - 1  # (height,)
    slant = float(rng.normal(0, 0.16)) * height / width if rng.random() < 0.35 else 0.0
    grid = torch.stack(torch.broadcast_tensors(across[None] + slant * down[:, None], down[:, None]), -1)
    moved = F.grid_sample(ink[None, None], grid[None], mode="bilinear", padding_mode="border", align_corners=False)
    return moved[0, 0]  # (height, wide)


def reweighted(ink: Tensor, rng: np.random.Generator, *, bolder: bool) -> Tensor:
    """Strokes grown or thinned by a part of a pixel."""
    sign = 1.0 if bolder else -1.0
    grown = sign * F.max_pool2d(sign * ink[None, None], 3, stride=1, padding=1)[0, 0]  # (height, width)
    return ink + float(rng.uniform(0, 0.6 if bolder else 0.35)) * (grown - ink)
