"""Measure the two numbers that no training gives: `python -m training.calibrate`.

How far behind a character's middle the reader says it; and the threshold above which an answer counts as absent: the
laxest that answers, on pages of every grade, no more of what is absent than the goals allow. On pages that are neither
trained on nor scored.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from training.assemble import CALIBRATION, parts_of
from training.exams import CALIBRATED, exam_pages
from training.goals import GOALS
from training.measures import folded
from training.questions import IDS
from training.score import picture_of
from training.truth import Shown
from workers.vlm.bundled.modeling import FolioscopeForImageTextToText
from workers.vlm.bundled.processing import FolioscopeImageProcessor
from workers.vlm.bundled.prompts import prompt_ids
from workers.vlm.bundled.reader import batches, cut, pyramid_of
from workers.vlm.bundled.words import glyphs_of

LIMITS = {goal.grade: goal.absent_answered for goal in GOALS if goal.absent_answered is not None}
MARGIN = 0.85  # of each limit: other pages of the same grade will be a little worse by chance
STEPS = tuple(round(0.01 * n, 2) for n in range(1, 100))


@dataclass(frozen=True, slots=True)
class Tried:
    """One prompt with no threshold: how likely absent, whether it is present, and whether the text is exact."""

    grade: str
    absent: float
    present: bool
    exact: bool


def lag_of(model: FolioscopeForImageTextToText, shown: Shown) -> list[float]:
    """For each character of the lines read right: how far behind its middle it was said, in heights of the line."""
    config, lags = model.config, list[float]()
    pyramid, height = pyramid_of(shown.ink), config.strip_height
    for group in batches(shown.segments, height):
        with torch.inference_mode():
            frames = model.reader(cut(pyramid, [shown.segments[i] for i in group], height)).numpy()
        for row, index in zip(frames, group, strict=True):
            run, segment = shown.page.runs[index], shown.segments[index]
            glyphs = glyphs_of(row, segment, height, config.alternatives)
            if [g.ids[0] for g in glyphs] == [IDS[c] for c in run.text]:
                share = (segment.x1 - segment.x0) / (run.right - run.x)
                middles = [(a + b) / 2 - run.x for a, b in pairwise((run.x, *run.edges))]
                said = zip(glyphs, middles, strict=True)
                lags += [(g.x - segment.x0 - share * middle) / segment.height for g, middle in said]
    return lags


def tries(model: FolioscopeForImageTextToText, pages: int) -> list[Tried]:
    """Every prompt of the calibration pages."""
    model.config.null_threshold = 1.1  # never silent
    rows = []
    for page in exam_pages(CALIBRATED, pages):
        facts, absent, grade = page.shown.page.facts, page.shown.page.absent, str(page.sort.grade)
        read = model.read(*_ink(picture_of(page.shown)))
        if read is None:
            continue
        prompts = [f.prompts[0] for f in facts] + [a.prompts[0] for a in absent]
        answers = model.answer(read, *prompt_ids(prompts, model.config.word_length))
        for fact, answer in zip(facts, answers, strict=False):
            exact = folded(answer.text or "") == folded(fact.value)
            rows.append(Tried(grade, answer.absent, present=True, exact=exact))
        rows += [Tried(grade, answer.absent, present=False, exact=False) for answer in answers[len(facts) :]]
    return rows


def _ink(picture: Image.Image) -> tuple[torch.Tensor, tuple[float, float]]:
    inputs = FolioscopeImageProcessor().preprocess(picture, return_tensors="pt")
    width, height = inputs["page_size"][0].tolist()
    return inputs["pixel_values"], (width, height)


def outcome(rows: Sequence[Tried], threshold: float) -> tuple[float, float]:
    """Shares at a threshold: of present ones exact, of absent ones answered."""
    present, absent = [r for r in rows if r.present], [r for r in rows if not r.present]
    exact = sum(r.exact and r.absent <= threshold for r in present) / max(1, len(present))
    return exact, sum(r.absent <= threshold for r in absent) / max(1, len(absent))


def threshold_of(rows: Sequence[Tried], limits: Mapping[str, float] | None = None) -> float:
    """The laxest threshold that answers no more of what is absent than each grade's limit; else the strictest."""
    by_grade = {grade: [r for r in rows if r.grade == grade] for grade in {r.grade for r in rows}}
    allowed = {grade: MARGIN * (LIMITS if limits is None else limits)[grade] for grade in by_grade}
    kept = [t for t in STEPS if all(outcome(by_grade[g], t)[1] <= most for g, most in allowed.items())]
    return max(kept, default=STEPS[0])


def main() -> None:
    """Print the threshold with what it gives, and keep it beside the runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--pages", type=int, default=240)
    given = parser.parse_args()
    torch.set_num_threads(1)
    model = parts_of(given.runs)
    lags = [lag for page in exam_pages(CALIBRATED, given.pages // 6) for lag in lag_of(model, page.shown)]
    model.config.reading_lag = float(np.median(lags)) if lags else 0.0
    rows = tries(model, given.pages)
    chosen = threshold_of(rows)
    for threshold in (*STEPS[::11], chosen):
        print(
            json.dumps(
                {"threshold": threshold} | {g: outcome([r for r in rows if r.grade == g], threshold) for g in LIMITS}
            )
        )
    found = {"null_threshold": chosen, "reading_lag": round(model.config.reading_lag, 4)}
    (given.runs / CALIBRATION).write_text(json.dumps(found) + "\n")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
