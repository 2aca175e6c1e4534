"""What checks tell of values, and what they cost: `python -m benchmarks.evidence`.

Pages of the training split, asked for all that they show and some that they do not: how often a value that is right, or
wrong, comes back when its box is read alone; and what a text layer says of it. Layers are the file's own on clean pages
and, where Tesseract is installed, what that reads of pages of every grade: the hidden text of a scan. Then the
processor time that ten checks add to a page with ten fields, taking turns, on one thread.
"""

import argparse
import os
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import pymupdf
import torch

from benchmarks.bundled import FIELDS, SAMPLES, picture_of
from core.records import FieldKind, FieldValue, LayerVerdict, ValueState
from training.render import Grade, Split, draw
from training.score import ask
from training.score import picture_of as shown_picture
from training.truth import GRADES, Shown, show_seed
from workers.layer import LayerWords, judge_all
from workers.typed import same
from workers.verify import HEIGHT, came_back, read_alone
from workers.vlm.bundled.backend import BundledModel
from workers.vlm.interface import PageRequest, Prompt, PromptKind

FAMILIES = ("invoice", "receipt", "form", "letter", "statement")
FIRST_SEED = 7_520_000  # of the training split, and of no training
DPI = 150


@dataclass(frozen=True, slots=True)
class Read:
    """A value that was read on a page, and what should have been read; None: the page has no such thing."""

    grade: Grade
    value: FieldValue
    truth: str | None

    @property
    def verified(self) -> bool:
        """Whether it came back when its box was read alone."""
        return self.value.verified is True

    @property
    def right(self) -> bool:
        """Whether it is what stands there."""
        return self.truth is not None and same(self.value.raw or "", self.truth, FieldKind.TEXT)


def pages(count: int, first_seed: int) -> Iterator[tuple[Grade, Shown]]:
    """Pages of every family and grade in turn."""
    for number in range(count):
        grade = GRADES[number // len(FAMILIES) % len(GRADES)]
        yield grade, show_seed(first_seed + number, Split.TRAIN, FAMILIES[number % len(FAMILIES)], grade, DPI)


def read_page(model: BundledModel, shown: Shown, grade: Grade, height: int = HEIGHT) -> list[Read]:
    """Everything that the page is asked for and that has a value, each read again alone."""
    model.forget()
    truths = [*(fact.value for fact in shown.page.facts), *[None] * len(shown.page.absent)]
    said = [(g, truth) for g, truth in zip(ask(model, shown), truths, strict=True) if g.text is not None and g.box]
    values = [FieldValue(str(n), ValueState.FOUND, g.text, g.confidence, g.box, None) for n, (g, _) in enumerate(said)]
    boxes = [g.box for g, _ in said if g.box is not None]
    again = read_alone(model, shown_picture(shown), boxes, height=height)
    back = [came_back(g.text or "", second.text, FieldKind.TEXT) for (g, _), second in zip(said, again, strict=True)]
    return [
        Read(grade, replace(value, verified=came), truth)
        for value, (_, truth), came in zip(values, said, back, strict=True)
    ]


def own_layer(shown: Shown) -> LayerWords:
    """The words of the page as a file has them; it is true of clean pages alone, as others are moved."""
    with pymupdf.open(stream=draw([shown.page], subset=True), filetype="pdf") as document:
        return _layer_of(document[0])


def scanned_layer(program: str, shown: Shown, folder: Path) -> LayerWords:
    """The words that Tesseract reads in the page's picture."""
    picture = folder / "page.png"
    shown_picture(shown).save(picture, dpi=(DPI, DPI))
    command = [program, str(picture), str(picture.with_suffix("")), "pdf"]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "OMP_THREAD_LIMIT": "1"})  # noqa: S603 - by its path
    with pymupdf.open(picture.with_suffix(".pdf")) as document:
        return _layer_of(document[0])


def _layer_of(page: pymupdf.Page) -> LayerWords:
    width, height = page.rect.width, page.rect.height
    words = page.get_text("words")
    return LayerWords.of((w[4], w[0] / width, w[1] / height, w[2] / width, w[3] / height) for w in words)


def show_checks(reads: Sequence[Read]) -> None:
    """Print how often values came back, by grade, right ones and wrong ones."""
    print("read alone again:   right values        wrong values         right where it came back / did not")
    for grade in (None, *GRADES):
        some = [r for r in reads if grade in {None, r.grade}]
        right, wrong = [r for r in some if r.right], [r for r in some if not r.right]
        lost = f"{_share(not r.verified for r in right)} of {len(right):5} not"
        caught = f"{_share(not r.verified for r in wrong)} of {len(wrong):4} not"
        back = _share(r.right for r in some if r.verified), _share(r.right for r in some if not r.verified)
        print(f"  {grade or 'all':8} {lost}   {caught}   {back[0]} / {back[1]}")
    for low, high in ((0.0, 0.5), (0.5, 0.9), (0.9, 0.97), (0.97, 1.01)):
        some = [r for r in reads if low <= (r.value.confidence or 0) < high]
        back = _share(r.right for r in some if r.verified), _share(r.right for r in some if not r.verified)
        print(f"  confidence {low:.2f} to {min(high, 1):.2f}: {len(some):5} values, right {back[0]} / {back[1]}")


def show_layer(name: str, judged: Sequence[tuple[Read, FieldValue]]) -> None:
    """Print what a layer said of values, and what its mending made of them."""
    said = Counter((after.layer, before.right) for before, after in judged)
    print(f"{name}: {len(judged)} values, of them right and wrong before")
    for verdict in (None, *LayerVerdict):
        print(f"  {verdict or 'nothing said':13} {said[verdict, True]:5} {said[verdict, False]:5}")
    snaps = [(b, a) for b, a in judged if a.layer is LayerVerdict.SNAPPED]
    mended = Counter((b.right, b.truth is not None and same(a.raw or "", b.truth, FieldKind.TEXT)) for b, a in snaps)
    print(f"  mended: wrong to right {mended[False, True]}, right to wrong {mended[True, False]}, ", end="")
    print(
        f"wrong to wrong {mended[False, False]} (of things in another place too), right to right {mended[True, True]}"
    )


def _share(told: Iterator[bool]) -> str:
    marks = list(told)
    return f"{100 * sum(marks) / len(marks):5.1f} %" if marks else "      -"


def show_costs(model: BundledModel, files: Sequence[Path], rounds: int) -> None:
    """Print the processor time of a page with ten fields, and of their checks, taking turns."""
    prompts = tuple(Prompt(field, PromptKind.FIELD, field) for field in FIELDS)
    read, check, found = [], [], []
    for file in files:
        picture = picture_of(file)
        for _ in range(rounds):
            model.forget()
            start = time.process_time()
            said = model.generate([PageRequest(picture, prompts)])[0]
            between = time.process_time()
            boxes = [g.box for g in said if g.box is not None]
            read_alone(model, picture, boxes)
            read.append(between - start)
            check.append(time.process_time() - between)
            found.append(len(boxes))
    print(f"ten fields on a page: {median(read):.2f} s of processor time, {sum(found) / len(found):.1f} have a box")
    print(f"their checks: {median(check):.2f} s more, {100 * sum(check) / sum(read):.0f} % of that")


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=250)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--height", type=int, default=HEIGHT, help="pixels of a box that is read alone")
    parser.add_argument("--rounds", type=int, default=3, help="of what is timed; 0 leaves it out")
    given = parser.parse_args()
    torch.set_num_threads(1)
    model = BundledModel.load(threads=1)
    program = shutil.which("tesseract")
    reads: list[Read] = []
    own: list[tuple[Read, FieldValue]] = []
    scanned: list[tuple[Read, FieldValue]] = []
    with tempfile.TemporaryDirectory() as folder:
        for grade, shown in pages(given.pages, given.first_seed):
            some = read_page(model, shown, grade, given.height)
            values = [r.value for r in some]
            reads += some
            if grade is Grade.CLEAN:
                own += zip(some, judge_all(values, own_layer(shown), {}), strict=True)
            if program:
                layer = scanned_layer(program, shown, Path(folder))
                scanned += zip(some, judge_all(values, layer, {}), strict=True)
    if reads:
        show_checks(reads)
        show_layer("the file's own layer, clean pages", own)
        show_layer("a scan's hidden layer, by Tesseract", scanned)
    if given.rounds:
        show_costs(model, sorted(SAMPLES.glob("*-0[1-5].pdf")), given.rounds)


if __name__ == "__main__":
    main()
