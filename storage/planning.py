"""Planning jobs: in one transaction over many pages, an item each, so that none is forgotten."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import CursorResult, case, exists, func, insert, literal, or_, select
from sqlalchemy.orm import aliased

from core.errors import DocumentNotFound, InvalidRequest, PasswordNeeded, UnreadablePage
from core.records import DocumentState, ItemState, JobKind, JobState, PageState, Queue
from storage.database import Session, clock, new_id
from storage.jobs import LACKING, settle
from storage.paging import in_parts
from storage.tables import SEEN, Document, Item, Job, JobDocument, Page, Reading


@dataclass(frozen=True, slots=True)
class NewJob:
    """What a caller asks for."""

    kind: JobKind
    queue: Queue
    schema_id: str | None = None
    # With a `page`, only that page of each document is covered; with `retry_of`, only what that job has no result for;
    # with `unread`, only pages that nobody has read.
    params: dict[str, Any] = field(default_factory=dict)
    model: str | None = None  # a name of the catalog; None: the worker's default


def new_job(session: Session, workspace_id: str, new: NewJob, state: JobState = JobState.QUEUED) -> Job:
    """The row of a job, which covers nothing yet."""
    model = {} if new.model is None else {"model": new.model}
    of = {"workspace_id": workspace_id, "kind": new.kind, "queue": new.queue, "schema_id": new.schema_id}
    job = Job(id=new_id(), state=state, params={**new.params, **model}, **of)
    session.add(job)
    session.flush()
    return job


def plan(
    session: Session, workspace_id: str, new: NewJob, document_ids: Sequence[str] | None, max_pages: int | None = None
) -> Job:
    """A job over these documents, or over all that have not failed: an item a page, ready where the page is drawn.

    Documents without pages to look at are covered as gaps. With `max_pages`, the pages beyond are left out and counted
    in `params["not_looked_at"]`. A job with nothing to do is final at once. Raises DocumentNotFound for an unknown id,
    and InvalidRequest where there is no document at all.
    """
    job = new_job(session, workspace_id, new)
    _cover(session, job, document_ids)
    _await_drawers(session, job)
    planned = _add_items(session, job, max_pages)
    if max_pages is not None:
        job.params = {**job.params, "not_looked_at": _count_pages(session, job) - planned}
    if planned == 0:
        settle(session, job.id)
    session.flush()
    return job


def pages_to_cover(
    session: Session, workspace_id: str, document_ids: Sequence[str] | None
) -> list[tuple[str, PageState, str | None, bool]]:
    """What `plan` would cover: document, state, picture and blankness of each page; of locked documents nothing.

    Raises DocumentNotFound for an unknown id.
    """
    query = select(Page.document_id, Page.state, Page.image_sha256, Page.blank)
    mine = query.join(Document, Document.id == Page.document_id).where(Document.workspace_id == workspace_id)
    if document_ids is None:
        return [(r[0], r[1], r[2], r[3] is True) for r in session.execute(mine)]
    wanted = list(dict.fromkeys(document_ids))
    known: set[str] = set()
    rows: list[tuple[str, PageState, str | None, bool]] = []
    for some in in_parts(wanted):
        ids = select(Document.id).where(Document.workspace_id == workspace_id, Document.id.in_(some))
        known |= set(session.scalars(ids))
        rows += [(r[0], r[1], r[2], r[3] is True) for r in session.execute(mine.where(Document.id.in_(some)))]
    if len(known) < len(wanted):
        raise DocumentNotFound("One of the documents is not in this workspace.")
    return rows


def _cover(session: Session, job: Job, document_ids: Sequence[str] | None) -> None:
    """A row for each document that the job covers, with the reason where none of its pages can be looked at."""
    mine = select(Document).where(Document.workspace_id == job.workspace_id)
    if document_ids is None:
        covered = _copy(session, job, mine)
    else:
        wanted = list(dict.fromkeys(document_ids))
        covered = sum(_copy(session, job, mine.where(Document.id.in_(some))) for some in in_parts(wanted))
        if covered < len(wanted):
            raise DocumentNotFound("One of the documents is not in this workspace.")
    if covered == 0:
        raise InvalidRequest("There is no document to look at; upload one first.")


def _copy(session: Session, job: Job, documents: Any) -> int:
    locked, failed = (Document.state == state for state in (DocumentState.NEEDS_PASSWORD, DocumentState.FAILED))
    code = case(
        (locked, PasswordNeeded.code), (failed, func.coalesce(Document.error_code, UnreadablePage.code)), else_=None
    )
    detail = case((locked, PasswordNeeded.title + "."), (failed, Document.error_detail), else_=None)
    rows = documents.with_only_columns(
        literal(job.id), Document.id, literal(job.workspace_id), Document.name, code, detail
    )
    columns = ["job_id", "document_id", "workspace_id", "name", "error_code", "error_detail"]
    return _insert(session, insert(JobDocument).from_select(columns, rows))


def _await_drawers(session: Session, job: Job) -> None:
    """Wait for those who are writing pages of these documents, and keep others from it until the job is planned.

    Else a page that is drawn meanwhile would find no item to make ready, and its item would wait for ever.
    """
    covered = exists().where(JobDocument.document_id == Document.id, JobDocument.job_id == job.id)
    being_drawn = select(Document.id).where(Document.state == DocumentState.RASTERIZING, covered)
    session.execute(being_drawn.order_by(Document.id).with_for_update(read=True)).all()


def _add_items(session: Session, job: Job, max_pages: int | None) -> int:
    rows = select(
        literal(job.workspace_id),
        literal(job.id),
        literal(job.kind, Item.job_kind.type),
        Page.document_id,
        literal(job.queue, Item.queue.type),
        Page.number,
        Page.number,
        literal(ItemState.WAITING, Item.state.type),
        Page.state != PageState.WAITING,
        literal(0),
        literal(clock(session), Item.announced_at.type),
    )
    columns = ["workspace_id", "job_id", "job_kind", "document_id", "queue", "first_page", "last_page"]
    columns += ["state", "ready", "attempt", "announced_at"]
    covered = _covered_pages(rows, job).order_by(Page.document_id, Page.number).limit(max_pages)
    return _insert(session, insert(Item).from_select(columns, covered))


def _covered_pages(query: Any, job: Job) -> Any:
    """The pages of the documents that the job covers and that have no reason against them."""
    joined = query.join_from(JobDocument, Page, Page.document_id == JobDocument.document_id)
    page, before = job.params.get("page"), job.params.get("retry_of")
    only = [] if page is None else [Page.number == page]
    only += [] if before is None else [_lacked_by(before)]
    only += [~exists().where(Reading.page_id == Page.id, SEEN)] if job.params.get("unread") else []
    return joined.where(JobDocument.job_id == job.id, JobDocument.error_code.is_(None), *only)


def _lacked_by(job_id: str) -> Any:
    """Whether this job had no whole result for a page, or could look at none of its document's."""
    mine = (Item.job_id == job_id, Item.document_id == Page.document_id, Item.first_page == Page.number)
    covered = aliased(JobDocument)
    whole = (covered.job_id == job_id, covered.document_id == Page.document_id, covered.error_code.is_not(None))
    return or_(exists().where(*mine, LACKING), exists().where(*whole))


def _insert(session: Session, statement: Any) -> int:
    """How many rows went in."""
    done = session.execute(statement, execution_options={"preserve_rowcount": True})
    return cast("CursorResult[Any]", done).rowcount


def _count_pages(session: Session, job: Job) -> int:
    return int(session.scalars(_covered_pages(select(func.count(Page.id)), job)).one())
