"""Whether a server is worth asking: after a failure nobody asks for a while, then one request tries it."""

import threading
import time
from collections.abc import Callable

_WHILE_TRYING = 1.0  # seconds that others wait while one request tries whether the server is back


class Open(Exception):
    """Nobody is to ask now; `wait` is the seconds until somebody may."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"closed in {wait:.1f} s")
        self.wait = wait


class Circuit:
    """Closed while all is well, open for a growing pause after a failure, then half open. For many threads."""

    def __init__(self, first: float, longest: float, clock: Callable[[], float] = time.monotonic) -> None:
        """`first` and `longest` are the seconds of the pauses."""
        self._first, self._longest, self._clock = first, longest, clock
        self._lock = threading.Lock()
        self._pause = 0.0  # the last one; 0 while closed
        self._until = 0.0
        self._trying = False

    def enter(self) -> bool:
        """Ask for leave to ask; returns whether it is a try after a failure. Who has it says afterwards how it went.

        Raises Open.
        """
        with self._lock:
            left = self._until - self._clock()
            if left > 0:
                raise Open(left)
            if self._trying:
                raise Open(min(_WHILE_TRYING, self._first))
            self._trying = self._pause > 0
            return self._trying

    def close(self) -> None:
        """The server answered."""
        with self._lock:
            self._pause, self._until, self._trying = 0.0, 0.0, False

    def leave(self) -> None:
        """Nothing was learned: nobody waits for the answer any more."""
        with self._lock:
            self._trying = False

    def open(self, at_least: float = 0.0) -> float:
        """The server failed: let nobody ask for a while, and for as long as it said itself. Returns the seconds.

        What fails while it is open already, having been under way, makes the pause no longer.
        """
        with self._lock:
            now = self._clock()
            if self._until <= now:
                self._pause = min(self._longest, self._pause * 2 or self._first)
            self._until = max(self._until, now + max(self._pause, at_least))
            self._trying = False
            return self._until - now
