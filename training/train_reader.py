"""Train the reader on strips cut from rendered pages: `python -m training.train_reader --minutes 60`."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from training.checkpoints import Keeper, precision
from training.measures import distance
from training.recipes import Recipe
from training.render.page import Grade, Split
from training.strips import Strip, strips_of
from training.truth import Mix, Shown, show_seed, show_training
from workers.vlm.bundled.configuration import FolioscopeConfig
from workers.vlm.bundled.reader import FRAME, Reader

COLUMNS_A_STEP = 6_500
POOL = 6  # pages whose strips are mixed
FAMILIES = ("dense", None, "dense", None, None)  # None: any
SMALLER = (120, 160)  # dots per inch: small print on scans is what is read worst
MIX = Mix((0.25, 0.4, 0.12, 0.11, 0.12), {Grade.CLEAN: (100, 160), Grade.SCAN: SMALLER, Grade.FAINT: SMALLER})
USUAL = Recipe(Path("runs/reader"), minutes=60, rate=2e-3, final_rate=2e-4, first_seed=1_000_000)


def mixed(seed: int, height: int) -> Iterator[tuple[Tensor, list[list[int]], list[int]]]:
    """Endless batches (strips (n, 1, height, W), ids, widths) from pools of pages of the training split."""
    while True:
        rng = np.random.default_rng(seed)
        pool: list[Strip] = []
        for _ in range(POOL):
            pool += strips_of(show_training(seed, FAMILIES[seed % len(FAMILIES)], MIX), rng, height, vary=True)
            seed += 1
        pool.sort(key=lambda s: s[0].shape[1])
        groups: list[list[Strip]] = [[]]
        for strip in pool:
            if groups[-1] and (len(groups[-1]) + 1) * strip[0].shape[1] > COLUMNS_A_STEP:
                groups.append([])
            groups[-1].append(strip)
        for index in rng.permutation(len(groups)):
            yield padded(groups[index], height)


def padded(strips: list[Strip], height: int) -> tuple[Tensor, list[list[int]], list[int]]:
    """Strips side by side, ground where they end."""
    widest = max(s.shape[1] for s, _ in strips)
    batch = torch.zeros(len(strips), 1, height, widest)
    for row, (strip, _) in enumerate(strips):
        batch[row, 0, :, : strip.shape[1]] = strip
    return batch, [ids for _, ids in strips], [s.shape[1] for s, _ in strips]


def loss_of(reader: Reader, batch: tuple[Tensor, list[list[int]], list[int]]) -> Tensor:
    """CTC, per character."""
    strips, ids, widths = batch
    with precision():
        scores = reader(strips)
    lengths = torch.tensor([w // FRAME for w in widths])
    targets = torch.tensor([i for row in ids for i in row])
    counts = torch.tensor([len(row) for row in ids])
    return F.ctc_loss(scores.transpose(0, 1), targets, lengths, counts, reduction="sum", zero_infinity=True) / len(
        targets
    )


def greedy(scores: Tensor) -> list[int]:
    """The CTC path's ids of one strip (frames, characters)."""
    best = scores.argmax(1).tolist()
    return [b for a, b in zip([0, *best], best, strict=False) if b not in (0, a)]


def character_error_rate(reader: Reader, pages: list[Shown], height: int, rng: np.random.Generator | None) -> float:
    """Edits per character on runs whose places are given, or nearly so where `rng` is."""
    edits = total = 0
    reader.eval()
    with torch.inference_mode(), precision():
        for shown in pages:
            for strip, ids in strips_of(shown, rng, height):
                edits += distance(greedy(reader(strip[None, None])[0]), ids)
                total += len(ids)
    reader.train()
    return edits / total


def examine(reader: Reader, exam: list[Shown], height: int) -> dict[str, float]:
    """Edits per character on true lines, and on lines as a finder would have them."""
    found = np.random.default_rng(0)
    return {
        "character_error_rate": character_error_rate(reader, exam, height, None),
        "as_found": character_error_rate(reader, exam, height, found),
    }


def train(recipe: Recipe) -> None:
    """Go on from the last checkpoint for so many minutes."""
    torch.set_num_threads(recipe.threads)
    config = FolioscopeConfig()
    reader = Reader(config.reader_widths, config.strip_height, config.characters, config.reader_steps)
    reader.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's own types leave it out
    keeper = Keeper(reader, recipe.run, recipe.rate, recipe.final_rate, recipe.minutes)
    exam = [show_seed(seed, Split.HELD_OUT) for seed in range(900_000, 900_014)]
    data = mixed(recipe.first_seed + keeper.step * 10, config.strip_height)
    while keeper.going():
        keeper.learn(loss_of(reader, keeper.placed(next(data))))
        if keeper.due():
            keeper.save(examine(keeper.examinee(), exam, config.strip_height))
    keeper.save(examine(keeper.examinee(), exam, config.strip_height))
    print(f"ended at step {keeper.step}, {time.strftime('%H:%M')}")


def main() -> None:
    """Train as the command line says."""
    train(Recipe.asked(__doc__, USUAL))


if __name__ == "__main__":
    main()
