"""A document: the pictures of its pages with the boxes of its values over them, and its record beside them."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query
from starlette.responses import RedirectResponse, Response

from api.caller import Caller
from api.routes.given import DocumentId, id_or_nobody
from api.routes.jobs import plan_job
from api.shapes import documents_out, page_out
from api.watch import read_job
from api.web.site import render
from api.web.values import ShownRecord, shown_records
from api.web.visitor import ChangingVisitorDep, VisitorDep
from api.wire.documents import PageOut
from api.wire.jobs import JobIn, JobOut
from core.records import FINAL_JOB_STATES, JobKind, Queue
from storage import documents, schemas
from workers import send

router = APIRouter(prefix="/documents", include_in_schema=False)

MOST_IN_STRIP = 60  # pages; of longer documents those around the one that is shown

SchemaGiven = Annotated[str, Query(max_length=100)]
JobGiven = Annotated[str, Query(max_length=32)]
BoxGiven = Annotated[str, Query(max_length=100)]  # x0,y0,x1,y1
SchemaInForm = Annotated[str, Form(alias="schema", max_length=100)]


@router.get("/{document_id}")
def show_document(
    document_id: DocumentId,
    visitor: VisitorDep,
    page: int = 1,
    schema: SchemaGiven = "",
    job: JobGiven = "",
    box: BoxGiven = "",
) -> Response:
    """One page of a document, the strip of all, and what was read from it under a schema; or how far a `job` is.

    A `box` is lit: an answer stands there.
    """
    caller = visitor.caller
    with caller.sessions() as session:
        document = documents.get_document(session, caller.workspace_id, document_id)
        (shown,) = documents_out(session, [document])
        pages = [page_out(one) for one in documents.pages_of(session, document.id)]
        records = shown_records(session, caller.workspace_id, document.id)
        names = [one.name for one in schemas.list_schemas(session, caller.workspace_id)]
    number = min(max(1, page), max(1, len(pages)))
    running = read_job(caller, id_or_nobody(job)) if job else None
    return render(
        visitor,
        "document.html",
        document=shown,
        pages=pages,
        strip=_strip(pages, number),
        number=number,
        page=pages[number - 1] if pages else None,
        records=records,
        record=_chosen(records, schema, running),
        names=names,
        job=running,
        cited=_box_in(box),
        reading=running is not None and running.state not in FINAL_JOB_STATES,
    )


@router.post("/{document_id}/extract")
def extract(document_id: DocumentId, visitor: ChangingVisitorDep, under: SchemaInForm = "") -> Response:
    """Read the document under a schema, as the API does, before what waits in bulk; its page tells how far it is."""
    job_id = _start(visitor.caller, document_id, under)
    return RedirectResponse(f"/documents/{document_id}?{urlencode({'schema': under, 'job': job_id})}#record", 303)


def _start(caller: Caller, document_id: str, schema: str) -> str:
    """The id of a job that reads one document. Raises SchemaNotFound and DocumentNotFound."""
    words = {"kind": JobKind.EXTRACT, "schema": schema, "documents": [document_id], "queue": Queue.INTERACTIVE}
    with caller.sessions.begin() as session:
        schemas.get_schema(session, caller.workspace_id, schema)
        job_id = plan_job(session, caller, JobIn.model_validate(words)).id
    send.announce([Queue.INTERACTIVE], caller.settings.redis_url)
    return job_id


def _box_in(text: str) -> tuple[float, float, float, float] | None:
    """Place and size of a box that an address names; None where that is none."""
    try:
        x0, y0, x1, y1 = (min(1.0, max(0.0, float(side))) for side in text.split(","))
    except ValueError:
        return None
    return (x0, y0, x1 - x0, y1 - y0) if x1 > x0 and y1 > y0 else None


def _strip(pages: list[PageOut], number: int) -> list[PageOut]:
    if len(pages) <= MOST_IN_STRIP:
        return pages
    first = min(max(0, number - 1 - MOST_IN_STRIP // 2), len(pages) - MOST_IN_STRIP)
    return pages[first : first + MOST_IN_STRIP]


def _chosen(records: list[ShownRecord], schema: str, job: JobOut | None) -> ShownRecord | None:
    """The record under the schema that was asked for, else the first; none while that schema is only being read."""
    asked = next((one for one in records if one.schema == schema), None)
    if asked is None and job is not None and schema:
        return None
    return asked or (records[0] if records else None)
