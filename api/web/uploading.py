"""Files taken in, each by itself; refused ones with what to do about it; and passwords for those that wait for one."""

from functools import partial
from typing import Annotated

import anyio
from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from api.form import Form as SentForm
from api.form import read_form
from api.routes.documents import open_document
from api.routes.given import DocumentId
from api.uploads import take_in
from api.web.signing import HOME
from api.web.site import render
from api.web.visitor import ChangingVisitorDep, Visitor
from api.wire.documents import RefusedOut, UploadOut
from core.errors import (
    BadArchive,
    Conflict,
    EmptyFile,
    FileTooLarge,
    FolioscopeError,
    NoPages,
    RejectedFile,
    TooManyPages,
    TooManyPixels,
    TruncatedFile,
    UnreadableFile,
    UnsupportedFile,
    WrongPassword,
)
from core.records import Queue
from workers import send

router = APIRouter(include_in_schema=False)

REMEDIES = {
    UnsupportedFile.code: "Print or export it to PDF, and send that. The content counts, not the name.",
    EmptyFile.code: "Copy it again from where it comes from, and send that.",
    NoPages.code: "Open it in a viewer, save it again, and send that.",
    UnreadableFile.code: "Fetch it again, or open it in a viewer and save it anew.",
    TruncatedFile.code: "Its end is missing: fetch it again from where it comes from.",
    FileTooLarge.code: "Split it into several files, or have whoever runs this service allow more.",
    TooManyPages.code: "Split it into several files, or have whoever runs this service allow more.",
    TooManyPixels.code: "Scale it down, or scan it with fewer dots per inch.",
    WrongPassword.code: "Send it again without a password; the list asks for the right one.",
    BadArchive.code: "Unpack it, and drop the folder.",
}

PasswordGiven = Annotated[str, Form(max_length=1_000)]


@router.post("/upload")
async def upload(request: Request, visitor: ChangingVisitorDep) -> Response:
    """Take files in, each by itself; what became of them, as a part of a page."""
    caller = visitor.caller
    with caller.desk.landing.folder() as folder:
        form = await read_form(request, folder, caller.settings.max_file_bytes, caller.settings.max_archive_files)
        taken = await anyio.to_thread.run_sync(partial(_taken, visitor, form), limiter=caller.desk.uploads)
    return render(visitor, "uploaded.html", taken=taken, remedies=REMEDIES)


@router.post("/documents/{document_id}/unlock")
async def unlock(
    request: Request, document_id: DocumentId, visitor: ChangingVisitorDep, password: PasswordGiven = ""
) -> Response:
    """Open a document that waits for its password; the form again where it is a wrong one."""
    wrong = await anyio.to_thread.run_sync(
        partial(_unlocked, visitor, document_id, password), limiter=visitor.caller.desk.uploads
    )
    if request.headers.get("hx-request") is None:
        return RedirectResponse(HOME, 303)
    return render(visitor, "unlock_form.html", document_id=document_id, wrong=wrong)


def _taken(visitor: Visitor, form: SentForm) -> UploadOut:
    try:
        taken = take_in(visitor.caller, form)
    except (RejectedFile, Conflict) as error:
        return UploadOut(documents=[], refused=_refused(error, form))
    send.announce([Queue.RASTERIZE], visitor.caller.settings.redis_url)
    return taken


def _refused(error: FolioscopeError, form: SentForm) -> list[RefusedOut]:
    """Each file that was refused; where there was one only, the error itself says why."""
    said = error.facts.get("refused")
    if isinstance(said, list):
        return [RefusedOut.model_validate(one) for one in said]
    name = form.files[0].name if form.files else ""
    return [RefusedOut(name=name, code=error.code, title=error.title, detail=error.detail)]


def _unlocked(visitor: Visitor, document_id: str, password: str) -> str | None:
    """Why it does not open; None where it does."""
    try:
        open_document(visitor.caller, document_id, password)
    except RejectedFile as error:
        return str(error.detail)
    return None
