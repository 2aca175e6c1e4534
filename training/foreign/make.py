"""Make the set: drafts by seed, printed, each value found in the print, the truth written."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from random import Random

import pymupdf

from training.foreign.draft import Draft
from training.foreign.locate import layers_of
from training.foreign.looks import LOOKS
from training.foreign.printing import print_all
from training.foreign.proof import faults_of, truth_of
from training.foreign.world import World

SEED = 4_100_000


class WrongDraft(Exception):
    """A page does not say what its draft promises."""


def drafts(looks: Collection[str] = ()) -> dict[str, Draft]:
    """Every page's draft by its file's name; a look's pages stay the same when another look changes."""
    made = {}
    for place, (name, (look, countries)) in enumerate(LOOKS.items()):
        if looks and name not in looks:
            continue
        for number, country in enumerate(countries):
            world = World(Random(SEED + 100 * place + number), country)
            made[f"{name}-{number + 1}"] = look(world)
    return made


def make(folder: Path, looks: Collection[str] = ()) -> int:
    """Write the PDFs and truth.jsonl; the number of files."""
    made = drafts(looks)
    print_all(made, folder)
    return write_truth(made, folder)


def write_truth(made: Mapping[str, Draft], folder: Path) -> int:
    """Write truth.jsonl for drafts that lie printed in the folder; the number of its lines.

    Raises:
        WrongDraft: A print does not say what its draft promises; nothing is written.
    """
    lines, wrong = [], []
    for name, draft in made.items():
        with pymupdf.open(folder / f"{name}.pdf") as document:
            layers = layers_of(document)
        wrong += [f"{name}: {fault}" for fault in faults_of(draft, layers)]
        lines.append(truth_of(name, draft, layers))
    if wrong:
        raise WrongDraft("\n".join(wrong))
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / "truth.jsonl").write_text(text, "utf-8")
    return len(lines)
