"""A value decided beside its page: confirmed, typed, chosen, read from a box that was drawn, absent, or given back."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import JSONResponse, Response

from api.boxes import read_box
from api.routes.given import DocumentId, SchemaNamed
from api.web.deciding import BoxGiven, DecisionDep, PageGiven, decided, place_of_form
from api.web.site import render
from api.web.values import ShownValue, shown_value
from api.web.visitor import ChangingVisitorDep, Visitor, VisitorDep
from core.errors import InvalidRequest, RecordNotFound, ValueChanged
from storage import documents, records
from storage.database import Session
from storage.tables import Record, Schema
from workers.correct import Target

router = APIRouter(prefix="/documents/{document_id}", include_in_schema=False)

AsGiven = Annotated[str, Form(alias="as", max_length=10)]
_CONFLICT = 409


@router.get("/values/{schema}/{field:path}")
def show_form(document_id: DocumentId, schema: SchemaNamed, field: str, visitor: VisitorDep) -> Response:
    """A value as a form."""
    return _shown(visitor, document_id, schema, field, form=True)


@router.post("/values/{schema}/{field:path}")
def put_right(
    document_id: DocumentId, schema: SchemaNamed, field: str, visitor: ChangingVisitorDep, said: DecisionDep
) -> Response:
    """Let a person's word count, and show the value as it is now; a form that does `leave` decides nothing.

    Where somebody else decided meanwhile, the form comes again, with what they said and what was typed.
    """
    caller = visitor.caller
    if said.done != "leave":
        try:
            with caller.sessions.begin() as session:
                asked, _ = _read_under(session, visitor, document_id, schema)
                target = Target(caller.workspace_id, document_id, asked, field, said.mark or None)
                decided(session, target, said, caller.name)
        except ValueChanged as error:
            return _shown(visitor, document_id, schema, field, form=True, typed=said.raw, changed=error.detail)
    return _shown(visitor, document_id, schema, field, form=False)


@router.post("/read")
async def read_drawn(
    document_id: DocumentId, visitor: ChangingVisitorDep, page: PageGiven = "", box: BoxGiven = ""
) -> Response:
    """What the model reads in a box that was drawn on a page, as JSON; the person keeps it or not."""
    place = place_of_form(page, box)
    if place is None:
        raise InvalidRequest("Draw a box first.")
    return JSONResponse({"text": await read_box(visitor.caller, document_id, place[0], place[1].as_list())})


def _shown(
    visitor: Visitor,
    document_id: str,
    schema: str,
    field: str,
    *,
    form: bool,
    typed: str | None = None,
    changed: str = "",
) -> Response:
    """A value as it stands; a cell of a table as one."""
    with visitor.caller.sessions() as session:
        asked, record = _read_under(session, visitor, document_id, schema)
        value: ShownValue = shown_value(record, asked, field)
    template = ("cell" if value.is_cell else "row") + ("_form" if form else "")
    status = _CONFLICT if changed else 200
    return render(
        visitor,
        f"value_{template}.html",
        status=status,
        document_id=document_id,
        schema=schema,
        value=value,
        typed=value.text if typed is None else typed,
        changed=changed,
    )


def _read_under(session: Session, visitor: Visitor, document_id: str, name: str) -> tuple[Schema, Record]:
    """The latest version of a schema that a document was read under, and its record.

    Raises DocumentNotFound and RecordNotFound.
    """
    documents.get_document(session, visitor.caller.workspace_id, document_id)
    found = records.of_document(session, visitor.caller.workspace_id, document_id)
    read = [(schema, record) for record, schema in found if schema.name == name]
    if not read:
        raise RecordNotFound("Nothing was read from the document under this schema yet; extract it first.")
    return read[-1]
