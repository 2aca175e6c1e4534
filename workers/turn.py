"""One at a time: a lock that knows whether somebody waits for it."""

import threading
from types import TracebackType


class Turn:
    """Held by whoever works on a claim. Who works claim after claim asks `wanted` in between, and gives way."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counting = threading.Lock()
        self._waiting = 0

    @property
    def wanted(self) -> bool:
        """Whether another thread waits for its turn."""
        return self._waiting > 0

    def __enter__(self) -> None:
        """Wait for the turn. Signals are handled meanwhile."""
        self._count(1)
        try:
            self._lock.acquire()
        finally:
            self._count(-1)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the next one have it."""
        self._lock.release()

    def _count(self, change: int) -> None:
        with self._counting:
            self._waiting += change
