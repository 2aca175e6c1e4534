"""Make the set: drafts by seed, printed, each value found in the print, the truth written."""

import json
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pymupdf

from training.foreign.draft import Draft
from training.foreign.locate import places_of
from training.foreign.looks import LOOKS
from training.foreign.printing import print_all
from training.foreign.truth import stated
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
    """Write the PDFs and truth.jsonl; the number of pages. Nothing is written to truth.jsonl before all agree."""
    made = drafts(looks)
    print_all(made, folder)
    lines, wrong = [], []
    for name, draft in made.items():
        with pymupdf.open(folder / f"{name}.pdf") as document:
            wrong += [f"{name}: {fault}" for fault in faults_of(draft, document)]
            lines.append(truth_of(name, draft, document))
    if wrong:
        raise WrongDraft("\n".join(wrong))
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / "truth.jsonl").write_text(text, "utf-8")
    return len(lines)


def faults_of(draft: Draft, document: pymupdf.Document) -> Iterator[str]:
    """Values that do not stand where the draft says, and absent ones that are named or stand there."""
    for field, value in draft.fields.items():
        count, index = len(places_of(value, document)), draft.places.get(field)
        right = count == 1 if index is None and field not in draft.same else count > (index or 0)
        if not right:
            yield f"{field} {value!r} stands {count} times"
    for field in draft.absent:
        if found := stated(field, document):
            yield f"{field} is called absent, but there stands {found!r}"


def truth_of(name: str, draft: Draft, document: pymupdf.Document) -> dict[str, Any]:
    """A line of truth.jsonl."""
    return {
        "file": f"{name}.pdf",
        "look": re.sub(r"-\d+$", "", name),
        "tool": draft.tool.name.lower(),
        "language": draft.language,
        "grade": "clean",
        "fields": dict(draft.fields),
        "absent": list(draft.absent),
        "asked": dict(draft.asked),
        "boxes": {field: _box(draft, field, document) for field in draft.fields},
    }


def _box(draft: Draft, field: str, document: pymupdf.Document) -> dict[str, Any]:
    """The place that is meant, and the others where all mean the same."""
    found = [{"page": place.page, "box": place.box} for place in places_of(draft.fields[field], document)]
    if field in draft.same:
        return {**found[0], "also": found[1:]} if found[1:] else found[0]
    index = draft.places.get(field, 0)
    return found[index] if index < len(found) else {}
