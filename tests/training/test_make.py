import importlib.util
import json
import sys
from pathlib import Path

import pytest

from training.card import MARKERS, figures, put, short_card
from training.make import RELEASE, SMALL, run_side_by_side, stages_of
from training.measures import figures_of


def test_every_stage_runs_commands_that_there_are(tmp_path: Path) -> None:
    for plan in (RELEASE, SMALL):
        for commands in stages_of(plan, tmp_path, tmp_path / "model").values():
            for line in commands:
                assert importlib.util.find_spec(line[2]) is not None


def test_a_stage_that_fails_is_named() -> None:
    with pytest.raises(SystemExit, match="sys"):
        run_side_by_side([[sys.executable, "-c", "import sys; sys.exit(1)"], [sys.executable, "-c", "pass"]])


SCORES = {
    "revision": "abc",
    "pages": 2,
    "dpi": 150,
    "character_error_rate": {"clean": 0.05},
    "tables": {
        side: {"all": figures_of([(True, 1.0, 0.9, 0.9)], [False])}
        for side in ("all", "kind", "grade", "family", "field")
    },
}


def test_the_card_shows_the_figures_of_the_run_and_nothing_older() -> None:
    card = f"before\n{MARKERS[0]}\nold figures\n{MARKERS[1]}\nafter"
    new = put(card, figures(json.loads(json.dumps(SCORES))))
    assert "old figures" not in new
    assert new.startswith("before")
    assert new.endswith("after")
    assert "| everything | 1 | 1.000 (0.21 to 1.00) | 1.000 | 1 | 0.000 (0.00 to 0.79) |" in new
    assert put(new, figures(json.loads(json.dumps(SCORES)))) == new


def test_the_short_card_says_what_was_measured() -> None:
    assert "100.0% of everything asked that stands" in short_card(SCORES)
