"""What models are being asked right now: who wants the same waits for it, and does not pay again.

Threads of one process tell each other, without the database. Processes claim inferences in the database; the claim of
one that was killed runs out, and so does that of one that was stopped.
"""

import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager

from core.errors import FolioscopeError
from core.logs import get_log
from storage import inference_claims
from storage.database import Session, Sessions, new_id
from workers.every import Every

LOOK_SECONDS = 0.2  # how soon one who waits hears that nobody waits for it any more
MOST_SECONDS = 900.0  # that a claim in the database is renewed

_log = get_log(__name__)


class Underway:
    """Which inferences somebody is at, by workspace and key. For many threads.

    Nobody waits while it holds any, so nobody waits in a ring.
    """

    def __init__(self) -> None:
        self.lease_seconds = 30.0  # that a claim in the database lasts unless it is renewed; as items' leases do
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


class Claimed:
    """Inferences that no other process asks a model for while they are held; renewed meanwhile, and released once."""

    def __init__(self, sessions: Sessions, workspace_id: str, keys: Collection[str], lease_seconds: float) -> None:
        self._sessions, self._lease_seconds, self._owner = sessions, lease_seconds, new_id()
        self._holds, self._began = True, time.monotonic()
        with sessions.begin() as session:
            self.keys = inference_claims.take(session, workspace_id, keys, self._owner, lease_seconds)

    def release(self, session: Session) -> None:
        """Let others have them, once the session's transaction ends well."""
        inference_claims.release(session, self._owner)
        self._holds = False

    def renew(self) -> None:
        """Make them last; not for ever, as others wait for a model that hangs."""
        if time.monotonic() - self._began < MOST_SECONDS:
            with self._sessions.begin() as session:
                inference_claims.renew(session, self._owner, self._lease_seconds)

    def end(self) -> None:
        """Release what is held yet. With the database away it runs out by itself."""
        if not self._holds:
            return
        try:
            with self._sessions.begin() as session:
                self.release(session)
        except FolioscopeError as error:
            _log.warning("claims of inferences are left to run out", code=error.code, inferences=len(self.keys))


@contextmanager
def claimed(sessions: Sessions, workspace_id: str, keys: Collection[str]) -> Iterator[Claimed | None]:
    """Those of these that no process is at: they are this one's to the end of the block. None where there are none."""
    if not keys:
        yield None
        return
    lease_seconds = UNDERWAY.lease_seconds
    mine = Claimed(sessions, workspace_id, keys, lease_seconds)
    beat = Every(lease_seconds / 3, mine.renew, name="inference claims")
    try:
        beat.start()
        yield mine
    finally:
        beat.end()
        mine.end()


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
