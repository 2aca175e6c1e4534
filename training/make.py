"""Make the released weights from nothing: `python -m training.make`, or `--small` for the same path in five minutes.

Every stage is a command of its own that goes on from its last checkpoint; a stage that ended is noted in `stages.json`
and not run again, so this command can be stopped and started at will.
"""

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from workers.vlm.bundled.backend import FOLDER


@dataclass(frozen=True, slots=True)
class Plan:
    """Minutes of training on one thread each, and numbers of pages."""

    finder: float
    reader: float
    answerer: float  # on simulated readings, while finder and reader learn
    answerer_real: float  # with real readings among them
    readings: int
    calibration: int
    scored: int


RELEASE = Plan(finder=14, reader=130, answerer=75, answerer_real=60, readings=800, calibration=60, scored=200)
SMALL = Plan(finder=0.7, reader=0.9, answerer=0.7, answerer_real=0.4, readings=12, calibration=5, scored=5)


def command(module: str, *options: object) -> list[str]:
    """A stage's command line."""
    return [sys.executable, "-m", f"training.{module}", *map(str, options)]


def run_side_by_side(commands: list[list[str]]) -> None:
    """Run commands at the same time; if one fails, end the others and say so."""
    running = [subprocess.Popen(line) for line in commands]  # noqa: S603 - our own commands
    try:
        codes = [process.wait() for process in running]
    finally:
        for process in running:
            process.terminate()
    if any(codes):
        raise SystemExit(f"A stage failed: {[line[2] for line, code in zip(commands, codes, strict=True) if code]}")


def stages_of(plan: Plan, runs: Path, folder: Path) -> dict[str, list[list[str]]]:
    """Stages in order; the commands of one stage run side by side."""

    def trainer(part: str, minutes: float) -> list[str]:
        return command(f"train_{part}", "--minutes", minutes, "--run", runs / part)

    scores = runs / "scores.json"
    return {
        "learn": [
            trainer("finder", plan.finder),
            trainer("reader", plan.reader),
            trainer("answerer", plan.answerer),
        ],
        "measure the reader's lag": [command("calibrate", "--runs", runs, "--pages", plan.calibration)],
        "read": [command("readings", "--runs", runs, "--pages", plan.readings)],
        "learn from readings": [trainer("answerer", plan.answerer_real)],
        "calibrate": [command("calibrate", "--runs", runs, "--pages", plan.calibration)],
        "assemble": [command("assemble", "--runs", runs, "--folder", folder)],
        "score": [command("score", "--folder", folder, "--pages", plan.scored, "--write", scores)],
        "promise": [command("promise", "--folder", folder)],
        "card": [command("card", "--scores", scores, "--folder", folder)],
    }


def main() -> None:
    """Run what has not ended yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--small", action="store_true", help="minutes instead of hours, to runs/small/model; scores mean nothing"
    )
    parser.add_argument("--runs", type=Path)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    runs = given.runs or Path("runs/small" if given.small else "runs")
    folder = given.folder or (runs / "model" if given.small else FOLDER)
    runs.mkdir(parents=True, exist_ok=True)
    note = runs / "stages.json"
    ended: list[str] = json.loads(note.read_text()) if note.exists() else []
    for name, commands in stages_of(SMALL if given.small else RELEASE, runs, folder).items():
        if name not in ended:
            print(f"== {name}", flush=True)
            run_side_by_side(commands)
            ended.append(name)
            note.write_text(json.dumps(ended) + "\n")


if __name__ == "__main__":
    main()
