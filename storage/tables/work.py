"""What is to be done, and who is at it: jobs, the page ledger, requests that are done once, offices."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.records import (
    ItemState,
    JobKind,
    JobState,
    Queue,
)
from storage.database import new_id, now
from storage.tables.foundation import HASH, ID, Base, only_where


class Job(Base):
    """What a caller asked for; and the drawing of pages, which the service asks of itself."""

    __tablename__ = "jobs"
    __table_args__ = (Index(None, "workspace_id", "id"), Index(None, "state"))

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    kind: Mapped[JobKind]
    state: Mapped[JobState] = mapped_column(default=JobState.QUEUED)
    queue: Mapped[Queue]
    schema_id: Mapped[str | None] = mapped_column(ForeignKey("schemas.id", ondelete="CASCADE"))
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    result: Mapped[dict[str, Any] | None]  # of a question: its answer
    created_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]


class JobDocument(Base):
    """A document that a job covers. It outlives the document, so that a job never forgets what it misses."""

    __tablename__ = "job_documents"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    document_id: Mapped[str] = mapped_column(ID, primary_key=True, index=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(255))
    error_code: Mapped[str | None] = mapped_column(String(64))  # why the whole document is missing
    error_detail: Mapped[str | None] = mapped_column(Text)


class Item(Base):
    """The smallest unit of a job: a window of pages to draw, one page to show to a model, or a chat as a whole."""

    __tablename__ = "items"
    __table_args__ = (
        UniqueConstraint("job_id", "document_id", "first_page"),
        # Only what can be claimed is in it, in the order of claims. The planner would else walk past all that is done.
        Index("ix_items_claimable", "queue", "id", **only_where("state = 'waiting' AND ready")),
        Index("ix_items_leased", "expires_at", **only_where("state = 'leased'")),
        Index(None, "document_id", "first_page"),
        Index(None, "job_id", "state"),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    job_kind: Mapped[JobKind]
    document_id: Mapped[str | None] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))  # None: a chat
    queue: Mapped[Queue]
    first_page: Mapped[int]  # from 1
    last_page: Mapped[int]  # inclusive
    state: Mapped[ItemState] = mapped_column(default=ItemState.WAITING)
    ready: Mapped[bool]  # whether it can be claimed: its page is drawn, or cannot be
    attempt: Mapped[int] = mapped_column(default=0)  # counted at the claim, before the work
    owner: Mapped[str | None] = mapped_column(String(255))
    expires_at: Mapped[datetime | None]
    announced_at: Mapped[datetime] = mapped_column(default=now)
    result: Mapped[dict[str, Any] | None]  # of a question: what this page says; of a chat: the reply
    error_code: Mapped[str | None] = mapped_column(String(64))
    error_detail: Mapped[str | None] = mapped_column(Text)


class IdempotencyKey(Base):
    """A request that must not be done twice, and its answer once there is one."""

    __tablename__ = "idempotency_keys"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request_sha256: Mapped[str] = mapped_column(HASH)
    status: Mapped[int | None]  # None while the request is being worked on
    body: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Office(Base):
    """Who holds an office of which there is one, as the sweeper's."""

    __tablename__ = "offices"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(255))
    until: Mapped[datetime]
