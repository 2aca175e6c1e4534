"""Pictures that come with a chat: taken from data URLs or links, drawn as uploads are, kept while somebody waits."""

import base64
import binascii
import re
from pathlib import Path

from api.caller import Caller
from core.errors import FolioscopeError, PictureRefused
from ingest.answers import PageImage
from ingest.pictures import marked
from ingest.sniff import HEAD_BYTES, IMAGE_KINDS, describe, sniff
from storage.chats import ChatPage
from storage.database import new_id

_DATA_URL = re.compile(r"data:[^,;]*(?:;[^,;]*)*?;base64,", re.IGNORECASE)
_LONGEST_HEAD = 200  # characters before the data


def keep_picture(caller: Caller, url: str, number: int) -> ChatPage:
    """Draw a picture in a child under limits and put it into the blob store, as bytes that nobody else has.

    Raises PictureRefused, or what is wrong with the file.
    """
    content = _content_of(caller, url)
    kind = sniff(content[:HEAD_BYTES])
    if kind not in IMAGE_KINDS:
        raise PictureRefused(f"The picture is {describe(content[:HEAD_BYTES])}; send a PNG, JPEG or TIFF.")
    with caller.desk.landing.folder() as folder:
        path = folder / "picture"
        path.write_bytes(content)
        page = _drawn(caller, path)
    # By a mark of its own the picture can be deleted at once: no upload of the same one can depend on these bytes.
    stored = caller.blobs.put(marked(page.image, new_id()))
    return ChatPage(number, sha256=stored.sha256, blank=page.blank)


def _content_of(caller: Caller, url: str) -> bytes:
    """The bytes of a data URL, or those behind a link where the settings allow it."""
    if url[:5].lower() == "data:":
        return _decoded(url)
    if not caller.settings.fetch_images:
        raise PictureRefused("Links are not followed here; send the picture itself, as a data URL.")
    return caller.desk.fetcher.fetch(url)


def _decoded(url: str) -> bytes:
    head = _DATA_URL.match(url[:_LONGEST_HEAD])
    if head is None:
        raise PictureRefused("The data URL is none; it begins with data:image/png;base64, or the like.")
    try:
        return base64.b64decode(url[head.end() :], validate=True)
    except (binascii.Error, ValueError) as error:
        raise PictureRefused("The data URL is not whole: it does not hold base64.") from error


def _drawn(caller: Caller, path: Path) -> PageImage:
    """The one page of the picture's file."""
    if caller.sandbox.probe(path).page_count != 1:
        raise PictureRefused("The picture has several pages; upload it as a document and chat about that.")
    (page,) = caller.sandbox.draw(path, None, 1, 1)
    if isinstance(page, PageImage):
        return page
    error: FolioscopeError = page.error
    raise error
