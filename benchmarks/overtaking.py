"""A question beside a large job: `python -m benchmarks.overtaking [--pages N] [--questions N]`.

The service is what `folioscope up` starts, on a fresh data folder, with the bundled model. Pages are those of the
samples, each stamped with a number of its own, so that nothing is known already. First questions are asked while
nothing else is done, then as many while a job reads `--pages` pages that are drawn already: always one after another,
over documents of eight pages that no question saw before, and a second time over the same documents, whose pages the
model may still know. Between two questions the job goes on for some pages. Measured is the time from the request to its
answer, by the Python client, over HTTP.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pymupdf
from rich.console import Console
from rich.table import Table

from api.answers import Answer
from api.client import Client
from api.own_service import own_service
from core.records import DocumentState
from core.settings import Settings

TARGET = 2.0
SAMPLES = Path(__file__).parents[1] / "samples"
LEFT_OUT = {"blank.pdf", "letter-locked.pdf", "invoice-truncated.pdf", "statement-40-pages.pdf"}
PAGES_ASKED = 8  # of a document that a question is asked of
FIRST, FURTHER = "Which reference is to be quoted with the payment?", "To whom is it addressed?"
_PAGES_BETWEEN = 4  # that the job reads between two questions
_LOOK_SECONDS = 0.2


def main() -> None:
    """Print the table; end with 1 where a question beside the job takes too long."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1_000, help="of the job")
    parser.add_argument("--questions", type=int, default=5, help="of each kind; the table has their medians")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="folioscope-") as folder,
        own_service(Settings(), Path(folder) / "data") as service,
    ):
        idle, beside = _measured(service.client, Path(folder), given.pages, given.questions)
    raise SystemExit(_report(idle, beside, given.pages))


Times = dict[str, list[float]]  # seconds of each question, by the question


def _measured(client: Client, folder: Path, pages: int, questions: int) -> tuple[Times, Times]:
    """Seconds of questions asked of an idle service, and beside a job of so many pages."""
    numbers = iter(range(pages + (2 * questions + 1) * PAGES_ASKED))
    bulk = _stamped(folder / "bulk.pdf", [next(numbers) for _ in range(pages)])
    asked = [
        _stamped(folder / f"asked-{n}.pdf", [next(numbers) for _ in range(PAGES_ASKED)])
        for n in range(2 * questions + 1)
    ]
    warm, *documents = [_drawn(client, path) for path in asked]
    _asked(client, [warm])  # the models are loaded by then
    idle = _asked(client, documents[:questions])
    job = client.extract("invoice", [_drawn(client, bulk)])
    beside = _asked(client, documents[questions:], job.id)
    if client.job(job.id).final:
        raise SystemExit("the job ended before the questions did; give it more pages")
    client.cancel(job.id)
    return idle, beside


def _asked(client: Client, documents: Sequence[str], job_id: str | None = None) -> Times:
    """The times of both questions over each document, with the job at work before each."""
    times: Times = {FIRST: [], FURTHER: []}
    for document in documents:
        for question, seconds in times.items():
            if job_id is not None:
                _let_go_on(client, job_id)
            began = time.perf_counter()
            answer = client.ask(question, [document])
            seconds.append(time.perf_counter() - began)
            _check(answer)
    return times


def _check(answer: Answer) -> None:
    if answer.kind != "read" or not answer.pages_looked_at:
        raise SystemExit(f"the question was answered without a page: {answer}")


def _let_go_on(client: Client, job_id: str) -> None:
    """Wait until the job has read some further pages."""
    enough = client.job(job_id).progress.done + _PAGES_BETWEEN
    while (job := client.job(job_id)).progress.done < enough and not job.final:
        time.sleep(_LOOK_SECONDS)


def _drawn(client: Client, path: Path) -> str:
    """Upload a file, and wait until its pages are drawn; its document's id."""
    document = client.upload_file(path)
    while document.state is DocumentState.RASTERIZING:
        time.sleep(_LOOK_SECONDS)
        document = client.document(document.id)
    return document.id


def _stamped(path: Path, numbers: Sequence[int]) -> Path:
    """A PDF whose pages are those of the samples in turn, each with its number in a corner."""
    sources = [file for file in sorted(SAMPLES.glob("*.pdf")) if file.name not in LEFT_OUT]
    with pymupdf.open() as made:
        for number in numbers:
            with pymupdf.open(sources[number % len(sources)]) as source:
                made.insert_pdf(source, from_page=0, to_page=0)
            made[-1].insert_text((12, 14), f"copy {number}", fontsize=7)
        made.save(path, garbage=3, deflate=True)
    return path


def _report(idle: Times, beside: Times, pages: int) -> int:
    """Print how long questions take; 0 where the job makes none more than twice as long."""
    title = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, a job of {pages} pages"
    table = Table("question", "idle, s", "beside the job, s", "longest, s", "times as long", title=title)
    ratios = []
    for question, name in ((FIRST, "of pages not seen yet"), (FURTHER, "of the same pages")):
        alone, busy = statistics.median(idle[question]), statistics.median(beside[question])
        ratios.append(busy / alone)
        table.add_row(name, f"{alone:.2f}", f"{busy:.2f}", f"{max(beside[question]):.2f}", f"{ratios[-1]:.2f}")
    Console().print(table)
    return int(max(ratios) > TARGET)


if __name__ == "__main__":
    main()
