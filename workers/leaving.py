"""Pages that another worker was asked about are left to it for a moment, as its model may still know them.

Reading a page anew takes many times as long as asking about one that is known. Nobody waits for ever: a worker that
takes none of its pages for a moment (it is dead, or busy) is left none for a while, and all go on without it.
"""

import time
from collections.abc import Sequence

from storage.ledger import PageKey, Shown

PATIENCE_SECONDS = 0.3  # without one of these pages taken
LOOK_SECONDS = 0.03  # between two looks whether they were
DISTRUST_SECONDS = 60.0  # in which who took none is left none
KNOWN_SECONDS = 3600.0  # how long ago a page may have been asked about


class Leaving:
    """What one worker leaves to others, and to whom no longer. For one thread."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._distrusted: dict[str, float] = {}  # until when, by owner
        self._last: tuple[str, int] = ("", 0)
        self._until = 0.0

    def pages(self, shown: Shown, known: Sequence[PageKey]) -> list[PageKey]:
        """The pages to be left now: those that others were asked about, but for the ones `known` here.

        Asked again and again while they wait, it says none once their workers have had their moment.
        """
        now, mine = time.monotonic(), set(known)
        self._distrusted = {owner: until for owner, until in self._distrusted.items() if until > now}
        others = {page: who for page, who in shown.owners.items() if self._owner not in who and page not in mine}
        left = {page: trusted for page, who in others.items() if (trusted := who - self._distrusted.keys())}
        if (shown.job_id, len(left)) != self._last:  # a page was taken, or it is another question's turn
            self._last, self._until = (shown.job_id, len(left)), now + PATIENCE_SECONDS
        if now < self._until:
            return list(left)
        for trusted in left.values():
            self._distrusted |= dict.fromkeys(trusted, now + DISTRUST_SECONDS)
        return []
