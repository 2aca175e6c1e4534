"""Train the finder on crops of rendered pages: `python -m training.train_finder --minutes 15`."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from training.checkpoints import Keeper, precision
from training.recipes import Recipe
from training.render.page import Split
from training.truth import Shown, cells_of, show_seed, show_training
from workers.vlm.bundled.configuration import FolioscopeConfig
from workers.vlm.bundled.finder import STRIDE, Finder, Segment, segments_from, without_ground

SIDE = 640  # page pixels of a training crop
CROPS = 3  # of one page
FAMILIES = (None, None, None, "dense")
USUAL = Recipe(Path("runs/finder"), minutes=15, rate=3e-3, final_rate=2e-4, first_seed=3_000_000)


def crops(seed: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Endless batches of crops: ink (n, 1, SIDE, SIDE), target cells (n, 3, s, s), weights (n, s, s)."""
    while True:
        rng = np.random.default_rng(seed)
        shown = show_training(seed, FAMILIES[seed % len(FAMILIES)])
        target, weight = cells_of(shown)
        seed += 1
        chosen = []
        side = SIDE // STRIDE
        ink = F.pad(
            without_ground(shown.ink), (0, max(0, SIDE - shown.ink.shape[3]), 0, max(0, SIDE - shown.ink.shape[2]))
        )
        down, across = ink.shape[2] // STRIDE - target.shape[1], ink.shape[3] // STRIDE - target.shape[2]
        target, weight = F.pad(target, (0, across, 0, down)), F.pad(weight, (0, across, 0, down), value=1.0)
        for _ in range(CROPS):
            y = int(rng.integers(0, target.shape[1] - side + 1))
            x = int(rng.integers(0, target.shape[2] - side + 1))
            piece = ink[0, :, y * STRIDE : y * STRIDE + SIDE, x * STRIDE : x * STRIDE + SIDE]
            chosen.append((piece, target[:, y : y + side, x : x + side], weight[y : y + side, x : x + side]))
        yield (
            torch.stack([c[0] for c in chosen]),
            torch.stack([c[1] for c in chosen]),
            torch.stack([c[2] for c in chosen]),
        )


def loss_of(finder: Finder, batch: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """Core or not, cell by cell; and on cores, how far it is to the line's top and bottom, as a share of its height."""
    ink, target, weight = batch
    with precision():
        cells = finder(ink.contiguous(memory_format=torch.channels_last)).float()
    core = target[:, 0]
    weight = weight * (1 + 2 * core)
    bce = F.binary_cross_entropy_with_logits(cells[:, 0], core, weight=weight)
    height = (target[:, 1] + target[:, 2]).clamp_min(1)
    off = ((cells[:, 1:] - target[:, 1:]).abs().sum(1) / height)[core > 0]
    return bce + 0.5 * off.mean() if len(off) else bce


def found_share(finder: Finder, pages: list[Shown]) -> dict[str, float]:
    """Share of runs that a segment covers (middle within a quarter of the height), and the median error of height."""
    covered = total = 0
    errors = []
    finder.eval()
    for shown in pages:
        with torch.inference_mode(), precision():
            cells = finder(without_ground(shown.ink))[0].float().numpy()
        segments = segments_from(cells)
        for truth in shown.segments:
            hits = [s for s in segments if _covers(s, truth)]
            covered += bool(hits)
            total += 1
            errors += [abs(hits[0].height / truth.height - 1)] if hits else []
    finder.train()
    return {"covered": covered / total, "height_error": float(np.median(errors)) if errors else 1.0}


def _covers(found: Segment, truth: Segment) -> bool:
    middle = (found.y0 + found.y1 - truth.y0 - truth.y1) / 2
    overlap = min(found.x1, truth.x1) - max(found.x0, truth.x0)
    return abs(middle) < 0.25 * truth.height and overlap > 0.9 * (truth.x1 - truth.x0) - 0.3 * truth.height


def train(recipe: Recipe) -> None:
    """Go on from the last checkpoint for so many minutes."""
    torch.set_num_threads(recipe.threads)
    finder = Finder(FolioscopeConfig().finder_widths)
    finder.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's own types leave it out
    keeper = Keeper(finder, recipe.run, recipe.rate, recipe.final_rate, recipe.minutes)
    exam = [show_seed(seed, Split.HELD_OUT) for seed in range(920_000, 920_016)]
    data = crops(recipe.first_seed + keeper.step)
    while keeper.going():
        keeper.learn(loss_of(finder, keeper.placed(next(data))))
        if keeper.due():
            keeper.save(found_share(keeper.examinee(), exam))
    keeper.save(found_share(keeper.examinee(), exam))


def main() -> None:
    """Train as the command line says."""
    train(Recipe.asked(__doc__, USUAL))


if __name__ == "__main__":
    main()
