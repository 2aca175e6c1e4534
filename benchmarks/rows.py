"""Rows of long statements, read of there: `python -m benchmarks.rows --sizes 50 200 [--pixels]`.

Statements over many pages in the training renderer's held-out looks. Without `--pixels` the renderer's own characters,
`--errors` of them misread, are laid out by the bundled model's own code and told page by page in the receipts that
decide whether a job succeeded. With `--pixels` each statement is a PDF that a service of its own extracts from its
pictures: what a user gets, at some seconds a page.
"""

import argparse
import contextlib
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from random import Random

from api.client import Client
from api.own_service import own_service
from core.records import JobState
from core.settings import Settings
from storage.schemas import wanted_of
from storage.wanted import TableField
from training.questions import simulate
from training.render import Page, Split, draw
from training.render.compose import compose_statement_of
from workers.receipt import gap_of, receipt_of_page
from workers.rows import prompt_of
from workers.vlm.bundled.configuration import ALPHABET
from workers.vlm.bundled.rows import find_rows

FIRST_SEED = 980_000


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a statement: the rows read of each page, and whether the job said that something is missing."""

    read: Counter[
        int
    ]  # by number of the page, from 1: a row too many on one makes up for none that is missing on another
    partial: bool


Reader = Callable[[Sequence[Page], int], Told]  # of a statement's pages and its seed


def statement_of(rows: int, seed: int) -> list[Page]:
    """A statement that has so many movements at least, in as few pages."""
    pages = 2
    while _movements(made := compose_statement_of(pages, seed, Split.HELD_OUT)) < rows:
        pages = max(pages + 1, pages * rows // max(1, _movements(made)))
    return made


def _movements(pages: Sequence[Page]) -> int:
    return sum(len(table.rows) for page in pages for table in page.tables)


def by_characters(table: TableField, errors: float) -> Reader:
    """Rows laid out from the characters alone, so many of them misread."""
    columns = prompt_of(table).columns

    def counts(page: Page, dice: Random) -> tuple[int, int]:
        found = find_rows(simulate(page, dice, (errors,)).words, columns, ALPHABET)
        return (found.seen, len(found.rows)) if found else (0, 0)

    def read(pages: Sequence[Page], seed: int) -> Told:
        dice = Random(seed)  # noqa: S311 - dice for misread characters
        told = [counts(page, dice) for page in pages]
        short = any(gap_of(receipt_of_page((), {table.path: each})) for each in told)
        return Told(Counter({number: count for number, (_, count) in enumerate(told, 1)}), short)

    return read


@contextlib.contextmanager
def by_service(table: TableField) -> Iterator[Reader]:
    """Rows as a service extracts them from the pages' pictures."""
    with tempfile.TemporaryDirectory(prefix="folioscope-rows-") as name:
        folder = Path(name)
        with own_service(Settings(), folder / "data") as service:
            yield lambda pages, seed: _extracted(service.client, table, pages, folder / f"{seed}-{len(pages)}.pdf")


def _extracted(client: Client, table: TableField, pages: Sequence[Page], file: Path) -> Told:
    file.write_bytes(draw(pages, subset=True))
    (document,) = client.upload(file).documents
    job = client.wait(client.extract("statement", [document.id], text_layer=False))
    records = [one for one in client.records("statement") if one.document_id == document.id]
    rows = [row for one in records if table.path in one.tables for row in one.tables[table.path].rows]
    return Told(Counter(row.page for row in rows), job.state is not JobState.SUCCEEDED)


def measured(rows: int, jobs: int, reader: Reader) -> Counter[str]:
    """What came of so many statements of a size."""
    sums: Counter[str] = Counter()
    for seed in range(FIRST_SEED, FIRST_SEED + jobs):
        made = statement_of(rows, seed)
        there, told = Counter({n: _movements([page]) for n, page in enumerate(made, 1)}), reader(made, seed)
        silent = bool(there - told.read) and not told.partial
        read = (there & told.read).total()
        sums += Counter(pages=len(made), there=there.total(), read=read, partial=told.partial, wrong=silent)
    return sums


def show(sizes: Sequence[int], jobs: int, reader: Reader) -> None:
    """Print a line for each size, and how many jobs were silent about missing rows."""
    silent = 0
    print(f"{'rows':>5} {'jobs':>4} {'pages':>5} {'there':>6} {'read':>6} {'partial':>7} succeeded with rows missing")
    for size in sizes:
        n = measured(size, jobs, reader)
        print(
            f"{size:5} {jobs:4} {n['pages']:5} {n['there']:6} {n['read']:6} {n['partial']:7} {n['wrong']}", flush=True
        )
        silent += n["wrong"]
    print(f"jobs that said succeeded with rows missing: {silent}; to reach: 0")


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[50, 200, 800, 3200])
    parser.add_argument("--jobs", type=int, default=3, help="statements of a size, each in a look of its own")
    parser.add_argument("--errors", type=float, default=0.0, help="the share of characters that are misread")
    parser.add_argument("--pixels", action="store_true", help="have drawn pages extracted by a service")
    given = parser.parse_args()
    body = json.loads((resources.files("storage") / "builtin_schemas" / "statement.json").read_text())
    (table,) = wanted_of(body).tables
    way = by_service(table) if given.pixels else contextlib.nullcontext(by_characters(table, given.errors))
    with way as reader:
        show(given.sizes, given.jobs, reader)


if __name__ == "__main__":
    main()
