"""Training pages as the trained finder and reader really read them: `python -m training.readings --pages 1500`.

A reading is kept as one small file, named by the page's seed; the page itself is composed again when it is needed.
"""

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from training.assemble import parts_of
from training.questions import Sheet, sheet_of
from training.render import compose
from training.render.fonts import Fonts
from training.render.page import Split
from training.score import picture_of
from training.truth import show
from workers.vlm.bundled.configuration import ALPHABET
from workers.vlm.bundled.finder import Segment
from workers.vlm.bundled.modeling import FolioscopeForImageTextToText
from workers.vlm.bundled.processing import FolioscopeImageProcessor
from workers.vlm.bundled.words import Glyph, Word, words_of

FIRST_SEED = 5_000_000
FAMILIES = ("form", "invoice", "form", "receipt", "letter", "statement", "invoice", "receipt")
DPI = 150


def family_of(seed: int) -> str:
    """The family of a seed's page."""
    return FAMILIES[seed % len(FAMILIES)]


def read_seed(model: FolioscopeForImageTextToText, seed: int, folder: Path) -> None:
    """Render the page of a seed, read it as it is read in use, and keep what was read."""
    shown = show(compose(seed, Split.TRAIN, family_of(seed)), np.random.default_rng(seed), DPI)
    inputs = FolioscopeImageProcessor().preprocess(picture_of(shown), return_tensors="pt")
    width, height = inputs["page_size"][0].tolist()
    words, size = model.words_on(inputs["pixel_values"], (width, height))
    if words:
        arrays = {**stored(words), "size": np.array(size), "affine": shown.affine * (size[0] / shown.size[0])}
        np.savez_compressed(folder / f"next-{seed}.npz", allow_pickle=False, **arrays)
        (folder / f"next-{seed}.npz").replace(folder / f"{seed}.npz")


def stored(words: Sequence[Word]) -> dict[str, NDArray[np.generic]]:
    """Words as flat arrays."""
    glyphs = [g for w in words for g in w.glyphs]
    most = max(len(g.ids) for g in glyphs)
    ids, shares = np.zeros((len(glyphs), most), np.uint8), np.zeros((len(glyphs), most), np.float16)
    for row, glyph in enumerate(glyphs):
        ids[row, : len(glyph.ids)], shares[row, : len(glyph.ids)] = glyph.ids, glyph.probabilities
    return {
        "ids": ids,
        "shares": shares,
        "x": np.array([g.x for g in glyphs], np.float32),
        "lengths": np.array([len(w.glyphs) for w in words], np.int32),
        "boxes": np.array([w.box for w in words], np.float32),
        "segments": np.array([w.segment for w in words], np.int32),
        "spaced": np.array([w.spaced for w in words]),
    }


def words_from(arrays: dict[str, NDArray[np.generic]]) -> list[Word]:
    """The words again."""
    rows = zip(arrays["ids"].tolist(), arrays["shares"].tolist(), arrays["x"].tolist(), strict=True)
    glyphs = [Glyph(tuple(ids), tuple(shares), x) for ids, shares, x in rows]
    bounds = pairwise([0, *np.cumsum(arrays["lengths"]).tolist()])
    rest = zip(arrays["boxes"].tolist(), arrays["segments"].tolist(), arrays["spaced"].tolist(), strict=True)
    words: list[Word] = []
    for (a, b), ((x0, y0, x1, y1), number, spaced) in zip(bounds, rest, strict=True):
        line = Segment(x0, x1, (y0 + y1) / 2, (y0 + y1) / 2, y1 - y0)
        first, *others = words_of(glyphs[a:b], line, number, ALPHABET)  # by today's rules of what parts a word
        words += [replace(first, spaced=spaced), *others]
    return words


def kept_sheet(file: Path, fonts: Fonts | None = None) -> Sheet:
    """The sheet of one kept reading."""
    seed = int(file.stem)
    with np.load(file) as stored_arrays:
        arrays = {name: stored_arrays[name] for name in stored_arrays.files}
    size = (float(arrays["size"][0]), float(arrays["size"][1]))
    page = compose(seed, Split.TRAIN, family_of(seed), fonts)
    return sheet_of(page, words_from(arrays), size, DPI / 72, arrays["affine"])


def kept_sheets(folder: Path, dice: random.Random, fonts: Fonts | None = None) -> Iterator[Sheet | None]:
    """Endless sheets of the readings in a folder, in random order; None while there are none. New files are seen."""
    while True:
        files = sorted(f for f in folder.glob("*.npz") if f.stem.isdigit())
        if not files:
            yield None
        for file in dice.sample(files, len(files)):
            yield kept_sheet(file, fonts)


def main() -> None:
    """Read pages that have no reading yet; `--again` reads those that have one anew, with better weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--pages", type=int, default=1500)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--again", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    folder = given.runs / "readings"
    folder.mkdir(parents=True, exist_ok=True)
    model = parts_of(given.runs, ("finder", "reader"))
    for seed in range(given.first_seed, given.first_seed + given.pages):
        if given.again or not (folder / f"{seed}.npz").exists():
            read_seed(model, seed, folder)


if __name__ == "__main__":
    main()
