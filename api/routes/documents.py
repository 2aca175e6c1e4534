"""Documents: upload, list, tag, unlock, delete."""

from functools import partial
from typing import Annotated

import anyio
from fastapi import APIRouter, Query, Request, Response
from starlette.responses import JSONResponse

from api.caller import Caller, CallerDep
from api.form import Form, read_form
from api.once import Made, Once, OnceDep
from api.problems import Responses, problems, problems_of_creation
from api.routes.given import Cursor, DocumentId, Limit
from api.shapes import documents_out
from api.uploads import fingerprint_of, take_in
from api.wire.documents import DocumentOut, DocumentsOut, TagsIn, UnlockIn, UploadOut
from core.errors import (
    BadArchive,
    Conflict,
    DocumentNotFound,
    EmptyFile,
    FileTooLarge,
    InvalidCursor,
    NoPages,
    RejectedFile,
    RequestTooLarge,
    TooManyPages,
    TooManyPixels,
    TruncatedFile,
    UnreadableFile,
    UnsupportedFile,
    WrongPassword,
)
from core.records import DocumentOrder, DocumentState, Queue
from ingest import intake
from storage import document_lists, documents, tags
from storage.document_lists import Narrowing
from workers import send

router = APIRouter(prefix="/v1/documents", tags=["documents"])

_REFUSALS = (
    RejectedFile,
    UnsupportedFile,
    FileTooLarge,
    TooManyPages,
    TooManyPixels,
    EmptyFile,
    NoPages,
    UnreadableFile,
    TruncatedFile,
    WrongPassword,
    BadArchive,
)
_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {
                            "type": "array",
                            "items": {"type": "string", "contentMediaType": "application/octet-stream"},
                            "minItems": 1,
                            "description": "PDF, PNG, JPEG or TIFF files, or zips of them.",
                        },
                        "password": {
                            "type": "string",
                            "maxLength": 1000,
                            "description": "Tried on each protected file.",
                        },
                    },
                },
                "encoding": {"files": {"contentType": "application/octet-stream"}},
            }
        },
    }
}
_FOUND: Responses = {200: {"model": UploadOut, "description": "All documents were there already."}}


@router.post(
    "",
    status_code=201,
    summary="Upload documents",
    response_model=UploadOut,
    openapi_extra=_FORM,
    responses=_FOUND | problems_of_creation(*_REFUSALS, Conflict),
)
async def upload_documents(request: Request, caller: CallerDep, once: OnceDep) -> Response:
    """Take one or many files, streamed to disk. The same bytes are the same document.

    Good files go in, and each refused one is named with its reason. Only where all are refused is that an error.
    """
    settings = caller.settings
    with caller.desk.landing.folder() as folder:
        form = await read_form(request, folder, settings.max_file_bytes, settings.max_archive_files)
        return await anyio.to_thread.run_sync(partial(_take_in, caller, once, form), limiter=caller.desk.uploads)


NameGiven = Annotated[str, Query(max_length=300, description="Only those with this in their name, without case.")]
TagGiven = Annotated[str, Query(max_length=100, description="Only those with this tag.")]
OrderGiven = Annotated[DocumentOrder, Query(description="A cursor belongs to the order that it was given for.")]


@router.get("", summary="List documents", responses=problems(InvalidCursor))
def list_documents(
    caller: CallerDep,
    limit: Limit = 50,
    cursor: Cursor = None,
    state: Annotated[DocumentState | None, Query(description="Only those in this state.")] = None,
    name: NameGiven = "",
    tag: TagGiven = "",
    order: OrderGiven = DocumentOrder.NEWEST,
) -> DocumentsOut:
    """All of them, or those that pass; the newest first, unless another order is asked for."""
    wanted = Narrowing(name, (), state, tag)
    with caller.sessions() as session:
        listing = document_lists.find_documents(session, caller.workspace_id, wanted, order, cursor, limit)
        return DocumentsOut(items=documents_out(session, listing.items), next_cursor=listing.next_cursor)


@router.get("/{document_id}", summary="Show a document", responses=problems(DocumentNotFound))
def show_document(document_id: DocumentId, caller: CallerDep) -> DocumentOut:
    """How it is named, how many pages it has, and whether they are drawn."""
    with caller.sessions() as session:
        document = documents.get_document(session, caller.workspace_id, document_id)
        return documents_out(session, [document])[0]


@router.delete("/{document_id}", status_code=204, summary="Delete a document", responses=problems(DocumentNotFound))
def delete_document(document_id: DocumentId, caller: CallerDep) -> None:
    """With its pages, values and records. Jobs that still cover it name it as missing."""
    with caller.sessions.begin() as session:
        documents.delete_document(session, caller.workspace_id, document_id)


@router.put("/{document_id}/tags", summary="Tag a document", responses=problems(DocumentNotFound, RequestTooLarge))
def tag_document(document_id: DocumentId, asked: TagsIn, caller: CallerDep) -> DocumentOut:
    """Give it these tags and no others. A comma parts two."""
    with caller.sessions.begin() as session:
        tags.set_tags(session, caller.workspace_id, document_id, tags.tags_in(",".join(asked.tags)))
    return show_document(document_id, caller)


@router.post(
    "/{document_id}/unlock",
    summary="Unlock a document",
    responses=problems(DocumentNotFound, Conflict, RequestTooLarge, *_REFUSALS),
)
async def unlock_document(document_id: DocumentId, asked: UnlockIn, caller: CallerDep) -> DocumentOut:
    """Open a document that waits for its password. The password is forgotten once the pages are drawn."""
    unlock = partial(open_document, caller, document_id, asked.password)
    return await anyio.to_thread.run_sync(unlock, limiter=caller.desk.uploads)  # it waits for a child, as uploads do


def open_document(caller: Caller, document_id: str, password: str) -> DocumentOut:
    """The document, opened by its password and on its way to pictures. Raises what is wrong with either."""
    intake.unlock(caller.sessions, caller.blobs, caller.workspace_id, document_id, password, caller.sandbox)
    send.announce([Queue.RASTERIZE], caller.settings.redis_url)
    return show_document(document_id, caller)


def _take_in(caller: Caller, once: Once, form: Form) -> JSONResponse:
    def make() -> Made:
        taken = take_in(caller, form)
        return Made.of(201 if any(document.created for document in taken.documents) else 200, taken)

    made = once.do_in_steps(caller, fingerprint_of(form), make)
    send.announce([Queue.RASTERIZE], caller.settings.redis_url)
    return made.response()
