"""Measure the numbers that no training gives: `python -m training.calibrate`.

How far behind a character's middle the reader says it; and the threshold above which an answer counts as absent: the
laxest that answers, on pages of every grade, no more of what is absent than the goals allow; and how confidence must be
stretched and shifted to say how often an answer is right. On pages that are neither trained on nor scored.
"""

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from core.records import caseless
from training.assemble import CALIBRATION, parts_of
from training.exams import CALIBRATED, exam_pages
from training.goals import GOALS
from training.measures import calibration_error
from training.score import picture_of
from training.truth import Shown
from workers.vlm.bundled.configuration import IDS
from workers.vlm.bundled.finder import without_ground
from workers.vlm.bundled.modeling import Answer, FolioscopeForImageTextToText
from workers.vlm.bundled.processing import FolioscopeImageProcessor
from workers.vlm.bundled.prompts import prompt_ids
from workers.vlm.bundled.reader import batches, cut, pyramid_of
from workers.vlm.bundled.words import glyphs_of

LIMITS = {goal.grade: goal.absent_answered for goal in GOALS if goal.absent_answered is not None}
MARGIN = 0.85  # of each limit: other pages of the same grade will be a little worse by chance
FEWEST = 50  # answers, to learn from how far confidence can be trusted
PRIOR = 1.0
STEPS = tuple(round(0.01 * n, 2) for n in range(1, 100))


@dataclass(frozen=True, slots=True)
class Tried:
    """One prompt with no threshold: how likely absent, how sure otherwise, whether present, whether exact."""

    grade: str
    absent: float
    confidence: float
    present: bool
    exact: bool


def lag_of(model: FolioscopeForImageTextToText, shown: Shown) -> list[float]:
    """For each character of the lines read right: how far behind its middle it was said, in heights of the line."""
    config, lags = model.config, list[float]()
    pyramid, height = pyramid_of(without_ground(shown.ink)), config.strip_height
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
            exact = caseless(answer.text or "") == caseless(fact.value)
            rows.append(Tried(grade, answer.absent, _product(answer), present=True, exact=exact))
        rows += [Tried(grade, a.absent, _product(a), present=False, exact=False) for a in answers[len(facts) :]]
    return rows


def _product(answer: Answer) -> float:
    return float(np.prod(np.minimum(answer.probabilities, 1.0)))


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


def logit(share: float) -> float:
    """The logarithm of the odds, for shares from a millionth to one less a millionth."""
    held = min(max(share, 1e-6), 1 - 1e-6)
    return math.log(held / (1 - held))


def trust_of(said: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    """Scale and shift of confidence on the logistic scale (Platt's) under which what was right or wrong is likeliest.

    (1, 0), which changes nothing, where there is too little to learn from.
    """
    right = np.array([r for _, r in said], float)
    if len(right) < FEWEST or not 0 < right.sum() < len(right):
        return (1.0, 0.0)
    odds = np.array([logit(c) for c, _ in said])
    inputs, weights = np.stack([odds, np.ones_like(odds)], 1), np.array([1.0, 0.0])
    for _ in range(30):  # Newton's steps; the prior holds scale and shift near where they change nothing
        chance = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ (chance - right) + PRIOR * (weights - (1.0, 0.0))
        bend = (inputs * (chance * (1 - chance))[:, None]).T @ inputs + PRIOR * np.eye(2)
        weights = weights - np.linalg.solve(bend, slope)
    return (round(float(weights[0]), 3), round(float(weights[1]), 3))


def main() -> None:
    """Print the threshold with what it gives, and keep all numbers beside the runs."""
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
    said = [(r.confidence, r.exact) for r in rows if r.absent <= chosen]
    scale, shift = trust_of(said)
    mended = [(1 / (1 + math.exp(-scale * logit(c) - shift)), r) for c, r in said]
    print(json.dumps({"calibration_error": [round(calibration_error(s), 3) for s in (said, mended)]}))
    found = {"null_threshold": chosen, "reading_lag": round(model.config.reading_lag, 4)}
    found |= {"confidence_scale": scale, "confidence_shift": shift}
    (given.runs / CALIBRATION).write_text(json.dumps(found) + "\n")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
