"""Make weights from nothing: `python -m training.make --config training/configs/release.toml`.

Every stage is a command of its own that goes on from its last checkpoint; a stage that ended is noted in `stages.json`
and not run again, so this command can be stopped and started at will. `--from calibrate` runs that stage and all that
follow once more: a release of weights that have learned on.
"""

import argparse
import json
from pathlib import Path

from training.processes import command, run_side_by_side
from training.recipes import PARTS, Plan

RELEASE = Path("training/configs/release.toml")


def stages_of(plan: Plan) -> dict[str, list[list[str]]]:
    """Stages in order; the commands of one stage run side by side."""
    runs, folder = ("--runs", plan.runs), ("--folder", plan.folder)
    scores, foreign = plan.runs / "scores.json", plan.runs / "foreign.json"
    others = [command("foreign.score", *folder, "--write", foreign)] if plan.foreign else []
    training = ("train", "--config", plan.file, *runs, "--part")
    calibrate = command("calibrate", *runs, "--pages", plan.calibration)
    return {
        "learn": [command(*training, part) for part in PARTS],
        "lag": [calibrate],  # readings need it
        "read": [command("readings", *runs, "--pages", plan.readings)],
        "learn-on": [command(*training, "answerer", "--minutes", plan.minutes_with_readings)],
        "calibrate": [calibrate],
        "assemble": [command("assemble", *runs, *folder)],
        "confidence": [command("fit_confidence", "--pages", plan.confidence, *folder)],
        "score": [command("score", *folder, "--pages", plan.scored, "--write", scores), *others],
        "promise": [command("promise", *folder)],
        "recheck": [command("recheck", *folder)],
        "card": [command("card", "--scores", scores, *(("--foreign", foreign) if others else ()), *folder)],
        "curves": [command("curves", *runs, *folder)],
    }


def main() -> None:
    """Run what has not ended yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=RELEASE)
    parser.add_argument("--runs", type=Path, help="another folder than the file says, for the weights too")
    parser.add_argument("--from", dest="first", help="forget that this stage and those after it have ended")
    given = parser.parse_args()
    plan = Plan.read(given.config, given.runs)
    plan.runs.mkdir(parents=True, exist_ok=True)
    note = plan.runs / "stages.json"
    stages = stages_of(plan)
    ended: list[str] = json.loads(note.read_text()) if note.exists() else []
    if given.first:
        names = list(stages)
        ended = names[: names.index(given.first)]
    for name, commands in stages.items():
        if name not in ended:
            print(f"== {name}", flush=True)
            run_side_by_side(commands)
            ended.append(name)
            note.write_text(json.dumps(ended) + "\n")


if __name__ == "__main__":
    main()
