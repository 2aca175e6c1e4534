"""Documents and their pages, from upload to pictures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, exists, func, insert, select, update
from sqlalchemy.orm import undefer

from core.errors import DocumentNotFound, PageNotFound, UnreadablePage
from core.records import FINAL_JOB_STATES, DocumentState, ItemState, JobKind, PageState, Queue
from storage.database import Session, clock, insert_into, new_id
from storage.document_lists import folded_name
from storage.paging import Listing, in_parts, list_rows
from storage.tables import Blob, Document, DocumentName, Item, Job, JobDocument, Page

_NAMED_LATELY = timedelta(hours=1)  # a blob named since then is not named again: the sweep spares a day's
MOST_NAMES = 1_000  # of one document
OPEN_ITEMS = (ItemState.WAITING, ItemState.LEASED)


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A file that was accepted; its bytes are in the blob store."""

    sha256: str
    name: str
    media_type: str
    size: int
    page_count: int | None  # None while only a password can tell
    password: str | None  # kept until the pages are drawn


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A page with its picture, which is in the blob store."""

    number: int  # from 1
    width: float  # points
    height: float
    dpi: float
    engine: str
    image_sha256: str
    image_width: int  # pixels
    image_height: int
    blank: bool
    words: Sequence[tuple[str, float, float, float, float]]  # text and box, 0..1 of the upright page
    under: Sequence[tuple[str, float, float, float, float]] = ()  # those that nobody sees, of a scan's hidden layer


def add_document(session: Session, workspace_id: str, new: NewDocument, window: int) -> Document:
    """Write a document down with its waiting pages, and plan their drawing in windows of pages.

    Without a page count it waits for a password. The same bytes twice in a workspace are a database error: ask
    `find_by_hash` before, and again after.
    """
    name_blob(session, new.sha256)
    document = Document(
        id=new_id(),
        workspace_id=workspace_id,
        sha256=new.sha256,
        name=new.name,
        folded=folded_name(new.name),
        media_type=new.media_type,
        size=new.size,
        page_count=new.page_count,
        state=DocumentState.NEEDS_PASSWORD if new.page_count is None else DocumentState.RASTERIZING,
        password=new.password,
    )
    session.add(document)
    session.flush()
    add_name(session, workspace_id, document.id, new.name)
    if new.page_count is not None:
        _plan_drawing(session, document, new.page_count, window)
    return document


def add_name(session: Session, workspace_id: str, document_id: str, name: str) -> None:
    """The same bytes were sent under this name, too. Harmless twice; past MOST_NAMES of them it is not kept."""
    known = select(func.count()).where(DocumentName.document_id == document_id)
    if (session.scalar(known) or 0) < MOST_NAMES:
        row = {"document_id": document_id, "name": name, "workspace_id": workspace_id, "created_at": clock(session)}
        session.execute(insert_into(session, DocumentName).values(row).on_conflict_do_nothing())


def all_names(session: Session, document_ids: Iterable[str]) -> dict[str, list[str]]:
    """Every name under which these documents were sent, the first one first."""
    names: dict[str, list[str]] = {}
    for some in in_parts(sorted(set(document_ids))):
        query = select(DocumentName).where(DocumentName.document_id.in_(some))
        for row in session.scalars(query.order_by(DocumentName.created_at, DocumentName.name)):
            names.setdefault(row.document_id, []).append(row.name)
    return names


def find_by_hash(session: Session, workspace_id: str, sha256: str) -> Document | None:
    """The document of these bytes in this workspace."""
    mine = (Document.workspace_id == workspace_id, Document.sha256 == sha256)
    return session.scalars(select(Document).where(*mine)).one_or_none()


def get_document(session: Session, workspace_id: str, document_id: str, *, for_update: bool = False) -> Document:
    """The document with this id. Raises DocumentNotFound, also where it is in another workspace.

    Read `for_update`, it stays as it is until the transaction ends; on SQLite the writer has the lock already.
    """
    query = select(Document).where(Document.workspace_id == workspace_id, Document.id == document_id)
    if for_update:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    document = session.scalars(query).one_or_none()
    if document is None:
        raise DocumentNotFound
    return document


def check_all(session: Session, workspace_id: str, document_ids: Sequence[str]) -> None:
    """Raise DocumentNotFound unless all of these, each named once, are in this workspace."""
    known = 0
    for some in in_parts(document_ids):
        mine = (Document.workspace_id == workspace_id, Document.id.in_(some))
        known += session.scalar(select(func.count()).select_from(Document).where(*mine)) or 0
    if known < len(document_ids):
        raise DocumentNotFound("One of the documents is not in this workspace.")


def list_documents(
    session: Session, workspace_id: str, cursor: str | None = None, limit: int = 50, state: DocumentState | None = None
) -> Listing[Document]:
    """The workspace's documents, newest first. Raises InvalidCursor."""
    query = select(Document).where(Document.workspace_id == workspace_id)
    if state is not None:
        query = query.where(Document.state == state)
    return list_rows(session, query, Document.id, cursor, limit, newest_first=True)


def names_of(session: Session, document_ids: Iterable[str]) -> dict[str, str]:
    """What their senders called these documents; unknown ids are left out."""
    names: dict[str, str] = {}
    for some in in_parts(set(document_ids)):
        query = select(Document.id, Document.name).where(Document.id.in_(some))
        names |= {row.id: row.name for row in session.execute(query)}
    return names


def names_in(session: Session, workspace_id: str, document_ids: Iterable[str]) -> dict[str, str]:
    """The names of those of these documents that the workspace has."""
    names: dict[str, str] = {}
    for some in in_parts(set(document_ids)):
        query = select(Document.id, Document.name).where(Document.workspace_id == workspace_id, Document.id.in_(some))
        names |= {row.id: row.name for row in session.execute(query)}
    return names


def pages_of(session: Session, document_id: str) -> Sequence[Page]:
    """All pages in order, without their words."""
    return session.scalars(select(Page).where(Page.document_id == document_id).order_by(Page.number)).all()


def get_page(session: Session, workspace_id: str, document_id: str, number: int, *, with_words: bool = True) -> Page:
    """One page, with its words unless they are not wanted. Raises DocumentNotFound or PageNotFound."""
    mine = (Page.workspace_id == workspace_id, Page.document_id == document_id, Page.number == number)
    query = select(Page).where(*mine)
    page = session.scalars(query.options(undefer(Page.words)) if with_words else query).one_or_none()
    if page is None:
        get_document(session, workspace_id, document_id)
        raise PageNotFound(f"The document has no page {number}.")
    return page


def unlock(session: Session, document: Document, password: str, page_count: int, window: int) -> None:
    """The password was right: plan the drawing of the pages. The password is kept until they are drawn."""
    document.state, document.password, document.page_count = DocumentState.RASTERIZING, password, page_count
    session.flush()
    _plan_drawing(session, document, page_count, window)


def delete_document(session: Session, workspace_id: str, document_id: str) -> None:
    """Delete a document with its pages, values and records. Raises DocumentNotFound.

    Jobs that are not final keep it as a gap. Its bytes are left to the sweep.
    """
    document = get_document(session, workspace_id, document_id)
    items = select(Item.id).where(Item.document_id == document_id).order_by(Item.id).with_for_update()
    session.execute(items).all()  # in the ledger's order: workers lock an item first and its document second
    covers = exists().where(JobDocument.job_id == Job.id, JobDocument.document_id == document_id)
    session.execute(delete(Job).where(covers, Job.kind == JobKind.RASTERIZE))
    running = select(Job.id).where(Job.id == JobDocument.job_id, Job.state.not_in(FINAL_JOB_STATES))
    session.execute(
        update(JobDocument)
        .where(JobDocument.document_id == document_id, running.exists())
        .values(error_code=DocumentNotFound.code, error_detail="The document was deleted.")
    )
    session.execute(delete(Document).where(Document.id == document_id))
    session.expunge(document)


def finish_page(session: Session, document_id: str, page: DrawnPage) -> None:
    """Write down a page's picture, and let the model have it. Harmless twice; nothing where the document is gone."""
    _lock(session, document_id)
    name_blob(session, page.image_sha256)
    drawn: dict[str, Any] = {
        "state": PageState.READY,
        "width": page.width,
        "height": page.height,
        "dpi": page.dpi,
        "engine": page.engine,
        "image_sha256": page.image_sha256,
        "image_width": page.image_width,
        "image_height": page.image_height,
        "blank": page.blank,
        "words": [*(list(word) for word in page.words), *([*word, True] for word in page.under)],
        "error_code": None,
        "error_detail": None,
    }
    session.execute(update(Page).where(Page.document_id == document_id, Page.number == page.number).values(drawn))
    _make_ready(session, document_id, page.number, page.number)


def fail_page(session: Session, document_id: str, number: int, code: str, detail: str) -> None:
    """Write down why a page has no picture. Harmless twice; a page that has one keeps it."""
    fail_window(session, document_id, number, number, code, detail)


def fail_window(session: Session, document_id: str, first: int, last: int, code: str, detail: str) -> None:
    """The pages of this window that still wait will never have a picture. Harmless twice."""
    _lock(session, document_id)
    waiting = (Page.document_id == document_id, Page.number.between(first, last), Page.state == PageState.WAITING)
    session.execute(update(Page).where(*waiting).values(state=PageState.FAILED, error_code=code, error_detail=detail))
    _make_ready(session, document_id, first, last)


def settle_document(session: Session, document_id: str) -> None:
    """When no page waits any more, say how the document came out, and forget its password. Harmless twice."""
    document = session.get(Document, document_id, with_for_update={"key_share": True}, populate_existing=True)
    if document is None or document.state is not DocumentState.RASTERIZING:
        return
    counted = select(Page.state, func.count()).where(Page.document_id == document_id).group_by(Page.state)
    pages = {row[0]: row[1] for row in session.execute(counted)}
    if pages.get(PageState.WAITING):
        return
    document.password = None
    failed = pages.get(PageState.FAILED, 0)
    if pages.get(PageState.READY):
        document.state = DocumentState.READY
        document.warning = _warning(failed, sum(pages.values())) if failed else None
    else:
        document.state = DocumentState.FAILED
        document.error_code, document.error_detail = _first_failure(session, document_id)
    session.flush()


def settle_stuck(session: Session, limit: int = 100) -> list[str]:
    """Settle documents that nobody draws any more though pages wait: those pages have failed. Returns their ids."""
    drawn = exists().where(
        Item.document_id == Document.id, Item.job_kind == JobKind.RASTERIZE, Item.state.in_(OPEN_ITEMS)
    )
    stuck = select(Document.id).where(Document.state == DocumentState.RASTERIZING, ~drawn).limit(limit)
    document_ids = list(session.scalars(stuck))
    for document_id in document_ids:
        for item in session.execute(
            select(Item.first_page, Item.last_page, Item.error_code, Item.error_detail).where(
                Item.document_id == document_id, Item.job_kind == JobKind.RASTERIZE
            )
        ).all():
            code, detail = item.error_code or UnreadablePage.code, item.error_detail or "The page was never drawn."
            fail_window(session, document_id, item.first_page, item.last_page, code, detail)
        settle_document(session, document_id)
    return document_ids


def name_blob(session: Session, sha256: str) -> None:
    """Have a row for the blob that another row is about to name, and keep the sweep from it."""
    moment = clock(session)
    named_at = session.scalars(select(Blob.named_at).where(Blob.sha256 == sha256)).one_or_none()
    if named_at is None or named_at < moment - _NAMED_LATELY:
        row = insert_into(session, Blob).values(sha256=sha256, named_at=moment)
        session.execute(row.on_conflict_do_update(index_elements=["sha256"], set_={"named_at": moment}))


def _plan_drawing(session: Session, document: Document, page_count: int, window: int) -> None:
    """Rows of the waiting pages, and a job with an item a window."""
    shared = {"workspace_id": document.workspace_id, "document_id": document.id}
    session.execute(insert(Page), [shared | {"number": number} for number in range(1, page_count + 1)])
    job = Job(id=new_id(), workspace_id=document.workspace_id, kind=JobKind.RASTERIZE, queue=Queue.RASTERIZE, params={})
    session.add(job)
    session.flush()
    session.execute(insert(JobDocument).values(job_id=job.id, name=document.name, **shared))
    work = shared | {"job_id": job.id, "job_kind": JobKind.RASTERIZE, "queue": Queue.RASTERIZE, "ready": True}
    moment = clock(session)
    session.execute(
        insert(Item),
        [
            work | {"first_page": first, "last_page": min(first + window - 1, page_count), "announced_at": moment}
            for first in range(1, page_count + 1, window)
        ],
    )


def _lock(session: Session, document_id: str) -> None:
    """One at a time may say how a document's pages came out, and not while a job is being planned over them."""
    session.execute(select(Document.id).where(Document.id == document_id).with_for_update(key_share=True))


def _make_ready(session: Session, document_id: str, first: int, last: int) -> None:
    """The items of these pages may be claimed from now on."""
    hidden = (Item.document_id == document_id, Item.first_page.between(first, last), Item.ready.is_(False))
    session.execute(update(Item).where(*hidden).values(ready=True, announced_at=clock(session)))


def _warning(failed: int, pages: int) -> str:
    return f"{failed} of {pages} pages could not be drawn and {'was' if failed == 1 else 'were'} left out."


def _first_failure(session: Session, document_id: str) -> tuple[str, str]:
    query = select(Page.error_code, Page.error_detail).where(Page.document_id == document_id).order_by(Page.number)
    row = session.execute(query.limit(1)).one_or_none()
    code, detail = (row.error_code, row.error_detail) if row else (None, None)
    return code or UnreadablePage.code, detail or "No page of the document could be drawn."
