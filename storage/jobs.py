"""Jobs: found, counted by their items, settled when none of these is open; `storage.planning` makes them."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, case, exists, func, or_, select, update

from core.errors import DocumentNotFound, JobNotFound
from core.records import (
    FINAL_ITEM_STATES,
    FINAL_JOB_STATES,
    ItemState,
    JobKind,
    JobState,
    Progress,
)
from storage.database import Session, clock
from storage.documents import OPEN_ITEMS
from storage.paging import Listing, list_rows
from storage.tables import Document, Item, Job, JobDocument

_SHORT = and_(Item.state == ItemState.DONE, Item.error_code.is_not(None))  # done, and its result lacks something
FLEETING = frozenset({JobKind.CHAT, JobKind.FIND, JobKind.PREVIEW})  # gone with who waits; nobody is shown them
_WITHOUT_ALL = or_(Item.state == ItemState.FAILED, _SHORT)
LACKING = or_(_WITHOUT_ALL, Item.state == ItemState.CANCELLED)  # of a final job: what it has no whole result for


@dataclass(frozen=True, slots=True)
class Gap:
    """What a job covers and has no result for: a page, or a whole document where `page` is None."""

    document_id: str
    document_name: str
    page: int | None
    code: str
    detail: str


def get_job(session: Session, workspace_id: str, job_id: str) -> Job:
    """The job with this id, as it stands now. Raises JobNotFound, also for another workspace's, and for a chat's."""
    query = select(Job).where(Job.workspace_id == workspace_id, Job.id == job_id, Job.kind.not_in(FLEETING))
    job = session.scalars(query, execution_options={"populate_existing": True}).one_or_none()
    if job is None:
        raise JobNotFound
    return job


def list_jobs(
    session: Session,
    workspace_id: str,
    cursor: str | None = None,
    limit: int = 50,
    states: Collection[JobState] | None = None,
) -> Listing[Job]:
    """The jobs that callers asked for, in these states or in any, newest first. Raises InvalidCursor."""
    of_a_box = and_(Job.kind == JobKind.READ, Job.params["box"].as_string().is_not(None))
    meanwhile = and_(Job.kind == JobKind.READ, Job.params["idle"].as_string().is_not(None))
    own = or_(Job.kind.in_((JobKind.RASTERIZE, *FLEETING)), of_a_box, meanwhile)
    query = select(Job).where(Job.workspace_id == workspace_id, ~own)
    if states is not None:
        query = query.where(Job.state.in_(states))
    return list_rows(session, query, Job.id, cursor, limit, newest_first=True)


def waiting_for(session: Session, job_id: str) -> tuple[str, str] | None:
    """Code and detail of why an item of the job waits again; None where nothing kept any of them from its end."""
    held_up = (Item.job_id == job_id, Item.state == ItemState.WAITING, Item.error_code.is_not(None))
    row = session.execute(select(Item.error_code, Item.error_detail).where(*held_up).limit(1)).one_or_none()
    return None if row is None else (row.error_code or "", row.error_detail or "")


def models_of(session: Session, job_ids: Iterable[str]) -> dict[str, str | None]:
    """The model that each of these jobs names; None where it leaves that to the worker."""
    rows = session.execute(select(Job.id, Job.params).where(Job.id.in_(set(job_ids))))
    return {row.id: row.params.get("model") for row in rows}


def told_to_wait(models: Collection[str], of_pages: str, of_questions: str) -> Select[str]:
    """The open jobs of these models that know already what they wait for; a claim may pass over them.

    Jobs that name no model are read by the default one: of pages or of questions.
    """
    default = case((Job.kind.in_((JobKind.ASK, JobKind.CHAT)), of_questions), else_=of_pages)
    model = func.coalesce(Job.params["model"].as_string(), default)
    told = exists().where(Item.job_id == Job.id, Item.state == ItemState.WAITING, Item.error_code.is_not(None))
    drawn = Job.kind == JobKind.RASTERIZE
    return select(Job.id).where(Job.state.not_in(FINAL_JOB_STATES), ~drawn, model.in_(models), told)


def progress(session: Session, job_id: str) -> Progress:
    """How many of the job's items stand where."""
    counted = select(Item.state, func.count()).where(Item.job_id == job_id).group_by(Item.state)
    counts = {ItemState(row[0]): row[1] for row in session.execute(counted)}
    return Progress(total=sum(counts.values()), **{state.value: counts.get(state, 0) for state in ItemState})


def gaps(session: Session, job: Job, limit: int = 1000) -> list[Gap]:
    """What is missing and why: whole documents first, then pages in order; at most `limit`."""
    covered = JobDocument.job_id == job.id
    whole = select(JobDocument).where(covered, JobDocument.error_code.is_not(None)).order_by(JobDocument.document_id)
    found = [
        Gap(row.document_id, row.name, None, row.error_code or "", row.error_detail or "")
        for row in session.scalars(whole.limit(limit))
    ]
    names = select(JobDocument.name).where(covered, JobDocument.document_id == Item.document_id).scalar_subquery()
    failed = select(Item, names).where(Item.job_id == job.id, Item.document_id.is_not(None), _WITHOUT_ALL)
    ordered = failed.order_by(Item.document_id, Item.first_page).limit(limit - len(found))
    found += [
        Gap(item.document_id, name or "", item.first_page, item.error_code or "", item.error_detail or "")
        for item, name in session.execute(ordered)
    ]
    return found


def count_gaps(session: Session, job: Job) -> int:
    """How many gaps the job has in all."""
    whole = select(func.count()).where(JobDocument.job_id == job.id, JobDocument.error_code.is_not(None))
    of_pages = select(func.count()).where(Item.job_id == job.id, Item.document_id.is_not(None), _WITHOUT_ALL)
    return int(session.scalar(select(whole.scalar_subquery() + of_pages.scalar_subquery())) or 0)


def cancel(session: Session, job: Job) -> None:
    """End the job now: what waits or is being worked on is cancelled. A job that is final stays as it is."""
    mine = (Item.job_id == job.id, Item.state.in_(OPEN_ITEMS))
    locked = select(Item.id).where(*mine).order_by(Item.id).with_for_update()  # in the ledger's order
    ended = update(Item).where(Item.id.in_(locked), Item.state.in_(OPEN_ITEMS))
    session.execute(ended.values(state=ItemState.CANCELLED, owner=None, expires_at=None))
    _end(session, job.id, JobState.CANCELLED)
    session.refresh(job)


def settle(session: Session, job_id: str, result: dict[str, Any] | None = None) -> JobState:
    """Where the job stands; final, with its result, once no item is open. Harmless twice. Raises JobNotFound.

    Succeeded only if every page it covers gave a result, failed if none did, else partial.
    """
    job = session.get(Job, job_id, with_for_update=True, populate_existing=True)
    if job is None:
        raise JobNotFound
    if job.state in FINAL_JOB_STATES:
        return job.state
    counts = progress(session, job_id)
    if counts.waiting or counts.leased:
        return job.state
    _name_deleted(session, job_id)
    job.state = _outcome(counts, gapless=not _has_gaps(session, job_id))
    job.finished_at = clock(session)
    if result is not None:
        job.result = result
    session.flush()
    return job.state


def unsettled(session: Session, limit: int = 100) -> list[Job]:
    """Jobs of all workspaces that are not final though no item of theirs is open, oldest first; no fleeting ones."""
    is_open = exists().where(Item.job_id == Job.id, Item.state.in_(OPEN_ITEMS))
    running = [state for state in JobState if state not in FINAL_JOB_STATES]
    query = select(Job).where(Job.state.in_(running), Job.kind.not_in(FLEETING), ~is_open)
    query = query.order_by(Job.id).limit(limit)
    return list(session.scalars(query))


def replies(session: Session, job_id: str) -> list[tuple[str, int, dict[str, Any] | None]]:
    """Document, page and result of the items that are done, in order of documents and pages."""
    done = select(Item.document_id, Item.first_page, Item.result)
    of_pages = (Item.job_id == job_id, Item.state == ItemState.DONE, Item.document_id.is_not(None))
    ordered = done.where(*of_pages).order_by(Item.document_id, Item.first_page)
    return [(row.document_id, row.first_page, row.result) for row in session.execute(ordered)]


def page_failures(session: Session, job_id: str, document_id: str) -> list[tuple[int, str, str]]:
    """Page, code and detail of the document's items that failed, in order of pages."""
    mine = (Item.job_id == job_id, Item.document_id == document_id, Item.state == ItemState.FAILED)
    return _gaps_of_pages(session, mine)


def page_receipts(session: Session, document_id: str, schema_id: str) -> dict[int, dict[str, Any]]:
    """What became of each page that was read under this schema, as the newest job over it says."""
    done = select(Item.first_page, Item.result).join(Job, Job.id == Item.job_id)
    mine = (Item.document_id == document_id, Item.state == ItemState.DONE, Job.schema_id == schema_id)
    rows = session.execute(done.where(*mine).order_by(Item.job_id))
    return {row.first_page: row.result for row in rows if row.result is not None}


def receipts(session: Session, job_id: str) -> Iterator[dict[str, Any]]:
    """The receipts of the job's pages that gave one, as they are asked for."""
    done = select(Item.result).where(Item.job_id == job_id, Item.state == ItemState.DONE, Item.result.is_not(None))
    yield from session.scalars(done.execution_options(yield_per=500))


def documents_done(session: Session, job_id: str) -> list[str]:
    """The documents whose items under the job are all final."""
    is_open = func.sum(case((Item.state.in_(FINAL_ITEM_STATES), 0), else_=1))
    query = select(Item.document_id).where(Item.job_id == job_id).group_by(Item.document_id).having(is_open == 0)
    return list(session.scalars(query.order_by(Item.document_id)))


def is_open(session: Session, job_id: str) -> bool:
    """Whether an item of the job waits or is being worked on."""
    return bool(session.scalar(select(exists().where(Item.job_id == job_id, Item.state.in_(OPEN_ITEMS)))))


def document_is_open(session: Session, job_id: str, document_id: str) -> bool:
    """Whether an item of this document under the job waits or is being worked on."""
    mine = (Item.job_id == job_id, Item.document_id == document_id, Item.state.in_(OPEN_ITEMS))
    return bool(session.scalar(select(exists().where(*mine))))


def _name_deleted(session: Session, job_id: str) -> None:
    """A document that was deleted while the job was being planned is a gap like any other that is gone."""
    there = exists().where(Document.id == JobDocument.document_id)
    gone = (JobDocument.job_id == job_id, JobDocument.error_code.is_(None), ~there)
    session.execute(
        update(JobDocument)
        .where(*gone)
        .values(error_code=DocumentNotFound.code, error_detail="The document was deleted.")
        .execution_options(synchronize_session=False)
    )


def _gaps_of_pages(session: Session, mine: tuple[Any, ...]) -> list[tuple[int, str, str]]:
    query = select(Item.first_page, Item.error_code, Item.error_detail).where(*mine).order_by(Item.first_page)
    return [(row.first_page, row.error_code or "", row.error_detail or "") for row in session.execute(query)]


def _has_gaps(session: Session, job_id: str) -> bool:
    missing = exists().where(JobDocument.job_id == job_id, JobDocument.error_code.is_not(None))
    short = exists().where(Item.job_id == job_id, _SHORT)
    return bool(session.scalar(select(or_(missing, short))))


def _outcome(counts: Progress, *, gapless: bool) -> JobState:
    if counts.done == 0:
        return JobState.FAILED
    return JobState.SUCCEEDED if counts.done == counts.total and gapless else JobState.PARTIAL


def _end(session: Session, job_id: str, state: JobState) -> None:
    running = (Job.id == job_id, Job.state.not_in(FINAL_JOB_STATES))
    session.execute(update(Job).where(*running).values(state=state, finished_at=clock(session)))
