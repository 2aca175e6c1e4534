"""What models are being asked right now: who wants the same waits for it, and does not pay again.

Threads of one process tell each other, without the database. Processes claim inferences in the database; the claim of
one that was killed runs out, and so does that of one that was stopped.
"""

import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager

from storage import inference_claims
from storage.database import Sessions, new_id
from workers.every import Every

LOOK_SECONDS = 0.2  # how soon one who waits hears that nobody waits for it any more
LEASE_SECONDS = 30.0  # that a claim in the database lasts unless it is renewed


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


UNDERWAY = Underway()  # of this process


@contextmanager
def claimed(sessions: Sessions, workspace_id: str, keys: Collection[str]) -> Iterator[Collection[str]]:
    """Those that no process is at: they are this one's to the end of the block, however that comes."""
    if not keys:
        yield ()
        return
    owner = new_id()
    with sessions.begin() as session:
        mine = inference_claims.take(session, workspace_id, keys, owner, LEASE_SECONDS)
    beat = Every(LEASE_SECONDS / 3, lambda: _renew(sessions, owner), name="inference claims")
    beat.start()
    try:
        yield mine
    finally:
        beat.end()
        with sessions.begin() as session:
            inference_claims.release(session, owner)


def wait_elsewhere(sessions: Sessions, workspace_id: str, keys: Collection[str], cancelled: Callable[[], bool]) -> bool:
    """Wait until another process has ended one of these, if any is at them; False where `cancelled` says so meanwhile.

    Not to be called within a block of `claimed`.
    """
    left = set(keys)
    while left:
        with sessions() as session:
            if inference_claims.held(session, workspace_id, left) < left:
                return True
        if cancelled():
            return False
        time.sleep(LOOK_SECONDS)
    return True


def _renew(sessions: Sessions, owner: str) -> None:
    with sessions.begin() as session:
        inference_claims.renew(session, owner, LEASE_SECONDS)
