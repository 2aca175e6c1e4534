import importlib.util
import json
import sys
from pathlib import Path

import pytest

from training.card import MARKERS, figures, put, short_card
from training.make import RELEASE, stages_of
from training.outcomes import Origin, Outcome, Spelling
from training.processes import run_side_by_side
from training.recipes import Plan
from training.score import Results
from training.train import TRAINERS

CONFIGS = sorted(Path("training/configs").glob("*.toml"))


@pytest.mark.parametrize("file", CONFIGS, ids=lambda file: file.stem)
def test_every_stage_of_every_run_is_a_command_that_there_is(file: Path, tmp_path: Path) -> None:
    for commands in stages_of(Plan.read(file, tmp_path)).values():
        for line in commands:
            assert importlib.util.find_spec(line[2]) is not None


@pytest.mark.parametrize("file", CONFIGS, ids=lambda file: file.stem)
def test_a_run_has_a_recipe_for_each_part_and_the_parts_share_no_seeds(file: Path) -> None:
    plan = Plan.read(file)
    assert set(plan.parts) == set(TRAINERS)
    assert len({recipe.first_seed // 1_000_000 for recipe in plan.parts.values()}) == 3
    assert all(recipe.run.parent == plan.runs for recipe in plan.parts.values())


def test_a_run_in_another_folder_leaves_the_released_weights_alone(tmp_path: Path) -> None:
    plan = Plan.read(RELEASE, tmp_path)
    assert plan.folder == tmp_path / "model"
    assert {recipe.run.parent for recipe in plan.parts.values()} == {tmp_path}


def test_a_stage_that_fails_is_named() -> None:
    with pytest.raises(SystemExit, match="sys"):
        run_side_by_side([[sys.executable, "-c", "import sys; sys.exit(1)"], [sys.executable, "-c", "pass"]])


ORIGIN = Origin(1, "scan", "scan", "invoice", "en")
RESULTS = Results(
    [
        Outcome(ORIGIN, "total", present=True, answered=True, confidence=0.9, exact=True, anls=1.0, overlap=0.8),
        Outcome(ORIGIN, "iban", present=False, answered=False, confidence=0.7),
    ],
    [Spelling(ORIGIN, "", 1, 40)],
)
SCORES = json.loads(json.dumps({"revision": "abc", **RESULTS.figures()}))


def test_the_card_shows_the_figures_of_the_run_and_nothing_older() -> None:
    card = f"before\n{MARKERS[0]}\nold figures\n{MARKERS[1]}\nafter"
    new = put(card, figures(SCORES))
    assert "old figures" not in new
    assert new.startswith("before")
    assert new.endswith("after")
    assert "| everything | 1 | 1.000 (0.21 to 1.00) | 1.000 | 0.80 | 1 | 0.000 (0.00 to 0.79) | 1.000 | 1.000 |" in new
    assert "| scan | **100.0%** (20.7 to 100.0, goal ≥ 85%) | **2.50%** (2.5 to 2.5, goal ≤ 4%) |" in new
    assert put(new, figures(SCORES)) == new


def test_the_short_card_says_what_was_measured() -> None:
    assert "100.0% of everything asked" in short_card(SCORES)
