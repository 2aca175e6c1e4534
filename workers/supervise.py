"""Keeps worker processes alive: one that dies is started again, and all end together."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import FrameType

from core.logs import get_log

LONG_ENOUGH = 10.0  # seconds after which a start counts as a good one
MOST_PAUSE = 5.0
GRACE_SECONDS = 30.0  # for the work in hand, when all are asked to end
HOPELESS = 2  # the exit code of a worker that cannot start: a wrong setting, a model that is not there

_log = get_log(__name__)


@dataclass
class Kept:
    """One worker process that is kept alive."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    quick_deaths: int = 0
    proven: bool = False  # an earlier start was a good one, so no setting is wrong
    start_at: float = field(default=0.0)
    ends_last: bool = False  # what the others need to end well
    pass_fds: Sequence[int] = ()
    grace: float = GRACE_SECONDS  # longer for one that has children to end itself

    def start(self) -> None:
        """Start it in a session of its own: Ctrl-C reaches the supervisor alone, which then ends all in order."""
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            self.command, env=os.environ | self.environment, start_new_session=True, pass_fds=self.pass_fds
        )
        self.started = time.monotonic()

    def look(self) -> int | None:
        """Start what should run and does not. Returns the exit code of a hopeless one.

        Who ran well before and then cannot start has met a trouble that may pass: it is started again, with pauses.
        """
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_at:
                self.start()
            return None
        code = self.process.poll()
        if code is None:
            return None
        if code == HOPELESS and not self.proven:
            return code
        lasted = now - self.started >= LONG_ENOUGH
        self.proven = self.proven or lasted
        self.quick_deaths = 0 if lasted else self.quick_deaths + 1
        pause = min(MOST_PAUSE, 0.1 * 2**self.quick_deaths)
        _log.warning("a worker process ended and is started again", worker=self.name, exit_code=code, pause=pause)
        self.process, self.start_at = None, now + pause
        return None


class Supervisor:
    """Runs its workers until it is told to end by SIGTERM or SIGINT. Use it in the main thread."""

    def __init__(self, workers: Sequence[Kept]) -> None:
        self.workers = workers
        self.ending = False

    def run(self) -> int:
        """Start all, keep them alive, end all. Returns 0 after a wished end, or the code of who can never start."""
        before = {number: signal.signal(number, self._end) for number in (signal.SIGTERM, signal.SIGINT)}
        code = 0
        try:
            while not self.ending and not code:
                code = next((c for c in [w.look() for w in self.workers] if c), 0)
                time.sleep(0.1)
        finally:
            self._end_all()
            for number, handler in before.items():
                signal.signal(number, handler)
        return code

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self.ending = True

    def _end_all(self) -> None:
        """Ask all to end, wait for their work in hand, and kill who does not listen."""
        for last in (False, True):
            self._end_those([w for w in self.workers if w.ends_last is last])

    def _end_those(self, workers: Sequence[Kept]) -> None:
        alive = [(w.grace, w.process) for w in workers if w.process is not None and w.process.poll() is None]
        for _, process in alive:
            process.terminate()
        asked = time.monotonic()
        for grace, process in sorted(alive, key=lambda one: one[0]):
            try:
                process.wait(max(0.1, asked + grace - time.monotonic()))
            except subprocess.TimeoutExpired:
                _log.warning("a worker process did not end in time and is killed", pid=process.pid)
                _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the process and what it has started in its session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
