"""One uploaded file accepted or refused: checked by what it is, stored under its hash, written down with its pages."""

import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core.errors import (
    Conflict,
    DocumentNotFound,
    EmptyFile,
    FileTooLarge,
    NoPages,
    PasswordNeeded,
    TooManyPages,
    TooManyPixels,
    TruncatedFile,
)
from core.records import DocumentState
from ingest.answers import Probe
from ingest.limits import Limits
from ingest.sandbox import Sandbox
from ingest.sniff import kind_of
from storage import documents
from storage.blobs import BlobStore
from storage.database import Sessions
from storage.documents import NewDocument

_CHUNK = 1_048_576
_MAX_NAME = 255
_BEYOND_PASSWORDS = (TruncatedFile, TooManyPixels, NoPages, TooManyPages)  # an engine has seen the file itself


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was streamed to disk, and what its sender calls it. Who made the file removes it."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Accepted:
    """The document that an upload became, or already was."""

    document_id: str
    created: bool
    state: DocumentState


def accept(
    sessions: Sessions,
    blobs: BlobStore,
    workspace_id: str,
    upload: Upload,
    sandbox: Sandbox,
    password: str | None = None,
) -> Accepted:
    """Take one file into a workspace. The same bytes are the same document, and cost no work again.

    Raises a RejectedFile that says what is wrong; then nothing is stored. A protected file without a password waits.
    Afterwards, call the sender of hints: rasterizing is planned, not announced.
    """
    size = _size_of(upload.path, sandbox.limits)
    kind = kind_of(upload.path)
    sha256 = _hash_of(upload.path)
    name = clean_name(upload.name)
    if known := _find_known(sessions, workspace_id, sha256, name):
        return _known_again(sessions, blobs, workspace_id, known, sandbox, password)

    page_count = _count_pages(upload.path, sandbox, password)
    with upload.path.open("rb") as file:
        blobs.put(file)
    new = NewDocument(
        sha256=sha256,
        name=name,
        media_type=kind.value,
        size=size,
        page_count=page_count,
        password=None if page_count is None else password,
    )
    try:
        with sessions.begin() as session:
            document = documents.add_document(session, workspace_id, new, sandbox.limits.window)
            return Accepted(document.id, created=True, state=DocumentState(document.state))
    except Exception:
        known = _find_known(sessions, workspace_id, sha256, name)  # somebody else was faster with the same bytes
        if known is None:
            raise
        return known


def unlock(
    sessions: Sessions, blobs: BlobStore, workspace_id: str, document_id: str, password: str, sandbox: Sandbox
) -> DocumentState:
    """Open a waiting document with its password and plan the drawing of its pages. Raises what is wrong with it.

    What no password can help ends the wait. An engine that took too long or crashed decides nothing: ask again.
    """
    with sessions() as session:
        document = documents.get_document(session, workspace_id, document_id)
        sha256, state = document.sha256, document.state
    if state != DocumentState.NEEDS_PASSWORD:
        raise Conflict("The document does not wait for a password.", state=state)
    try:
        with blobs.local_path(sha256) as path:
            probe = _checked(sandbox.probe(path, password), sandbox.limits)
    except _BEYOND_PASSWORDS as error:  # the document does not wait any longer, unless somebody else has opened it
        with sessions.begin() as session:
            document = documents.get_document(session, workspace_id, document_id, for_update=True)
            if document.state == DocumentState.NEEDS_PASSWORD:
                document.state = DocumentState.FAILED
                document.error_code, document.error_detail = error.code, error.detail
        raise
    with sessions.begin() as session:
        document = documents.get_document(session, workspace_id, document_id, for_update=True)
        if document.state == DocumentState.NEEDS_PASSWORD:
            documents.unlock(session, document, password, probe.page_count, sandbox.limits.window)
        return DocumentState(document.state)


def clean_name(name: str) -> str:
    """What a sender calls a file, as one line that is safe to show and never leads out of a folder."""
    parts = [part for part in PurePosixPath(name.replace("\\", "/")).parts if part not in {"/", "..", "."}]
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in "/".join(parts))
    return shown[-_MAX_NAME:].strip() or "document"


def _find_known(sessions: Sessions, workspace_id: str, sha256: str, name: str) -> Accepted | None:
    """The document of these bytes; it keeps the name, too."""
    with sessions() as session:
        document = documents.find_by_hash(session, workspace_id, sha256)
        if document is None:
            return None
        known = Accepted(document.id, created=False, state=DocumentState(document.state))
        new_name = document.name != name
    return known if not new_name or _add_name(sessions, workspace_id, known.document_id, name) else None


def _add_name(sessions: Sessions, workspace_id: str, document_id: str, name: str) -> bool:
    """Whether the document is still there to take the name."""
    try:
        with sessions.begin() as session:
            documents.get_document(session, workspace_id, document_id, for_update=True)
            documents.add_name(session, workspace_id, document_id, name)
    except DocumentNotFound:
        return False
    return True


def _known_again(
    sessions: Sessions, blobs: BlobStore, workspace_id: str, known: Accepted, sandbox: Sandbox, password: str | None
) -> Accepted:
    """The same bytes once more: only a password can be news."""
    if known.state is not DocumentState.NEEDS_PASSWORD or password is None:
        return known
    state = unlock(sessions, blobs, workspace_id, known.document_id, password, sandbox)
    return Accepted(known.document_id, created=False, state=state)


def _count_pages(path: Path, sandbox: Sandbox, password: str | None) -> int | None:
    """How many pages; None while only a password can tell."""
    try:
        return _checked(sandbox.probe(path, password), sandbox.limits).page_count
    except PasswordNeeded:
        return None


def _checked(probe: Probe, limits: Limits) -> Probe:
    if probe.page_count < 1:
        raise NoPages("The file has no pages; check that it opens on your side, and send it again.")
    if probe.page_count > limits.max_pages:
        raise TooManyPages(
            f"The file has {probe.page_count} pages; at most {limits.max_pages} are taken. Send it in parts.",
            pages=probe.page_count,
        )
    return probe


def _size_of(path: Path, limits: Limits) -> int:
    size = path.stat().st_size
    if size == 0:
        raise EmptyFile("The file is empty; check that it was written whole, and send it again.")
    if size > limits.max_file_bytes:
        raise FileTooLarge(
            f"The file has {size} bytes; at most {limits.max_file_bytes} are taken. Send it in parts.", size=size
        )
    return size


def _hash_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
