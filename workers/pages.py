"""The page of a leased item as a worker needs it."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from core.errors import PageNotFound, UnreadablePage, error_named
from core.records import ClaimedItem, PageState
from storage import documents
from storage.blobs import BlobStore
from storage.database import Session

_MOST_PIXELS = 100_000_000  # 300 MB


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


def pictures_of(blobs: BlobStore, hashes: Sequence[str]) -> list[Image.Image]:
    """The pictures of pages that are held at the same time: together no larger than memory bears. Raises BlobMissing.

    Up to some forty pages at 150 dpi stay as they are; where they are more or larger, each is scaled down to its share.
    """
    share = _MOST_PIXELS // max(1, len(hashes))
    return [_scaled(picture_of(blobs, sha256), share) for sha256 in hashes]


def _scaled(image: Image.Image, most_pixels: int) -> Image.Image:
    scale = (most_pixels / (image.width * image.height)) ** 0.5
    if scale >= 1:
        return image
    return image.resize((max(1, int(image.width * scale)), max(1, int(image.height * scale))), reducing_gap=2.0)
