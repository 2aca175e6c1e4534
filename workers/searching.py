"""The first step of a question for which a worker's models are needed: planned by one that holds talks, or looked for.

Where a plan answers it from stored values, that is its end; else its pages are found, by their looks, too, and asked.
"""

from collections.abc import Sequence
from typing import Any

from core.errors import FolioscopeError, InvalidRequest, NotFound
from core.logs import get_log
from core.records import ClaimedItem, Queue
from storage import ask_pages, jobs, ledger
from storage.ask_pages import PageRef
from storage.database import clock
from storage.lookups import Lookup
from storage.visual import CANDIDATES
from workers.asking import go_on
from workers.desk import Desk
from workers.estimate import Reader
from workers.find import find_pages_like
from workers.plans import answer_plan
from workers.plans.by_model import plan_by_model
from workers.scopes import Scope, documents_in
from workers.send import announce

_log = get_log(__name__)


def search_pages(desk: Desk, owner: str, item: ClaimedItem) -> None:
    """End the search with which the item's job began: from now on the job has its answer, or an item for each page.

    A question never waits for the model of visual search: without it the words alone find its pages. Raises LeaseLost,
    and InvalidRequest where its scope is gone.
    """
    with desk.sessions() as session:
        job = jobs.get_job(session, item.workspace_id, item.job_id)
        try:
            document_ids = documents_in(session, item.workspace_id, Scope.of(job.params.get("scope")))
        except NotFound as error:
            raise InvalidRequest(error.detail) from error
    question = str(job.params["question"])
    exact = None if item.attempt > 1 else _planned(desk, item, question, document_ids)
    if exact is not None:
        with desk.sessions.begin() as session:
            ledger.finish(session, owner, item.id, item.attempt, exact)
        return
    seen = [] if item.attempt > 1 else _seen(desk, item, question, document_ids)
    with desk.sessions.begin() as session:
        ledger.finish(session, owner, item.id, item.attempt)
        ask_pages.end_search(session, item.id)
        job = jobs.get_job(session, item.workspace_id, item.job_id)
        go_on(session, desk.settings, job, document_ids, seen)
    announce([Queue.INTERACTIVE], desk.settings.redis_url)


def _planned(desk: Desk, item: ClaimedItem, question: str, document_ids: Sequence[str] | None) -> dict[str, Any] | None:
    """The result of a question that the model could plan; None where the pages are to be asked."""
    if not desk.settings.plan_with_model:
        return None
    try:
        with desk.sessions() as session:
            asked = jobs.models_of(session, [item.job_id])[item.job_id]
            model = desk.shelf.get(desk.model_named(asked, item.job_kind))
            reader = Reader.of(desk.catalog)
            plan = plan_by_model(session, item.workspace_id, model, question, clock(session).date())
            found = None if plan is None else answer_plan(session, item.workspace_id, plan, document_ids, reader)
    except FolioscopeError as error:
        _log.warning("a question is asked without a plan", code=error.code, detail=error.detail)
        return None
    return None if found is None else found.result()


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
