"""Fit what the released weights' confidence means: `python -m training.fit_confidence --pages 300`.

Pages of five grades, as many of each, that no training learned from and no score is measured on, asked for what they
show and for what they do not. Every value is checked as the product checks it: its box read again alone and, on every
second clean page, compared with the text that its file has. The table is written beside the weights it was fitted on,
and holds for no others. A page takes a core 1.3 seconds: two idle ones are through with 300 pages in four minutes.
"""

import argparse
import importlib.resources
import json
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import pymupdf
import torch

from core.records import FieldKind, FieldValue, ValueState
from storage.schemas import wanted_of
from training.exams import FAMILIES
from training.measures import calibration_error
from training.render import Grade, Split, draw
from training.render.concepts import CONCEPTS
from training.score import ask, picture_of
from training.truth import GRADES, Shown, show_seed
from workers.confidence import Calibrator, Labelled
from workers.fitting import fit
from workers.layer import LayerWords, judge_all
from workers.typed import same
from workers.verify import came_back, read_alone
from workers.vlm.bundled.backend import FOLDER, BundledModel

TABLE = "calibration.json"
FIRST_SEED = 7_600_000  # of the training split, and of no training
WITH_LAYER = 2  # of so many clean pages, one is compared with its text


@dataclass(frozen=True, slots=True)
class Judged:
    """A value, or that a field is absent, on a page of a grade."""

    grade: Grade
    said: Labelled


def judged_pages(
    count: int, processes: int, folder: Path, first_seed: int = FIRST_SEED, split: Split = Split.TRAIN
) -> list[Judged]:
    """Everything that is said of so many pages, of every grade and family in turn, by several processes."""
    work = partial(_judged, folder, first_seed, split)
    shares = [range(start, count, processes) for start in range(processes)]
    if processes == 1:
        return work(shares[0])
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        return [one for share in pool.map(work, shares) for one in share]


def _judged(folder: Path, first_seed: int, split: Split, numbers: Sequence[int]) -> list[Judged]:
    torch.set_num_threads(1)
    model = BundledModel.load(folder)
    return [Judged(grade, one) for n in numbers for grade, one in _page(model, first_seed, split, n)]


def _page(model: BundledModel, first_seed: int, split: Split, number: int) -> Iterator[tuple[Grade, Labelled]]:
    grade, turn = GRADES[number % len(GRADES)], number // len(GRADES)
    shown = show_seed(first_seed + number, split, FAMILIES[turn % len(FAMILIES)], grade)
    has_layer = grade is Grade.CLEAN and turn % WITH_LAYER == 0
    for one in labelled_of(model, shown, own_layer(shown) if has_layer else None):
        yield grade, one


def labelled_of(model: BundledModel, shown: Shown, layer: LayerWords | None) -> list[Labelled]:
    """Everything that the page is asked for, as the product would have it, and whether that is right."""
    model.forget()
    wanted = [(f.field, f.value) for f in shown.page.facts] + [(a.field, None) for a in shown.page.absent]
    kinds = {str(n): kind_of(field) for n, (field, _) in enumerate(wanted)}
    values, out = list[FieldValue](), list[Labelled]()
    for number, (said, (_, truth)) in enumerate(zip(ask(model, shown), wanted, strict=True)):
        if said.text is None and said.error is None:
            out.append(Labelled(None, said.confidence or 0.0, truth is None))
        elif said.text is not None and said.box is not None:
            values.append(FieldValue(str(number), ValueState.FOUND, said.text, said.confidence, said.box, None))
    if layer is not None:
        values = judge_all(values, layer, kinds)
    again = read_alone(model, picture_of(shown), [value.box for value in values if value.box is not None])
    for value, second in zip(values, again, strict=True):
        kind, truth = kinds[value.field], wanted[int(value.field)][1]
        right = truth is not None and same(value.raw or "", truth, kind)
        back = came_back(value.raw or "", second.text, kind)
        out.append(Labelled(kind, value.confidence or 0.0, right, back, value.layer))
    return out


def own_layer(shown: Shown) -> LayerWords:
    """The words of a page as its file has them; a picture that was not moved shows them where they stand."""
    with pymupdf.open(stream=draw([shown.page], subset=True), filetype="pdf") as document:
        page = document[0]
        width, height = page.rect.width, page.rect.height
        words = page.get_text("words")
        return LayerWords.of((w[4], w[0] / width, w[1] / height, w[2] / width, w[3] / height) for w in words)


def kind_of(field: str) -> FieldKind:
    """The kind that a schema gives to what the generator calls so."""
    if field in CONCEPTS:
        return OF_CONCEPTS.get(CONCEPTS[field].kind, FieldKind.TEXT)
    return _of_fields().get(field, FieldKind.TEXT)


OF_CONCEPTS = {"date": FieldKind.DATE, "money": FieldKind.MONEY, "phone": FieldKind.PHONE, "country": FieldKind.COUNTRY}


@cache
def _of_fields() -> dict[str, FieldKind]:
    home = importlib.resources.files("storage") / "builtin_schemas"
    bodies = [json.loads(file.read_text()) for file in home.iterdir() if file.name.endswith(".json")]
    return {field.path: field.kind for body in bodies for field in wanted_of(body).fields}


def calibration_errors(judged: Sequence[Judged], calibrator: Calibrator) -> dict[str, tuple[float, float]]:
    """By grade and over all: how far confidence in values is from the share that is right, as said and as meant."""
    out = {}
    for grade in (None, *GRADES):
        some = [one.said for one in judged if grade in {None, one.grade} and one.said.kind is not None]
        meant = [calibrator.meant(v.kind, v.confidence, verified=v.verified, layer=v.layer) or 0.0 for v in some]
        raw = calibration_error([(v.confidence, v.right) for v in some])
        mended = calibration_error([(m, v.right) for m, v in zip(meant, some, strict=True)])
        out[str(grade or "all")] = (round(raw, 3), round(mended, 3))
    return out


def main() -> None:
    """Write the table, and print what it makes of the pages that it was fitted on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="of the weights, and of the table")
    given = parser.parse_args()
    judged = judged_pages(given.pages, given.processes, given.folder)
    table = fit([one.said for one in judged])
    revision = (given.folder / "SHA256SUMS").read_text().split()[0]
    kept = {"revision": revision, "pages": given.pages, **table.as_plain()}
    (given.folder / TABLE).write_text(json.dumps(kept, indent=1) + "\n")
    print(json.dumps({"evidence": table.evidence, "values": {k: c.values for k, c in table.curves.items()}}))
    print(json.dumps({"calibration_error, as said and as meant": calibration_errors(judged, Calibrator(table))}))


if __name__ == "__main__":
    main()
