"""Made-up invoices in bulk, as a merge writes them: what the benchmarks of queries and of sums look through."""

import random
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, inspect, literal, select, text

from benchmarks import databases
from core.records import DocumentState, FieldKind
from storage import schemas
from storage.database import Engine, Session, Sessions, make_engine, make_sessions, new_id
from storage.migrate import upgrade
from storage.paging import in_parts
from storage.record_values import NO_ROW, row_of
from storage.tables import Base, Blob, Document, Record, RecordValue
from storage.wanted import Wanted
from storage.workspaces import ensure_workspace

VALUES = 20  # of a record
NOTES = VALUES - 5  # of them
VENDORS = 2_000
BODY = {
    "type": "object",
    "properties": {
        "total": {"type": "number", "format": "money"},
        "tax": {"type": "number", "format": "money"},
        "invoice_date": {"type": "string", "format": "date"},
        "vendor_name": {"type": "string"},
        "invoice_number": {"type": "string"},
        **{f"note_{number}": {"type": "string"} for number in range(NOTES)},
    },
}


@dataclass(frozen=True, slots=True)
class Filled:
    """A database with so many records."""

    engine: Engine
    sessions: Sessions
    workspace_id: str
    schema_id: str
    wanted: Wanted
    records: int


def add_options(parser: ArgumentParser) -> None:
    """Where to measure, and how long."""
    parser.add_argument("--values", type=int, nargs=2, default=[100_000, 1_000_000], help="in the databases compared")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--processor-time", action="store_true", help="of this process: SQLite works within it")
    databases.add_options(parser)


@contextmanager
def filled_pair(name: str, arguments: Namespace) -> Iterator[tuple[Filled, Filled]]:
    """The smaller and the larger database of this kind; a kept one is only migrated."""
    few, many = arguments.values
    with _filled(name, few, arguments.keep) as small, _filled(name, many, arguments.keep) as large:
        yield small, large


@contextmanager
def _filled(name: str, values: int, keep: Path | None) -> Iterator[Filled]:
    with databases.database(name, values, keep) as url:
        engine = make_engine(url)
        upgrade(engine)
        sessions = make_sessions(engine)
        with sessions.begin() as session:
            workspace_id = ensure_workspace(session, "default").id
            schema = schemas.add_schema(session, workspace_id, "measured", BODY)
        filled = Filled(engine, sessions, workspace_id, schema.id, schemas.wanted_of(BODY), values // VALUES)
        _fill(filled)
        yield filled
        engine.dispose()


def _fill(filled: Filled) -> None:
    """As many documents, records and values as are wanted; what a merge writes, written in bulk, indexes afterwards."""
    with filled.sessions() as session:
        if session.scalar(select(func.count()).select_from(Record)):
            return
    indexes = Base.metadata.tables[RecordValue.__tablename__].indexes
    with filled.sessions.begin() as session:
        for index in indexes:
            index.drop(session.connection())
        dice = random.Random(0)  # noqa: S311 - made-up invoices
        for part in in_parts(range(filled.records), 1_000):
            _add_invoices(session, filled, part, dice)
        for note in range(NOTES):
            _add_notes(session, note)
        for index in indexes:
            index.create(session.connection())
    with filled.sessions.begin() as session:
        session.execute(text("ANALYZE"))


def _add_invoices(session: Session, filled: Filled, numbers: Sequence[int], dice: random.Random) -> None:
    """Invoices with all their values but the notes'."""
    documents, records, values = [], [], []
    for number in numbers:
        document_id, record_id = new_id(), new_id()
        entries = _entries(number, dice)
        documents.append(_document(filled, document_id, number))
        records.append(_record(filled, record_id, document_id, entries))
        of = {"record_id": record_id, "document_id": document_id, "schema_id": filled.schema_id}
        of["workspace_id"] = filled.workspace_id
        for field, (kind, entry) in list(entries.items())[:-NOTES]:
            values.append(asdict(row_of(field, NO_ROW, kind, entry)) | of)
    session.execute(insert(Blob), [{"sha256": row["sha256"]} for row in documents])
    session.execute(insert(Document), documents)
    session.execute(insert(Record), records)
    session.execute(insert(RecordValue), values)


def _add_notes(session: Session, note: int) -> None:
    """One note of every invoice, made by the database out of the invoice's number."""
    said = literal(f"note {note} of ").concat(func.substr(RecordValue.raw, len("N-") + 1))
    new = {"field": literal(f"note_{note}"), "raw": said, "text": said, "folded": said}
    columns = [column for column in inspect(RecordValue).columns if column.name != "id"]
    rows = select(*(new.get(column.name, column) for column in columns)).where(RecordValue.field == "invoice_number")
    session.execute(insert(RecordValue).from_select([column.name for column in columns], rows))


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
        **{f"note_{i}": (FieldKind.TEXT, f"note {i} of {number}", f"note {i} of {number}") for i in range(NOTES)},
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
