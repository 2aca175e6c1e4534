"""Score released weights on the foreign pages: `python -m training.foreign.score`.

Every field is asked, and every one that the page lacks. Nothing may be trained or tuned on what this prints.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pymupdf
import torch
from numpy.typing import NDArray
from PIL import Image

from core.records import Box, caseless
from training.foreign.locate import Place, Rect
from training.foreign.truth import FOLDER, Line, read
from training.measures import HALF, Interval, anls, interval
from training.render.degrade import degrade
from training.render.page import Grade
from workers.vlm.bundled.backend import FOLDER as WEIGHTS
from workers.vlm.bundled.backend import BundledModel
from workers.vlm.interface import Generation, PageRequest, Prompt, PromptKind

SEED = 4_200_000  # of the scanner's dice
SIDES = ("look", "language", "tool")
Figures = dict[str, float | int | Interval]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page as a picture, and the 2x3 matrix from the clean picture's pixels to its own."""

    picture: Image.Image
    affine: NDArray[np.float64]

    def overlap(self, said: Box, place: Place) -> float:
        """Intersection over union of an answer's box and a true one."""
        width, height = self.picture.size
        x0, y0, x1, y1 = place.box
        corners = [self.affine @ (x * width, y * height, 1.0) for x, y in ((x0, y0), (x1, y1))]
        true = (corners[0][0] / width, corners[0][1] / height, corners[1][0] / width, corners[1][1] / height)
        return union_share((said.x0, said.y0, said.x1, said.y1), true)


@dataclass(frozen=True, slots=True)
class Asked:
    """One prompt's outcome. `exact`, `anls` and `overlap` are of present fields."""

    page: int  # the file's number in the set
    line: Line
    field: str
    said: str | None
    confidence: float
    anls: float
    overlap: float

    @property
    def present(self) -> bool:
        """Whether the field stands on the page."""
        return self.field in self.line.fields

    @property
    def exact(self) -> bool:
        """Whether the answer is the value, white space and case apart."""
        return self.present and self.said is not None and caseless(self.said) == caseless(self.line.fields[self.field])


def union_share(a: Rect, b: Rect) -> float:
    """Intersection over union."""
    shared = max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    both = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    return float(shared / both) if both > 0 else 0.0


def sheets_of(path: Path, grade: Grade, dpi: int, seed: int) -> list[Sheet]:
    """A file's pages as a rasterizer, or a scanner, hands them over."""
    sheets = []
    with pymupdf.open(path) as document:
        for number in range(len(document)):
            pixmap = document[number].get_pixmap(dpi=dpi, colorspace=pymupdf.csRGB, alpha=False)
            picture = Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)
            affine = np.eye(2, 3)
            if grade is not Grade.CLEAN:
                gray, affine = degrade(np.asarray(picture.convert("L")), grade, np.random.default_rng(seed + number))
                picture = Image.fromarray(gray)
            sheets.append(Sheet(picture, affine))
    return sheets


def ask(model: BundledModel, number: int, line: Line, sheets: Sequence[Sheet]) -> list[Asked]:
    """Every field and every absent one; of several pages the surest that says something counts."""
    names = [*line.fields, *line.absent]
    prompts = tuple(Prompt(name, PromptKind.FIELD, line.prompt(name)) for name in names)
    by_page = model.generate([PageRequest(sheet.picture, prompts) for sheet in sheets])
    return [surest(number, line, name, [answers[i] for answers in by_page], sheets) for i, name in enumerate(names)]


def surest(number: int, line: Line, field: str, answers: Sequence[Generation], sheets: Sequence[Sheet]) -> Asked:
    """Of an answer from each page the surest that says something, held against the truth."""
    page = max(range(len(answers)), key=lambda i: (answers[i].text is not None, answers[i].confidence or 0.0))
    answer = answers[page]
    places = [place for place in line.places.get(field, ()) if place.page == page]
    overlap = max((sheets[page].overlap(answer.box, place) for place in places), default=0.0) if answer.box else 0.0
    likeness = anls(answer.text or "", line.fields.get(field, ""))
    return Asked(number, line, field, answer.text, answer.confidence or 0.0, likeness, overlap)


def summary(rows: Sequence[Asked]) -> Figures:
    """The figures of a group of prompts; the shares with their 95 % intervals, over pages drawn anew."""
    there, lacking = [r for r in rows if r.present], [r for r in rows if not r.present]
    right = [r for r in there if r.exact]
    return {
        "present": len(there),
        "exact": share([r.exact for r in there]),
        "exact_interval": _interval([(r.page, r.exact) for r in there]),
        "anls": share([r.anls for r in there]),
        "box_half": share([r.overlap >= HALF for r in right]),
        "absent": len(lacking),
        "absent_answered": share([r.said is not None for r in lacking]),
        "absent_interval": _interval([(r.page, r.said is not None) for r in lacking]),
    }


def share(parts: Sequence[float]) -> float:
    """The mean, nought of nothing."""
    return round(sum(parts) / max(1, len(parts)), 3)


def _interval(outcomes: Sequence[tuple[int, bool]]) -> Interval:
    low, high = interval(outcomes)
    return (round(low, 3), round(high, 3))


def tables(rows: Sequence[Asked]) -> dict[str, dict[str, Figures]]:
    """Figures overall, and by look, language and tool."""
    out = {"all": {"all": summary(rows)}}
    for side in SIDES:
        groups: dict[str, list[Asked]] = defaultdict(list)
        for row in rows:
            groups[getattr(row.line, side)].append(row)
        out[side] = {name: summary(group) for name, group in sorted(groups.items())}
    return out


def show(row: Asked) -> str:
    """What was asked, what stands there and what was said, for one wrong answer."""
    truth = row.line.fields.get(row.field, "nothing")
    return f"{row.line.file} {row.field}: {truth!r}, said {row.said!r} ({row.confidence:.2f})"


def main() -> None:
    """Print the figures: overall, by look, by language, by tool."""
    parser = argparse.ArgumentParser(
        prog="python -m training.foreign.score",
        description=__doc__,
        epilog="example: python -m training.foreign.score --grade scan --write /tmp/foreign-scan.json",
    )
    parser.add_argument("--folder", type=Path, default=WEIGHTS, help="the weights (default: the released ones)")
    parser.add_argument("--pages", type=Path, default=FOLDER, help=f"the set (default: {FOLDER})")
    parser.add_argument("--grade", type=Grade, default=Grade.CLEAN, choices=list(Grade))
    parser.add_argument("--dpi", type=int, default=150)
    parser.add_argument("--write", type=Path, help="keep the figures in this file, for the model card")
    parser.add_argument("--answers", action="store_true", help="print every wrong answer too")
    given = parser.parse_args()
    torch.set_num_threads(1)
    model = BundledModel.load(given.folder)
    rows: list[Asked] = []
    for number, line in enumerate(read(given.pages)):
        sheets = sheets_of(given.pages / line.file, given.grade, given.dpi, SEED + 10 * number)
        rows += ask(model, number, line, sheets)
    figures = tables(rows)
    if given.answers:
        print(*(show(row) for row in rows if (row.said is not None or row.present) and not row.exact), sep="\n")
    for side, groups in figures.items():
        for name, group in groups.items():
            print(json.dumps({side: name} | group))
    if given.write:
        pages = len({row.line.file for row in rows})
        about = {"files": pages, "grade": given.grade, "dpi": given.dpi, "revision": model.identity.revision}
        given.write.write_text(json.dumps({**about, "tables": figures}, indent=1) + "\n")


if __name__ == "__main__":
    main()
