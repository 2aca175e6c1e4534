"""Previews: what a schema that is still being written reads from one page. No version of it is kept, and no record.

A preview is a job of one item, there until nobody can want to see it any more. What the model said stays known: a job
under the schema, once it is added, does not ask that again.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from core.errors import JobNotFound, PageNotFound, error_named
from core.records import FINAL_ITEM_STATES, ItemState, JobKind, PageState, Queue
from storage import documents, planning
from storage.database import Session, clock
from storage.planning import NewJob
from storage.schemas import check_body
from storage.tables import Item, Job

KEPT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Preview:
    """A schema read on one page of a document. `result` is None while it is under way."""

    id: str
    body: dict[str, Any]
    document_id: str
    page: int
    result: dict[str, Any] | None  # values, tables, flags, unsure, model


def plan(session: Session, workspace_id: str, body: dict[str, Any], document_id: str, page: int) -> str:
    """A job that reads this page by this schema; its id. Announce it, to the interactive queue, after the commit.

    Raises InvalidSchema, DocumentNotFound, PageNotFound, and the page's own failure where it could not be drawn.
    """
    check_body(body)
    asked = documents.get_page(session, workspace_id, document_id, page, with_words=False)
    if asked.state is PageState.FAILED:
        raise error_named(asked.error_code or PageNotFound.code, asked.error_detail)
    new = NewJob(JobKind.PREVIEW, Queue.INTERACTIVE, params={"page": page, "body": body})
    return planning.plan(session, workspace_id, new, [document_id]).id


def get_body(session: Session, workspace_id: str, job_id: str) -> dict[str, Any]:
    """The schema that a preview reads by. Raises JobNotFound where it is forgotten."""
    body: dict[str, Any] = _get_job(session, workspace_id, job_id).params["body"]
    return body


def get_preview(session: Session, workspace_id: str, job_id: str) -> Preview:
    """How a preview stands. Raises JobNotFound for a forgotten one, and what it failed by."""
    job = _get_job(session, workspace_id, job_id)
    item = session.scalars(select(Item).where(Item.job_id == job_id)).one_or_none()
    if item is None or item.document_id is None:
        raise JobNotFound("The document of the preview was deleted.")
    if item.state in FINAL_ITEM_STATES and item.state is not ItemState.DONE:
        raise error_named(item.error_code or "", item.error_detail)
    return Preview(job.id, job.params["body"], item.document_id, item.first_page, item.result)


def forget_overdue(session: Session) -> int:
    """Delete the previews that are older than anybody looks at them; tells how many."""
    long_ago = clock(session) - KEPT
    old = select(Job.id).where(Job.kind == JobKind.PREVIEW, Job.created_at < long_ago).order_by(Job.id).limit(100)
    ids = list(session.scalars(old))
    if ids:
        locked = select(Item.id).where(Item.job_id.in_(ids)).order_by(Item.id).with_for_update()
        session.execute(locked).all()  # in the ledger's order
        session.execute(delete(Job).where(Job.id.in_(ids)))
    return len(ids)


def _get_job(session: Session, workspace_id: str, job_id: str) -> Job:
    mine = (Job.workspace_id == workspace_id, Job.id == job_id, Job.kind == JobKind.PREVIEW)
    job = session.scalars(select(Job).where(*mine)).one_or_none()
    if job is None:
        raise JobNotFound("The preview is not kept any longer; start it again.")
    return job
