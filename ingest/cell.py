"""The parent's hold on one drawing child: started with only what it needs, talked to by frames, killed as a group."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from fcntl import fcntl
from pathlib import Path
from typing import IO

import structlog

from core.errors import PageTookTooLong, PageTookTooMuchMemory, ServiceUnavailable, UnreadablePage
from ingest.frames import BrokenFrame, Header, PipeClosed, PipeSilent, read_frame, write_frame
from ingest.limits import Limits

_START_SECONDS = 60.0
_STOP_SECONDS = 2.0
_PIPE_BYTES = 1_048_576  # the child draws the next pages while the last one is being stored
_SET_PIPE_SIZE = 1031  # fcntl's F_SETPIPE_SZ, on Linux
_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")  # no settings, no secrets

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Cell:
    """One warm child for one engine."""

    def __init__(self, engine: str, limits: Limits) -> None:
        """Start the child and wait until it has loaded its engine."""
        self.engine = engine
        self.pages = 0
        self._wall_seconds = limits.wall_seconds
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "ingest.drawer", engine, limits.to_json()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env=_environment(),
            start_new_session=True,
            bufsize=-1,
        )
        self._requests, self._answers = _pipes_of(self._process)
        _widen(self._answers.fileno())
        try:
            self._read(_START_SECONDS)
        except (PipeClosed, PipeSilent, BrokenFrame) as error:
            self.kill()
            log.error("drawing child did not start", engine=engine, stderr=self._last_words())  # noqa: TRY400 - its own words say more
            raise ServiceUnavailable("The process that draws pages does not start.") from error

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the child still runs."""
        return self._process.poll() is None

    def ask(self, request: Header) -> None:
        """Send a request; the answers come by `answer`."""
        with contextlib.suppress(BrokenPipeError):  # the next answer tells how it ended
            write_frame(self._requests, request)

    def answer(self) -> tuple[Header, bytes]:
        """The next frame. A child that died, was silent too long or raved is dead now; UnreadablePage says why."""
        try:
            return self._read(self._wall_seconds)
        except PipeSilent as error:
            self.kill()
            raise PageTookTooLong from error
        except BrokenFrame as error:
            self.kill()
            log.warning("drawing child sent a broken frame", engine=self.engine, reason=str(error))
            raise UnreadablePage(f"The engine {self.engine} failed on this page.") from error
        except PipeClosed as error:
            raise self._cause_of_death() from error

    def kill(self) -> None:
        """End the child and every program it started, now."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._requests, self._answers):
            with contextlib.suppress(BrokenPipeError):
                pipe.close()

    def close(self) -> None:
        """Let the child end by itself, and make sure that it does."""
        with contextlib.suppress(BrokenPipeError):
            self._requests.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_SECONDS)
        self.kill()
        self._stderr.close()

    def _read(self, seconds: float) -> tuple[Header, bytes]:
        return read_frame(self._answers.fileno(), time.monotonic() + seconds)

    def _cause_of_death(self) -> UnreadablePage:
        """Why the child ended, as the failure of the page it was drawing."""
        code = self._process.wait()
        words = self._last_words()
        self.kill()
        log.warning("drawing child died", engine=self.engine, code=code, stderr=words)
        if code == -signal.SIGXCPU:
            return PageTookTooLong()
        if code == -signal.SIGKILL or "MemoryError" in words or "bad_alloc" in words:
            return PageTookTooMuchMemory()  # a kill that was not ours comes from a machine out of memory
        return UnreadablePage(f"The engine {self.engine} crashed on this page.")

    def _last_words(self) -> str:
        self._stderr.seek(max(0, self._stderr.seek(0, os.SEEK_END) - 2_000))
        return self._stderr.read().decode("utf-8", "replace")


def _pipes_of(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise ServiceUnavailable("The process that draws pages has no pipes.")
    return process.stdin, process.stdout


def _widen(pipe: int) -> None:
    """Let the child run ahead; where the system refuses, it only waits a little more often."""
    with contextlib.suppress(OSError):
        fcntl(pipe, _SET_PIPE_SIZE, _PIPE_BYTES)


def _environment() -> dict[str, str]:
    """What the child may know: where programs and packages lie, and nothing of the service's settings."""
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    here = str(Path(__file__).resolve().parent.parent)
    return {
        **kept,
        "PYTHONPATH": here,
        "PYTHONDONTWRITEBYTECODE": "1",
        "MALLOC_ARENA_MAX": "1",
        "MALLOC_MMAP_THRESHOLD_": "33554432",
        "MALLOC_TRIM_THRESHOLD_": "134217728",
    }
