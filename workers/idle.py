"""Reading pages that nobody has read while nothing else is to be done, so that a search finds scans, too.

The bundled model alone does it: its work costs nobody anything. A few pages are planned at a time, so that what
somebody wants next waits for no more than these; questions overtake them as they do any work in bulk.
"""

from collections.abc import Sequence

from core.logs import get_log
from core.records import JobKind, Queue
from storage import ask_pages, idle, ledger
from storage.ask_pages import PageRef
from storage.planning import NewJob
from workers.desk import Desk
from workers.send import announce

SECONDS = 5.0  # between two looks; where nobody wanted anything meanwhile, nothing is to be done
PAGES = 16  # planned at a time
TERMS = 3  # rounds that whoever looks holds the office without showing up

_log = get_log(__name__)


class Idle:
    """Looks whether this service has nothing to do, and gives it pages to read."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._seen: int | None = None  # the newest item at the last look; None: there was work
        self._own: int | None = None  # the newest item that was planned here
        self._below: str | None = None  # the document behind which unread pages are sought
        self._nothing_at: int | None = None  # the newest item when there was nothing to read

    @staticmethod
    def is_wanted(desk: Desk) -> bool:
        """Whether this worker's default model reads pages for nothing, and is to."""
        default = desk.catalog.entry(desk.catalog.default)
        return desk.settings.read_when_idle and Queue.BULK in desk.queues and default.reads_sheets

    def look(self) -> None:
        """Plan pages to read, if nobody wanted anything since the last look and some are unread."""
        desk = self._desk
        with desk.sessions() as session:
            before, self._seen = self._seen, idle.last_item(session)
            if self._seen is None or self._seen == self._nothing_at or self._seen not in {before, self._own}:
                return
            found = idle.find_unread(session, PAGES, self._below)
        self._below = found.below
        if found.workspace_id is not None:
            self._plan(found.workspace_id, found.pages)
        elif found.below is None:
            self._nothing_at = self._seen

    def _plan(self, workspace_id: str, pages: Sequence[PageRef]) -> None:
        """Have these pages read, unless another worker looks after that, or something is wanted by now."""
        desk = self._desk
        with desk.sessions.begin() as session:
            if not ledger.hold_office(session, "idle-reader", desk.owner, TERMS * SECONDS) or ledger.has_work(session):
                return
            params = {"unread": True, "idle": True}
            new = NewJob(JobKind.READ, Queue.BULK, params=params, model=desk.catalog.default)
            ask_pages.plan_pages(session, workspace_id, new, pages, sorted({page.document_id for page in pages}), {})
            self._own = idle.newest_item(session)
        _log.info("pages that nobody has read are read meanwhile", pages=len(pages), workspace=workspace_id)
        announce((Queue.BULK,), desk.settings.redis_url)
