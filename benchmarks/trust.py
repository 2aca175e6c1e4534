"""Whether values can be trusted: `python -m benchmarks.trust --pages 250`.

Held-out pages of five grades, asked for what they show and for what they do not, every value checked as the product
checks it. By grade: how far confidence is from the share that is right, as the model says it and as it is calibrated;
how many values reach a schema's target, and how many of these are wrong; the same of the cells of tables. Then pages
that have nothing to read - blank, black, noise, print that shines through from behind - asked for every field and table
of the built-in schemas: the values they give. `--parts` runs some of it; `--processes` shares the pages among so many.
"""

import argparse
import importlib.resources
import json
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from ingest.pictures import is_blank
from training.cells import labelled_cells
from training.exams import FAMILIES, TRUSTED
from training.fit_confidence import Judged, calibration_errors, judged_pages
from training.measures import wilson
from training.render import Split
from training.score import picture_of
from training.truth import GRADES, show_seed
from workers.confidence import Calibrator, packaged_table
from workers.prompts import prompts_with_rows
from workers.vlm.bundled.backend import FOLDER, BundledModel
from workers.vlm.interface import Generation, PageRequest, Prompt, PromptKind

SIDES = (1240, 1754)  # A4 at 150 dots an inch
Gray = NDArray[np.uint8]
T = TypeVar("T")
_WITH_TABLES = ("invoice", "receipt", "statement")


def show_values(judged: Sequence[Judged], target: float) -> None:
    """Print, by grade, calibration errors and what comes of a target; then the same of absences."""
    table = packaged_table("bundled")
    if table is None:
        print("the packaged calibration is of other weights: python -m training.fit_confidence")
        return
    calibrator = Calibrator(table)
    errors = calibration_errors(judged, calibrator)
    print(f"{'grade':8} {'values':>6} {'right':>6}  ECE said, meant   reach {target:.0%}   of these wrong (95 %)")
    for grade in (*GRADES, None):
        some = [one.said for one in judged if grade in {None, one.grade} and one.said.kind is not None]
        meant = [calibrator.meant(v.kind, v.confidence, verified=v.verified, layer=v.layer) for v in some]
        taken = [v for v, m in zip(some, meant, strict=True) if m is not None and m >= target]
        wrong, right = sum(not v.right for v in taken), sum(v.right for v in some)
        low, high = wilson(wrong, len(taken))
        name, share = str(grade or "all"), len(taken) / max(1, len(some))
        said, mended = errors[name]
        print(
            f"{name:8} {len(some):6} {right / max(1, len(some)):6.1%}     {said:.3f}  {mended:.3f}     {share:6.1%}"
            f"      {wrong} of {len(taken)}: {wrong / max(1, len(taken)):.1%} ({low:.1%} to {high:.1%})"
        )
    absent = [one.said for one in judged if one.said.kind is None]
    sure = [(calibrator.meant(None, a.confidence, verified=None, layer=None) or 0.0, a.right) for a in absent]
    taken_absent = [right for meant, right in sure if meant >= target]
    wrong = taken_absent.count(False)
    print(
        f"absent: {len(absent)} said, {sum(a.right for a in absent) / max(1, len(absent)):.1%} of them right; ", end=""
    )
    print(f"{len(taken_absent)} reach the target, {wrong} of these are wrong")


def blank(number: int, dice: np.random.Generator) -> Gray:
    """White paper, or paper of a colour that is nearly white, with a little dust."""
    paper = np.full(SIDES[::-1], dice.integers(235, 256), np.uint8)
    for _ in range(number % 4):
        y, x = dice.integers(0, SIDES[1]), dice.integers(0, SIDES[0])
        paper[y : y + 2, x : x + 2] = 90
    return paper


def black(_: int, dice: np.random.Generator) -> Gray:
    """A page that was scanned with the lid open, or that nothing but ink is on."""
    levels = dice.normal(dice.uniform(0, 45), dice.uniform(0, 6), SIDES[::-1])
    return _gray(levels)


def noise(number: int, dice: np.random.Generator) -> Gray:
    """Gray noise, fine or in blots, on light or dark paper."""
    blot = (1, 2, 4, 9)[number % 4]
    small = dice.normal(dice.uniform(90, 230), dice.uniform(15, 70), (SIDES[1] // blot + 1, SIDES[0] // blot + 1))
    levels = np.kron(small, np.ones((blot, blot)))[: SIDES[1], : SIDES[0]]
    return _gray(levels)


def shining_through(number: int, dice: np.random.Generator) -> Gray:
    """The back of a printed page: its print from behind, pale and soft."""
    shown = show_seed(TRUSTED + 5_000 + number, Split.HELD_OUT, FAMILIES[number % len(FAMILIES)])
    back = picture_of(shown).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    soft = np.asarray(back.filter(ImageFilter.GaussianBlur(float(dice.uniform(0.8, 2.5)))), np.float32)
    return _gray(255 - (255 - soft) * dice.uniform(0.08, 0.3))


def _gray(levels: NDArray[np.floating]) -> Gray:
    gray: Gray = np.clip(levels, 0, 255).astype(np.uint8)
    return gray


NOTHING: dict[str, Callable[[int, np.random.Generator], Gray]] = {
    "blank": blank,
    "black": black,
    "noise": noise,
    "shining through": shining_through,
}


def asked_by_all_schemas() -> tuple[Prompt, ...]:
    """Every field and every table of the built-in schemas, each once."""
    home = importlib.resources.files("storage") / "builtin_schemas"
    bodies = [json.loads(file.read_text()) for file in home.iterdir() if file.name.endswith(".json")]
    prompts = {(prompt.kind, prompt.key): prompt for body in bodies for prompt in prompts_with_rows(body)}
    return tuple(prompts.values())


def said_of_nothing(folder: Path, numbers: Sequence[int]) -> list[tuple[str, bool, list[str]]]:
    """Of each page: what it is, whether its pixels tell that it is blank, and the values it gave."""
    torch.set_num_threads(1)
    model, prompts, out = BundledModel.load(folder), asked_by_all_schemas(), list[tuple[str, bool, list[str]]]()
    for number in numbers:
        name = list(NOTHING)[number % len(NOTHING)]
        picture = Image.fromarray(NOTHING[name](number // len(NOTHING), np.random.default_rng(number)))
        if is_blank(picture):
            out.append((name, True, []))
            continue
        model.forget()
        said = model.generate([PageRequest(picture, prompts)])[0]
        found = [
            value for prompt, generation in zip(prompts, said, strict=True) for value in _values(prompt, generation)
        ]
        out.append((name, False, found))
    return out


def _values(prompt: Prompt, said: Generation) -> list[str]:
    """What a field or the rows of a table were said to be."""
    if prompt.kind is PromptKind.ROWS:
        rows = said.table.rows if said.table else ()
        return [f"{prompt.key}: {[cell.text for cell in row.values()]}" for row in rows]
    return [f"{prompt.key}: {said.text!r} ({said.confidence or 0:.2f})"] if said.text else []


def show_nothing(told: Sequence[tuple[str, bool, list[str]]]) -> None:
    """Print how many values came of pages that have none."""
    print(f"{'nothing to read':16} {'pages':>6} {'blank by pixels':>16} {'values':>7}")
    for name in NOTHING:
        some = [(pixels, values) for what, pixels, values in told if what == name]
        print(f"{name:16} {len(some):6} {sum(p for p, _ in some):16} {sum(len(v) for _, v in some):7}")
    for name, _, values in told:
        if values:
            print(f"  {name}: {'; '.join(values)}")


def shared(work: Callable[[Sequence[int]], list[T]], count: int, processes: int) -> Iterator[T]:
    """Work on so many numbers, by several processes."""
    parts = [range(start, count, processes) for start in range(processes)]
    if processes == 1:
        yield from work(parts[0])
        return
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        for some in pool.map(work, parts):
            yield from some


def measure_values(given: argparse.Namespace) -> None:
    """Confidence and target on held-out pages."""
    show_values(judged_pages(given.pages, given.processes, FOLDER, TRUSTED, Split.HELD_OUT), given.target)


def cells_said(folder: Path, numbers: Sequence[int]) -> list[Judged]:
    """The cells of these pages' tables, of every grade and family in turn."""
    torch.set_num_threads(1)
    model, out = BundledModel.load(folder), list[Judged]()
    for number in numbers:
        grade, turn = GRADES[number % len(GRADES)], number // len(GRADES)
        shown = show_seed(TRUSTED + 2_000 + number, Split.HELD_OUT, _WITH_TABLES[turn % len(_WITH_TABLES)], grade)
        out += [Judged(grade, one) for one in labelled_cells(model, shown)]
    return out


def measure_cells(given: argparse.Namespace) -> None:
    """The same of cells of tables, on other pages."""
    show_values(list(shared(partial(cells_said, FOLDER), given.pages, given.processes)), given.target)


def measure_nothing(given: argparse.Namespace) -> None:
    """Values of pages that have none."""
    show_nothing(list(shared(partial(said_of_nothing, FOLDER), given.nothing, given.processes)))


PARTS: dict[str, Callable[[argparse.Namespace], None]] = {
    "values": measure_values,
    "cells": measure_cells,
    "nothing": measure_nothing,
}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=250, help="of all grades together")
    parser.add_argument("--nothing", type=int, default=500, help="pages that have nothing to read")
    parser.add_argument("--target", type=float, default=0.98)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    given = parser.parse_args()
    for part in given.parts:
        PARTS[part](given)


if __name__ == "__main__":
    main()
