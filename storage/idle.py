"""What may be done while nobody wants anything: pages that nobody has read, a few at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, exists, func, select

from core.records import DocumentState, ItemState, JobKind, PageState
from storage.ask_pages import PageRef
from storage.database import Session
from storage.ledger import has_work
from storage.paging import in_parts
from storage.tables import SEEN, Document, Item, Job, Page, Reading

MOST_SOUGHT = 5_000  # documents of one search: it takes a tenth of a second


@dataclass(frozen=True, slots=True)
class Unread:
    """Pages of one workspace that nobody has read, and behind which document to look on; None: that was all."""

    workspace_id: str | None
    pages: tuple[PageRef, ...]
    below: str | None


def last_item(session: Session) -> int | None:
    """The newest item, by which a second look tells whether anything was wanted meanwhile; None while work is left."""
    return None if has_work(session) else newest_item(session)


def newest_item(session: Session) -> int:
    """The newest item of all."""
    return session.scalar(select(func.max(Item.id))) or 0


def find_unread(session: Session, limit: int, below: str | None = None) -> Unread:
    """Drawn pages that nobody has read, of the newest documents first, older than that of the id `below`.

    Pages that a job has tried to read are left out: what cannot be read is not tried for ever.
    """
    usable = Document.state.not_in((DocumentState.FAILED, DocumentState.NEEDS_PASSWORD))
    some = select(Document.id, Document.workspace_id, Document.page_count).where(usable).order_by(Document.id.desc())
    some = some if below is None else some.where(Document.id < below)
    of = some.limit(MOST_SOUGHT).subquery()
    read = select(func.count()).select_from(Reading).where(Reading.document_id == of.c.id, SEEN).scalar_subquery()
    rows = session.execute(select(of.c.id, of.c.workspace_id, of.c.page_count > read)).all()
    workspaces = {row[0]: row[1] for row in rows if row[2]}
    for part in in_parts(sorted(workspaces, reverse=True)):
        pages = session.execute(_unread_of(part, limit)).all()
        if pages:
            workspace_id = workspaces[pages[0].document_id]
            mine = tuple(PageRef(*row) for row in pages if workspaces[row.document_id] == workspace_id)
            return Unread(workspace_id, mine, below)
    return Unread(None, (), min(row[0] for row in rows) if len(rows) == MOST_SOUGHT else None)


def _unread_of(document_ids: Sequence[str], limit: int) -> Any:
    tried = and_(Item.job_kind == JobKind.READ, Item.state.in_((ItemState.DONE, ItemState.FAILED)))
    this = and_(Item.document_id == Page.document_id, Item.first_page == Page.number)
    whole = and_(Job.id == Item.job_id, Job.params["box"].as_string().is_(None))
    wanted = (~exists().where(Reading.page_id == Page.id, SEEN), ~exists().where(this, tried, whole))
    query = select(Page.id, Page.document_id, Page.number).where(Page.document_id.in_(document_ids), *wanted)
    return query.where(Page.state == PageState.READY).order_by(Page.document_id.desc(), Page.number).limit(limit)
