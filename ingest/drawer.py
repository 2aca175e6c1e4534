"""The drawing child: a process under limits that opens files, draws pages and sends them back. It is not trusted.

It reads requests from its standard input and answers on its standard output (see frames.py); whatever libraries print
goes to standard error. It ends when its input ends.
"""

import math
import os
import resource
import sys
import traceback
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import BinaryIO

from core.errors import FolioscopeError, PageTookTooMuchMemory, UnreadableFile, UnreadablePage
from ingest.engines import Drawing, Engine, OpenFile
from ingest.frames import Header, PipeClosed, read_frame, write_frame
from ingest.limits import Limits
from ingest.pictures import encode_picture

_OPEN_FILES = 64
_STDERR_BYTES = 1_000_000
_REOPEN_PAGES = 250  # MuPDF keeps what it has parsed of a document: opening it anew keeps memory flat


@dataclass(slots=True)
class _Shelf:
    """The file that was opened last: windows of one document come one after the other."""

    key: tuple[object, ...] = ()
    file: OpenFile | None = None
    pages: int = 0

    def put_away(self) -> None:
        if self.file is not None:
            self.file.close()
        self.key, self.file, self.pages = (), None, 0


def main() -> None:
    """Serve requests until the input ends. Arguments: the engine's name, the limits as JSON."""
    engine_name, limits = sys.argv[1], Limits.from_json(sys.argv[2])
    requests, answers = _take_pipes()
    _limit_process(limits)
    engine = _load_engine(engine_name, limits)
    shelf = _Shelf()
    write_frame(answers, {"ready": os.getpid()})
    while True:
        try:
            request, _ = read_frame(requests)
        except PipeClosed:
            return
        _serve(request, engine, limits, shelf, answers)


def _serve(request: Header, engine: Engine, limits: Limits, shelf: _Shelf, answers: BinaryIO) -> None:
    """Answer one request: `opened` or an error; then, if pages were asked for, one frame for each of them."""
    _allow_cpu(limits)
    try:
        file = _open(request, engine, shelf)
    except FolioscopeError as error:
        write_frame(answers, _failure(error))
        return
    except MemoryError:
        write_frame(answers, _failure(UnreadableFile("Opening the file took more memory than allowed.")))
        return
    except Exception as error:  # noqa: BLE001 - a bad file costs only itself, whatever a library raises
        traceback.print_exc()
        write_frame(answers, _failure(UnreadableFile(f"The file could not be opened ({type(error).__name__}).")))
        return
    write_frame(answers, {"page_count": file.page_count, "encrypted": file.encrypted})
    if request.get("first") is None:
        return
    for number in range(int(str(request["first"])), int(str(request["last"])) + 1):
        _allow_cpu(limits)
        shelf.pages += 1
        _send_page(file, number, float(str(request["dpi"])), answers)


def _open(request: Header, engine: Engine, shelf: _Shelf) -> OpenFile:
    path, password = Path(str(request["path"])), request["password"]
    facts = path.stat()
    key = (path, password, facts.st_ino, facts.st_size, facts.st_mtime_ns)
    if shelf.file is None or shelf.key != key or shelf.pages >= _REOPEN_PAGES:
        shelf.put_away()
        shelf.file = engine.open(path, None if password is None else str(password))
        shelf.key = key
    return shelf.file


def _send_page(file: OpenFile, number: int, dpi: float, answers: BinaryIO) -> None:
    try:
        drawing = file.draw(number, dpi)
        picture = encode_picture(drawing.image)
    except FolioscopeError as error:
        write_frame(answers, {"page": number, **_failure(error)})
    except MemoryError:
        write_frame(answers, {"page": number, **_failure(PageTookTooMuchMemory())})
    except Exception as error:  # noqa: BLE001 - one bad page costs only itself, whatever a library raises
        traceback.print_exc()
        detail = f"The page could not be drawn ({type(error).__name__})."
        write_frame(answers, {"page": number, **_failure(UnreadablePage(detail))})
    else:
        header = {**_facts_of(drawing), "page": number, "size": [picture.width, picture.height], "blank": picture.blank}
        write_frame(answers, header, picture.data)


def _facts_of(drawing: Drawing) -> Header:
    words = {"words": drawing.words, "under": drawing.under}
    return {"width": drawing.width, "height": drawing.height, "dpi": drawing.dpi, **words}


def _failure(error: FolioscopeError) -> Header:
    return {"error": error.code, "detail": error.detail}


def _load_engine(name: str, limits: Limits) -> Engine:
    """Import only the engine that is asked for."""
    engine: Engine = getattr(import_module(f"ingest.{name}"), f"{name.capitalize()}Engine")(limits)
    return engine


def _take_pipes() -> tuple[int, BinaryIO]:
    """Keep the pipes for frames and point the standard streams elsewhere: no library shall write into a frame."""
    requests, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    return requests, os.fdopen(answers, "wb")


def _limit_process(limits: Limits) -> None:
    """Limits that the kernel keeps, also for programs started from here."""
    for what, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_FSIZE, _STDERR_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)  # noqa: PLW2901 - a container may allow less
        resource.setrlimit(what, (most, most))


def _allow_cpu(limits: Limits) -> None:
    """Let the process burn one page's allowance more from now on; the kernel ends it at that."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime) + limits.cpu_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


if __name__ == "__main__":
    main()
