"""What may be done while nobody wants anything: pages that nobody has read, a few at a time."""

from sqlalchemy import exists, func, select

from core.records import DocumentState, ItemState, JobKind, PageState
from storage.ask_pages import MOST_SOUGHT, PageRef
from storage.database import Session
from storage.paging import in_parts
from storage.tables import SEEN, Document, Item, Page, Reading


def last_item(session: Session) -> int | None:
    """The newest item, by which a second look tells whether anything was wanted meanwhile; None while work is left."""
    waiting = exists().where(Item.state == ItemState.WAITING, Item.ready)
    leased = exists().where(Item.state == ItemState.LEASED)
    if session.scalar(select(waiting)) or session.scalar(select(leased)):
        return None
    return newest_item(session)


def newest_item(session: Session) -> int:
    """The newest item of all."""
    return session.scalar(select(func.max(Item.id))) or 0


def find_unread(session: Session, limit: int) -> tuple[str, list[PageRef]] | None:
    """A workspace with drawn pages that nobody has read, and the first of these, of its newest documents first.

    Pages are left out that a job was to read before: who could not read them once does not try for ever.
    """
    newest = select(Document.id, Document.workspace_id, Document.page_count).where(
        Document.state.not_in((DocumentState.FAILED, DocumentState.NEEDS_PASSWORD))
    )
    of = newest.order_by(Document.id.desc()).limit(MOST_SOUGHT).subquery()
    read = select(func.count()).select_from(Reading).where(Reading.document_id == of.c.id, SEEN).scalar_subquery()
    lacking = session.execute(select(of.c.id, of.c.workspace_id).where(of.c.page_count > read))
    workspaces = {row.id: row.workspace_id for row in lacking}
    tried = exists().where(
        Item.document_id == Page.document_id, Item.first_page == Page.number, Item.job_kind == JobKind.READ
    )
    unread = ~exists().where(Reading.page_id == Page.id, SEEN)
    wanted = (Page.state == PageState.READY, unread, ~tried)
    for some in in_parts(sorted(workspaces, reverse=True)):
        query = select(Page.id, Page.document_id, Page.number).where(Page.document_id.in_(some), *wanted)
        rows = session.execute(query.order_by(Page.document_id.desc(), Page.number).limit(limit)).all()
        if rows:
            workspace_id = workspaces[rows[0].document_id]
            return workspace_id, [PageRef(*row) for row in rows if workspaces[row.document_id] == workspace_id]
    return None
