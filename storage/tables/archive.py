"""Whose documents there are: workspaces with their keys, blobs, documents and their pages."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.records import (
    DocumentState,
    PageState,
)
from storage.database import new_id, now
from storage.tables.foundation import HASH, ID, Base, bytewise


class Workspace(Base):
    """The wall between tenants."""

    __tablename__ = "workspaces"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime | None]  # of one for a while: when it goes with all that it holds


class ApiKey(Base):
    """A key of a workspace, known by its hash alone."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(HASH, unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    revoked_at: Mapped[datetime | None]


class SignIn(Base):
    """A browser that a key let in, or a link that lets one in once; known by its hash alone."""

    __tablename__ = "sign_ins"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    key_id: Mapped[str] = mapped_column(ForeignKey("api_keys.id", ondelete="CASCADE"), index=True)
    sha256: Mapped[str] = mapped_column(HASH, unique=True)
    once: Mapped[bool]  # a link
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Blob(Base):
    """Bytes in the blob store that some row names."""

    __tablename__ = "blobs"

    sha256: Mapped[str] = mapped_column(HASH, primary_key=True)
    named_at: Mapped[datetime] = mapped_column(default=now, index=True)  # when a row was last written that names it


class Document(Base):
    """One uploaded file."""

    __tablename__ = "documents"
    __table_args__ = (
        UniqueConstraint("workspace_id", "sha256"),
        Index(None, "workspace_id", "id"),
        *(Index(None, "workspace_id", column, "id") for column in ("folded", "page_count", "state")),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    sha256: Mapped[str] = mapped_column(HASH, ForeignKey("blobs.sha256"), index=True)
    name: Mapped[str] = mapped_column(String(255))
    folded: Mapped[str] = mapped_column(bytewise(300), default="")  # the name, as it is searched and ordered
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    page_count: Mapped[int | None]  # None while only a password can tell
    state: Mapped[DocumentState]
    password: Mapped[str | None] = mapped_column(Text)  # forgotten as soon as the pages are drawn
    warning: Mapped[str | None] = mapped_column(Text)
    error_code: Mapped[str | None] = mapped_column(String(64))
    error_detail: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)


class DocumentName(Base):
    """A name under which a document's bytes were uploaded; the first is the document's own."""

    __tablename__ = "document_names"

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class DocumentTag(Base):
    """A tag that somebody gave to a document."""

    __tablename__ = "document_tags"
    __table_args__ = (Index(None, "workspace_id", "tag", "document_id"),)

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(bytewise(50), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(default=now)


class Page(Base):
    """One page of a document: its size in points, its picture, its own words."""

    __tablename__ = "pages"
    __table_args__ = (UniqueConstraint("document_id", "number"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    number: Mapped[int]  # from 1
    state: Mapped[PageState] = mapped_column(default=PageState.WAITING)
    width: Mapped[float | None]  # points
    height: Mapped[float | None]
    dpi: Mapped[float | None]
    engine: Mapped[str | None] = mapped_column(String(32))
    image_sha256: Mapped[str | None] = mapped_column(HASH, ForeignKey("blobs.sha256"), index=True)
    image_width: Mapped[int | None]
    image_height: Mapped[int | None]
    blank: Mapped[bool | None]
    words: Mapped[list[Any]] = mapped_column(
        JSON, default=list, deferred=True
    )  # [text, x0, y0, x1, y1], 0..1, and behind these True where nobody sees it
    error_code: Mapped[str | None] = mapped_column(String(64))
    error_detail: Mapped[str | None] = mapped_column(Text)
