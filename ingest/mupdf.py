"""Pages of a PDF drawn by MuPDF: the first engine. Runs inside the child."""

import math
import mmap
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

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
from ingest.sight import Canvas, Setting, SetWord, part_words, settings_of

_KEEP_PAGES = 20  # for so many pages MuPDF may keep decoded fonts and images (256 MB at most), then they go
_OUT_OF_MEMORY = re.compile(r"malloc|memory|bad_alloc", re.IGNORECASE)
_OBJECT_STARTS = re.compile(rb"[\r\n]\s*\d{1,10} \d{1,5} obj\b")
_PAINTED = pymupdf.mupdf.FZ_STEXT_FILLED | pymupdf.mupdf.FZ_STEXT_STROKED
_DRAWN = _PAINTED | pymupdf.mupdf.FZ_STEXT_CLIPPED  # text in rendering mode 3 has none of them
_OPAQUE, _CLEAR = 255, 20  # of 255: text with less is as good as not there
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
        samples = pixels.samples
        image = Image.frombytes("RGB", (pixels.width, pixels.height), samples)
        words, under = part_words(_words(content), Canvas(image, samples, zoom), width, height)
        return Drawing(image, width, height, dpi, words, under)

    def close(self) -> None:
        """Let go of the document and of what MuPDF keeps of it."""
        self._document.close()
        pymupdf.TOOLS.store_shrink(100)


def _words(content: pymupdf.DisplayList) -> Iterator[SetWord]:
    """The words of the text layer in the order of the file, with how they are set; in points from the page's corner."""
    left, top = content.rect.x0, content.rect.y0
    text = pymupdf.TextPage(content.get_textpage(_TEXT_FLAGS))
    lines = _lines_of(text)
    for place, words in groupby(text.extractWORDS(), key=lambda word: (word[5], word[6])):
        some = list(words)
        for word, setting in zip(some, settings_of([w[4] for w in some], lines.get(place, ())), strict=True):
            yield (word[4], word[0] - left, word[1] - top, word[2] - left, word[3] - top), setting


def _lines_of(text: pymupdf.TextPage) -> dict[tuple[int, int], list[tuple[str, Setting]]]:
    """The pieces of each line, by the numbers of its block and of itself."""
    return {
        (block["number"], number): [(span["text"], _setting_of(span)) for span in line["spans"]]
        for block in text.extractDICT()["blocks"]
        for number, line in enumerate(block["lines"])
    }


def _setting_of(span: dict[str, Any]) -> Setting:
    """How a span is set. Text that only clips what is drawn later has no colour of its own."""
    drawn = bool(span["char_flags"] & _DRAWN) and (span["alpha"] > _CLEAR or not span["char_flags"] & _PAINTED)
    red, rest = divmod(span["color"], 1 << 16)
    opaque = span["alpha"] == _OPAQUE and span["char_flags"] & _PAINTED
    return Setting(span["size"], ((red, *divmod(rest, 1 << 8)) if opaque else None,), drawn)


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
