"""Conversations over an archive: their turns, each of which is a question with its job."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import new_id, now
from storage.tables.foundation import ID, Base


class Conversation(Base):
    """Questions that follow each other over the same documents."""

    __tablename__ = "conversations"
    __table_args__ = (Index(None, "workspace_id", "id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    scope: Mapped[dict[str, Any]] = mapped_column(default=dict)  # documents, or a filter on records; {}: everything
    model: Mapped[str | None] = mapped_column(Text)  # a name of the catalog; None: that of questions
    created_at: Mapped[datetime] = mapped_column(default=now)


class Turn(Base):
    """A question of a conversation; its answer is the result of its job."""

    __tablename__ = "turns"
    __table_args__ = (UniqueConstraint("conversation_id", "number"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    number: Mapped[int]  # from 1
    question: Mapped[str] = mapped_column(Text)  # as it was asked
    meant: Mapped[str] = mapped_column(Text)  # as it stands by itself, by the turns before it
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(default=now)
