"""One file accepted or refused: by what it is, once, and with nothing left behind where it is refused."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from core.errors import (
    Conflict,
    DocumentNotFound,
    EmptyFile,
    FileTooLarge,
    NoPages,
    RejectedFile,
    TooManyPages,
    TooManyPixels,
    TruncatedFile,
    UnreadableFile,
    UnsupportedFile,
    WrongPassword,
)
from core.records import DocumentState
from ingest.answers import Probe
from ingest.intake import Accepted, Upload, accept, clean_name, unlock
from ingest.limits import Limits
from ingest.sandbox import Sandbox
from storage import documents
from storage.blobs import BlobStore
from storage.database import Sessions, make_engine, make_sessions
from storage.tables import Workspace
from storage.workspaces import ensure_workspace
from tests.ingest import files


class Desk:
    """What the tests hold in their hands."""

    def __init__(self, sessions: Sessions, blobs: BlobStore, workspace: Workspace, sandbox: Sandbox) -> None:
        self.sessions, self.blobs, self.workspace_id, self.sandbox = sessions, blobs, workspace.id, sandbox

    def take(
        self, path: Path, password: str | None = None, name: str | None = None, sandbox: Sandbox | None = None
    ) -> Accepted:
        upload = Upload(name or path.name, path)
        return accept(self.sessions, self.blobs, self.workspace_id, upload, sandbox or self.sandbox, password)

    def names(self) -> list[str]:
        with self.sessions() as session:
            return [
                row.name for row in documents.list_documents(session, self.workspace_id, cursor=None, limit=50).items
            ]

    def page_states(self, accepted: Accepted) -> list[str]:
        with self.sessions() as session:
            return [str(page.state) for page in documents.pages_of(session, accepted.document_id)]

    def state(self, accepted: Accepted) -> tuple[DocumentState, str | None]:
        with self.sessions() as session:
            row = documents.get_document(session, self.workspace_id, accepted.document_id)
            return DocumentState(row.state), row.error_code


@pytest.fixture
def desk(sessions: Sessions, blobs: BlobStore, workspace: Workspace, sandbox: Sandbox) -> Desk:
    return Desk(sessions, blobs, workspace, sandbox)


def _write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_an_accepted_pdf_has_its_bytes_stored_and_its_pages_planned(desk: Desk, tmp_path: Path) -> None:
    path = files.born_digital(tmp_path / "a.pdf", 10)
    accepted = desk.take(path)
    assert (accepted.created, accepted.state) == (True, DocumentState.RASTERIZING)
    assert desk.page_states(accepted) == ["waiting"] * 10
    with desk.sessions() as session:
        row = documents.get_document(session, desk.workspace_id, accepted.document_id)
        facts = (row.name, row.media_type, row.size, row.page_count, desk.blobs.read(row.sha256))
    assert facts == ("a.pdf", "application/pdf", path.stat().st_size, 10, path.read_bytes())


def test_the_same_bytes_under_another_name_are_the_same_document(desk: Desk, tmp_path: Path) -> None:
    path = files.born_digital(tmp_path / "a.pdf", 1)
    first, again = desk.take(path), desk.take(path, name="b.pdf")
    assert (again.document_id, again.created) == (first.document_id, False)
    assert desk.names() == ["a.pdf"]


def test_a_document_knows_every_name_that_its_bytes_were_sent_under(desk: Desk, tmp_path: Path) -> None:
    path = files.born_digital(tmp_path / "a.pdf", 1)
    (first, *_) = [desk.take(path, name=name) for name in ("a.pdf", "b.pdf", "a.pdf", "2024/a.pdf", "b.pdf")]
    with desk.sessions() as session:
        assert documents.all_names(session, [first.document_id]) == {
            first.document_id: ["a.pdf", "b.pdf", "2024/a.pdf"]
        }


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", EmptyFile),
        (b"hello, I am a letter", UnsupportedFile),
        (files.zero_pages(), NoPages),
        (files.million_pages(), UnreadableFile),
        (files.pages_pdf([files.INK])[:-60], TruncatedFile),
        (b"%PDF-1.7 and nothing more", UnreadableFile),
    ],
)
def test_what_is_no_readable_document_is_refused_and_leaves_nothing(
    desk: Desk, tmp_path: Path, data: bytes, error: type[RejectedFile]
) -> None:
    with pytest.raises(error) as refusal:
        desk.take(_write(tmp_path / "a.pdf", data))
    assert refusal.value.status in {413, 415, 422}
    assert len(refusal.value.detail.split()) > 3
    assert desk.names() == []


def test_a_file_over_a_limit_is_refused_with_the_limit_in_the_sentence(desk: Desk, tmp_path: Path) -> None:
    path = files.born_digital(tmp_path / "a.pdf", 3)
    picture = files.image_file(tmp_path / "a.png", files.grainy((300, 300)))
    with Sandbox(Limits(max_pages=2, max_image_pixels=10_000, engines=("mupdf",))) as strict:
        with pytest.raises(TooManyPages, match="at most 2"):
            desk.take(path, sandbox=strict)
        with pytest.raises(TooManyPixels, match="300 x 300"):
            desk.take(picture, sandbox=strict)
    with Sandbox(Limits(max_file_bytes=100)) as strict, pytest.raises(FileTooLarge, match="at most 100"):
        desk.take(path, sandbox=strict)
    assert desk.names() == []


def test_a_protected_file_without_its_password_waits(desk: Desk, tmp_path: Path) -> None:
    accepted = desk.take(files.encrypted(tmp_path / "a.pdf", "s3cret"))
    assert (accepted.created, accepted.state) == (True, DocumentState.NEEDS_PASSWORD)
    assert desk.page_states(accepted) == []


def test_a_protected_file_with_its_password_goes_on_at_once(desk: Desk, tmp_path: Path) -> None:
    accepted = desk.take(files.encrypted(tmp_path / "a.pdf", "s3cret", pages=3), "s3cret")
    assert accepted.state is DocumentState.RASTERIZING
    assert desk.page_states(accepted) == ["waiting"] * 3


def test_a_wrong_password_at_upload_is_refused(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(WrongPassword):
        desk.take(files.encrypted(tmp_path / "a.pdf", "s3cret"), "guess")
    assert desk.names() == []


def test_unlocking_a_waiting_document_plans_its_pages(desk: Desk, tmp_path: Path) -> None:
    accepted = desk.take(files.encrypted(tmp_path / "a.pdf", "s3cret", pages=3))
    args = (desk.sessions, desk.blobs, desk.workspace_id, accepted.document_id)
    with pytest.raises(WrongPassword):
        unlock(*args, "guess", desk.sandbox)
    assert desk.page_states(accepted) == []
    assert unlock(*args, "s3cret", desk.sandbox) is DocumentState.RASTERIZING
    assert desk.page_states(accepted) == ["waiting"] * 3
    with pytest.raises(Conflict):
        unlock(*args, "s3cret", desk.sandbox)


def test_a_document_that_no_password_helps_stops_waiting(desk: Desk, tmp_path: Path) -> None:
    accepted = desk.take(files.encrypted(tmp_path / "a.pdf", "s3cret", pages=3))
    with Sandbox(Limits(max_pages=2, engines=("mupdf",))) as strict, pytest.raises(TooManyPages):
        unlock(desk.sessions, desk.blobs, desk.workspace_id, accepted.document_id, "s3cret", strict)
    assert desk.state(accepted) == (DocumentState.FAILED, "too-many-pages")


def test_a_password_that_fails_leaves_alone_what_another_request_has_opened_meanwhile(
    desk: Desk, tmp_path: Path
) -> None:
    accepted = desk.take(files.encrypted(tmp_path / "a.pdf", "s3cret", pages=3))
    args = (desk.sessions, desk.blobs, desk.workspace_id, accepted.document_id, "s3cret")

    class Overtaken(Sandbox):
        def probe(self, path: Path, password: str | None = None) -> Probe:
            unlock(*args, desk.sandbox)
            return super().probe(path, password)

    with Overtaken(Limits(max_pages=2, engines=("mupdf",))) as strict, pytest.raises(TooManyPages):
        unlock(*args, strict)
    assert desk.state(accepted) == (DocumentState.RASTERIZING, None)


def test_a_document_whose_opening_took_too_long_waits_on_for_its_password(desk: Desk, tmp_path: Path) -> None:
    accepted = desk.take(files.encrypted(tmp_path / "a.pdf", "s3cret"))
    args = (desk.sessions, desk.blobs, desk.workspace_id, accepted.document_id, "s3cret")
    with Sandbox(Limits(wall_seconds=0, engines=("mupdf",))) as hasty, pytest.raises(UnreadableFile, match="longer"):
        unlock(*args, hasty)
    assert desk.state(accepted) == (DocumentState.NEEDS_PASSWORD, None)
    assert unlock(*args, desk.sandbox) is DocumentState.RASTERIZING


def test_two_right_passwords_at_once_open_a_document_once(
    postgresql_url: str, blobs: BlobStore, sandbox: Sandbox, tmp_path: Path
) -> None:
    engine = make_engine(postgresql_url)  # on SQLite writers take turns
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        desk = Desk(sessions, blobs, ensure_workspace(session, "default"), sandbox)
    accepted = desk.take(files.encrypted(tmp_path / "a.pdf", "s3cret", pages=3))
    args = (sessions, blobs, desk.workspace_id, accepted.document_id, "s3cret", sandbox)
    with ThreadPoolExecutor(1) as threads:
        with sessions.begin() as session:
            document = documents.get_document(session, desk.workspace_id, accepted.document_id, for_update=True)
            documents.unlock(session, document, "s3cret", 3, sandbox.limits.window)
            second = threads.submit(unlock, *args)
            _await_a_blocked_writer(sessions)
        assert second.result() is DocumentState.RASTERIZING
    assert desk.page_states(accepted) == ["waiting"] * 3
    engine.dispose()


def _await_a_blocked_writer(sessions: Sessions) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with sessions() as session:
            if session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                return
        time.sleep(0.01)
    raise TimeoutError("nobody waits for the row")


def test_sending_a_waiting_file_again_with_its_password_unlocks_it(desk: Desk, tmp_path: Path) -> None:
    path = files.encrypted(tmp_path / "a.pdf", "s3cret")
    waiting = desk.take(path)
    again = desk.take(path, "s3cret")
    assert (again.document_id, again.created, again.state) == (waiting.document_id, False, DocumentState.RASTERIZING)


def test_a_document_of_another_workspace_cannot_be_unlocked(desk: Desk, tmp_path: Path) -> None:
    accepted = desk.take(files.encrypted(tmp_path / "a.pdf", "s3cret"))
    with pytest.raises(DocumentNotFound):
        unlock(desk.sessions, desk.blobs, "0" * 32, accepted.document_id, "s3cret", desk.sandbox)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a.pdf", "a.pdf"),
        ("mail.zip/2024/a.pdf", "mail.zip/2024/a.pdf"),
        ("../../etc/passwd", "etc/passwd"),
        ("/root/a.pdf", "root/a.pdf"),
        ("C:\\Users\\bob\\a.pdf", "C:/Users/bob/a.pdf"),
        ("a\nb\x1b.pdf", "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}.pdf"),
        ("", "document"),
        ("/", "document"),
        ("x" * 300 + ".pdf", "x" * 251 + ".pdf"),
    ],
)
def test_a_name_is_kept_as_one_harmless_line(given: str, kept: str) -> None:
    assert clean_name(given) == kept
