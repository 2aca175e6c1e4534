"""Measure what the released weights read from samples/, and promise a little less: `python -m training.promise`.

The promise is the lower end of the 95 % interval: the pages stay the same, but another rasterizer draws them otherwise.
"""

import argparse
import json
import math
from pathlib import Path
from typing import Any

import pymupdf
import torch
from PIL import Image

from core.records import caseless
from training.measures import wilson
from workers.vlm.bundled.backend import FOLDER, BundledModel
from workers.vlm.interface import Generation, PageRequest, Prompt, PromptKind

SAMPLES = Path("samples")
DPI = 150


def pictures_of(line: dict[str, Any]) -> list[Image.Image]:
    """First and last page of a sample: between them stand only more movements."""
    with pymupdf.open(SAMPLES / line["file"]) as document:
        if document.needs_pass:
            document.authenticate(line["password"])
        numbers = sorted({0, len(document) - 1})
        pixmaps = [document[n].get_pixmap(dpi=DPI, colorspace=pymupdf.csRGB, alpha=False) for n in numbers]
        return [Image.frombytes("RGB", (p.width, p.height), p.samples) for p in pixmaps]


def surest(answers: list[Generation]) -> Generation:
    """Of several pages' answers the surest that says something, as a record takes it."""
    said = [a for a in answers if a.text is not None]
    return max(said, key=lambda a: a.confidence or 0.0) if said else answers[0]


def measure(model: BundledModel) -> tuple[int, int, int, int]:
    """Right fields and all that stand there, answered ones and all that do not."""
    right = present = answered = absent = 0
    for text in (SAMPLES / "truth.jsonl").read_text().splitlines():
        line = json.loads(text)
        asked = [*line["fields"], *line["absent"]]
        prompts = tuple(Prompt(name, PromptKind.FIELD, name.replace("_", " ")) for name in asked)
        by_page = model.generate([PageRequest(picture, prompts) for picture in pictures_of(line)])
        said = {name: surest([page[i] for page in by_page]) for i, name in enumerate(asked)}
        wrong = [(n, v, said[n].text) for n, v in line["fields"].items() if caseless(said[n].text or "") != caseless(v)]
        print(line["file"], f"{len(line['fields']) - len(wrong)}/{len(line['fields'])}", wrong)
        right, present = right + len(line["fields"]) - len(wrong), present + len(line["fields"])
        answered += sum(said[name].text is not None for name in line["absent"])
        absent += len(line["absent"])
    return right, present, answered, absent


def main() -> None:
    """Print the shares; write the promise beside the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    given = parser.parse_args()
    torch.set_num_threads(1)
    right, present, answered, absent = measure(BundledModel.load(given.folder))
    promised = math.floor(100 * wilson(right, present)[0]) / 100
    print(f"{right} of {present} fields right, {answered} of {absent} absent ones answered; promised: {promised}")
    measured = {"promised_share": promised, "measured": [right, present], "absent_answered": [answered, absent]}
    (given.folder / "promise.json").write_text(json.dumps(measured) + "\n")


if __name__ == "__main__":
    main()
