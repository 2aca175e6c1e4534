"""Score released weights on held-out pages, from pixels to answers: `python -m training.score`.

Exact match is after folding white space and case. ANLS is 1 - edits / longer length, nothing under one half.
Every fact is asked by its first wording; what a page does not have is asked too.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from training.measures import Figures, anls, distance, figures_of, folded
from training.render import Fact, Grade, Page
from training.render.page import Split
from training.truth import Shown, show_seed
from workers.vlm.bundled.backend import FOLDER, BundledModel
from workers.vlm.bundled.configuration import ALPHABET
from workers.vlm.bundled.modeling import ReadPage
from workers.vlm.bundled.words import text_of
from workers.vlm.interface import Generation, PageRequest, Prompt, PromptKind

FAMILIES = ("invoice", "receipt", "form", "letter", "statement")
FIRST_SEED = 930_000
KINDS = {"label": "printed labels", "cell": "table cells"}


@dataclass(frozen=True, slots=True)
class Scored:
    """One prompt's outcome. `exact` and `anls` are of present facts; `answered` says that something was said."""

    family: str
    grade: str
    field: str
    present: bool
    exact: bool
    anls: float
    answered: bool
    overlap: float  # of the boxes, where present and answered
    confidence: float

    @property
    def kind(self) -> str:
        """Whether it was asked as a field, by a printed label, or as a table's cell."""
        return KINDS.get(self.field, "fields") if self.present else "absent"


def picture_of(shown: Shown) -> Image.Image:
    """The page as a rasterizer hands it over."""
    width, height = shown.size
    gray = (255 - shown.ink[0, 0, :height, :width].numpy() * 255).round().astype(np.uint8)
    return Image.fromarray(gray)


def score_page(model: BundledModel, shown: Shown, grade: str) -> list[Scored]:
    """Ask everything that stands on the page by its first wording, and everything that does not."""
    page = shown.page
    prompts = [f.prompts[0] for f in page.facts] + [a.prompts[0] for a in page.absent]
    asked = tuple(Prompt(str(i), PromptKind.FIELD, text) for i, text in enumerate(prompts))
    said = model.generate([PageRequest(picture_of(shown), asked)])[0]
    rows = [_present(fact, answer, shown, grade) for fact, answer in zip(page.facts, said, strict=False)]
    for missing, answer in zip(page.absent, said[len(page.facts) :], strict=True):
        answered, sure = answer.text is not None, answer.confidence or 0.0
        rows.append(_absent(page.family, grade, missing.field, answered=answered, confidence=sure))
    return rows


def _absent(family: str, grade: str, field: str, *, answered: bool, confidence: float) -> Scored:
    return Scored(family, grade, field, *(False, False, 0.0), answered, 0.0, confidence)


def _present(fact: Fact, answer: Generation, shown: Shown, grade: str) -> Scored:
    text = answer.text or ""
    return Scored(
        family=shown.page.family,
        grade=grade,
        field=fact.field,
        present=True,
        exact=answer.text is not None and folded(text) == folded(fact.value),
        anls=anls(text, fact.value),
        answered=answer.text is not None,
        overlap=_overlap(shown.page, fact, answer, shown),
        confidence=answer.confidence or 0.0,
    )


def _overlap(page: Page, fact: Fact, answer: Generation, shown: Shown) -> float:
    """Intersection over union of the answer's box and the truth's, in picture pixels."""
    if answer.box is None:
        return 0.0
    run = page.runs[fact.span.run]
    x0 = run.x if fact.span.start == 0 else run.edges[fact.span.start - 1]
    ends = ((x0, run.baseline - run.ascent), (run.edges[fact.span.stop - 1], run.baseline + run.descent))
    (a0, b0), (a1, b1) = (shown.affine @ (x * shown.scale, y * shown.scale, 1.0) for x, y in ends)
    width, height = shown.size
    c0, d0, c1, d1 = answer.box.x0 * width, answer.box.y0 * height, answer.box.x1 * width, answer.box.y1 * height
    shared = max(0.0, min(a1, c1) - max(a0, c0)) * max(0.0, min(b1, d1) - max(b0, d0))
    return float(shared / ((a1 - a0) * (b1 - b0) + (c1 - c0) * (d1 - d0) - shared + 1e-9))


def edits_of(read: ReadPage | None, shown: Shown) -> tuple[int, int]:
    """Edits and characters of a whole page, run by run, by the words whose middle lies in the run; spaces left out."""
    words = read.words if read else ()
    middles = np.array([((w.box[0] + w.box[2]) / 2, (w.box[1] + w.box[3]) / 2) for w in words]).reshape(-1, 2)
    middles *= shown.size[0] / read.size[0] if read else 1.0  # small pages are read enlarged
    edits = total = 0
    for run, segment in zip(shown.page.runs, shown.segments, strict=True):
        inside = (middles[:, 0] > segment.x0) & (middles[:, 0] < segment.x1)
        inside &= np.abs(middles[:, 1] - (segment.y0 + segment.y1) / 2) < segment.height / 2
        order = sorted(np.flatnonzero(inside), key=lambda i: middles[i, 0])
        truth = "".join(run.text.split())
        edits += distance(text_of([words[i] for i in order], ALPHABET).replace(" ", ""), truth)
        total += len(truth)
    return edits, total


def exam_pages(first_seed: int, pages: int, split: Split, dpi: int = 150) -> Iterator[tuple[Shown, Grade]]:
    """Pages of every family in turn, two in three clean, the others scanned."""
    for number in range(pages):
        grade = Grade.SCAN if number % 3 == 2 else Grade.CLEAN
        yield show_seed(first_seed + number, split, FAMILIES[number % len(FAMILIES)], grade, dpi), grade


def summary(rows: Iterable[Scored]) -> Figures:
    """The figures of a group of prompts."""
    rows = list(rows)
    return figures_of(
        exact=[(r.exact, r.anls, r.overlap, r.confidence) for r in rows if r.present],
        answered=[r.answered for r in rows if not r.present],
        said=[(r.confidence, r.exact) for r in rows if r.answered],
    )


def tables(rows: Sequence[Scored]) -> dict[str, dict[str, Figures]]:
    """Figures overall and by each side of a prompt; those of what is absent stand beside those of what is there."""
    out = {"all": {"all": summary(rows)}}
    for side in ("kind", "grade", "family", "field"):
        groups: dict[str, list[Scored]] = defaultdict(list)
        for row in rows:
            groups[getattr(row, side)].append(row)
        out[side] = {name: summary(group) for name, group in sorted(groups.items())}
    return out


def main() -> None:
    """Print the figures: overall, by kind of prompt, by grade, by family, by field."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--split", type=Split, default=Split.HELD_OUT)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--dpi", type=int, default=150)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--write", type=Path, help="keep the figures in this file, for the model card")
    given = parser.parse_args()
    torch.set_num_threads(1)
    model = BundledModel.load(given.folder)
    rows: list[Scored] = []
    edits: dict[str, list[int]] = {}
    for shown, grade in exam_pages(given.first_seed, given.pages, given.split, given.dpi):
        rows += score_page(model, shown, str(grade))
        wrong, total = edits_of(model.read(picture_of(shown)), shown)
        so_far = edits.setdefault(str(grade), [0, 0])
        so_far[0], so_far[1] = so_far[0] + wrong, so_far[1] + total
    figures = tables(rows)
    rates = {grade: round(wrong / max(1, total), 4) for grade, (wrong, total) in sorted(edits.items())}
    for side, groups in figures.items():
        for name, group in groups.items():
            print(json.dumps({side: name} | group))
    print(json.dumps({"character_error_rate": rates}))
    if given.write:
        about = {"pages": given.pages, "dpi": given.dpi, "split": str(given.split), "revision": model.identity.revision}
        given.write.write_text(json.dumps({**about, "character_error_rate": rates, "tables": figures}, indent=1) + "\n")


if __name__ == "__main__":
    main()
