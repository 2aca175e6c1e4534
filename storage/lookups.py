"""Lookups: which pages look like what a text says. Workers tell it, as only they hold a model.

A lookup is a job of one item without a document, there for as long as somebody waits for it, and no longer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from sqlalchemy import delete, exists, insert, select

from core.errors import JobNotFound, error_named
from core.records import ItemState, JobKind, Queue
from storage.database import Session, clock, new_id
from storage.tables import Item, Job, PageEmbedding


@dataclass(frozen=True, slots=True)
class Lookup:
    """What is looked for, and where."""

    text: str
    model: str  # of visual search, by its name in rows
    documents: tuple[str, ...] | None  # None: all of the workspace
    limit: int  # pages at most

    def as_params(self) -> dict[str, Any]:
        """As a job's row keeps it."""
        within = None if self.documents is None else list(self.documents)
        return {"text": self.text, "model": self.model, "documents": within, "limit": self.limit}

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Self:
        """From a job's row."""
        within = params["documents"]
        return cls(params["text"], params["model"], None if within is None else tuple(within), params["limit"])


@dataclass(frozen=True, slots=True)
class SeenPage:
    """A page that looks like what is asked; `score` says how much, of this lookup alone."""

    page_id: str
    document_id: str
    page: int
    score: float

    def as_row(self) -> list[Any]:
        """As an item keeps it."""
        return [self.page_id, self.document_id, self.page, round(self.score, 4)]


def plan(session: Session, workspace_id: str, lookup: Lookup) -> str:
    """A job with one item that can be claimed at once; its id. Announce it after the commit."""
    params = lookup.as_params()
    job = Job(id=new_id(), workspace_id=workspace_id, kind=JobKind.FIND, queue=Queue.INTERACTIVE, params=params)
    session.add(job)
    session.flush()
    of = {"workspace_id": workspace_id, "job_id": job.id, "job_kind": JobKind.FIND, "queue": Queue.INTERACTIVE}
    now = {"first_page": 1, "last_page": 1, "ready": True, "announced_at": clock(session)}
    session.execute(insert(Item).values(**of, **now))
    return job.id


def get_lookup(session: Session, workspace_id: str, job_id: str) -> Lookup:
    """What is looked for. Raises JobNotFound where nobody waits for it any more."""
    mine = (Job.workspace_id == workspace_id, Job.id == job_id, Job.kind == JobKind.FIND)
    params = session.scalars(select(Job.params).where(*mine)).one_or_none()
    if params is None:
        raise JobNotFound
    return Lookup.of(params)


def find_seen(session: Session, workspace_id: str, job_id: str) -> list[SeenPage] | None:
    """The pages that a lookup found, the best first; None while it is under way.

    Raises what it failed by, JobNotFound for a forgotten one.
    """
    mine = (Item.workspace_id == workspace_id, Item.job_id == job_id, Item.job_kind == JobKind.FIND)
    columns = (Item.state, Item.result, Item.error_code, Item.error_detail)
    item = session.execute(select(*columns).where(*mine)).one_or_none()
    if item is None:
        raise JobNotFound
    if item.state is ItemState.FAILED or item.error_code is not None:  # or it waits again: nobody waits along
        raise error_named(item.error_code or "", item.error_detail)
    return [SeenPage(*row) for row in item.result["pages"]] if item.state is ItemState.DONE else None


def forget(session: Session, job_id: str) -> None:
    """Delete a lookup; who works on it breaks off. Harmless twice."""
    session.execute(select(Item.id).where(Item.job_id == job_id).with_for_update()).all()  # in the ledger's order
    session.execute(delete(Job).where(Job.id == job_id, Job.kind == JobKind.FIND))


def forget_overdue(session: Session, seconds: float) -> int:
    """Delete the lookups that nobody can be waiting for any more, as they are older than this; tells how many."""
    long_ago = clock(session) - timedelta(seconds=seconds)
    old = list(session.scalars(select(Job.id).where(Job.kind == JobKind.FIND, Job.created_at < long_ago).limit(100)))
    for job_id in old:
        forget(session, job_id)
    return len(old)


def has_seen(session: Session, workspace_id: str, model: str) -> bool:
    """Whether this model has seen any page of the workspace: else there is nothing to look up."""
    mine = (PageEmbedding.workspace_id == workspace_id, PageEmbedding.model == model)
    return bool(session.scalar(select(exists().where(*mine))))
