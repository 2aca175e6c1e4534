"""Checkpoints out of released weights, so that training goes on where no run is at hand: `python -m training.unpack`.

What the optimizer knew is lost, and soon learned again. Weights come back in the precision that they were released in.
"""

import argparse
import json
from pathlib import Path

import torch

from training.assemble import CALIBRATION, PARTS, STEPS
from workers.vlm.bundled.backend import FOLDER
from workers.vlm.bundled.modeling import FolioscopeForImageTextToText


class RunExists(Exception):
    """There are checkpoints already, which released weights would overwrite."""


def unpack(folder: Path, runs: Path) -> None:
    """Write a first checkpoint of each part, and what was calibrated, into `runs`. Raises RunExists."""
    taken = [part for part in PARTS if (runs / part / "last.pt").exists()]
    if taken:
        raise RunExists(f"{runs} holds checkpoints of {', '.join(taken)}; give another folder with --runs.")
    model = FolioscopeForImageTextToText.from_pretrained(folder, dtype=torch.float32)
    steps: dict[str, int] = json.loads((folder / STEPS).read_text())
    for part in PARTS:
        weights = getattr(model, part).state_dict()
        (runs / part).mkdir(parents=True, exist_ok=True)
        state = {"part": weights, "averaged": weights, "optimizer": None, "step": steps[part]}
        torch.save(state, runs / part / "last.pt")
    found = {name: getattr(model.config, name) for name in ("null_threshold", "reading_lag")}
    (runs / CALIBRATION).write_text(json.dumps(found) + "\n")


def main() -> None:
    """Unpack the weights that the package carries."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    given = parser.parse_args()
    unpack(given.folder, given.runs)


if __name__ == "__main__":
    main()
