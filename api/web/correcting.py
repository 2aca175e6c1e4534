"""A value put right beside its page: typed, said to be absent, or given back to the model."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from api.routes.given import DocumentId, SchemaNamed
from api.web.site import render
from api.web.values import ShownRecord, ShownValue, shown_records
from api.web.visitor import ChangingVisitorDep, Visitor, VisitorDep
from core.errors import FieldNotFound, RecordNotFound
from core.records import ValueState
from storage import documents, schemas
from workers.correct import correct
from workers.record import Corrected

router = APIRouter(prefix="/documents/{document_id}/values/{schema}", include_in_schema=False)

RawGiven = Annotated[str, Form(max_length=10_000)]
DoneGiven = Annotated[str, Form(max_length=20)]


@router.get("/{field:path}")
def show_form(document_id: DocumentId, schema: SchemaNamed, field: str, visitor: VisitorDep) -> Response:
    """The row of a value, as a form."""
    record = _record(visitor, document_id, schema)
    return render(visitor, "value_form.html", document_id=document_id, record=record, value=_value(record, field))


@router.post("/{field:path}")
def put_right(
    document_id: DocumentId,
    schema: SchemaNamed,
    field: str,
    visitor: ChangingVisitorDep,
    done: DoneGiven,
    raw: RawGiven = "",
) -> Response:
    """Let a person's word count, and show the row as it is now. `done` is `keep`, `absent`, `undo` or `leave`."""
    caller, record = visitor.caller, _record(visitor, document_id, schema)
    if done != "leave":
        with caller.sessions.begin() as session:
            asked = schemas.get_schema(session, caller.workspace_id, schema, record.version)
            correct(session, caller.workspace_id, document_id, asked, field, _word(done, raw.strip()), caller.name)
        record = _record(visitor, document_id, schema)
    return render(visitor, "value_row.html", document_id=document_id, record=record, value=_value(record, field))


def _word(done: str, said: str) -> Corrected | None:
    """What a person says; None gives the value back to the model. Nothing typed means that there is nothing."""
    if done == "undo":
        return None
    if done == "absent" or not said:
        return Corrected(ValueState.ABSENT, None, None, None)
    return Corrected(ValueState.FOUND, said, None, None)


def _record(visitor: Visitor, document_id: str, schema: str) -> ShownRecord:
    """A document's record under a schema. Raises DocumentNotFound and RecordNotFound."""
    caller = visitor.caller
    with caller.sessions() as session:
        documents.get_document(session, caller.workspace_id, document_id)
        found = [one for one in shown_records(session, caller.workspace_id, document_id) if one.schema == schema]
    if not found:
        raise RecordNotFound("Nothing was read from the document under this schema yet; extract it first.")
    return found[0]


def _value(record: ShownRecord, field: str) -> ShownValue:
    """The value of a field. Raises FieldNotFound."""
    for value in record.values:
        if value.path == field:
            return value
    raise FieldNotFound(f"The record has no field {field}.")
