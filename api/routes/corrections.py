"""Corrections: a person's word against the model's, and what was said before."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from api.boxes import read_box
from api.caller import Caller, CallerDep
from api.export_corrections import Trainer, zipped
from api.once import Made, Once, OnceDep
from api.problems import Responses, problems, problems_of_creation
from api.routes.given import Cursor, DocumentId, Limit, SchemaNamed, Version
from api.wire.corrections import CorrectedOut, CorrectionIn, CorrectionOut, CorrectionsOut
from api.wire.records import ValueOut
from core.errors import (
    DocumentNotFound,
    FieldNotFound,
    InvalidCursor,
    ModelBusy,
    ModelCannot,
    NothingThere,
    PageNotFound,
    RecordNotFound,
    SchemaNotFound,
)
from core.records import Box, ValueState
from storage import corrections, documents, records, schemas
from storage.database import Session
from storage.tables import Correction, Schema
from workers.correct import Target, confirm, decide, entry_of, history_of
from workers.record import Corrected

router = APIRouter(prefix="/v1", tags=["corrections"])

_WHERE = (SchemaNotFound, DocumentNotFound, RecordNotFound, FieldNotFound)
_ZIP: Responses = {
    200: {
        "description": "The zip, as it is made.",
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}
FieldPath = Annotated[
    str, Path(max_length=500, description="A field's path; a cell with its row, from 0.", examples=["total"])
]


@router.patch(
    "/records/{schema}/{document_id}/values/{field:path}",
    summary="Correct a value",
    response_model=CorrectedOut,
    responses=problems_of_creation(*_WHERE, PageNotFound, ModelCannot, NothingThere, ModelBusy),
)
async def correct_value(
    schema: SchemaNamed, document_id: DocumentId, field: FieldPath, said: CorrectionIn, caller: CallerDep,
    once: OnceDep, version: Version = None,
) -> Response:  # fmt: skip
    """It counts at once, also when the document is read again, and under later versions of the schema.

    What the model said stays beside it. A box alone waits until the model has read it.
    """
    where = _Where(schema, version, document_id, field)
    raw = said.raw
    if raw is None and said.box is not None:
        await run_in_threadpool(_look, caller, where)  # refuse before a model is asked
        raw = await read_box(caller, document_id, said.page or 0, said.box)
    made = await run_in_threadpool(_write, caller, once, where, said, raw)
    return made.response()


@router.get("/records/{schema}/{document_id}/values/{field:path}", summary="Show a value", responses=problems(*_WHERE))
def show_value(
    schema: SchemaNamed, document_id: DocumentId, field: FieldPath, caller: CallerDep, version: Version = None
) -> CorrectedOut:
    """A value with everything that people said about it."""
    return _look(caller, _Where(schema, version, document_id, field))


@router.get("/corrections", summary="List corrections", responses=problems(InvalidCursor))
def list_corrections(
    caller: CallerDep,
    schema: Annotated[str | None, Query(max_length=100, description="Of this schema only.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> CorrectionsOut:
    """Everything that people said instead of a model, the newest first."""
    with caller.sessions() as session:
        listing = corrections.list_corrections(session, caller.workspace_id, schema, cursor, limit)
        names = documents.names_of(session, {said.document_id for said in listing.items})
        items = [_correction(s, names[s.document_id]) for s in listing.items if s.document_id in names]
        return CorrectionsOut(items=items, next_cursor=listing.next_cursor)


@router.get(
    "/corrections/export",
    status_code=200,
    summary="Export corrections to train on",
    response_class=StreamingResponse,
    responses=_ZIP | problems(SchemaNotFound),
)
def export_corrections(
    caller: CallerDep,
    format_: Annotated[Trainer, Query(alias="format", description="For which trainer of TRL's.", examples=["sft"])],
    schema: Annotated[str | None, Query(max_length=100, description="Of this schema only.")] = None,
) -> StreamingResponse:
    """The corrections that count as examples, with the pictures of their pages, as a zip.

    It is sent while it is made, and breaks off where that goes wrong: a zip without its end is not whole.
    """
    if schema is not None:
        with caller.sessions() as session:
            schemas.get_schema(session, caller.workspace_id, schema)
    pieces = zipped(caller.sessions, caller.blobs, caller.workspace_id, format_, schema)
    headers = {
        "Content-Disposition": f'attachment; filename="corrections-{format_.value}.zip"',
        "Cache-Control": "no-store",
    }
    return StreamingResponse(pieces, media_type="application/zip", headers=headers)


@dataclass(frozen=True, slots=True)
class _Where:
    """Which value."""

    schema: str
    version: int | None
    document_id: str
    field: str


def _look(caller: Caller, where: _Where) -> CorrectedOut:
    with caller.sessions() as session:
        asked = schemas.get_schema(session, caller.workspace_id, where.schema, where.version)
        return _shown(session, caller, asked, where)


def _write(caller: Caller, once: Once, where: _Where, said: CorrectionIn, raw: str | None) -> Made:
    """Write it down, the same request under the same key once."""

    def make(session: Session) -> Made:
        asked = schemas.get_schema(session, caller.workspace_id, where.schema, where.version)
        target = Target(caller.workspace_id, where.document_id, asked, where.field)
        if said.confirm:
            confirm(session, target, caller.name)
        else:
            box = Box(*said.box) if said.box else None
            state = ValueState.FOUND if raw is not None else ValueState.ABSENT
            word = None if said.undo else Corrected(state, raw, said.page, box)
            decide(session, target, word, caller.name)
        return Made.of(200, _shown(session, caller, asked, where))

    return once.do(caller, said, make)


def _shown(session: Session, caller: Caller, schema: Schema, where: _Where) -> CorrectedOut:
    document = documents.get_document(session, caller.workspace_id, where.document_id)
    record = records.find_record(session, where.document_id, schema.id)
    if record is None:
        raise RecordNotFound("Nothing was read from the document under this schema yet; extract it first.")
    entry = entry_of(record, schema, where.field)
    said = history_of(session, record, schema, where.field)
    return CorrectedOut(
        field=where.field,
        value=ValueOut.model_validate(entry),
        history=[_correction(one, document.name) for one in said],
    )


def _correction(row: Correction, document_name: str) -> CorrectionOut:
    return CorrectionOut(
        id=row.id,
        document_id=row.document_id,
        document_name=document_name,
        schema_name=row.schema_name,
        field=row.field,
        state=row.state,
        raw=row.raw,
        page=row.page,
        box=row.box,
        undone=row.undone,
        takes_back=row.takes_back,
        before=row.before,
        made_by=row.made_by,
        created_at=row.created_at,
    )
