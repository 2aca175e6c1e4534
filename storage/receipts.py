"""What became of a job's pages, each with its place."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, select

from core.records import ItemState
from storage.database import Session
from storage.tables import Item, JobDocument


@dataclass(frozen=True, slots=True)
class PageReceipt:
    """What became of a page under a job."""

    document_id: str
    document_name: str
    page: int
    receipt: dict[str, Any]


def receipts_in_order(session: Session, job_id: str) -> Iterator[PageReceipt]:
    """The receipts of the job's pages that gave one, by document and page, as they are asked for."""
    mine = (Item.job_id == job_id, Item.state == ItemState.DONE, Item.result.is_not(None))
    of = and_(JobDocument.job_id == Item.job_id, JobDocument.document_id == Item.document_id)
    query = select(Item.document_id, JobDocument.name, Item.first_page, Item.result).join(JobDocument, of).where(*mine)
    ordered = query.order_by(Item.document_id, Item.first_page).execution_options(yield_per=500)
    yield from (PageReceipt(*row) for row in session.execute(ordered))
