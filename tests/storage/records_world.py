"""Records made by hand under a schema of every kind, as a merge writes them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.records import FieldKind
from storage import record_values, records, schemas
from storage.database import Session
from storage.filters import parse_filter
from storage.queries import Query, find_records
from storage.record_values import NO_ROW, RecordValueRow, row_of
from storage.sorting import parse_sort
from storage.tables import Document, Record
from storage.wanted import Wanted
from tests.storage.world import World

BODY: dict[str, Any] = {
    "type": "object",
    "properties": {
        "total": {"type": "number", "format": "money"},
        "tax": {"type": "number"},
        "count": {"type": "integer"},
        "vendor_name": {"type": "string"},
        "invoice_date": {"type": "string", "format": "date"},
        "paid": {"type": "boolean"},
        "status": {"enum": ["open", "Closed"]},
        "iban": {"type": "string", "format": "iban"},
        "order No-1": {"type": "string"},
        "line_items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "description": {"type": "string"},
                    "amount": {"type": "number", "format": "money"},
                    "date": {"type": "string", "format": "date"},
                },
            },
        },
    },
}
JOB = "1" * 32


@dataclass(frozen=True, slots=True)
class Archive:
    """A workspace with a schema to make records under."""

    world: World
    schema_id: str
    wanted: Wanted

    def add(self, name: str | None = None, **said: Any) -> str:
        """A document with a record that says this; a field without a value is absent. Returns the document's id."""
        document_id = self.world.add(1, draw=False, name=name)
        self.say(document_id, **said)
        return document_id

    def say(
        self, document_id: str, *, complete: bool = True, unsure: int = 0, flags: Sequence[Any] = (), **said: Any
    ) -> Record:
        """Make this what the document's record says, with all rows of it."""
        tables = {path: said.pop(path) for path in list(said) if isinstance(said[path], list)}
        values = {field.path: entry_of(field.kind, said.get(field.path)) for field in self.wanted.fields}
        kept = {path: self._table(path, rows) for path, rows in tables.items()}
        with self.world.sessions.begin() as session:
            where = (session, self.world.workspace_id, document_id, self.schema_id, JOB)
            made = records.replace_record(*where, complete, values, [], "m", kept, flags, unsure=unsure)
            record_values.replace(session, made, list(rows_of(self.wanted, values, kept)))
            return made

    def find(self, where: str | None = None, sort: str | None = None, limit: int = 50) -> list[str]:
        """The names of the documents whose records pass, all parts of the list."""
        names: list[str] = []
        cursor = None
        while True:
            with self.world.sessions() as session:
                listing = find_records(session, self.query(where, sort), cursor, limit)
            names += [document.name for _, document in listing.items]
            cursor = listing.next_cursor
            if cursor is None:
                return names

    def query(self, where: str | None = None, sort: str | None = None) -> Query:
        """A query under the schema."""
        condition = None if where is None else parse_filter(where, self.wanted)
        return Query(self.world.workspace_id, self.schema_id, condition, parse_sort(sort, self.wanted))

    def _table(self, path: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
        kinds = next({f.path: f.kind for f in table.fields} for table in self.wanted.tables if table.path == path)
        made = [{"page": 1, "cells": {name: entry_of(kinds[name], said) for name, said in row.items()}} for row in rows]
        return {"rows": made, "seen": len(rows), "read": len(rows)}


def archive_in(world: World, name: str = "bill", body: dict[str, Any] = BODY) -> Archive:
    """The workspace with this schema."""
    with world.sessions.begin() as session:
        schema = schemas.add_schema(session, world.workspace_id, name, body)
        return Archive(world, schema.id, schemas.wanted_of(schema.body))


def entry_of(kind: FieldKind, said: Any) -> dict[str, Any]:
    """An entry of `Record.values`: of a plain value, of money as `"12.00 EUR"`, or of what is given as a dict."""
    if said is None:
        return {"state": "absent", "kind": kind.value}
    whole = said if isinstance(said, Mapping) else {"typed": said}
    typed = whole.get("typed")
    if kind is FieldKind.MONEY and isinstance(typed, str):
        amount, _, currency = typed.partition(" ")
        typed = {"amount": amount, "currency": currency or None}
    raw = whole.get("raw", str(whole.get("typed")))
    return {"state": "found", "kind": kind.value, "raw": raw, **whole, "typed": typed}


def rows_of(wanted: Wanted, values: Mapping[str, Any], tables: Mapping[str, Any]) -> Iterator[RecordValueRow]:
    """The typed rows of a record's entries."""
    for field in wanted.fields:
        yield row_of(field.path, NO_ROW, field.kind, values[field.path])
    for table in wanted.tables:
        for number, row in enumerate(tables.get(table.path, {}).get("rows", ())):
            for field in table.fields:
                if field.path in row["cells"]:
                    yield row_of(f"{table.path}.{field.path}", number, field.kind, row["cells"][field.path])


def names_of(session: Session, query: Query, cursor: str | None, limit: int) -> tuple[list[str], str | None]:
    """One part of a listing: names of documents, and the next cursor."""
    listing = find_records(session, query, cursor, limit)
    items: list[tuple[Record, Document]] = listing.items
    return [document.name for _, document in items], listing.next_cursor
