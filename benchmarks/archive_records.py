"""Exact answers and the finding of pages alone: `python -m benchmarks.archive_records [--documents N] [--questions N]`.

The archive of `benchmarks.archive`, but read without a fault: its truth is written down as records and readings, so
that no picture is drawn and no model is asked. Told are, for each kind of question that records answer, whether it was
understood, and the number and all of its rows are right; for lookups, whether a right page is among those that a model
would be shown; and the processor time of the service's part: on PostgreSQL the server's is not in it.
"""

import argparse
import contextlib
import hashlib
import json
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import insert, select, text

from benchmarks.archive import FIRST, share
from benchmarks.archive_documents import KINDS as SCHEMAS
from benchmarks.archive_documents import Known, Told, described
from benchmarks.archive_judge import Read, Verdict, judge
from benchmarks.archive_questions import KINDS, ask
from benchmarks.archive_wants import Table as ArchiveTable
from benchmarks.archive_world import Question, truth_of
from benchmarks.databases import postgresql, sqlite
from core.records import Box, DocumentState, FieldKind, PageState, ReadingSource
from core.settings import Settings
from storage import record_values, records, schemas
from storage.database import Engine, Session, Sessions, make_engine, make_sessions, new_id
from storage.migrate import upgrade
from storage.readings import NewReading, ReadLine, index_values, put_readings
from storage.record_values import NO_ROW, row_of
from storage.tables import Blob, Document, Item, Page, Schema
from storage.workspaces import ensure_workspace
from training.render import Page as Drawn
from training.render import Split
from workers.asking import Asked, start_ask
from workers.citations import citations_of
from workers.vlm.catalog import Catalog, read_catalog

MOST_CITED = 100_000
WINDOW = 100  # documents written in one transaction


@dataclass(frozen=True, slots=True)
class Filled:
    """A database with the archive in it."""

    engine: Engine
    sessions: Sessions
    workspace_id: str
    catalog: Catalog
    archive: list[Known]
    truth: Mapping[str, ArchiveTable]  # by schema


@dataclass(frozen=True, slots=True)
class Said:
    """What became of a question without any model: an exact result, or the pages that a model would be shown."""

    question: Question
    result: Mapping[str, Any] | None
    pages: tuple[tuple[str, int], ...]
    seconds: float
    verdict: Verdict | None


def main() -> None:
    """Fill a database, ask, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=2_000)
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--split", type=Split, default=Split.HELD_OUT)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--database", choices=("SQLite", "PostgreSQL"), default="SQLite")
    parser.add_argument("--keep", type=Path, help="an SQLite file in which the archive stays")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, help="ask these kinds alone")
    parser.add_argument("--replies", type=Path, help="a file for every question with what became of it, as JSON lines")
    given = parser.parse_args()
    server = {"SQLite": sqlite, "PostgreSQL": postgresql}[given.database]
    with contextlib.nullcontext(f"sqlite:///{given.keep}") if given.keep else server() as url:
        filled = fill(url, list(described(given.documents, given.split, given.seed)))
        asked = ask(filled.archive, given.questions, given.split, given.seed)
        said = [said_to(filled, one) for one in asked if not given.kinds or one.kind in given.kinds]
        filled.engine.dispose()
    if given.replies:
        lines = (json.dumps(asdict(one), ensure_ascii=False) for one in said)
        given.replies.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    print_table(said, sum(known.pages for known in filled.archive), given.database)


def fill(url: str, archive: Sequence[tuple[Known, tuple[Drawn, ...]]]) -> Filled:
    """Write documents, readings and records, as if all had been read rightly; where they are there, nothing."""
    engine = make_engine(url)
    upgrade(engine)
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        workspace_id = ensure_workspace(session, "default").id
        there = bool(session.scalar(select(Document.id).limit(1)))
        found = {schema: schemas.get_schema(session, workspace_id, schema) for schema in SCHEMAS}
    for first in range(0, 0 if there else len(archive), WINDOW):
        with sessions.begin() as session:
            for known, pages in archive[first : first + WINDOW]:
                _write(session, workspace_id, found[known.schema], known, pages)
    with sessions.begin() as session:
        session.execute(text("ANALYZE"))
    known_ones = [known for known, _ in archive]
    truth = {schema: truth_of(known_ones, schema) for schema in SCHEMAS}
    return Filled(engine, sessions, workspace_id, read_catalog(Settings()), known_ones, truth)


def _write(session: Session, workspace_id: str, schema: Schema, known: Known, pages: Sequence[Drawn]) -> None:
    """One document with its readings and its record."""
    document_id, sha256 = new_id(), hashlib.sha256(known.file.encode()).hexdigest()
    own = {"workspace_id": workspace_id, "state": DocumentState.READY, "media_type": "application/pdf", "size": 1}
    session.execute(insert(Blob), [{"sha256": sha256}])
    row = {"id": document_id, "sha256": sha256, "name": known.file, "page_count": known.pages}
    session.execute(insert(Document), [own | row])
    rows = [{"id": new_id(), "document_id": document_id, "number": number + 1} for number in range(known.pages)]
    mine = {"workspace_id": workspace_id, "state": PageState.READY, "words": []}
    session.execute(insert(Page), [row | mine for row in rows])
    made = {str(row["id"]): _reading(page) for row, page in zip(rows, pages, strict=True)}
    put_readings(session, workspace_id, document_id, made)
    wanted = schemas.wanted_of(schema.body)
    values = {field.path: _entry(field.kind, known.value(field.path)) for field in wanted.fields}
    where = (session, workspace_id, document_id, schema.id, "0" * 32)
    record = records.replace_record(*where, complete=True, values=values, gaps=[], model="true", tables={})
    entries = [row_of(field.path, NO_ROW, field.kind, values[field.path]) for field in wanted.fields]
    record_values.replace(session, record, entries)
    index_values(session, workspace_id, document_id)


def _reading(page: Drawn) -> NewReading:
    """A page's text, line by line from the top."""
    runs = sorted(page.runs, key=lambda run: (round(run.baseline), run.x))
    lines = [
        ReadLine(
            run.text,
            Box(
                max(0.0, run.x / page.width),
                max(0.0, (run.baseline - run.ascent) / page.height),
                min(1.0, run.right / page.width),
                min(1.0, (run.baseline + run.descent) / page.height),
            ),
            None,
        )
        for run in runs
    ]
    return NewReading(ReadingSource.LAYER, None, lines)


def _entry(kind: FieldKind, told: Told | None) -> dict[str, Any]:
    """An entry of a record, as a sure reading gives it."""
    if told is None:
        return {"state": "absent", "kind": kind.value, "confidence": 1.0}
    typed: Any = told.typed or told.text
    if kind is FieldKind.MONEY and told.typed:
        typed = {"amount": told.typed, "currency": told.currency}
    facts = {"raw": told.text, "typed": typed, "confidence": 0.99, "page": told.page, "box": list(told.box)}
    return {"state": "found", "kind": kind.value, "problem": None, "decision": None} | facts


def said_to(filled: Filled, question: Question) -> Said:
    """Begin a question as the service does, and take it back."""
    settings = Settings()
    with filled.sessions() as session:
        began = time.process_time()
        job = start_ask(session, settings, filled.catalog, filled.workspace_id, Asked(question.text))
        seconds = time.process_time() - began
        result = dict(job.result) if job.result else None
        plan = (result or {}).get("plan") or {}
        if result and plan.get("rows", 0) > len(plan.get("citations", ())):
            result["cited"] = citations_of(session, filled.workspace_id, job.id, None, MOST_CITED).items
        items = select(Document.name, Item.first_page).join(Document, Document.id == Item.document_id)
        pages = tuple(
            (str(name), int(number))
            for name, number in session.execute(items.where(Item.job_id == job.id).order_by(Item.id))
        )
        session.rollback()
    read = Read(filled.truth, frozenset(), filled.truth)
    verdict = judge(question, result, filled.archive, read) if result else None
    return Said(question, result, pages, seconds, verdict)


def print_table(said: Sequence[Said], pages: int, database: str) -> None:
    """What was understood, right and cited, kind by kind."""
    table = Table(
        "kind", "asked", "exact", "right", "with all rows", "processor, ms", title=f"{pages} pages, {database}"
    )
    for kind in KINDS:
        group = [one for one in said if one.question.kind == kind]
        exact = [one for one in group if one.verdict and (one.result or {}).get("kind") == "exact"]
        right = [one for one in exact if one.verdict and one.verdict.right]
        cited = sum(bool(one.verdict and one.verdict.cited) for one in right)
        if group:
            spent = 1000 * statistics.median(one.seconds for one in group)
            shares = (share(len(exact), len(group)), share(len(right), len(exact)), share(cited, len(exact)))
            table.add_row(kind, f"{len(group)}", *shares, f"{spent:.0f}")
    Console(width=150).print(table)
    print_refusals([one for one in said if one.question.kind == "unanswerable"])
    lookups = [one for one in said if one.question.kind == "lookup"]
    for among in (1, FIRST, Settings().ask_pages):
        found = sum(_is_found(one, among) for one in lookups)
        print(f"lookups with a right page among the first {among}: {share(found, len(lookups))}")


def print_refusals(said: Sequence[Said]) -> None:
    """What became of questions that nothing answers: answered, refused at once, or left to the pages of a model."""
    table = Table("nothing answers", "asked", "answered from records", "refused at once", "pages asked, mean")
    kinds = sorted({one.question.about for one in said})
    for kind in (*kinds, "all"):
        group = [one for one in said if kind in {"all", one.question.about}]
        answered = sum(bool(one.verdict and one.verdict.answered) for one in group)
        refused = sum(one.result is not None and one.result.get("state") == "not_found" for one in group)
        if group:
            pages = statistics.mean(len(one.pages) for one in group)
            shares = (share(answered, len(group)), share(refused, len(group)))
            table.add_row(kind, f"{len(group)}", *shares, f"{pages:.1f}")
    Console(width=150).print(table)


def _is_found(one: Said, among: int) -> bool:
    """Whether a right page comes first, or is cited by an exact answer."""
    if one.result and one.result.get("kind") == "exact":
        return bool(one.verdict and one.verdict.cited)
    return not set(one.pages[:among]).isdisjoint(one.question.places)


if __name__ == "__main__":
    main()
