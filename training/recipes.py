"""What a training run is made of: one file in `training/configs/` per run, or a trainer's own command line."""

import argparse
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

PARTS = ("finder", "reader", "answerer")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one part is trained, and in which folder its checkpoints and its log lie."""

    run: Path
    minutes: float
    rate: float
    final_rate: float
    first_seed: int  # of the training split's pages
    threads: int = 1

    @classmethod
    def asked(cls, description: str | None, usual: Self) -> Self:
        """The recipe that a trainer's command line asks for."""
        parser = argparse.ArgumentParser(description=description)
        parser.add_argument("--minutes", type=float, default=usual.minutes)
        parser.add_argument("--run", type=Path, default=usual.run)
        parser.add_argument("--rate", type=float, default=usual.rate)
        parser.add_argument("--final-rate", type=float, default=usual.final_rate)
        parser.add_argument("--threads", type=int, default=usual.threads)
        return replace(usual, **vars(parser.parse_args()))


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole run: where it lies, where its weights go, each part's recipe, and numbers of pages."""

    file: Path
    runs: Path
    folder: Path
    parts: dict[str, Recipe]
    minutes_with_readings: float  # of the answerer, after the others
    readings: int
    calibration: int
    confidence: int  # those that tell what confidence means
    scored: int
    foreign: bool  # whether the pages of other programs are scored too

    @classmethod
    def read(cls, file: Path, runs: Path | None = None) -> Self:
        """A run's file; `runs` puts all of it, weights too, into another folder."""
        table: dict[str, Any] = tomllib.loads(file.read_text())
        home = runs or Path(table["runs"])
        later = table["answerer"].pop("minutes_with_readings")
        parts = {part: Recipe(home / part, **table[part]) for part in PARTS}
        folder = home / "model" if runs else Path(table["folder"])
        return cls(file, home, folder, parts, later, **table["pages"])
