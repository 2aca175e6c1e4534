"""A record as a person reads it: fields by their titles, texts, how sure, and where each stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.records import Decision, ValueState
from storage import records, schemas
from storage.database import Session
from storage.tables import Record, Schema


@dataclass(frozen=True, slots=True)
class ShownValue:
    """A value, or a cell of a table."""

    path: str
    title: str
    state: str
    text: str  # as read; nothing unless found
    confidence: float | None
    page: int | None
    box: tuple[float, float, float, float] | None  # x, y, width, height: shares of the page
    needs_review: bool
    corrected: bool
    why: str  # what is wrong with it; nothing where nothing is

    @property
    def anchor(self) -> str:
        """A name for it within the page."""
        return "value-" + "".join(c if c.isalnum() else "-" for c in self.path)


@dataclass(frozen=True, slots=True)
class ShownTable:
    """The rows of an array field."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[ShownValue, ...], ...]
    seen: int | None


@dataclass(frozen=True, slots=True)
class ShownRecord:
    """What was read from a document under a version of a schema."""

    schema: str
    version: int
    complete: bool
    unsure: int
    values: tuple[ShownValue, ...]
    tables: tuple[ShownTable, ...]
    flags: tuple[str, ...]
    gaps: tuple[str, ...]

    def on_page(self, number: int) -> list[ShownValue]:
        """Everything that has a box on this page."""
        cells = [cell for table in self.tables for row in table.rows for cell in row]
        return [value for value in (*self.values, *cells) if value.page == number and value.box]


def shown_records(session: Session, workspace_id: str, document_id: str) -> list[ShownRecord]:
    """The records of a document, of each schema that of its latest version, by the names of schemas."""
    latest: dict[str, tuple[Record, Schema]] = {}
    for record, schema in records.of_document(session, workspace_id, document_id):
        latest[schema.name] = (record, schema)
    return [_shown(record, schema) for _, (record, schema) in sorted(latest.items())]


def shown_values(record: Record, schema: Schema) -> tuple[ShownValue, ...]:
    """The values of a record without its tables, in the schema's order."""
    fields = schemas.wanted_of(schema.body).fields
    return tuple(_value(f.path, f.title, record.values[f.path]) for f in fields if f.path in record.values)


def _shown(record: Record, schema: Schema) -> ShownRecord:
    wanted = schemas.wanted_of(schema.body)
    tables = []
    for table in wanted.tables:
        if table.path in record.tables:
            kept = record.tables[table.path]
            columns = [(f.path, f.title) for f in table.fields]
            rows = [_row(table.path, number, columns, row) for number, row in enumerate(kept["rows"])]
            tables.append(ShownTable(table.title, tuple(title for _, title in columns), tuple(rows), kept.get("seen")))
    return ShownRecord(
        schema.name,
        schema.version,
        record.complete,
        record.unsure,
        shown_values(record, schema),
        tuple(tables),
        tuple(str(flag.get("detail") or flag.get("rule")) for flag in record.flags),
        tuple(f"Page {gap.get('page')}: {gap.get('detail')}" for gap in record.gaps),
    )


def _row(path: str, number: int, columns: list[tuple[str, str]], row: Mapping[str, Any]) -> tuple[ShownValue, ...]:
    cells = row["cells"]
    nothing = {"state": ValueState.ABSENT.value}
    return tuple(
        _value(f"{path}[{number}].{key.rpartition('.')[2]}", title, cells.get(key, nothing)) for key, title in columns
    )


def _value(path: str, title: str, entry: Mapping[str, Any]) -> ShownValue:
    box = entry.get("box")
    sides = (box[0], box[1], box[2] - box[0], box[3] - box[1]) if box else None
    why = entry.get("problem") or entry.get("reason") or ""
    return ShownValue(
        path,
        title,
        str(entry.get("state")),
        str(entry.get("raw") or ""),
        entry.get("confidence"),
        entry.get("page"),
        sides,
        entry.get("decision") == Decision.NEEDS_REVIEW.value,
        bool(entry.get("corrected")),
        str(why).replace("-", " "),
    )
