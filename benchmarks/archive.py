"""Questions over an archive whose truth is known: `python -m benchmarks.archive [--documents N] [--questions N]`.

Draws an archive (invoices, receipts, letters, forms, bank statements, some over several pages; a share of them as
pictures alone, clean or as scanned), has a service of its own read it for search and under the built-in schemas, and
asks questions of every kind, of which a fifth has no answer. Told are, a kind with 95 % intervals each: right answers,
right citations, refusals; of exact answers also whether they follow from the values that were read, worked out again in
plain Python, with every row cited; and how often the right page is among the first five. With `--keep FOLDER` archive
and readings stay, so that the next run only asks; what a broken-off run has read is not read again.

`--split train --fit` tells from which confidence on answers may be given: what would be right, wrong and refused. There
nothing is extracted, so that every question has to be read from pages.
"""

import argparse
import contextlib
import json
import os
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from api.client import Client
from api.own_service import own_service
from api.results import Job, Record, as_json
from benchmarks.archive_documents import KINDS as SCHEMAS
from benchmarks.archive_documents import Known, build
from benchmarks.archive_judge import Read, Verdict, judge, read_of
from benchmarks.archive_questions import KINDS, ask
from benchmarks.archive_world import Question
from benchmarks.pipeline import cpu_seconds
from core.errors import FolioscopeError
from core.settings import Settings
from training.measures import wilson
from training.render.page import Split

FIRST = 5  # pages among which the right one is to be
MOST_ANSWERED = 0.05  # of the unanswerable


@dataclass(frozen=True, slots=True)
class Reply:
    """A question with what was said to it, and how long that took."""

    question: Question
    said: Mapping[str, Any]
    seconds: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Costs:
    """What reading has cost, a page: on the clock, of all processors, and bytes of the database."""

    pages: int
    read_seconds: float
    read_cpu_seconds: float
    extract_seconds: float
    extract_cpu_seconds: float
    database_bytes: int


def main() -> None:
    """Build, read, ask, and print the tables."""
    given = _given()
    with _folder(given.keep) as folder:
        archive = build(folder, given.documents, given.split, given.born_digital, given.seed)
        questions = ask(archive, given.questions, given.split, given.seed)
        questions = [question for question in questions if not given.kinds or question.kind in given.kinds]
        _set_environment(given)
        with own_service(Settings(), folder / "data") as service:
            names, costs = read_archive(service.client, archive, folder, () if given.fit else tuple(SCHEMAS))
            read = read_of(archive, _records(service.client), names)
            replies = []
            for question in questions:
                replies.append(_reply(service.client, question, archive, read))
                if given.replies:
                    _write(replies, given.replies)
    if given.fit:
        print_fit(replies)
        return
    print_tables(replies, costs, given.model or "bundled")


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=2_000)
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--born-digital", type=float, default=0.5, help="share of documents with a text layer")
    parser.add_argument("--split", type=Split, default=Split.HELD_OUT, help="held_out to measure, train to fit")
    parser.add_argument("--seed", type=int, default=0, help="another archive, with other questions")
    parser.add_argument("--model", help="the model that reads and answers; by default the bundled one")
    parser.add_argument("--keep", type=Path, help="a folder in which archive and readings stay")
    parser.add_argument("--replies", type=Path, help="a file for every question with its reply, as JSON lines")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, help="ask these kinds alone")
    parser.add_argument("--fit", action="store_true", help="tell the threshold of answers")
    given = parser.parse_args()
    if given.fit and given.split is not Split.TRAIN:
        parser.error("a threshold is fitted on --split train: held-out pages are for measuring")
    return given


def _set_environment(given: argparse.Namespace) -> None:
    """What the service is to be told beside its folder."""
    if given.model:
        os.environ["FOLIOSCOPE_MODEL"] = given.model
    if given.fit:
        os.environ["FOLIOSCOPE_ANSWER_THRESHOLD"] = "0"


@contextlib.contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="folioscope-archive-") as folder:
        yield Path(folder)


# -- reading


def read_archive(
    client: Client, archive: Sequence[Known], folder: Path, schemas: Sequence[str]
) -> tuple[dict[str, str], Costs]:
    """Upload, read for search, extract the schemas; the files' names by the ids of documents, and what it has cost."""
    uploaded = client.upload(folder / "files").documents
    names = {document.id: Path(document.name).name for document in uploaded}
    done = folder / "costs.json"
    if done.exists():
        return names, Costs(**json.loads(done.read_text()))
    pages = sum(known.pages for known in archive)
    read = _timed(client, [client.read()])
    ids = {name: document_id for document_id, name in names.items()}
    of_schema = {schema: [ids[known.file] for known in archive if known.schema == schema] for schema in schemas}
    extracted = _timed(client, [client.extract(schema, found) for schema, found in of_schema.items() if found])
    size = sum(path.stat().st_size for path in (folder / "data").glob("*.db*"))
    costs = Costs(pages, read[0] / pages, read[1] / pages, extracted[0] / pages, extracted[1] / pages, size // pages)
    done.write_text(json.dumps(asdict(costs)))
    return names, costs


def _timed(client: Client, jobs: Sequence[Job]) -> tuple[float, float]:
    """Wait for jobs: seconds on the clock, and of all processors."""
    began, used = time.perf_counter(), cpu_seconds(os.getpid())
    for job in jobs:
        done = client.wait(job)
        print(f"{done.kind} {done.schema.name if done.schema else ''}: {done.state}, {done.progress.total} pages")
    return time.perf_counter() - began, cpu_seconds(os.getpid()) - used


def _records(client: Client) -> dict[str, list[Record]]:
    return {schema: list(client.records(schema)) for schema in SCHEMAS}


# -- asking


def _reply(client: Client, question: Question, archive: Sequence[Known], read: Read) -> Reply:
    """Ask once, and judge what comes."""
    began = time.perf_counter()
    try:
        answer = client.ask(question.text)
        said = dict(client.job(answer.job_id).result or {}) if answer.job_id else {}
        plan = said.get("plan") or {}
        if plan.get("rows", 0) > len(plan.get("citations", ())):
            said["cited"] = [as_json(one) for one in client.citations(str(answer.job_id))]
    except FolioscopeError as error:
        said = {"state": "failed", "reason": f"{error.code}: {error}"}
    seconds = time.perf_counter() - began
    return Reply(question, said, seconds, judge(question, said, archive, read))


def right_page_is_first(reply: Reply, among: int) -> bool:
    """Whether a right page is one of the first that were looked at; of what records answered, whether it is cited."""
    looked = [(one.get("document_name"), one.get("page")) for one in reply.said.get("looked_at") or []]
    if reply.said.get("kind") == "exact":
        return reply.verdict.cited
    return bool(set(looked[:among]) & set(reply.question.places))


# -- telling


def print_tables(replies: Sequence[Reply], costs: Costs, model: str) -> None:
    """All figures."""
    title = f"{model}, {costs.pages} pages, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    table = Table("kind", "asked", "right", "cited", "refused", "over what was read", "rows cited", "s", title=title)
    groups = {kind: [reply for reply in replies if reply.question.kind == kind] for kind in KINDS}
    for kind, group in {**groups, "all": list(replies)}.items():
        if group:
            table.add_row(kind, f"{len(group)}", *_figures(group))
    Console(width=150).print(table)
    print(f"failed: {sum(reply.said.get('state') == 'failed' for reply in replies)}")
    lookups = groups["lookup"]
    found = sum(right_page_is_first(reply, FIRST) for reply in lookups)
    print(f"right page among the first {FIRST}: {share(found, len(lookups))} of lookups, to reach: 95 %")
    unanswerable = groups["unanswerable"]
    given = sum(reply.verdict.answered for reply in unanswerable)
    print(f"unanswerable answered: {share(given, len(unanswerable))}, to reach: at most {MOST_ANSWERED:.0%}")
    clean = [r for r in replies if r.verdict.read_rightly and r.question.kind in {"count", "sum", "extreme", "dates"}]
    right = sum(reply.verdict.right and reply.verdict.cited for reply in clean)
    print(f"exact over values that were read rightly, every row cited: {share(right, len(clean))}, to reach: 100 %")
    print(
        f"time to the answer, median: {statistics.median(reply.seconds for reply in replies):.2f} s; of lookups: ",
        end="",
    )
    print(f"{statistics.median([reply.seconds for reply in lookups] or [0.0]):.2f} s")
    print(
        f"a page read for search: {costs.read_seconds:.2f} s, {costs.read_cpu_seconds:.2f} s of processors; extracted: "
        f"{costs.extract_seconds:.2f} s, {costs.extract_cpu_seconds:.2f} s; "
        f"database: {costs.database_bytes / 1000:.0f} kB"
    )


def _figures(group: Sequence[Reply]) -> list[str]:
    verdicts = [reply.verdict for reply in group]
    exact = [v for v in verdicts if v.over_read is not None]
    return [
        share(sum(v.right for v in verdicts), len(verdicts)),
        share(sum(v.right and v.cited for v in verdicts), len(verdicts)),
        f"{sum(not v.answered for v in verdicts)}",
        share(sum(bool(v.over_read) for v in exact), len(exact)),
        share(sum(bool(v.rows_cited) for v in exact), len(exact)),
        f"{statistics.median(reply.seconds for reply in group):.2f}",
    ]


def share(part: int, whole: int) -> str:
    """A share in words, with its 95 % interval."""
    if not whole:
        return "-"
    low, high = wilson(part, whole)
    return f"{part / whole:.0%} of {whole} [{low:.0%}, {high:.0%}]"


def _write(replies: Sequence[Reply], path: Path) -> None:
    lines = (json.dumps(asdict(reply), ensure_ascii=False) for reply in replies)
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")


# -- fitting


def print_fit(replies: Sequence[Reply]) -> None:
    """What would become of single-page questions under each threshold, and the lowest that refuses enough."""
    read = [r for r in replies if r.question.kind in {"lookup", "unanswerable"} and r.said.get("kind") != "exact"]
    table = Table("threshold", "right", "wrong", "refused", "unanswerable answered")
    fitted = None
    for step in range(0, 100, 2):
        threshold = step / 100
        rows = curve_at(read, threshold)
        answered, unanswerable = rows["answered"], rows["unanswerable"]
        if fitted is None and answered <= MOST_ANSWERED * unanswerable:
            fitted = threshold
        if step % 10 == 0 or threshold == fitted:
            counts = (f"{rows[name]}" for name in ("right", "wrong", "refused"))
            table.add_row(f"{threshold:.2f}", *counts, share(answered, unanswerable))
    Console().print(table)
    print(f"answer_threshold: {fitted}")


def curve_at(replies: Sequence[Reply], threshold: float) -> Mapping[str, int]:
    """Counts of what has an answer, right, wrong and refused, and of what has none, answered and in all."""
    counts = defaultdict[str, int](int)
    for reply in replies:
        confidence = reply.said.get("confidence")
        given = reply.verdict.answered and (confidence is None or confidence >= threshold)
        if reply.question.kind == "unanswerable":
            counts["unanswerable"] += 1
            counts["answered"] += given
        else:
            counts["right" if given and reply.verdict.right else "wrong" if given else "refused"] += 1
    return counts


if __name__ == "__main__":
    main()
