"""What the drawing child answers, checked field by field: it may have been taken over by the file it drew."""

import math
from contextlib import suppress
from dataclasses import dataclass

from core.errors import (
    FolioscopeError,
    NoPages,
    PageTookTooLong,
    PageTookTooMuchMemory,
    PasswordNeeded,
    RejectedFile,
    TooManyPixels,
    TruncatedFile,
    UnreadableFile,
    UnreadablePage,
    WrongPassword,
)
from ingest.engines import MAX_SIDE
from ingest.frames import Header
from ingest.limits import Limits
from ingest.sniff import MediaKind
from ingest.words import MAX_WORDS, PlacedWord, clean_text

CONCLUSIVE = (PasswordNeeded, WrongPassword, TruncatedFile, TooManyPixels, NoPages)  # no second engine is asked
_FILE_ERRORS: dict[str, type[RejectedFile]] = {error.code: error for error in (*CONCLUSIVE, UnreadableFile)}
_PAGE_ERRORS: dict[str, type[UnreadablePage]] = {
    error.code: error for error in (UnreadablePage, PageTookTooLong, PageTookTooMuchMemory)
}
_PICTURE_STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


@dataclass(frozen=True, slots=True)
class Probe:
    """What a file turned out to be when it was opened."""

    kind: MediaKind
    page_count: int
    encrypted: bool  # a password was needed, and was right


@dataclass(frozen=True, slots=True)
class PageImage:
    """One drawn page: its picture as PNG or JPEG bytes, upright, and its own words."""

    number: int
    width: float  # points
    height: float
    dpi: float
    engine: str
    image: bytes
    image_width: int
    image_height: int
    blank: bool
    words: tuple[PlacedWord, ...]  # text and box, 0..1 of the upright page; those that are seen
    under: tuple[PlacedWord, ...] = ()  # those of a scan's hidden layer


@dataclass(frozen=True, slots=True)
class PageFailure:
    """A page that no engine could draw, and why."""

    number: int
    error: FolioscopeError


def opened(header: Header) -> tuple[int, bool]:
    """Page count and whether a password was used. Raises the error that the child reports."""
    if "error" in header:
        error = _FILE_ERRORS.get(str(header["error"]), UnreadableFile)
        raise error(str(header.get("detail", ""))[:500] or None)
    count = header.get("page_count")
    return (count if isinstance(count, int) and count > 0 else 0), header.get("encrypted") is True


def page_from(header: Header, image: bytes, number: int, engine: str, limits: Limits) -> PageImage:
    """A page from what the child says. Anything out of shape raises UnreadablePage, as its own errors do."""
    if "error" in header:
        error = _PAGE_ERRORS.get(str(header["error"]), UnreadablePage)
        raise error(str(header.get("detail", ""))[:500] or None)
    with suppress(KeyError, TypeError, ValueError):
        width, height, dpi = (_positive(header[name]) for name in ("width", "height", "dpi"))
        pixels = _pixels(header["size"], limits)
        if header["page"] == number and image.startswith(_PICTURE_STARTS):
            return PageImage(
                number,
                width,
                height,
                dpi,
                engine,
                image,
                *pixels,
                blank=header["blank"] is True,
                words=_words(header["words"]),
                under=_words(header["under"]),
            )
    raise UnreadablePage(f"The engine {engine} failed on this page.")


def _positive(value: object) -> float:
    if not isinstance(value, int | float) or not 0 < value < math.inf:
        raise ValueError(value)
    return float(value)


def _pixels(value: object, limits: Limits) -> tuple[int, int]:
    match value:
        case [int(width), int(height)] if 0 < width <= MAX_SIDE + 1 and 0 < height <= MAX_SIDE + 1:
            if width * height <= limits.max_page_pixels:
                return width, height
    raise ValueError(value)


def _words(value: object) -> tuple[PlacedWord, ...]:
    """Words whose every box lies on the page. A page may have thousands, so this is kept short."""
    if not isinstance(value, list) or len(value) > MAX_WORDS:
        raise ValueError("words")
    words = []
    for text, x0, y0, x1, y1 in value:
        if type(text) is not str or not (0 <= x0 <= x1 <= 1 and 0 <= y0 <= y1 <= 1):
            raise ValueError("word")
        words.append((clean_text(text), x0, y0, x1, y1))
    return tuple(words)
