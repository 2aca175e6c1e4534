"""Score released weights on held-out pages, from pixels to answers: `python -m training.score`.

Exact match is after folding white space and case. ANLS is 1 - edits / longer length, nothing under one half.
Every fact is asked by its first wording; what a page does not have is asked too.
"""

import argparse
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from core.records import caseless
from training.exams import SCORED, ExamPage, exam_pages
from training.goals import goals
from training.measures import anls, distance
from training.outcomes import Origin, Outcome, Spelling, spelling_tables, tables, trusted
from training.render import Fact
from training.render.page import Split
from training.strips import folded_leaders
from training.truth import Shown
from workers.vlm.bundled.backend import FOLDER, BundledModel
from workers.vlm.bundled.configuration import ALPHABET
from workers.vlm.bundled.modeling import ReadPage
from workers.vlm.bundled.words import text_of
from workers.vlm.interface import Generation, PageRequest, Prompt, PromptKind


@dataclass(slots=True)
class Results:
    """Everything that came of an exam."""

    outcomes: list[Outcome] = field(default_factory=list)
    spellings: list[Spelling] = field(default_factory=list)

    def figures(self) -> dict[str, object]:
        """All figures of the card."""
        return {
            "goals": goals(self.outcomes, self.spellings),
            "tables": tables(self.outcomes),
            "spelling": spelling_tables(self.spellings),
            "reliability": trusted(self.outcomes),
        }


def picture_of(shown: Shown) -> Image.Image:
    """The page as a rasterizer hands it over."""
    width, height = shown.size
    gray = (255 - shown.ink[0, 0, :height, :width].numpy() * 255).round().astype(np.uint8)
    return Image.fromarray(gray)


def score(model: BundledModel, pages: Iterable[ExamPage]) -> Results:
    """Ask about every page, and compare what was read of it with what stands there."""
    results = Results()
    for page in pages:
        origin = origin_of(page)
        results.outcomes += ask_page(model, page.shown, origin)
        results.spellings += spell_page(model.read(picture_of(page.shown)), page.shown, origin)
    return results


def origin_of(page: ExamPage) -> Origin:
    """Where the outcomes of a page come from."""
    return Origin(page.seed, page.sort.name, str(page.sort.grade), page.shown.page.family, page.shown.page.language)


def ask(model: BundledModel, shown: Shown) -> list[Generation]:
    """What the model says to everything that stands on the page, by its first wording, and to what does not."""
    prompts = [f.prompts[0] for f in shown.page.facts] + [a.prompts[0] for a in shown.page.absent]
    asked = tuple(Prompt(str(i), PromptKind.FIELD, text) for i, text in enumerate(prompts))
    return model.generate([PageRequest(picture_of(shown), asked)])[0]


def ask_page(model: BundledModel, shown: Shown, origin: Origin) -> list[Outcome]:
    """The outcomes of everything that may be asked about a page."""
    facts, said = shown.page.facts, ask(model, shown)
    rows = [_present(fact, answer, shown, origin) for fact, answer in zip(facts, said, strict=False)]
    for missing, answer in zip(shown.page.absent, said[len(facts) :], strict=True):
        sure = answer.confidence or 0.0
        rows.append(Outcome(origin, missing.field, present=False, answered=answer.text is not None, confidence=sure))
    return rows


def _present(fact: Fact, answer: Generation, shown: Shown, origin: Origin) -> Outcome:
    text = answer.text or ""
    return Outcome(
        origin,
        fact.field,
        present=True,
        answered=answer.text is not None,
        confidence=answer.confidence or 0.0,
        exact=answer.text is not None and caseless(text) == caseless(fact.value),
        anls=anls(text, fact.value),
        overlap=_overlap(fact, answer, shown),
        font=shown.page.runs[fact.span.run].font,
        unseen=fact.unseen,
    )


def _overlap(fact: Fact, answer: Generation, shown: Shown) -> float:
    """Intersection over union of the answer's box and the truth's, in picture pixels."""
    if answer.box is None:
        return 0.0
    a0, b0, a1, b1 = box_of(fact, shown)
    width, height = shown.size
    c0, d0, c1, d1 = answer.box.x0 * width, answer.box.y0 * height, answer.box.x1 * width, answer.box.y1 * height
    shared = max(0.0, min(a1, c1) - max(a0, c0)) * max(0.0, min(b1, d1) - max(b0, d0))
    return float(shared / ((a1 - a0) * (b1 - b0) + (c1 - c0) * (d1 - d0) - shared + 1e-9))


def box_of(fact: Fact, shown: Shown) -> tuple[float, float, float, float]:
    """Where a fact's value stands, in picture pixels."""
    run = shown.page.runs[fact.span.run]
    x0 = run.x if fact.span.start == 0 else run.edges[fact.span.start - 1]
    ends = ((x0, run.baseline - run.ascent), (run.edges[fact.span.stop - 1], run.baseline + run.descent))
    (a0, b0), (a1, b1) = (shown.affine @ (x * shown.scale, y * shown.scale, 1.0) for x, y in ends)
    return (float(a0), float(b0), float(a1), float(b1))


def spell_page(read: ReadPage | None, shown: Shown, origin: Origin) -> list[Spelling]:
    """Edits and characters of each run, by the words whose middle lies in it; spaces left out."""
    words = read.words if read else ()
    middles = np.array([((w.box[0] + w.box[2]) / 2, (w.box[1] + w.box[3]) / 2) for w in words]).reshape(-1, 2)
    middles *= shown.size[0] / read.size[0] if read else 1.0  # small pages are read enlarged
    rows = []
    for run, segment in zip(shown.page.runs, shown.segments, strict=True):
        inside = (middles[:, 0] > segment.x0) & (middles[:, 0] < segment.x1)
        inside &= np.abs(middles[:, 1] - (segment.y0 + segment.y1) / 2) < segment.height / 2
        order = sorted(np.flatnonzero(inside), key=lambda i: middles[i, 0])
        truth = folded_leaders("".join(run.text.split()))
        said = folded_leaders(text_of([words[i] for i in order], ALPHABET).replace(" ", ""))
        edits = distance(said, truth)
        rows.append(Spelling(origin, run.font, edits, len(truth)))
    return rows


def main() -> None:
    """Print the figures, goals first; keep all of them for the model card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=320, help="of all sorts together")
    parser.add_argument("--split", type=Split, default=Split.HELD_OUT)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--first-seed", type=int, default=SCORED)
    parser.add_argument("--write", type=Path, help="keep the figures in this file, for the model card")
    given = parser.parse_args()
    torch.set_num_threads(1)
    model = BundledModel.load(given.folder)
    results = score(model, exam_pages(given.first_seed, given.pages, given.split))
    about = {"split": str(given.split), "revision": model.identity.revision}
    figures = {**about, **results.figures()}
    if given.write:
        given.write.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures["goals"], indent=1))
    for side, groups in tables(results.outcomes).items():
        for name, group in groups.items():
            print(json.dumps({side: name} | group))


if __name__ == "__main__":
    main()
