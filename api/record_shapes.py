"""From records to shapes on the wire: as much of them as was asked for."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from api.wire.records import OlderRecordsOut, RecordOut, RowOut, TableOut, ValueOut
from api.wire.schemas import SchemaName
from storage.tables import Document, Record, Schema
from storage.wanted import Wanted

_PLAIN = (  # without evidence
    *("state", "kind", "raw", "typed", "problem", "readings", "year_from", "decision", "corrected", "reason"),
)


def chosen_record_out(
    record: Record,
    document: Document,
    schema: Schema,
    chosen: Wanted,
    names: Sequence[str] = (),
    *,
    evidence: bool = True,
) -> RecordOut:
    """A document's record under a schema with the chosen fields and tables, in their order.

    Its tables need not be loaded where none is chosen.
    """
    return RecordOut(
        id=record.id,
        document_id=record.document_id,
        document_name=document.name,
        document_names=list(names) or [document.name],
        schema_=SchemaName(name=schema.name, version=schema.version),
        complete=record.complete,
        values=_values_out(record.values, (field.path for field in chosen.fields), evidence=evidence),
        tables=_tables_out(record.tables, chosen, evidence=evidence) if chosen.tables else {},
        gaps=record.gaps,
        flags=record.flags,
        receipt=record.receipt,
        unsure=record.unsure,
        model=record.model,
        updated_at=record.updated_at,
    )


def older_out(found: Iterable[tuple[int, int]]) -> list[OlderRecordsOut]:
    """Versions of a schema with how many records stand under each alone."""
    return [OlderRecordsOut(version=version, records=count) for version, count in found]


def _tables_out(tables: Mapping[str, Any], chosen: Wanted, *, evidence: bool) -> dict[str, TableOut]:
    return {
        table.path: _table_out(tables[table.path], [field.path for field in table.fields], evidence=evidence)
        for table in chosen.tables
        if table.path in tables
    }


def _table_out(table: Mapping[str, Any], columns: Sequence[str], *, evidence: bool) -> TableOut:
    rows = [
        RowOut(page=row["page"], cells=_values_out(row["cells"], columns, evidence=evidence)) for row in table["rows"]
    ]
    return TableOut(rows=rows, seen=table.get("seen"), read=table.get("read", len(rows)))


def _values_out(entries: Mapping[str, Any], paths: Iterable[str], *, evidence: bool) -> dict[str, ValueOut]:
    return {path: _value_out(entries[path], evidence=evidence) for path in paths if path in entries}


def _value_out(entry: Mapping[str, Any], *, evidence: bool) -> ValueOut:
    if evidence:
        return ValueOut.model_validate(entry)
    return ValueOut.model_validate({key: entry[key] for key in _PLAIN if key in entry})
