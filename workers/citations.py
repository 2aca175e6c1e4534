"""The rows behind an exact answer, part by part, as they stand now."""

from typing import Any

from core.errors import InvalidRequest
from core.records import JobKind
from storage import jobs
from storage.database import Session
from storage.paging import Listing
from workers.plans import citations, plan_from_dict
from workers.scopes import Scope, documents_in


def citations_of(
    session: Session, workspace_id: str, job_id: str, cursor: str | None, limit: int
) -> Listing[dict[str, Any]]:
    """One part of the rows that an answer was worked out from.

    Raises JobNotFound, InvalidCursor, and InvalidRequest where the answer was read on pages, or is not there yet.
    """
    job = jobs.get_job(session, workspace_id, job_id)
    plan = (job.result or {}).get("plan") if job.kind is JobKind.ASK else None
    if not plan:
        raise InvalidRequest("Only an answer that was worked out from stored values has rows behind it.")
    if plan.get("query") is None:  # documents or pages were counted themselves
        return Listing([], None)
    document_ids = documents_in(session, workspace_id, Scope.of(job.params.get("scope")))
    return citations(session, workspace_id, plan_from_dict(plan["query"]), cursor, document_ids, limit)
