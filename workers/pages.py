"""The page of a leased item as a worker needs it."""

import io
from dataclasses import dataclass

from PIL import Image

from core.errors import PageNotFound, UnreadablePage, error_named
from core.records import ClaimedItem, PageState
from storage import documents
from storage.blobs import BlobStore
from storage.database import Session


@dataclass(frozen=True, slots=True)
class Picture:
    """A page that was drawn: its row and its image."""

    page_id: str
    sha256: str
    blank: bool


def find_picture(session: Session, item: ClaimedItem) -> Picture:
    """The picture of the item's page. Raises the page's own failure where it could not be drawn."""
    page = documents.get_page(session, item.workspace_id, item.document_id, item.first_page, with_words=False)
    if page.state == PageState.FAILED:
        raise error_named(page.error_code or UnreadablePage.code, page.error_detail)
    if page.image_sha256 is None:
        raise PageNotFound("The page has no picture yet.")
    return Picture(page.id, page.image_sha256, blank=page.blank is True)


def picture_of(blobs: BlobStore, sha256: str) -> Image.Image:
    """A page's picture, decoded. Raises BlobMissing."""
    image = Image.open(io.BytesIO(blobs.read(sha256)))
    image.load()
    return image
