"""Jobs: planned in one transaction over many pages, counted by their items, settled when none of these is open."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import CursorResult, Select, and_, case, exists, func, insert, literal, or_, select, update
from sqlalchemy.orm import aliased

from core.errors import DocumentNotFound, InvalidRequest, JobNotFound, PasswordNeeded, UnreadablePage
from core.records import (
    FINAL_ITEM_STATES,
    FINAL_JOB_STATES,
    DocumentState,
    ItemState,
    JobKind,
    JobState,
    PageState,
    Progress,
    Queue,
)
from storage.database import Session, clock, new_id
from storage.documents import OPEN_ITEMS
from storage.paging import Listing, in_parts, list_rows
from storage.tables import SEEN, Document, Item, Job, JobDocument, Page, Reading

_SHORT = and_(Item.state == ItemState.DONE, Item.error_code.is_not(None))  # done, and its result lacks something
FLEETING = frozenset({JobKind.CHAT, JobKind.FIND, JobKind.PREVIEW})  # gone with who waits; nobody is shown them
_WITHOUT_ALL = or_(Item.state == ItemState.FAILED, _SHORT)
LACKING = or_(_WITHOUT_ALL, Item.state == ItemState.CANCELLED)  # of a final job: what it has no whole result for


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


@dataclass(frozen=True, slots=True)
class Gap:
    """What a job covers and has no result for: a page, or a whole document where `page` is None."""

    document_id: str
    document_name: str
    page: int | None
    code: str
    detail: str


def plan(
    session: Session, workspace_id: str, new: NewJob, document_ids: Sequence[str] | None, max_pages: int | None = None
) -> Job:
    """A job over these documents, or over all that have not failed: an item a page, ready where the page is drawn.

    Documents without pages to look at are covered as gaps. With `max_pages`, the pages beyond are left out and counted
    in `params["not_looked_at"]`. A job with nothing to do is final at once. Raises DocumentNotFound for an unknown id,
    and InvalidRequest where there is no document at all.
    """
    job = Job(
        id=new_id(),
        workspace_id=workspace_id,
        kind=new.kind,
        state=JobState.QUEUED,
        queue=new.queue,
        schema_id=new.schema_id,
        params={**new.params, **({} if new.model is None else {"model": new.model})},
    )
    session.add(job)
    session.flush()
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
        usable = mine.where(Document.state != DocumentState.FAILED)
        return [(r[0], r[1], r[2], r[3] is True) for r in session.execute(usable)]
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
    own = or_(Job.kind.in_((JobKind.RASTERIZE, *FLEETING)), of_a_box)
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


def _cover(session: Session, job: Job, document_ids: Sequence[str] | None) -> None:
    """A row for each document that the job covers, with the reason where none of its pages can be looked at."""
    mine = select(Document).where(Document.workspace_id == job.workspace_id)
    if document_ids is None:
        covered = _copy(session, job, mine.where(Document.state != DocumentState.FAILED))
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
