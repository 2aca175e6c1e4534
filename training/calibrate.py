"""Choose the threshold above which an answer counts as absent: `python -m training.calibrate --pages 60`.

On pages that are neither trained on nor scored. The threshold is the one with the most right outcomes (present and
exact, or absent and silent, each half of the sum) among those that answer at most a given share of what is absent.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image

from training.assemble import parts_of
from training.measures import folded
from training.render.page import Split
from training.score import exam_pages, picture_of
from workers.vlm.bundled.modeling import FolioscopeForImageTextToText
from workers.vlm.bundled.processing import FolioscopeImageProcessor
from workers.vlm.bundled.prompts import prompt_ids

FIRST_SEED = 940_000
MOST_FALSE = 0.10  # well under the 15 % that a release may have
STEPS = tuple(round(0.02 * n, 2) for n in range(3, 50))


@dataclass(frozen=True, slots=True)
class Tried:
    """One prompt with no threshold: how likely absent, whether it is present, and whether the text is exact."""

    absent: float
    present: bool
    exact: bool


def tries(model: FolioscopeForImageTextToText, pages: int) -> list[Tried]:
    """Every prompt of the calibration pages."""
    model.config.null_threshold = 1.1  # never silent
    rows = []
    for shown, _ in exam_pages(FIRST_SEED, pages, Split.HELD_OUT):
        page = shown.page
        prompts = [f.prompts[0] for f in page.facts] + [a.prompts[0] for a in page.absent]
        ink, size = _ink(picture_of(shown))
        read = model.read(ink, size)
        if read is None:
            continue
        answers = model.answer(read, *prompt_ids(prompts, model.config.word_length))
        for fact, answer in zip(page.facts, answers, strict=False):
            exact = folded(answer.text or "") == folded(fact.value)
            rows.append(Tried(answer.absent, present=True, exact=exact))
        rows += [Tried(answer.absent, present=False, exact=False) for answer in answers[len(page.facts) :]]
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


def threshold_of(rows: Sequence[Tried], most_false: float = MOST_FALSE) -> float:
    """The best threshold that keeps to the limit; the strictest where none does."""
    kept = [t for t in STEPS if outcome(rows, t)[1] <= most_false] or [STEPS[0]]
    return max(kept, key=lambda t: outcome(rows, t)[0] - outcome(rows, t)[1])


def main() -> None:
    """Print the threshold with what it gives, and keep it beside the runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--most-false", type=float, default=MOST_FALSE)
    given = parser.parse_args()
    torch.set_num_threads(1)
    rows = tries(parts_of(given.runs), given.pages)
    chosen = threshold_of(rows, given.most_false)
    for threshold in (*STEPS[::6], chosen):
        exact, false = outcome(rows, threshold)
        print(json.dumps({"threshold": threshold, "exact": round(exact, 3), "absent_answered": round(false, 3)}))
    (given.runs / "null_threshold.json").write_text(json.dumps({"null_threshold": chosen}) + "\n")


if __name__ == "__main__":
    main()
