"""The released weights read the kept held-out pages about as well as when they were released."""

import json
from typing import Any

import pytest

from training.recheck import CLEAN, FIGURES, HOME, SCANNED, kept_pages, measured, page_from, stored
from training.render import Grade, Split, compose
from training.render.fonts import Fonts
from training.score import Results, score
from workers.vlm.bundled.backend import BundledModel

pytestmark = pytest.mark.timeout(1200)  # half a minute of one core, and more where others keep the machine busy
RELEASED: dict[str, Any] = json.loads((HOME / FIGURES).read_text())


@pytest.fixture(scope="module")
def model() -> BundledModel:
    return BundledModel.load()


@pytest.fixture(scope="module")
def results(model: BundledModel) -> Results:
    return score(model, kept_pages())


def test_the_figures_are_of_the_released_weights(model: BundledModel) -> None:
    assert RELEASED["revision"] == model.identity.revision, "run: python -m training.recheck"


@pytest.mark.parametrize("name", ["exact", "character_error_rate", "absent_answered"])
def test_the_released_weights_read_no_worse_than_when_they_were_released(results: Results, name: str) -> None:
    low, high = RELEASED[name]["interval"]
    share = measured(results)[name]["share"]
    assert share >= low if name == "exact" else share <= high


def test_clean_and_scanned_pages_are_kept(results: Results) -> None:
    grades = {outcome.origin.page: outcome.origin.grade for outcome in results.outcomes}
    assert sorted(grades.values()) == [Grade.CLEAN] * CLEAN + [Grade.SCAN] * SCANNED


def test_the_kept_pages_are_small() -> None:
    assert sum(file.stat().st_size for file in HOME.iterdir()) < 2_000_000


def test_a_page_says_the_same_after_it_was_stored(fonts: Fonts) -> None:
    page = compose(1, Split.HELD_OUT, "invoice", fonts)
    again = page_from(json.loads(json.dumps(stored(page))))
    assert [(f.prompts[0], f.value, f.span) for f in page.facts] == [
        (f.prompts[0], f.value, f.span) for f in again.facts
    ]
    for run, same in zip(page.runs, again.runs, strict=True):
        assert run.text == same.text
        assert run.right == pytest.approx(same.right, abs=0.06)
    for fact in page.facts:
        assert again.runs[fact.span.run].edges == pytest.approx(page.runs[fact.span.run].edges, abs=0.06)
