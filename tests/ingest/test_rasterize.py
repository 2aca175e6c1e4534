"""A window of pages from lease to rows: pictures stored, bad pages named, nothing written without the lease."""

import io
from pathlib import Path

import pytest
from PIL import Image

from core.errors import LeaseLost
from core.records import ClaimedItem, DocumentState, Queue
from ingest.intake import Upload, accept
from ingest.limits import Limits
from ingest.rasterize import draw_window
from ingest.sandbox import Sandbox
from storage import documents, ledger
from storage.blobs import BlobStore
from storage.database import Sessions
from storage.tables import Document, Page, Workspace
from tests.ingest import files


class Desk:
    """A rasterizing worker without a queue."""

    def __init__(self, sessions: Sessions, blobs: BlobStore, workspace: Workspace, sandbox: Sandbox) -> None:
        self.sessions, self.blobs, self.workspace_id, self.sandbox = sessions, blobs, workspace.id, sandbox

    def take(self, path: Path, password: str | None = None) -> str:
        upload = Upload(path.name, path)
        return accept(self.sessions, self.blobs, self.workspace_id, upload, self.sandbox, password).document_id

    def claim(self) -> ClaimedItem | None:
        with self.sessions.begin() as session:
            claim = ledger.claim(session, "me", [Queue.RASTERIZE], 1, 60)
        return claim.items[0] if claim else None

    def draw_all(self) -> int:
        drawn = 0
        while item := self.claim():
            drawn += draw_window(self.sessions, self.blobs, self.sandbox, "me", item)
        return drawn

    def document(self, document_id: str) -> Document:
        with self.sessions() as session:
            return documents.get_document(session, self.workspace_id, document_id)

    def pages(self, document_id: str) -> list[Page]:
        with self.sessions() as session:
            return list(documents.pages_of(session, document_id))


@pytest.fixture
def desk(sessions: Sessions, blobs: BlobStore, workspace: Workspace, sandbox: Sandbox) -> Desk:
    return Desk(sessions, blobs, workspace, sandbox)


def test_a_document_is_ready_when_all_its_windows_are_drawn(desk: Desk, tmp_path: Path) -> None:
    document_id = desk.take(files.born_digital(tmp_path / "a.pdf", 20))
    assert desk.draw_all() == 20
    assert desk.document(document_id).state == DocumentState.READY
    pages = desk.pages(document_id)
    assert [page.number for page in pages] == list(range(1, 21))
    page = pages[16]
    assert (page.width, page.height, page.dpi, page.engine, page.blank) == (612, 792, 150, "mupdf", False)
    assert page.image_sha256 is not None
    picture = Image.open(io.BytesIO(desk.blobs.read(page.image_sha256)))
    assert picture.size == (page.image_width, page.image_height) == (1275, 1650)


def test_the_words_of_a_page_are_stored_with_it(desk: Desk, tmp_path: Path) -> None:
    document_id = desk.take(files.born_digital(tmp_path / "a.pdf", 2))
    desk.draw_all()
    with desk.sessions() as session:
        words = documents.get_page(session, desk.workspace_id, document_id, 2).words
    assert [word[0] for word in words[:2]] == ["Page", "2"]
    assert all(0 <= share <= 1 for word in words for share in word[1:])


def test_a_page_that_cannot_be_drawn_is_a_failed_page_and_the_others_go_on(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(files.nested_forms(bad_page=2, pages=3))
    with Sandbox(Limits(cpu_seconds=1, engines=("mupdf",))) as desk.sandbox:
        document_id = desk.take(tmp_path / "a.pdf")
        assert desk.draw_all() == 2
    document, pages = desk.document(document_id), desk.pages(document_id)
    assert [str(page.state) for page in pages] == ["ready", "failed", "ready"]
    assert pages[1].error_code == "page-took-too-long"
    assert pages[1].error_detail
    assert document.state == DocumentState.READY
    assert document.warning


def test_a_document_without_one_good_page_has_failed(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(files.nested_forms())
    with Sandbox(Limits(cpu_seconds=1, engines=("mupdf",))) as desk.sandbox:
        document_id = desk.take(tmp_path / "a.pdf")
        assert desk.draw_all() == 0
    assert desk.document(document_id).state == DocumentState.FAILED


def test_who_lost_the_lease_writes_nothing(desk: Desk, tmp_path: Path) -> None:
    document_id = desk.take(files.born_digital(tmp_path / "a.pdf", 2))
    item = desk.claim()
    assert item is not None
    with pytest.raises(LeaseLost):
        draw_window(desk.sessions, desk.blobs, desk.sandbox, "late", item)
    assert [str(page.state) for page in desk.pages(document_id)] == ["waiting", "waiting"]
    assert draw_window(desk.sessions, desk.blobs, desk.sandbox, "me", item) == 2


def test_the_password_is_forgotten_when_the_pages_are_drawn(desk: Desk, tmp_path: Path) -> None:
    document_id = desk.take(files.encrypted(tmp_path / "a.pdf", "s3cret"), "s3cret")
    assert desk.draw_all() == 2
    assert desk.document(document_id).password is None


def test_an_image_becomes_a_document_of_its_pages(desk: Desk, tmp_path: Path) -> None:
    frames = [files.grainy((400, 600)) for _ in range(3)]
    path = files.image_file(tmp_path / "a.tiff", frames[0], save_all=True, append_images=frames[1:])
    document_id = desk.take(path)
    assert desk.draw_all() == 3
    assert {page.engine for page in desk.pages(document_id)} == {"pillow"}


@pytest.mark.parametrize("each_database_url", ["sqlite"], indirect=True)  # the pages are what takes its time
def test_every_page_of_a_file_of_1000_pages_is_drawn(desk: Desk, tmp_path: Path) -> None:
    path = files.born_digital(tmp_path / "a.pdf", 1_000, lines=3)
    with Sandbox(Limits(dpi=36, window=50, engines=("mupdf",))) as desk.sandbox:
        document_id = desk.take(path)
        assert desk.draw_all() == 1_000
    assert desk.document(document_id).state == DocumentState.READY
