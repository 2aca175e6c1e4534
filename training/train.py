"""Train the three parts of a run, side by side: `python -m training.train --config training/configs/release.toml`.

With `--part` it trains one. Each part goes on from its last checkpoint, on a GPU where there is one, else on the CPU.
"""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from training import train_answerer, train_finder, train_reader
from training.processes import command, run_side_by_side
from training.recipes import PARTS, Plan, Recipe

TRAINERS: dict[str, Callable[[Recipe], None]] = {
    "finder": train_finder.train,
    "reader": train_reader.train,
    "answerer": train_answerer.train,
}


def main() -> None:
    """Train one part here, or each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--part", choices=PARTS)
    parser.add_argument("--runs", type=Path, help="another folder than the file says")
    parser.add_argument("--minutes", type=float, help="another time than the file says, for one part")
    given = parser.parse_args()
    plan = Plan.read(given.config, given.runs)
    if given.part:
        recipe = plan.parts[given.part]
        TRAINERS[given.part](replace(recipe, minutes=given.minutes or recipe.minutes))
    else:
        options = ("--config", plan.file, "--runs", plan.runs)
        run_side_by_side([command("train", *options, "--part", part) for part in PARTS])


if __name__ == "__main__":
    main()
