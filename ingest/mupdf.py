"""Pages of a PDF drawn by MuPDF: the first engine. Runs inside the child."""

import math
import mmap
import re
from pathlib import Path

import pymupdf
from PIL import Image

from core.errors import (
    PageTookTooMuchMemory,
    PasswordNeeded,
    TruncatedFile,
    UnreadableFile,
    UnreadablePage,
    WrongPassword,
)
from ingest.engines import POINTS_PER_INCH, Drawing, fit_dpi
from ingest.limits import Limits
from ingest.words import PlacedWord, place_words

_KEEP_PAGES = 20  # for so many pages MuPDF may keep decoded fonts and images (256 MB at most), then they go
_OUT_OF_MEMORY = re.compile(r"malloc|memory|bad_alloc", re.IGNORECASE)
_OBJECT_STARTS = re.compile(rb"[\r\n]\s*\d{1,10} \d{1,5} obj\b")
_TEXT_FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP  # ligatures are spelled out


class MupdfEngine:
    """MuPDF through PyMuPDF."""

    def __init__(self, limits: Limits) -> None:
        """Keep MuPDF's own messages off the standard streams."""
        self._limits = limits
        pymupdf.TOOLS.mupdf_display_errors(False)  # noqa: FBT003 - its signature
        pymupdf.TOOLS.mupdf_display_warnings(False)  # noqa: FBT003 - its signature

    def open(self, path: Path, password: str | None) -> "MupdfFile":
        """Open and, where needed, unlock a PDF; a file that was cut off is refused although MuPDF could guess at it."""
        try:
            document = pymupdf.open(path, filetype="pdf")
            if document.is_repaired and _cut_off(path):
                raise TruncatedFile
            encrypted = bool(document.needs_pass)
            if encrypted:
                _unlock(document, password)
            return MupdfFile(document, document.page_count, self._limits, encrypted=encrypted)
        except (RuntimeError, ValueError, pymupdf.mupdf.FzErrorBase) as error:
            if _cut_off(path):
                raise TruncatedFile from error
            raise UnreadableFile from error


class MupdfFile:
    """An open PDF."""

    def __init__(self, document: pymupdf.Document, page_count: int, limits: Limits, *, encrypted: bool) -> None:
        """Take over an unlocked document."""
        self._document = document
        self._limits = limits
        self._drawn = 0
        self.page_count = page_count
        self.encrypted = encrypted

    def draw(self, number: int, dpi: float) -> Drawing:
        """Interpret the page once, then draw it and read its words from the same list: both are upright."""
        pymupdf.TOOLS.reset_mupdf_warnings()
        try:
            drawing = self._draw(number, dpi)
        except (RuntimeError, ValueError, IndexError, pymupdf.mupdf.FzErrorBase) as error:
            if _OUT_OF_MEMORY.search(str(error)):
                raise PageTookTooMuchMemory from error
            raise UnreadablePage(f"MuPDF could not draw page {number}.") from error
        finally:
            self._drawn += 1
            if self._drawn % _KEEP_PAGES == 0:
                pymupdf.TOOLS.store_shrink(100)
        if _OUT_OF_MEMORY.search(pymupdf.TOOLS.mupdf_warnings()):
            raise PageTookTooMuchMemory  # MuPDF goes on without what did not fit: such a picture is not the page
        return drawing

    def _draw(self, number: int, dpi: float) -> Drawing:
        content = self._document[number - 1].get_displaylist()
        width, height = content.rect.width, content.rect.height
        if not (0 < width < math.inf and 0 < height < math.inf):
            raise UnreadablePage(f"Page {number} has no area.")
        dpi = fit_dpi(width, height, dpi, self._limits.max_page_pixels)
        zoom = dpi / POINTS_PER_INCH
        pixels = content.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), alpha=0)
        image = Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)
        return Drawing(image, width, height, dpi, _words(content))

    def close(self) -> None:
        """Let go of the document and of what MuPDF keeps of it."""
        self._document.close()
        pymupdf.TOOLS.store_shrink(100)


def _words(content: pymupdf.DisplayList) -> tuple[PlacedWord, ...]:
    """The words of the text layer in the order of the file."""
    bounds = content.rect
    found = pymupdf.TextPage(content.get_textpage(_TEXT_FLAGS)).extractWORDS()
    shifted = (
        (word[4], word[0] - bounds.x0, word[1] - bounds.y0, word[2] - bounds.x0, word[3] - bounds.y0) for word in found
    )
    return place_words(shifted, bounds.width, bounds.height)


def _unlock(document: pymupdf.Document, password: str | None) -> None:
    if password is None:
        raise PasswordNeeded
    if not document.authenticate(password):
        raise WrongPassword


def _cut_off(path: Path) -> bool:
    """Whether objects follow the last end-of-file mark, as in a file (or its last update) that did not arrive whole."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        last_object = max((match.start() for match in _OBJECT_STARTS.finditer(data)), default=-1)
        return data.rfind(b"%%EOF") < last_object
