"""Questions overtake work in bulk: when that is put aside for somebody who waits, and when it is not.

Between two pages, and at the safe points within one, a worker looks whether a question waits. Then it gives back what
it has not done, unharmed, and serves the question. Bulk is not put off for ever: after so many claims of questions in a
row, or after so many claims of bulk that ended without a page, one page of bulk is done to its end.
"""

import threading
import time
from collections.abc import Sequence

from core.errors import FolioscopeError
from core.records import Claim, Queue
from storage import ledger
from storage.database import Sessions

LOOK_SECONDS = 0.1  # how old what is known may be: a look is one step into an index
MOST_AHEAD = 16  # claims of questions in a row while pages in bulk wait
MOST_BROKEN = 3  # claims of bulk in a row that were given back without a page done


class Overtaking:
    """What one worker knows of the questions that wait, and of what it owes to bulk. For many threads."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._lock = threading.Lock()
        self._looked, self._seen = float("-inf"), False
        self._ahead = self._broken = 0

    @property
    def owes_bulk(self) -> bool:
        """Whether the next claim is to be one page of bulk, where there is one, to be done to its end."""
        return self._ahead >= MOST_AHEAD or self._broken >= MOST_BROKEN

    def waits(self) -> bool:
        """Whether a question waits that met no trouble yet. Cheap: asked between tokens.

        One that did is served between two claims: what keeps failing must not break off all else again and again.
        """
        if time.monotonic() - self._looked < LOOK_SECONDS or not self._lock.acquire(blocking=False):
            return self._seen
        try:
            with self._sessions() as session:
                self._seen = ledger.waits(session, Queue.INTERACTIVE)
        except FolioscopeError:
            self._seen = False  # with the database away nothing is served sooner
        finally:
            self._looked = time.monotonic()
            self._lock.release()
        return self._seen

    def begin(self, claim: Claim, queues: Sequence[Queue]) -> "Way":
        """The way of a claim: bulk gives way to questions that its worker serves, unless it is owed a page."""
        queue = claim.items[0].queue
        yields = queue is Queue.BULK and Queue.INTERACTIVE in queues and not self.owes_bulk
        if queue is Queue.INTERACTIVE:
            self._ahead += 1
        elif queue is Queue.BULK:
            self._ahead = 0
        return Way(self, of_bulk=queue is Queue.BULK, yields=yields)

    def end(self, *, broken: bool) -> None:
        """A claim of bulk has ended; `broken` tells that it gave way before a page of it was done."""
        self._broken = self._broken + 1 if broken else 0


class Way:
    """Whether what is left of one claim is to be given back. Once it gives way it does not go on."""

    def __init__(self, overtaking: Overtaking, *, of_bulk: bool, yields: bool) -> None:
        self._overtaking, self._of_bulk = overtaking, of_bulk
        self.yields = yields  # whether it ever does
        self._gave = self._did = False

    def gives(self) -> bool:
        """Whether a question wants past."""
        self._gave = self._gave or (self.yields and self._overtaking.waits())
        return self._gave

    def done(self) -> None:
        """An item of the claim came to its end, whichever."""
        self._did = True

    def end(self) -> None:
        """The claim has ended: what it was broken off for is remembered."""
        if self._of_bulk:
            self._overtaking.end(broken=self._gave and not self._did)
