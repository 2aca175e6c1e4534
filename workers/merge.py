"""From what is stored about a document's pages to its record: read, made by `workers.record`, written."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.records import Box, FieldValue
from storage import corrections, jobs, readings, record_values, records, schemas, values
from storage.database import Session
from storage.record_values import NO_ROW, RecordValueRow, row_of
from storage.tables import Record
from storage.wanted import Wanted
from workers.confidence import Calibrator
from workers.placing import counting, rows_as_read
from workers.receipt import receipt_of_pages, shortfall
from workers.record import Corrected, Draft, PageRow, Said, make_record
from workers.rows import without_repeats
from workers.weights import Weights

_CELL = re.compile(r"(?P<table>.+)\[(?P<row>\d+)\]\.(?P<column>.+)", re.DOTALL)


def merge_record(session: Session, workspace_id: str, job_id: str, document_id: str, schema_id: str) -> None:
    """Make the document's record anew from its pages' values; what is missing under the job are its gaps.

    Pages that a job planned later has read are not missing. A field that nobody could read and that a person has
    corrected is no gap; the receipt goes on to say what became of the pages. Hold the document while you call it.
    """
    schema = schemas.get_schema_by_id(session, workspace_id, schema_id)
    wanted = schemas.wanted_of(schema.body)
    read_since = values.pages_read_after(session, document_id, schema_id, job_id)  # a later job may end earlier
    failures = [f for f in jobs.page_failures(session, job_id, document_id) if f[0] not in read_since]
    missing = {page for page, _, _ in failures}
    receipts = {
        page: receipt
        for page, receipt in jobs.page_receipts(session, document_id, schema_id).items()
        if page not in missing
    }
    found = [(page, v) for page, v in values.values_of(session, document_id, schema_id) if page not in missing]
    said = without_repeats(wanted, _said(found, receipts, len(missing)))
    said = replace(said, corrected=_corrected(session, document_id, schema.name, said))
    model = values.model_of(session, document_id, schema_id)
    meaning = Calibrator.of(session, workspace_id, model)
    draft = make_record(wanted, said, meaning)
    short = [
        (page, lack.code, lack.detail)
        for page, receipt in receipts.items()
        if (lack := shortfall(receipt, said.corrected)) is not None
    ]
    gaps = sorted([*failures, *short])
    record = records.replace_record(
        session,
        workspace_id,
        document_id,
        schema_id,
        job_id,
        complete=not gaps,
        values=draft.values,
        tables=draft.tables,
        gaps=[{"page": page, "code": code, "detail": detail} for page, code, detail in gaps],
        flags=draft.flags,
        receipt=receipt_of_pages(receipts, missing),
        unsure=draft.unsure,
        model=model,
    )
    record_values.replace(session, record, _rows_of(wanted, draft))
    readings.index_values(session, workspace_id, document_id)


def draft_of_page(
    session: Session,
    workspace_id: str,
    wanted: Wanted,
    model: str,
    page: int,
    found: Sequence[FieldValue],
    receipt: Mapping[str, Any],
) -> Draft:
    """The record that a page alone would make. Nothing is written."""
    said = without_repeats(wanted, _said([(page, value) for value in found], {page: receipt}, 0))
    return make_record(wanted, said, Calibrator.of(session, workspace_id, model))


def merge_again(session: Session, record: Record) -> None:
    """Make a record anew, as its values, its schema's rules or what is known about them have changed."""
    merge_record(session, record.workspace_id, record.job_id, record.document_id, record.schema_id)


def _corrected(session: Session, document_id: str, schema_name: str, said: Said) -> dict[str, Corrected]:
    """What people say instead, by the paths under which it stands now."""
    told = corrections.of_document(session, document_id, schema_name)
    return {
        field: Corrected(row.state, row.raw, row.page, Box(*row.box) if row.box else None, row.made_by, row.created_at)
        for field, row in counting(told, rows_as_read(said.rows)).items()
    }


def _said(
    found: Sequence[tuple[int, FieldValue]],
    receipts: Mapping[int, Mapping[str, Any]],
    pages_missing: int,
) -> Said:
    """Values of pages apart from cells, and these in rows."""
    scalars: list[tuple[int, FieldValue]] = []
    rows: dict[str, dict[tuple[int, int], dict[str, FieldValue]]] = {}
    for page, value in found:
        cell = _CELL.fullmatch(value.field)
        if cell is None:
            scalars.append((page, value))
        else:
            place = (page, int(cell["row"]))
            rows.setdefault(cell["table"], {}).setdefault(place, {})[cell["column"]] = value
    pages = receipt_of_pages(receipts, ())
    ordered = {
        table: [PageRow(page, cells) for (page, _), cells in sorted(by_place.items())]
        for table, by_place in rows.items()
    }
    return Said(scalars, ordered, pages["tables"], pages_missing=pages_missing, blank=frozenset(pages["blank"]))


def _rows_of(wanted: Wanted, draft: Draft) -> list[RecordValueRow]:
    """A row for each value and for each cell."""
    weights = Weights.of(wanted, draft.flags)
    rows = [row_of(f.path, NO_ROW, f.kind, draft.values[f.path], weights.of_field(f)) for f in wanted.fields]
    for table in wanted.tables:
        for number, row in enumerate(draft.tables.get(table.path, {}).get("rows", ())):
            for f in table.fields:
                if f.path in row["cells"]:
                    weight = weights.of_cell(table.path, number, f)
                    rows.append(row_of(f"{table.path}.{f.path}", number, f.kind, row["cells"][f.path], weight))
    return rows
