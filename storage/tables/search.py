"""What is searched: the text of pages, the words that the full-text index is made of, and what pages look like."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from core.records import ReadingSource
from storage.database import now
from storage.tables.foundation import HASH, Base, only_where


class Reading(Base):
    """The text of a page."""

    __tablename__ = "readings"
    __table_args__ = (Index("ix_readings_hidden", "workspace_id", "document_id", **only_where("source = 'hidden'")),)

    page_id: Mapped[str] = mapped_column(ForeignKey("pages.id", ondelete="CASCADE"), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), index=True)
    source: Mapped[ReadingSource]
    model: Mapped[str | None] = mapped_column(Text)  # which read it; None unless a model did
    text: Mapped[str] = mapped_column(Text)  # its lines, parted by line feeds
    lines: Mapped[list[Any]]  # confidence, x0, y0, x1, y1 of each line of the text
    created_at: Mapped[datetime] = mapped_column(default=now)


HIDDEN = text("source = 'hidden'")  # in the words of the index over them, and without parameters
SEEN = Reading.source != ReadingSource.HIDDEN  # somebody has read what is to be seen on the page


class Passage(Base):
    """All words by which a page is found: those of its reading, and those of the values that stand on it.

    SQLite keeps the table `passages_fts` in step with it by triggers; PostgreSQL has an index on `vector`.
    """

    __tablename__ = "passages"
    __table_args__ = (
        UniqueConstraint("page_id"),
        Index("ix_passages_workspace_id_id", "workspace_id", "id"),
        Index("ix_passages_vector", "vector", postgresql_using="gin").ddl_if(dialect="postgresql"),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    page_id: Mapped[str] = mapped_column(ForeignKey("pages.id", ondelete="CASCADE"))
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), index=True)
    page_number: Mapped[int]
    words: Mapped[str] = mapped_column(Text)  # of the reading, folded, with one blank before and after each
    said: Mapped[str] = mapped_column(Text)  # of the values, with the names of their fields; in the same form
    length: Mapped[int]  # words
    scope: Mapped[str] = mapped_column(Text)  # ids of workspace and document, as words of the index
    vector: Mapped[Any | None] = mapped_column(TSVECTOR().with_variant(Text(), "sqlite"))  # on PostgreSQL alone


class PageEmbedding(Base):
    """What a page looks like to a model of visual search: a vector for each patch, and one that stands for all."""

    __tablename__ = "page_embeddings"

    page_id: Mapped[str] = mapped_column(ForeignKey("pages.id", ondelete="CASCADE"), primary_key=True)
    model: Mapped[str] = mapped_column(Text, primary_key=True)  # a name of the catalog
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), index=True)
    revision: Mapped[str] = mapped_column(String(64))  # of the model's weights: others do not compare
    compact: Mapped[bytes] = mapped_column(LargeBinary)  # (width,) float16, of length 1: the first stage
    vectors_sha256: Mapped[str] = mapped_column(HASH, ForeignKey("blobs.sha256"), index=True)  # float16
    patches: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=now)
