"""A leased window of pages drawn: pictures to blobs, then rows and the ledger in one transaction."""

from core.errors import FolioscopeError
from core.records import ClaimedItem
from ingest.answers import PageFailure, PageImage
from ingest.sandbox import Sandbox
from storage import documents, ledger
from storage.blobs import BlobStore
from storage.database import Sessions
from storage.documents import DrawnPage


def draw_window(sessions: Sessions, blobs: BlobStore, sandbox: Sandbox, owner: str, item: ClaimedItem) -> int:
    """Draw the pages of a rasterizing item and finish it; returns how many have a picture now.

    A page that no engine can draw becomes a failed page with its reason, and the item is done all the same.
    Raises LeaseLost, and writes no row, where somebody else has the item by now. Running it twice is harmless.
    """
    with sessions() as session:
        document = documents.get_document(session, item.workspace_id, item.document_id)
        sha256, password = document.sha256, document.password

    drawn: list[DrawnPage] = []
    failed: list[tuple[int, FolioscopeError]] = []
    with blobs.local_path(sha256) as path:
        for page in sandbox.draw(path, password, item.first_page, item.last_page):
            match page:
                case PageImage():
                    drawn.append(_stored(page, blobs))
                case PageFailure(number, error):
                    failed.append((number, error))

    with sessions.begin() as session:
        ledger.finish(session, owner, item.id, item.attempt)
        for row in drawn:
            documents.finish_page(session, item.document_id, row)
        for number, error in failed:
            documents.fail_page(session, item.document_id, number, error.code, error.detail)
        documents.settle_document(session, item.document_id)
    return len(drawn)


def _stored(page: PageImage, blobs: BlobStore) -> DrawnPage:
    """The page's row, once its picture is safe on disk; only one picture is in memory at a time."""
    return DrawnPage(
        number=page.number,
        width=page.width,
        height=page.height,
        dpi=page.dpi,
        engine=page.engine,
        image_sha256=blobs.put(page.image).sha256,
        image_width=page.image_width,
        image_height=page.image_height,
        blank=page.blank,
        words=page.words,
        under=page.under,
    )
