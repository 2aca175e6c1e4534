"""A claim kept alive while it is worked on, and the news that somebody took it away."""

import threading
import time
from types import TracebackType
from typing import Self

from core.records import Claim
from storage import ledger
from storage.database import Sessions
from workers.every import Every

LOOK_SECONDS = 1.0  # how soon a running generation hears of a cancel


class Held:
    """Renews a claim every third of its lease, and knows which of its items are gone: cancelled, or taken over."""

    def __init__(self, sessions: Sessions, claim: Claim, lease_seconds: float, began: float) -> None:
        """`began` is the monotonic time just before the claim, from which the lease is safe to count."""
        self._sessions, self._claim, self._lease_seconds = sessions, claim, lease_seconds
        self._lock = threading.Lock()
        self._held = {item.id for item in claim.items}
        self._renewed = began
        self._beat = Every(min(LOOK_SECONDS, lease_seconds / 3), self._look, name="heartbeat")

    def __enter__(self) -> Self:
        """Begin the heartbeat."""
        self._beat.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the heartbeat."""
        self._beat.end()

    def gone(self, item_id: int) -> bool:
        """Whether nobody waits for this item's result from us. Cheap: asked between tokens."""
        return item_id not in self._held or time.monotonic() - self._renewed > self._lease_seconds

    def put_down(self, item_id: int) -> None:
        """The item is finished or given back: its lease needs no more renewing."""
        with self._lock:
            self._held.discard(item_id)

    def _look(self) -> None:
        """Hear of cancels; renew when a third of the lease has gone by."""
        with self._lock:
            held = set(self._held)
            if not held:
                return
            began = time.monotonic()
            if began - self._renewed < self._lease_seconds / 3:
                with self._sessions() as session:
                    left = held - ledger.cancelled(session, held)
            else:
                items = tuple(item for item in self._claim.items if item.id in held)
                with self._sessions.begin() as session:
                    left = held & ledger.renew(session, Claim(self._claim.owner, items), self._lease_seconds)
                self._renewed = began
            self._held = left
