"""How long a page of records takes, filtered and sorted, as values grow: `python -m benchmarks.queries`.

Each database has records of `VALUES` values each under one schema: 100,000 values, then 1,000,000. For every query the
median of `--rounds` first pages of 50 records is printed, as a caller of storage gets them, with their values; and how
much it grew. A selective filter leaves a handful of records, an unselective one half of them.
Times are of the clock, so the machine should have nothing else to do.
"""

import argparse
import random
import statistics
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import insert, text

from benchmarks.databases import postgresql, sqlite
from core.records import DocumentState, FieldKind
from storage import schemas
from storage.database import Engine, Sessions, make_engine, make_sessions, new_id
from storage.filters import parse_filter
from storage.migrate import upgrade
from storage.paging import in_parts
from storage.queries import Query, find_records
from storage.record_values import NO_ROW, row_of
from storage.sorting import parse_sort
from storage.tables import Blob, Document, Record, RecordValue
from storage.workspaces import ensure_workspace

VALUES = 20  # of a record
VENDORS = 2_000
BODY = {
    "type": "object",
    "properties": {
        "total": {"type": "number", "format": "money"},
        "tax": {"type": "number", "format": "money"},
        "invoice_date": {"type": "string", "format": "date"},
        "vendor_name": {"type": "string"},
        "invoice_number": {"type": "string"},
        **{f"note_{number}": {"type": "string"} for number in range(VALUES - 5)},
    },
}
QUERIES = {
    "one number": ("invoice_number = N-{middle}", "total"),
    "selective": ("total >= 1000 and vendor_name ~ 'acme-77 ' and invoice_date >= 2024-01-01", "total"),
    "one in seventy": ("total >= 1000 and vendor_name ~ acme-7 and invoice_date >= 2024-01-01", "total"),
    "selective, newest first": ("vendor_name = 'acme-7 ltd' and total >= 100", "-invoice_date,total"),
    "half of all": ("total >= 5000 and invoice_date >= 2021-01-01", "-total"),
    "half of all, by date": ("total >= 5000", "invoice_date,-total"),
    "none passes": ("total >= 5000 and vendor_name ~ nobody", "total"),
    "no filter": (None, "-total"),
}


@dataclass(frozen=True, slots=True)
class Filled:
    """A database with its values."""

    engine: Engine
    sessions: Sessions
    workspace_id: str
    schema_id: str


def main() -> None:
    """Print the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--values", type=int, nargs=2, default=[100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--databases", default="SQLite,PostgreSQL")
    arguments = parser.parse_args()
    few, many = arguments.values
    table = Table(
        "database", "query", f"{few:,} values, ms", f"{many:,} values, ms", "times", title="Medians of a page"
    )
    for name, server in (("SQLite", sqlite), ("PostgreSQL", postgresql)):
        if name not in arguments.databases.split(","):
            continue
        with server() as url:
            filled = _open(url)
            _fill(filled, 0, few // VALUES)
            small = _medians(filled, few // VALUES, arguments.rounds)
            _fill(filled, few // VALUES, many // VALUES)
            large = _medians(filled, many // VALUES, arguments.rounds)
            for query in QUERIES:
                growth = f"{large[query] / small[query]:.2f}"
                table.add_row(name, query, f"{small[query]:.1f}", f"{large[query]:.1f}", growth)
            filled.engine.dispose()
    Console().print(table)


def _open(url: str) -> Filled:
    engine = make_engine(url)
    upgrade(engine)
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        workspace_id = ensure_workspace(session, "default").id
        schema = schemas.add_schema(session, workspace_id, "measured", BODY)
    return Filled(engine, sessions, workspace_id, schema.id)


def _fill(filled: Filled, first: int, last: int) -> None:
    """Documents, records and values from one number to another; what a merge writes, written in bulk."""
    dice = random.Random(first)  # noqa: S311 - made-up invoices
    for part in in_parts(range(first, last), 1_000):
        documents, records, values = [], [], []
        for number in part:
            document_id, record_id = new_id(), new_id()
            entries = _entries(number, dice)
            documents.append(_document(filled, document_id, number))
            records.append(_record(filled, record_id, document_id, entries))
            of = {"record_id": record_id, "document_id": document_id, "schema_id": filled.schema_id}
            of["workspace_id"] = filled.workspace_id
            for field, (kind, entry) in entries.items():
                values.append(asdict(row_of(field, NO_ROW, kind, entry)) | of)
        with filled.sessions.begin() as session:
            session.execute(insert(Blob), [{"sha256": row["sha256"]} for row in documents])
            session.execute(insert(Document), documents)
            session.execute(insert(Record), records)
            session.execute(insert(RecordValue), values)
    with filled.sessions.begin() as session:
        session.execute(text("ANALYZE"))


def _entries(number: int, dice: random.Random) -> dict[str, tuple[FieldKind, dict[str, Any]]]:
    """The values of one invoice."""
    amount = f"{dice.uniform(1, 10_000):.2f}"
    day = (date(2020, 1, 1) + timedelta(days=dice.randrange(2_000))).isoformat()
    vendor = f"acme-{dice.randrange(VENDORS)} ltd"
    money = {"amount": amount, "currency": "EUR"}
    found: Mapping[str, tuple[FieldKind, str, Any]] = {
        "total": (FieldKind.MONEY, f"EUR {amount}", money),
        "tax": (FieldKind.MONEY, f"EUR {amount}", money),
        "invoice_date": (FieldKind.DATE, day, day),
        "vendor_name": (FieldKind.TEXT, vendor, vendor),
        "invoice_number": (FieldKind.TEXT, f"N-{number}", f"N-{number}"),
        **{f"note_{i}": (FieldKind.TEXT, f"note {i} of {number}", f"note {i} of {number}") for i in range(VALUES - 5)},
    }
    return {field: (kind, _entry(raw, typed)) for field, (kind, raw, typed) in found.items()}


def _entry(raw: str, typed: Any) -> dict[str, Any]:
    box = [0.1, 0.2, 0.3, 0.4]
    return {"state": "found", "raw": raw, "typed": typed, "confidence": 0.93, "page": 1, "box": box, "verified": True}


def _document(filled: Filled, document_id: str, number: int) -> dict[str, Any]:
    return {
        "id": document_id,
        "workspace_id": filled.workspace_id,
        "sha256": f"{number:064x}",
        "name": f"{number}.pdf",
        "media_type": "application/pdf",
        "size": 1,
        "page_count": 1,
        "state": DocumentState.READY,
    }


def _record(filled: Filled, record_id: str, document_id: str, entries: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": record_id,
        "workspace_id": filled.workspace_id,
        "document_id": document_id,
        "schema_id": filled.schema_id,
        "job_id": "0" * 32,
        "complete": True,
        "values": {field: entry for field, (_, entry) in entries.items()},
        "gaps": [],
    }


def _medians(filled: Filled, records: int, rounds: int) -> dict[str, float]:
    """Milliseconds of the first page of every query, in turn so that none is favoured."""
    wanted = schemas.wanted_of(BODY)
    seconds: dict[str, list[float]] = {name: [] for name in QUERIES}
    for _ in range(rounds):
        for name, (where, sort) in QUERIES.items():
            start = time.perf_counter()
            condition = parse_filter(where.format(middle=records // 2), wanted) if where else None
            query = Query(filled.workspace_id, filled.schema_id, condition, parse_sort(sort, wanted))
            with filled.sessions() as session:
                find_records(session, query)
            seconds[name].append(time.perf_counter() - start)
    return {name: 1_000 * statistics.median(measured) for name, measured in seconds.items()}


if __name__ == "__main__":
    main()
