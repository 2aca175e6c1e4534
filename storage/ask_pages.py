"""The pages of a question: which nobody has read, what is known of those that may answer, and the job over some."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

from sqlalchemy import Select, case, delete, exists, func, insert, literal, or_, select

from core.errors import DocumentNotFound, PasswordNeeded, UnreadablePage
from core.records import DocumentState, ItemState, JobState, PageState, ReadingSource
from storage.database import Session, clock
from storage.paging import in_parts
from storage.planning import NewJob, new_job
from storage.tables import HIDDEN, SEEN, Document, Item, Job, JobDocument, Page, Passage, Reading

MOST_SOUGHT = 20_000  # documents among which pages without a reading are looked for, the newest first
LARGE = 50_000  # pages whose counting takes long: 30 ms a question at 200,000
KEPT_SECONDS = 10.0
MOST_GAPS = 1_000  # documents that are named as missing
_ALL_PAGES = 10  # of a document that is looked at as a whole
_AROUND = 3  # pages before and behind one, of a longer document


_COUNTED: dict[tuple[str, str], tuple[float, int]] = {}  # by database and workspace: when, and how many are unread


@dataclass(frozen=True, slots=True)
class PageRef:
    """A page of a document."""

    page_id: str
    document_id: str
    number: int


@dataclass(frozen=True, slots=True)
class PageSays:
    """What is known of a page: its lines with the confidence of each, and the words of its values."""

    source: ReadingSource | None  # None: nobody has read it
    lines: tuple[tuple[str, float | None], ...]
    said: str


def count_unread(session: Session, workspace_id: str, document_ids: Sequence[str] | None) -> int:
    """How many pages of a workspace, or of these documents, nobody has read: also those that could not be drawn.

    A page that is known by words alone that nobody sees on it was read by nobody. Of a large workspace the number is
    kept for some seconds, so that it is not counted for each question.
    """
    key = (str(session.get_bind().engine.url), workspace_id)
    counted_at, unread = _COUNTED.get(key, (None, 0))
    if document_ids is None and counted_at is not None and monotonic() - counted_at < KEPT_SECONDS:
        return unread
    pages, readings = _count_pages(session, workspace_id, document_ids)
    if document_ids is None and pages >= LARGE:
        _COUNTED[key] = (monotonic(), max(0, pages - readings))
    return max(0, pages - readings)


def _count_pages(session: Session, workspace_id: str, document_ids: Sequence[str] | None) -> tuple[int, int]:
    """How many pages there are, and how many were read."""
    pages = select(func.coalesce(func.sum(Document.page_count), 0)).where(_usable(workspace_id))
    readings = select(func.count()).select_from(Reading).where(Reading.workspace_id == workspace_id)
    parts = [None] if document_ids is None else list(in_parts(sorted(set(document_ids))))
    all_ = read = 0
    for part in parts:
        mine = [] if part is None else [Reading.document_id.in_(part)]
        all_ += session.scalar(pages if part is None else pages.where(Document.id.in_(part))) or 0
        read += session.scalar(readings.where(*mine)) or 0
        read -= session.scalar(readings.where(*mine, HIDDEN)) or 0
    return int(all_), read


def count_read(session: Session, pages: Iterable[PageRef]) -> int:
    """How many of these pages somebody has read."""
    parts = in_parts([page.page_id for page in pages])
    counted = select(func.count()).select_from(Reading).where(SEEN)
    return sum(int(session.scalar(counted.where(Reading.page_id.in_(some))) or 0) for some in parts)


def find_unread(
    session: Session,
    workspace_id: str,
    document_ids: Sequence[str] | None,
    limit: int,
    *,
    drawn: bool = False,
    hidden: bool = False,
) -> list[PageRef]:
    """Pages that have no reading, of the newest documents first; those that could not be drawn come last.

    With `drawn`, pages that are still to be drawn are left out: else they come before those that never will be. With
    `hidden`, pages belong to them that are known by words alone that nobody sees on them.
    """
    if limit <= 0:
        return []
    counts = [SEEN] if hidden else []
    unread: list[str] = []
    for newest in _newest(workspace_id, document_ids):
        read = select(func.count()).select_from(Reading).where(Reading.document_id == newest.c.id, *counts)
        unread += session.scalars(select(newest.c.id).where(newest.c.page_count > read.scalar_subquery()))
    found: list[PageRef] = []
    wanted = [
        ~exists().where(Reading.page_id == Page.id, *counts),
        *([Page.state != PageState.WAITING] if drawn else []),
    ]
    last = case((Page.state == PageState.FAILED, 2), (Page.state == PageState.WAITING, 1), else_=0)
    for some in in_parts(sorted(unread, reverse=True)):
        query = select(Page.id, Page.document_id, Page.number).where(Page.document_id.in_(some), *wanted)
        ordered = query.order_by(last, Page.document_id.desc(), Page.number).limit(limit - len(found))
        found += [PageRef(*row) for row in session.execute(ordered)]
        if len(found) >= limit:
            break
    return found


def find_pages(
    session: Session, workspace_id: str, document_ids: Sequence[str] | None, limit: int, without: Iterable[str] = ()
) -> list[PageRef]:
    """The first pages that have a reading, of the newest documents first, or of these in their order."""
    query = select(Page.id, Page.document_id, Page.number).join(Reading, Reading.page_id == Page.id)
    query = query.where(Reading.workspace_id == workspace_id, Reading.source != ReadingSource.BLANK)
    query = query.where(Page.id.not_in(list(without)))
    if document_ids is None:
        rows = session.execute(query.order_by(Reading.page_id.desc()).limit(limit))
        return [PageRef(*row) for row in rows]
    wanted = list(dict.fromkeys(document_ids))[:limit]
    rows = session.execute(query.where(Page.document_id.in_(wanted)).order_by(Page.number).limit(limit))
    return [PageRef(*row) for row in rows]


def pages_around(session: Session, pages: Iterable[tuple[str, int]]) -> dict[str, dict[int, PageSays]]:
    """What is known of these pages, and of those that tell what they are about, by document and number.

    Of a short document these are all, of a longer one the first and the next ones.
    """
    wanted: dict[str, set[int]] = {}
    for document_id, number in pages:
        wanted.setdefault(document_id, set()).update({1, *range(number - _AROUND, number + _AROUND + 1)})
    found: dict[str, dict[int, PageSays]] = {}
    for some in in_parts(sorted(wanted), 50):
        near = or_(*((Page.document_id == one) & Page.number.in_(sorted(wanted[one])) for one in some))
        short = select(Document.id).where(Document.id.in_(some), Document.page_count <= _ALL_PAGES)
        query = (
            select(Page.document_id, Page.number, Reading.source, Reading.text, Reading.lines, Passage.said)
            .outerjoin(Reading, Reading.page_id == Page.id)
            .outerjoin(Passage, Passage.page_id == Page.id)
            .where(Page.document_id.in_(some), or_(near, Page.document_id.in_(short)))
        )
        for row in session.execute(query):
            found.setdefault(row.document_id, {})[row.number] = PageSays(
                row.source, tuple(_lines(row.text or "", row.lines or ())), row.said or ""
            )
    return found


def plan_pages(
    session: Session,
    workspace_id: str,
    new: NewJob,
    pages: Sequence[PageRef],
    document_ids: Sequence[str] | None,
    result: Mapping[str, Any],
) -> Job:
    """A job over these pages, in this order. Without any it is final at once, with this result.

    Documents of the scope that cannot be looked at are gaps; where all of it are such, the job has failed.
    """
    job = new_job(session, workspace_id, new)
    add_pages(session, job, pages, document_ids, result)
    return job


def plan_search(session: Session, workspace_id: str, new: NewJob) -> Job:
    """A job whose pages a worker is to find first, by what they look like; then it gets them by `add_pages`.

    Until then it has one item, without a document.
    """
    job = new_job(session, workspace_id, new)
    of = {"workspace_id": workspace_id, "job_id": job.id, "job_kind": job.kind, "queue": job.queue}
    now = {"first_page": 1, "last_page": 1, "ready": True, "announced_at": clock(session)}
    session.execute(insert(Item).values(**of, **now))
    return job


def end_search(session: Session, item_id: int) -> None:
    """The pages were found: what is left of the job are these."""
    session.execute(delete(Item).where(Item.id == item_id, Item.document_id.is_(None)))


def add_pages(
    session: Session,
    job: Job,
    pages: Sequence[PageRef],
    document_ids: Sequence[str] | None,
    result: Mapping[str, Any],
) -> None:
    """Have the job look at these pages, in this order; as `plan_pages` does."""
    gaps = _name_gaps(session, job, document_ids)
    _cover(session, job, pages)
    _add_items(session, job, pages)
    if not pages:
        everything = document_ids is not None and gaps and gaps == len(set(document_ids))
        job.state = JobState.FAILED if everything else JobState.PARTIAL if gaps else JobState.SUCCEEDED
        job.result = None if everything else dict(result)
        job.finished_at = clock(session)
    session.flush()


def has_documents(session: Session, workspace_id: str) -> bool:
    """Whether there is anything to ask."""
    return bool(session.scalar(select(exists().where(_usable(workspace_id)))))


def _usable(workspace_id: str) -> Any:
    return (Document.workspace_id == workspace_id) & (Document.state != DocumentState.FAILED)


def _newest(workspace_id: str, document_ids: Sequence[str] | None) -> list[Any]:
    """The newest documents, as tables of their ids and page counts."""
    query = select(Document.id, Document.page_count).where(_usable(workspace_id))
    if document_ids is None:
        return [query.order_by(Document.id.desc()).limit(MOST_SOUGHT).subquery()]
    named = sorted(set(document_ids), reverse=True)[:MOST_SOUGHT]
    return [query.where(Document.id.in_(some)).subquery() for some in in_parts(named)]


def _lines(text: str, lines: Sequence[Sequence[Any]]) -> Iterable[tuple[str, float | None]]:
    for at, line in enumerate(text.split("\n")):
        yield line, lines[at][0] if at < len(lines) else None


def _name_gaps(session: Session, job: Job, document_ids: Sequence[str] | None) -> int:
    """The documents of the scope without pages to look at, with the reason; of everything, those that are locked."""
    locked, failed = (Document.state == state for state in (DocumentState.NEEDS_PASSWORD, DocumentState.FAILED))
    code = case((locked, PasswordNeeded.code), else_=func.coalesce(Document.error_code, UnreadablePage.code))
    detail = case((locked, PasswordNeeded.title + "."), else_=Document.error_detail)
    mine = select(literal(job.id), Document.id, literal(job.workspace_id), Document.name, code, detail)
    mine = mine.where(Document.workspace_id == job.workspace_id)
    if document_ids is None:
        return _copy(session, mine.where(locked).order_by(Document.id.desc()).limit(MOST_GAPS))
    named = sorted(set(document_ids))
    return sum(_copy(session, mine.where(Document.id.in_(some), or_(locked, failed))) for some in in_parts(named))


def _copy(session: Session, rows: Select[Any]) -> int:
    columns = ["job_id", "document_id", "workspace_id", "name", "error_code", "error_detail"]
    copied = session.execute(
        insert(JobDocument).from_select(columns, rows), execution_options={"preserve_rowcount": True}
    )
    return int(copied.rowcount)  # type: ignore[attr-defined]


def _cover(session: Session, job: Job, pages: Sequence[PageRef]) -> None:
    """A row for each document that has one of the pages; whoever draws one now is waited for, and kept from it."""
    wanted = sorted({page.document_id for page in pages})
    for some in in_parts(wanted):
        mine = select(Document.id, Document.name, Document.state).where(
            Document.workspace_id == job.workspace_id, Document.id.in_(some)
        )
        rows = session.execute(mine).all()
        if len(rows) < len(some):
            raise DocumentNotFound("One of the documents is not in this workspace.")
        being_drawn = [row.id for row in rows if row.state is DocumentState.RASTERIZING]
        if being_drawn:
            held = select(Document.id).where(Document.id.in_(being_drawn)).order_by(Document.id)
            session.execute(held.with_for_update(read=True)).all()
        shared = {"job_id": job.id, "workspace_id": job.workspace_id}
        session.execute(insert(JobDocument), [shared | {"document_id": row.id, "name": row.name} for row in rows])


def _add_items(session: Session, job: Job, pages: Sequence[PageRef]) -> None:
    """An item a page, ready where the page is drawn or cannot be."""
    waiting: set[str] = set()
    for some in in_parts([page.page_id for page in pages]):
        drawn_later = select(Page.id).where(Page.id.in_(some), Page.state == PageState.WAITING)
        waiting |= set(session.scalars(drawn_later))
    shared = {
        "workspace_id": job.workspace_id,
        "job_id": job.id,
        "job_kind": job.kind,
        "queue": job.queue,
        "state": ItemState.WAITING,
        "attempt": 0,
        "announced_at": clock(session),
    }
    rows = [
        shared
        | {
            "document_id": page.document_id,
            "first_page": page.number,
            "last_page": page.number,
            "ready": page.page_id not in waiting,
        }
        for page in pages
    ]
    if rows:
        session.execute(insert(Item), rows)
