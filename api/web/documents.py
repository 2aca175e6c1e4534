"""The documents of a workspace as a list: what there is, in which state, and what to do when there is nothing."""

from functools import partial
from typing import Annotated

import anyio
from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from api.form import Form, read_form
from api.shapes import documents_out
from api.uploads import take_in
from api.web.site import render
from api.web.visitor import ChangingVisitorDep, Visitor, VisitorDep
from api.wire.documents import RefusedOut, UploadOut
from core.errors import FolioscopeError
from core.records import DocumentState, Queue
from storage import documents
from workers import send

router = APIRouter(include_in_schema=False)

A_PAGE = 50  # documents

StateGiven = Annotated[str, Query(max_length=32)]


@router.get("/")
def show_documents(
    visitor: VisitorDep, request: Request, cursor: str | None = None, state: StateGiven = ""
) -> Response:
    """The newest first. A part alone where the page asks for more of the list, or for the list as it is now."""
    wanted = DocumentState(state) if state in set(DocumentState) else None
    caller = visitor.caller
    with caller.sessions() as session:
        listing = documents.list_documents(session, caller.workspace_id, cursor, A_PAGE, wanted)
        shown = documents_out(session, listing.items)
    part = request.headers.get("hx-target") == "documents"
    template = "document_rows.html" if part else "documents.html"
    waiting = any(one.state is DocumentState.RASTERIZING for one in shown)
    return render(
        visitor,
        template,
        documents=shown,
        next_cursor=listing.next_cursor,
        state=wanted.value if wanted else "",
        states=[one.value for one in DocumentState],
        waiting=waiting,
    )


@router.post("/upload")
async def upload(request: Request, visitor: ChangingVisitorDep) -> Response:
    """Take files in, each by itself; what became of them, as a part of a page."""
    caller = visitor.caller
    with caller.desk.landing.folder() as folder:
        form = await read_form(request, folder, caller.settings.max_file_bytes, caller.settings.max_archive_files)
        taken = await anyio.to_thread.run_sync(partial(_taken, visitor, form), limiter=caller.desk.uploads)
    return render(visitor, "uploaded.html", taken=taken)


@router.post("/documents/{document_id}/delete")
def delete(document_id: str, visitor: ChangingVisitorDep) -> Response:
    """Delete a document with all that was read from it, and show the list."""
    with visitor.caller.sessions.begin() as session:
        documents.delete_document(session, visitor.caller.workspace_id, document_id)
    return RedirectResponse("/", 303)


def _taken(visitor: Visitor, form: Form) -> UploadOut:
    try:
        taken = take_in(visitor.caller, form)
    except FolioscopeError as error:
        return UploadOut(documents=[], refused=_refused(error, form))
    send.announce([Queue.RASTERIZE], visitor.caller.settings.redis_url)
    return taken


def _refused(error: FolioscopeError, form: Form) -> list[RefusedOut]:
    """Each file that was refused; where there was one only, the error itself says why."""
    said = error.facts.get("refused")
    if isinstance(said, list):
        return [RefusedOut.model_validate(one) for one in said]
    name = form.files[0].name if form.files else ""
    return [RefusedOut(name=name, code=error.code, title=error.title, detail=error.detail)]
