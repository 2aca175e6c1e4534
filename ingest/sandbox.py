"""Files opened and pages drawn in children under limits: one bad page costs only itself, whatever it does."""

import os
import threading
from collections.abc import Generator
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

from core.errors import (
    PageTookTooLong,
    PageTookTooMuchMemory,
    RejectedFile,
    UnreadableFile,
    UnreadablePage,
)
from ingest.answers import CONCLUSIVE, PageFailure, PageImage, Probe, opened, page_from
from ingest.cell import Cell
from ingest.engines import check_engines, engines_for
from ingest.frames import Header
from ingest.limits import Limits
from ingest.sniff import kind_of

Pages: TypeAlias = Generator[PageImage | PageFailure, None, None]


class Sandbox:
    """Warm children, at most `children` at work at a time. Threads may share it; nothing starts until it is used."""

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

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
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
        """Open a file in a child and close it again. Raises the RejectedFile that says what is wrong with it."""
        kind = kind_of(path)
        errors: list[RejectedFile] = []
        for engine in engines_for(kind, self.limits):
            try:
                with self._places:
                    count, encrypted = self._open_by(engine, path, password)
            except CONCLUSIVE:
                raise
            except RejectedFile as error:
                errors.append(error)
            else:
                return Probe(kind, count, encrypted)
        raise errors[0]

    def draw(self, path: Path, password: str | None, first: int, last: int, dpi: float | None = None) -> Pages:
        """Draw pages `first` to `last`, in order, each by the first engine that can; PageFailure where none can."""
        engines = engines_for(kind_of(path), self.limits)
        with self._places:
            for page in self._draw_by(engines[0], path, password, first, last, dpi or self.limits.dpi):
                yield self._second_try(page, engines[1:], path, password, dpi or self.limits.dpi)

    def _open_by(self, engine: str, path: Path, password: str | None) -> tuple[int, bool]:
        """Page count, and whether a password was used."""
        cell = self._take(engine)
        try:
            cell.ask(_request(path, password))
            return opened(cell.answer()[0])
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

    def _draw_by(self, engine: str, path: Path, password: str | None, first: int, last: int, dpi: float) -> Pages:
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


def _request(
    path: Path, password: str | None, first: int | None = None, last: int | None = None, dpi: float | None = None
) -> Header:
    return {"path": str(path.absolute()), "password": password, "first": first, "last": last, "dpi": dpi}


def _pages(cell: Cell, request: Header, first: int, last: int, limits: Limits) -> Pages:
    """The child's pages in order. Ends early, after the failed page, when the child is dead or spoiled."""
    cell.ask(request)
    try:
        opened(cell.answer()[0])
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
            yield page_from(header, image, number, cell.engine, limits)
        except UnreadablePage as error:
            if isinstance(error, PageTookTooMuchMemory):
                cell.kill()  # what is left of its memory is in pieces
            yield PageFailure(number, error)
            if not cell.alive:
                return


def _opening_took(error: UnreadablePage) -> str:
    match error:
        case PageTookTooLong():
            return "Opening the file took longer than allowed."
        case PageTookTooMuchMemory():
            return "Opening the file took more memory than allowed."
        case _:
            return "The file made the engine crash as it was opened."
