"""What this process is asking models right now: who wants the same waits for it, and does not pay again."""

import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager

LOOK_SECONDS = 0.2  # how soon one who waits hears that nobody waits for it any more


class Underway:
    """Which inferences somebody is at, by workspace and key. For many threads.

    Nobody waits while it holds any, so nobody waits in a ring.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ends: dict[tuple[str, str], threading.Event] = {}  # set once whoever is at it has ended

    @contextmanager
    def taken(self, workspace_id: str, keys: Iterable[str]) -> Iterator[Collection[str]]:
        """Those that nobody is at: they are the caller's to the end of the block, however that comes."""
        end = threading.Event()
        with self._lock:
            mine = {key for key in keys if (workspace_id, key) not in self._ends}
            self._ends |= {(workspace_id, key): end for key in mine}
        try:
            yield mine
        finally:
            with self._lock:
                for key in mine:
                    del self._ends[workspace_id, key]
            end.set()

    def wait(self, workspace_id: str, keys: Iterable[str], cancelled: Callable[[], bool]) -> bool:
        """Wait until whoever is at one of these has ended, if anybody is; False where `cancelled` says so meanwhile.

        It renews no lease: that is done elsewhere all the time. Not to be called within a block of `taken`.
        """
        with self._lock:
            end = next((self._ends[workspace_id, key] for key in keys if (workspace_id, key) in self._ends), None)
        while end is not None and not end.wait(LOOK_SECONDS):
            if cancelled():
                return False
        return True


UNDERWAY = Underway()  # of this process; several processes may each ask once
