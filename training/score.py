"""Score the assembled model on held-out pages, from pixels to answers: `python -m training.score`.

Exact match is after folding white space and case. ANLS is 1 - edits / longer length, nothing under one half.
"""

import argparse
import json
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from training.render import Fact, Grade, Page
from training.render.page import Split
from training.train_reader import distance
from training.truth import Shown, show_seed
from workers.vlm.bundled.backend import FOLDER, BundledModel
from workers.vlm.interface import Generation, PageRequest, Prompt, PromptKind

FAMILIES = ("invoice", "receipt", "form", "letter", "statement")
FIRST_SEED = 930_000


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


def folded(text: str) -> str:
    """White space and case do not count."""
    return " ".join(text.split()).casefold()


def anls(said: str, truth: str) -> float:
    """Average normalized Levenshtein similarity of one answer (Biten et al. 2019, threshold one half)."""
    a, b = list(map(ord, folded(said))), list(map(ord, folded(truth)))
    if not a and not b:
        return 1.0
    share = 1 - distance(a, b) / max(len(a), len(b))
    return share if share >= 0.5 else 0.0  # noqa: PLR2004 - the measure's own threshold


def score_page(model: BundledModel, shown: Shown, grade: str) -> list[Scored]:
    """Ask everything that stands on the page by its first wording, and everything that does not."""
    page = shown.page
    gray = Image.fromarray((255 - shown.ink[0, 0].numpy() * 255).round().astype(np.uint8))
    prompts = [f.prompts[0] for f in page.facts] + [a.prompts[0] for a in page.absent]
    request = PageRequest(gray, tuple(Prompt(str(i), PromptKind.FIELD, text) for i, text in enumerate(prompts)))
    said = model.generate([request])[0]
    rows = [_present(page, fact, answer, shown, grade) for fact, answer in zip(page.facts, said, strict=False)]
    for missing, answer in zip(page.absent, said[len(page.facts) :], strict=True):
        rows.append(Scored(page.family, grade, missing.field, False, False, 0.0, answer.text is not None, 0.0, answer.confidence or 0.0))
    return rows


def _present(page: Page, fact: Fact, answer: Generation, shown: Shown, grade: str) -> Scored:
    exact = answer.text is not None and folded(answer.text) == folded(fact.value)
    overlap = _overlap(page, fact, answer, shown)
    return Scored(
        page.family, grade, fact.field, True, exact, anls(answer.text or "", fact.value), answer.text is not None, overlap, answer.confidence or 0.0
    )


def _overlap(page: Page, fact: Fact, answer: Generation, shown: Shown) -> float:
    """Intersection over union of the answer's box and the truth's, in picture pixels."""
    if answer.box is None:
        return 0.0
    run = page.runs[fact.span.run]
    x0 = run.x if fact.span.start == 0 else run.edges[fact.span.start - 1]
    top, bottom = run.baseline - run.ascent, run.baseline + run.descent
    corners = np.array([shown.affine @ (x * shown.scale, y * shown.scale, 1.0) for x, y in ((x0, top), (run.edges[fact.span.stop - 1], bottom))])
    (a0, b0), (a1, b1) = corners
    height, width = shown.ink.shape[2:]
    c0, d0, c1, d1 = answer.box.x0 * width, answer.box.y0 * height, answer.box.x1 * width, answer.box.y1 * height
    shared = max(0.0, min(a1, c1) - max(a0, c0)) * max(0.0, min(b1, d1) - max(b0, d0))
    return float(shared / ((a1 - a0) * (b1 - b0) + (c1 - c0) * (d1 - d0) - shared + 1e-9))


def wilson(right: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson's)."""
    if not total:
        return (0.0, 1.0)
    z, p = 1.96, right / total
    centre = (p + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return (centre - half, centre + half)


def summary(rows: Iterable[Scored]) -> dict[str, float | int | tuple[float, float]]:
    """The figures of a group of prompts."""
    rows = list(rows)
    present, absent = [r for r in rows if r.present], [r for r in rows if not r.present]
    exact, false = sum(r.exact for r in present), sum(r.answered for r in absent)
    right = [r for r in present if r.exact]
    return {
        "present": len(present),
        "exact": round(exact / max(1, len(present)), 3),
        "exact_interval": tuple(round(v, 3) for v in wilson(exact, len(present))),
        "anls": round(sum(r.anls for r in present) / max(1, len(present)), 3),
        "absent": len(absent),
        "absent_answered": round(false / max(1, len(absent)), 3),
        "absent_interval": tuple(round(v, 3) for v in wilson(false, len(absent))),
        "box_half": round(sum(r.overlap >= 0.5 for r in right) / max(1, len(right)), 3),  # noqa: PLR2004
    }


def score(model: BundledModel, pages: int, split: Split, dpi: int = 150) -> list[Scored]:
    """Held-out pages of every family, two in three clean, the others scanned."""
    rows: list[Scored] = []
    for number in range(pages):
        grade = Grade.SCAN if number % 3 == 2 else Grade.CLEAN  # noqa: PLR2004
        shown = show_seed(FIRST_SEED + number, split, FAMILIES[number % len(FAMILIES)], grade, dpi)
        rows += score_page(model, shown, str(grade))
    return rows


def main() -> None:
    """Print the figures: overall, by grade, by family, by field."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--split", type=Split, default=Split.HELD_OUT)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--dpi", type=int, default=150)
    given = parser.parse_args()
    torch.set_num_threads(1)
    rows = score(BundledModel.load(given.folder), given.pages, given.split, given.dpi)
    print(json.dumps({"overall": summary(rows)}))
    for key in ("grade", "family", "field"):
        groups: dict[str, list[Scored]] = defaultdict(list)
        for row in rows:
            groups[getattr(row, key)].append(row)
        for name, group in sorted(groups.items()):
            print(json.dumps({key: name} | summary(group)))


if __name__ == "__main__":
    main()
