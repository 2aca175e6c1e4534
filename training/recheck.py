"""Measure the released weights on 40 kept held-out pages: `python -m training.recheck`; the tests measure again.

The pages lie in `tests/data/held_out/` as PDFs with their truth, so that machines without the renderer's fonts can draw
them: 24 clean ones, and 16 that are degraded to scans when they are drawn, always alike. They are neither trained on
nor scored nor calibrated on. `--pages` draws them anew, for a renderer that has changed.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pymupdf
import torch

from training.exams import FAMILIES, KEPT, SORTS, ExamPage, Sort
from training.measures import interval, resampled
from training.render import Absent, Fact, Grade, Page, Run, Span, Split, compose, degrade, draw
from training.score import Results, score
from training.truth import Shown, ink_of, segment_of
from workers.vlm.bundled.backend import FOLDER, BundledModel

HOME = Path("tests/data/held_out")
FIGURES, TRUTH = "figures.json", "truth.jsonl"
CLEAN, SCANNED = 24, 16
LARGEST = 60_000  # bytes of a page: MuPDF cannot make the fonts of some faces small
Measured = dict[str, Any]


def keep_pages(home: Path) -> None:
    """Compose the pages and write a PDF of each, and the truth of all: lines in the order of their seeds."""
    home.mkdir(parents=True, exist_ok=True)
    for old in home.glob("*.pdf"):
        old.unlink()
    lines: list[str] = []
    seed = KEPT
    while len(lines) < CLEAN + SCANNED:
        page = compose(seed, Split.HELD_OUT, FAMILIES[len(lines) % len(FAMILIES)])
        pdf = draw([page], subset=True)
        if len(pdf) <= LARGEST:
            (home / f"{seed}.pdf").write_bytes(pdf)
            lines.append(json.dumps({"seed": seed, "page": stored(page)}, ensure_ascii=False, separators=(",", ":")))
        seed += 1
    (home / TRUTH).write_text("\n".join(lines) + "\n")


def stored(page: Page) -> dict[str, Any]:
    """A page as JSON: what is printed and may be asked.

    Faces and shapes are in the PDF; characters' edges are kept of values alone, and of wordings the first.
    """
    whole = asdict(page) | {"shapes": ()}
    whole.pop("tables")
    valued = {fact.span.run for fact in page.facts}
    for number, run in enumerate(whole["runs"]):
        run["edges"] = [round(edge, 1) for edge in run["edges"][0 if number in valued else -1 :]]
        run["font"] = ""
        for side in ("x", "baseline", "ascent", "descent"):
            run[side] = round(run[side], 1)
    for asked in (*whole["facts"], *whole["absent"]):
        asked["prompts"] = asked["prompts"][:1]
    return whole


def page_from(whole: dict[str, Any]) -> Page:
    """The page again."""
    runs = tuple(Run(**run | {"edges": tuple(run["edges"]), "ink": tuple(run["ink"])}) for run in whole["runs"])
    facts = tuple(
        Fact(**fact | {"prompts": tuple(fact["prompts"]), "span": Span(**fact["span"])}) for fact in whole["facts"]
    )
    absent = tuple(Absent(missing["field"], tuple(missing["prompts"])) for missing in whole["absent"])
    return Page(**whole | {"runs": runs, "shapes": (), "facts": facts, "absent": absent})


def kept_pages(home: Path = HOME) -> Iterator[ExamPage]:
    """The kept pages as they are asked about: two of five are scans."""
    clean, scan = SORTS[0], next(sort for sort in SORTS if sort.grade is Grade.SCAN)
    for number, line in enumerate((home / TRUTH).read_text().splitlines()):
        kept = json.loads(line)
        sort = scan if (number + number // len(FAMILIES)) % 5 in {3, 4} else clean  # 16 of 40, of every family
        yield ExamPage(kept["seed"], sort, _shown(page_from(kept["page"]), home / f"{kept['seed']}.pdf", sort))


def _shown(page: Page, file: Path, sort: Sort) -> Shown:
    """The picture of a kept page, degraded by dice that are always the same."""
    with pymupdf.open(file) as document:
        pixmap = document[0].get_pixmap(dpi=sort.dpi, colorspace=pymupdf.csGRAY, alpha=False)
        rows = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.stride)
    gray, affine = degrade(rows[:, : pixmap.width].copy(), sort.grade, np.random.default_rng(int(file.stem)))
    scale = sort.dpi / 72
    segments = tuple(segment_of(run, scale, affine) for run in page.runs)
    return Shown(page, ink_of(gray), segments, scale, affine, (gray.shape[1], gray.shape[0]))


def measured(results: Results) -> dict[str, Measured]:
    """Exact answers, characters wrong and absent ones answered, each with its interval over the kept pages."""
    there = [r for r in results.outcomes if r.present]
    absent = [r for r in results.outcomes if not r.present]
    pages = sorted({s.origin.page for s in results.spellings})
    edits = [sum(s.edits for s in results.spellings if s.origin.page == page) for page in pages]
    characters = [sum(s.characters for s in results.spellings if s.origin.page == page) for page in pages]
    return {
        "exact": _share([(r.origin.page, r.exact) for r in there]),
        "character_error_rate": {
            "share": sum(edits) / max(1, sum(characters)),
            "interval": resampled(edits, characters),
        },
        "absent_answered": _share([(r.origin.page, r.answered) for r in absent]),
    }


def _share(outcomes: Sequence[tuple[int, bool]]) -> Measured:
    return {"share": sum(o for _, o in outcomes) / max(1, len(outcomes)), "interval": interval(outcomes)}


def main() -> None:
    """Write the figures of the released weights beside the pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--home", type=Path, default=HOME)
    parser.add_argument("--pages", action="store_true", help="compose the pages anew first")
    given = parser.parse_args()
    torch.set_num_threads(1)
    if given.pages:
        keep_pages(given.home)
    model = BundledModel.load(given.folder)
    figures = {"revision": model.identity.revision, **measured(score(model, kept_pages(given.home)))}
    if given.folder.resolve() == FOLDER:
        (given.home / FIGURES).write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
