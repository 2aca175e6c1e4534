"""A person's word against the model's: written down, and the document's records made anew with it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import (
    CorrectionNotFound,
    FieldNotFound,
    NothingThere,
    PageNotFound,
    RecordNotFound,
    ValueChanged,
)
from core.records import Box, ValueState
from storage import corrections, documents, records, schemas
from storage.corrections import NewCorrection
from storage.database import Session
from storage.tables import Correction, Record, Schema
from workers.merge import merge_again
from workers.placing import CELL, by_place, look_of, rows_of_record
from workers.record import Corrected


@dataclass(frozen=True, slots=True)
class Target:
    """A value that a person speaks about."""

    workspace_id: str
    document_id: str
    schema: Schema
    field: str  # its path; of a cell with its row in the record, from 0
    seen: str | None = None  # the mark of the value as the person saw it; None: whatever it is


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
    return decide(session, Target(workspace_id, document_id, schema, field), said, made_by)


def decide(session: Session, target: Target, said: Corrected | None, made_by: str) -> Correction:
    """The same of a value that a person looked at. Raises ValueChanged where it is another one by now, too."""
    record, before = _held(session, target)
    if said is not None and said.page is not None:
        documents.get_page(session, target.workspace_id, target.document_id, said.page, with_words=False)
    elif said is not None and said.box is not None:
        raise PageNotFound("A box needs its page; send `page`, too.")
    new = NewCorrection(
        schema_name=target.schema.name,
        field=target.field,
        state=ValueState(before["state"]) if said is None else said.state,
        raw=None if said is None else said.raw,
        page=None if said is None else said.page,
        box=None if said is None else said.box,
        undone=said is None,
        before=_before(record, target.field, before),
        made_by=made_by,
    )
    return _written(session, target.workspace_id, record, new)


def confirm(session: Session, target: Target, made_by: str) -> Correction:
    """Let a value count as it was read, where it was read. Raises NothingThere where nobody could read it.

    Otherwise as `decide`. A calibration takes the value as one that the model read right.
    """
    _, entry = _held(session, target)
    if entry["state"] == ValueState.UNREADABLE:
        raise NothingThere("Nothing was read that could be confirmed; say what stands there, or that it is absent.")
    box = Box(*entry["box"]) if entry.get("box") and entry.get("page") else None
    said = Corrected(ValueState(entry["state"]), entry.get("raw"), entry.get("page"), box)
    return decide(session, target, said, made_by)


def take_back(session: Session, workspace_id: str, correction_id: str, made_by: str) -> Correction:
    """Let a correction count as never made: what stood before it counts again, with whoever said it. Returns it.

    Raises CorrectionNotFound, and ValueChanged where somebody has spoken about the value since.
    """
    taken = corrections.find_correction(session, workspace_id, correction_id)
    if taken is None:
        raise CorrectionNotFound
    documents.get_document(session, workspace_id, taken.document_id, for_update=True)
    record, schema = _read_under(session, taken)
    field, last = _last_beside(session, taken, record)
    if last is None or last.id != taken.id:
        raise ValueChanged("It was decided again since; that stays as it is.", by=last.made_by if last else None)
    entry = entry_of(record, schema, field)
    new = NewCorrection(
        schema_name=taken.schema_name,
        field=field,
        state=ValueState(taken.before["state"]),
        raw=None,
        page=None,
        box=None,
        undone=True,
        before=_before(record, field, entry),
        made_by=made_by,
        takes_back=taken.id,
    )
    _written(session, workspace_id, record, new)
    return taken


def mark_of(entry: Mapping[str, Any]) -> str:
    """Another text whenever a value says something else, or was decided by somebody else."""
    said = [entry.get(key) for key in ("state", "raw", "page", "box", "corrected", "by", "at")]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def _held(session: Session, target: Target) -> tuple[Record, dict[str, Any]]:
    """A value's record and entry; nobody else changes them until the transaction ends."""
    documents.get_document(session, target.workspace_id, target.document_id, for_update=True)
    record = records.find_record(session, target.document_id, target.schema.id)
    if record is None:
        raise RecordNotFound("Nothing was read from the document under this schema yet; extract it first.")
    session.refresh(record)  # as it is under the lock, not as it was looked at before
    entry = entry_of(record, target.schema, target.field)
    if target.seen is not None and target.seen != mark_of(entry):
        what = "Somebody decided it" if entry.get("corrected") else "It was read again"
        raise ValueChanged(f"{what} while you looked at it.", by=entry.get("by"))
    return record, entry


def _before(record: Record, field: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    row = look_of(rows_of_record(record), field)
    return {**entry, "model": record.model, **({} if row is None else {"row": row})}


def _written(session: Session, workspace_id: str, record: Record, new: NewCorrection) -> Correction:
    """A correction, and the document's records made anew with it."""
    made = corrections.add_correction(session, workspace_id, record.document_id, new)
    for each in records.of_schema_name(session, record.document_id, new.schema_name):
        merge_again(session, each)
    return made


def _read_under(session: Session, said: Correction) -> tuple[Record, Schema]:
    """A record that has the corrected field, and its schema. Raises RecordNotFound."""
    for record in records.of_schema_name(session, said.document_id, said.schema_name):
        schema = schemas.get_schema_by_id(session, said.workspace_id, record.schema_id)
        if schemas.wanted_of(schema.body).find(said.field) is not None:
            session.refresh(record)
            return record, schema
    raise RecordNotFound


def _last_beside(session: Session, one: Correction, record: Record) -> tuple[str, Correction | None]:
    """Where a correction stands now, and the last that counts there."""
    said = corrections.standing(corrections.of_document(session, one.document_id, one.schema_name))
    for path, some in by_place(said, rows_of_record(record)).items():
        if one.id in {row.id for row in some}:
            return path, some[-1]
    return one.field, None


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
