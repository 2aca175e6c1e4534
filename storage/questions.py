"""Jobs of questions: those that have their answer at once."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from core.records import ItemState, JobState
from storage.database import Session, clock
from storage.planning import NewJob, new_job
from storage.tables import Document, Item, Job


def answer_at_once(session: Session, workspace_id: str, new: NewJob, result: dict[str, Any]) -> Job:
    """A job that is final with this result: no page has to be looked at."""
    job = new_job(session, workspace_id, new, JobState.SUCCEEDED)
    job.result, job.finished_at = result, clock(session)
    session.flush()
    return job


@dataclass(frozen=True, slots=True)
class PageInHand:
    """A page that a worker looks at for a question, or has looked at."""

    item_id: int
    document_id: str
    document_name: str | None
    number: int


def pages_in_hand(session: Session, job_id: str) -> list[PageInHand]:
    """The pages of a question that are not waiting any more, in the order in which they are looked at."""
    named = select(Item.id, Item.document_id, Document.name, Item.first_page)
    taken = Item.state.in_((ItemState.LEASED, ItemState.DONE, ItemState.FAILED))
    query = named.outerjoin(Document, Document.id == Item.document_id).where(Item.job_id == job_id, taken)
    query = query.where(Item.document_id.is_not(None))
    return [PageInHand(row[0], row[1] or "", row[2], row[3]) for row in session.execute(query.order_by(Item.id))]


def planned_answer(session: Session, job_id: str) -> dict[str, Any] | None:
    """The answer that a plan gave before any page was looked at; None where there is none."""
    done = (Item.job_id == job_id, Item.state == ItemState.DONE, Item.document_id.is_(None))
    return session.scalars(select(Item.result).where(*done)).first()


def replies_in_order(session: Session, job_id: str) -> list[tuple[str, int, dict[str, Any] | None]]:
    """Document, page and reply of the pages that were asked, the likeliest first, as the question was planned."""
    done = select(Item.document_id, Item.first_page, Item.result)
    done = done.where(Item.job_id == job_id, Item.state == ItemState.DONE, Item.document_id.is_not(None))
    return [(row[0], row[1], row[2]) for row in session.execute(done.order_by(Item.id))]
