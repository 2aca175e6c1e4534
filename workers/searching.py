"""The first step of a question where pages are found by their looks, too: a worker finds them, and has them asked."""

from collections.abc import Sequence

from core.errors import FolioscopeError, InvalidRequest, NotFound
from core.logs import get_log
from core.records import ClaimedItem, Queue
from storage import ask_pages, jobs, ledger
from storage.ask_pages import PageRef
from storage.lookups import Lookup
from storage.visual import CANDIDATES
from workers.asking import go_on
from workers.desk import Desk
from workers.find import find_pages_like
from workers.scopes import Scope, documents_in
from workers.send import announce

_log = get_log(__name__)


def search_pages(desk: Desk, owner: str, item: ClaimedItem) -> None:
    """End the search with which the item's job began: from now on the job has an item for each page it looks at.

    A question never waits for the model of visual search: without it the words alone find its pages. Raises LeaseLost,
    and InvalidRequest where its scope is gone.
    """
    with desk.sessions() as session:
        job = jobs.get_job(session, item.workspace_id, item.job_id)
        try:
            document_ids = documents_in(session, item.workspace_id, Scope.of(job.params.get("scope")))
        except NotFound as error:
            raise InvalidRequest(error.detail) from error
    seen = [] if item.attempt > 1 else _seen(desk, item, str(job.params["question"]), document_ids)
    with desk.sessions.begin() as session:
        ledger.finish(session, owner, item.id, item.attempt)
        ask_pages.end_search(session, item.id)
        job = jobs.get_job(session, item.workspace_id, item.job_id)
        go_on(session, desk.settings, job, document_ids, seen)
    announce([Queue.INTERACTIVE], desk.settings.redis_url)


def _seen(desk: Desk, item: ClaimedItem, question: str, document_ids: Sequence[str] | None) -> list[PageRef]:
    """The pages that look most like the question; none where that cannot be told now."""
    visual = desk.catalog.visual
    if visual is None:
        return []
    try:
        name = str(visual.name)
        lookup = Lookup(question, name, None if document_ids is None else tuple(document_ids), CANDIDATES)
        found = find_pages_like(desk.sessions, desk.blobs, desk.eyes.get(name), item.workspace_id, lookup)
    except FolioscopeError as error:
        _log.warning("a question is asked without visual search", code=error.code, detail=error.detail)
        return []
    return [PageRef(page.page_id, page.document_id, page.page) for page in found]
