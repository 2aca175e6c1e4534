"""A person's word against the model's: written down, and the document's records made anew with it."""

from typing import Any

from core.errors import FieldNotFound, PageNotFound, RecordNotFound
from core.records import ValueState
from storage import corrections, documents, records, schemas
from storage.corrections import NewCorrection
from storage.database import Session
from storage.tables import Correction, Record, Schema
from workers.merge import merge_again
from workers.placing import CELL, by_place, look_of, rows_of_record
from workers.record import Corrected


def correct(
    session: Session,
    workspace_id: str,
    document_id: str,
    schema: Schema,
    field: str,
    said: Corrected | None,
    made_by: str,
) -> Correction:
    """Let `said` count for a field of a document, or with None the model again; it holds under all versions.

    Raises DocumentNotFound, RecordNotFound, PageNotFound, and FieldNotFound for a field or a row that is not there.
    """
    documents.get_document(session, workspace_id, document_id, for_update=True)
    record = records.find_record(session, document_id, schema.id)
    if record is None:
        raise RecordNotFound("Nothing was read from the document under this schema yet; extract it first.")
    before = entry_of(record, schema, field)
    if said is not None and said.page is not None:
        documents.get_page(session, workspace_id, document_id, said.page, with_words=False)
    elif said is not None and said.box is not None:
        raise PageNotFound("A box needs its page; send `page`, too.")
    row = look_of(rows_of_record(record), field)
    new = NewCorrection(
        schema_name=schema.name,
        field=field,
        state=ValueState(before["state"]) if said is None else said.state,
        raw=None if said is None else said.raw,
        page=None if said is None else said.page,
        box=None if said is None else said.box,
        undone=said is None,
        before={**before, "model": record.model, **({} if row is None else {"row": row})},
        made_by=made_by,
    )
    made = corrections.add_correction(session, workspace_id, document_id, new)
    for each in records.of_schema_name(session, document_id, schema.name):
        merge_again(session, each)
    return made


def history_of(session: Session, record: Record, schema: Schema, field: str) -> list[Correction]:
    """Everything that was said about what stands in a field now, the oldest first."""
    said = corrections.of_document(session, record.document_id, schema.name)
    return by_place(said, rows_of_record(record)).get(field, [])


def entry_of(record: Record, schema: Schema, field: str) -> dict[str, Any]:
    """What a record says about a field, or of a cell about its row. Raises FieldNotFound."""
    if schemas.wanted_of(schema.body).find(field) is None:
        raise FieldNotFound(f"The schema {schema.name} has no field {field!r}.")
    cell = CELL.fullmatch(field)
    if cell is None:
        if field not in record.values:
            raise FieldNotFound(f"{field!r} is a table's column; name a cell by its row, from 0: table[0].column.")
        entry: dict[str, Any] = record.values[field]
        return entry
    rows = record.tables.get(cell["table"], {}).get("rows", [])
    number = int(cell["row"])
    if number >= len(rows):
        raise FieldNotFound(f"{cell['table']} has {len(rows)} rows here; they count from 0.")
    found: dict[str, Any] = rows[number]["cells"].get(cell["column"], {"state": ValueState.ABSENT.value, "raw": None})
    return found
