"""Rows of long statements, read of there: `python -m benchmarks.rows --sizes 50 200`.

Statements over many pages in the training renderer's looks, laid out by the bundled model's own code, told page by page
in the receipts that decide whether a job succeeded. The characters are the renderer's own, with `--errors` of them
misread; pixels of 3,200 rows would take most of an hour, so that what reading pixels costs rows is not in here.
"""

import argparse
import json
from collections import Counter
from importlib import resources
from random import Random

from storage.schemas import wanted_of
from storage.wanted import TableField
from training.questions import simulate
from training.render import Page, Split
from training.render.compose import compose_statement_of
from workers.receipt import gap_of, receipt_of_page
from workers.rows import prompt_of
from workers.vlm.bundled.configuration import ALPHABET
from workers.vlm.bundled.rows import find_rows
from workers.vlm.interface import Column


def statement_of(rows: int, seed: int) -> list[Page]:
    """A statement that has so many movements at least, in as few pages."""
    pages = 2
    while _movements(made := compose_statement_of(pages, seed, Split.HELD_OUT)) < rows:
        pages = max(pages + 1, pages * rows // max(1, _movements(made)))
    return made


def read_rows(page: Page, columns: tuple[Column, ...], errors: float, dice: Random) -> tuple[int, int]:
    """How many rows are seen on a page, and how many are read."""
    found = find_rows(simulate(page, dice, (errors,)).words, columns, ALPHABET)
    return (found.seen, len(found.rows)) if found else (0, 0)


def _movements(pages: list[Page]) -> int:
    return sum(len(table.rows) for page in pages for table in page.tables)


def measured(rows: int, jobs: int, errors: float, table: TableField) -> Counter[str]:
    """What came of so many statements of a size."""
    sums: Counter[str] = Counter()
    columns = prompt_of(table).columns
    for seed in range(980_000, 980_000 + jobs):
        made, dice = statement_of(rows, seed), Random(seed)  # noqa: S311 - dice for misread characters
        told = [read_rows(page, columns, errors, dice) for page in made]
        short = any(gap_of(receipt_of_page((), {table.path: counts})) for counts in told)
        there, read = _movements(made), sum(count for _, count in told)
        sums += Counter(pages=len(made), there=there, read=read, partial=short, wrong=read < there and not short)
    return sums


def main() -> None:
    """Print a line for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[50, 200, 800, 3200])
    parser.add_argument("--jobs", type=int, default=3, help="statements of a size, each in a look of its own")
    parser.add_argument("--errors", type=float, default=0.0, help="the share of characters that are misread")
    given = parser.parse_args()
    body = json.loads((resources.files("storage") / "builtin_schemas" / "statement.json").read_text())
    (table,) = wanted_of(body).tables
    silent = 0
    print(f"{'rows':>5} {'jobs':>4} {'pages':>5} {'there':>6} {'read':>6} {'partial':>7} succeeded with rows missing")
    for size in given.sizes:
        n = measured(size, given.jobs, given.errors, table)
        print(f"{size:5} {given.jobs:4} {n['pages']:5} {n['there']:6} {n['read']:6} {n['partial']:7} {n['wrong']}")
        silent += n["wrong"]
    print(f"jobs that said succeeded with rows missing: {silent}; to reach: 0")


if __name__ == "__main__":
    main()
