"""Files opened and pages drawn in children under limits: one bad page costs only itself, whatever it does to its child."""

import math
import os
import threading
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

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
    UnsupportedFile,
    WrongPassword,
)
from ingest.cell import Cell
from ingest.engines import MAX_SIDE, check_engines, engines_for
from ingest.frames import Header
from ingest.limits import Limits
from ingest.sniff import DOCUMENT_KINDS, HEAD_BYTES, MediaKind, describe, sniff
from ingest.words import MAX_WORDS, PlacedWord, clean_text

_CONCLUSIVE = (PasswordNeeded, WrongPassword, TruncatedFile, TooManyPixels, NoPages)  # no second engine is asked
_FILE_ERRORS: dict[str, type[RejectedFile]] = {error.code: error for error in (*_CONCLUSIVE, UnreadableFile)}
_PAGE_ERRORS: dict[str, type[UnreadablePage]] = {e.code: e for e in (UnreadablePage, PageTookTooLong, PageTookTooMuchMemory)}
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
    words: tuple[PlacedWord, ...]  # text and box, 0..1 of the upright page


@dataclass(frozen=True, slots=True)
class PageFailure:
    """A page that no engine could draw, and why."""

    number: int
    error: FolioscopeError


Pages: TypeAlias = Generator[PageImage | PageFailure, None, None]


class Sandbox:
    """Warm children, at most `children` at work at a time. It is safe to share between threads, and starts nothing until it is used."""

    def __init__(self, limits: Limits, children: int = 1) -> None:
        """Check that an engine can work here: ConfigurationError says what is missing."""
        check_engines(limits.engines)
        self.limits = limits
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(children)
        self._idle: dict[str, list[Cell]] = {}
        self._owner = os.getpid()

    def __enter__(self) -> Self:
        """Use as a context, so that no child is left behind."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End the children."""
        self.close()

    def close(self) -> None:
        """End all idle children; the sandbox can be used again and starts new ones then."""
        for cell in self._take_all():
            cell.close()

    def idle_pids(self) -> list[int]:
        """The process ids of the children that wait for work, for who watches over them."""
        with self._lock:
            return [cell.pid for idle in self._idle.values() for cell in idle]

    def probe(self, path: Path, password: str | None = None) -> Probe:
        """Open a file in a child. Raises UnsupportedFile, PasswordNeeded, WrongPassword, TruncatedFile, TooManyPixels, UnreadableFile."""
        kind = kind_of(path)
        errors: list[RejectedFile] = []
        for engine in engines_for(kind, self.limits):
            try:
                with self._places:
                    count, encrypted = self._open_by(engine, path, password)
            except _CONCLUSIVE:
                raise
            except RejectedFile as error:
                errors.append(error)
            else:
                return Probe(kind, count, encrypted)
        raise errors[0]

    def draw(self, path: Path, password: str | None, first: int, last: int, dpi: float | None = None) -> Pages:
        """Draw pages `first` to `last`, in order, each by the first engine that can; a page that none can draw is a PageFailure."""
        engines = engines_for(kind_of(path), self.limits)
        with self._places:
            for page in self._draw_by(engines[0], path, password, first, last, dpi or self.limits.dpi):
                yield self._second_try(page, engines[1:], path, password, dpi or self.limits.dpi)

    def _open_by(self, engine: str, path: Path, password: str | None) -> tuple[int, bool]:
        """Page count, and whether a password was used."""
        cell = self._take(engine)
        try:
            cell.ask(_request(path, password))
            return _opened(cell.answer()[0])
        except UnreadablePage as error:  # the child did not survive the file
            raise UnreadableFile(_opening_took(error)) from error
        finally:
            self._give_back(cell)

    def _second_try(
        self, page: PageImage | PageFailure, engines: tuple[str, ...], path: Path, password: str | None, dpi: float
    ) -> PageImage | PageFailure:
        """Give a failed page to the other engines; the first engine's reason is the one that counts."""
        for engine in engines:
            if isinstance(page, PageImage):
                break
            (again,) = self._draw_by(engine, path, password, page.number, page.number, dpi)
            page = again if isinstance(again, PageImage) else page
        return page

    def _draw_by(
        self, engine: str, path: Path, password: str | None, first: int, last: int, dpi: float
    ) -> Pages:
        """Draw by one engine. A child that dies on a page is replaced, and the window goes on behind that page."""
        number = first
        while number <= last:
            cell = self._take(engine)
            finished = False
            try:
                for page in _pages(cell, _request(path, password, number, last, dpi), number, last, self.limits):
                    number = page.number + 1
                    yield page
                finished = True
            finally:
                if not finished:  # whoever asked has turned away: pages that nobody reads are on their way
                    cell.kill()
                self._give_back(cell)

    def _take(self, engine: str) -> Cell:
        if os.getpid() != self._owner:  # forked: the children belong to the parent
            self._idle, self._owner = {}, os.getpid()
        with self._lock:
            idle = self._idle.get(engine, [])
            while idle:
                cell = idle.pop()
                if cell.alive:
                    return cell
        return Cell(engine, self.limits)

    def _give_back(self, cell: Cell) -> None:
        if not cell.alive or cell.pages >= self.limits.recycle_pages:
            cell.close()
            return
        with self._lock:
            self._idle.setdefault(cell.engine, []).append(cell)

    def _take_all(self) -> list[Cell]:
        with self._lock:
            cells = [cell for idle in self._idle.values() for cell in idle]
            self._idle = {}
        return cells if os.getpid() == self._owner else []


def kind_of(path: Path) -> MediaKind:
    """What a file is, by its first bytes. Raises UnsupportedFile where it is no document."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    kind = sniff(head)
    if kind not in DOCUMENT_KINDS:
        raise UnsupportedFile(f"This is {describe(head)}; send a PDF, PNG, JPEG or TIFF file.")
    return kind


def _request(path: Path, password: str | None, first: int | None = None, last: int | None = None, dpi: float | None = None) -> Header:
    return {"path": str(path.absolute()), "password": password, "first": first, "last": last, "dpi": dpi}


def _pages(cell: Cell, request: Header, first: int, last: int, limits: Limits) -> Pages:
    """The child's pages in order. Ends early, after the failed page, when the child is dead or spoiled."""
    cell.ask(request)
    try:
        _opened(cell.answer()[0])
    except RejectedFile as error:
        yield from (PageFailure(number, error) for number in range(first, last + 1))
        return
    except UnreadablePage as error:
        yield PageFailure(first, error)
        return
    for number in range(first, last + 1):
        try:
            header, image = cell.answer()
            cell.pages += 1
            yield _page_from(header, image, number, cell.engine, limits)
        except UnreadablePage as error:
            if isinstance(error, PageTookTooMuchMemory):
                cell.kill()  # what is left of its memory is in pieces
            yield PageFailure(number, error)
            if not cell.alive:
                return


def _opened(header: Header) -> tuple[int, bool]:
    """Page count and whether a password was used. Raises the error that the child reports."""
    if "error" in header:
        error = _FILE_ERRORS.get(str(header["error"]), UnreadableFile)
        raise error(str(header.get("detail", ""))[:500] or None)
    count = header.get("page_count")
    return (count if isinstance(count, int) and count > 0 else 0), header.get("encrypted") is True


def _page_from(header: Header, image: bytes, number: int, engine: str, limits: Limits) -> PageImage:
    """A page from the child's words, which are not believed: anything out of shape is a page that could not be drawn."""
    if "error" in header:
        error = _PAGE_ERRORS.get(str(header["error"]), UnreadablePage)
        raise error(str(header.get("detail", ""))[:500] or None)
    with suppress(KeyError, TypeError, ValueError):
        width, height, dpi = (_positive(header[name]) for name in ("width", "height", "dpi"))
        pixels = _pixels(header["size"], limits)
        if header["page"] == number and image.startswith(_PICTURE_STARTS):
            return PageImage(
                number, width, height, dpi, engine, image, *pixels, blank=header["blank"] is True, words=_words(header["words"])
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


def _opening_took(error: UnreadablePage) -> str:
    match error:
        case PageTookTooLong():
            return "Opening the file took longer than allowed."
        case PageTookTooMuchMemory():
            return "Opening the file took more memory than allowed."
        case _:
            return "The file made the engine crash as it was opened."
