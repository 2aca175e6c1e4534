"""What is asked and what was read: schemas, inferences, values, records, and what people say of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.records import (
    Decision,
    FieldKind,
    LayerVerdict,
    StopReason,
    ValueState,
)
from storage.database import new_id, now
from storage.tables.foundation import HASH, ID, Base, bytewise, only_where

REVIEW = "decision = 'needs_review'"
_QUEUE = ("patience", "record_id", "field", "row")  # ids change whenever a record is made anew


class Schema(Base):
    """A version of a named JSON Schema. It never changes."""

    __tablename__ = "schemas"
    __table_args__ = (UniqueConstraint("workspace_id", "name", "version"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    version: Mapped[int]
    sha256: Mapped[str] = mapped_column(HASH)  # of the body in canonical form
    body: Mapped[dict[str, Any]]
    views: Mapped[dict[str, Any] | None]  # names of its SQL views: its own under "", its tables' under their paths
    created_at: Mapped[datetime] = mapped_column(default=now)


class Inference(Base):
    """What a model said to one prompt on one page: cached by content, kept as provenance."""

    __tablename__ = "inferences"
    __table_args__ = (Index("ix_inferences_model", "workspace_id", "model", "created_at"),)

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(HASH, primary_key=True)
    image_sha256: Mapped[str] = mapped_column(HASH, index=True)
    prompt_kind: Mapped[str] = mapped_column(String(32))
    prompt: Mapped[str] = mapped_column(Text)
    model: Mapped[str] = mapped_column(Text)
    revision: Mapped[str] = mapped_column(String(64))
    decoding: Mapped[str] = mapped_column(String(64))
    text: Mapped[str | None] = mapped_column(Text)
    probabilities: Mapped[list[Any] | None]
    confidence: Mapped[float | None]
    box: Mapped[list[Any] | None]  # x0, y0, x1, y1 of the upright page, 0..1
    lines: Mapped[list[Any] | None]  # of a reading: text, confidence, x0, y0, x1, y1
    table: Mapped[dict[str, Any] | None]  # of rows: how many were seen, and their cells
    stop: Mapped[StopReason]
    seconds: Mapped[float]
    created_at: Mapped[datetime] = mapped_column(default=now)


class InferenceClaim(Base):
    """Who is asking a model for an inference right now, so that nobody else pays for the same."""

    __tablename__ = "inference_claims"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(HASH, primary_key=True)
    owner: Mapped[str] = mapped_column(ID, index=True)
    expires_at: Mapped[datetime]


class Value(Base):
    """What one page says about one field of a schema."""

    __tablename__ = "values"
    __table_args__ = (UniqueConstraint("page_id", "schema_id", "field"), Index(None, "document_id", "schema_id"))

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    page_id: Mapped[str] = mapped_column(ForeignKey("pages.id", ondelete="CASCADE"))
    page_number: Mapped[int]
    schema_id: Mapped[str] = mapped_column(ForeignKey("schemas.id", ondelete="CASCADE"))
    job_id: Mapped[str] = mapped_column(ID)
    field: Mapped[str] = mapped_column(String(500))
    state: Mapped[ValueState]
    raw: Mapped[str | None] = mapped_column(Text)
    confidence: Mapped[float | None]
    box: Mapped[list[Any] | None]
    model: Mapped[str] = mapped_column(Text)
    inference_key: Mapped[str | None] = mapped_column(HASH)
    reason: Mapped[str | None] = mapped_column(String(64))
    verified: Mapped[bool | None]
    layer: Mapped[LayerVerdict | None]
    seen: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Record(Base):
    """The values of one document under one schema version, merged over its pages."""

    __tablename__ = "records"
    __table_args__ = (
        UniqueConstraint("document_id", "schema_id"),
        Index("ix_records_narrow", "schema_id", "id", "workspace_id", "document_id", "complete"),  # without their JSON
        Index(None, "schema_id", "updated_at", "id"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    schema_id: Mapped[str] = mapped_column(ForeignKey("schemas.id", ondelete="CASCADE"))
    job_id: Mapped[str] = mapped_column(ID)
    complete: Mapped[bool]  # whether every page gave a result
    values: Mapped[dict[str, Any]]  # by field: state, raw, typed, problem, confidence, decision, page, box, ...
    tables: Mapped[dict[str, Any]] = mapped_column(default=dict)  # by array field: rows, seen, read
    gaps: Mapped[list[Any]]  # what is missing: page, code, detail
    flags: Mapped[list[Any]] = mapped_column(default=list)  # broken rules: rule, fields, detail
    receipt: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what became of every page
    unsure: Mapped[int] = mapped_column(default=0)  # values that need a review
    flagged: Mapped[int] = mapped_column(default=0)  # how many `flags` there are
    model: Mapped[str | None] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(default=now)


class RecordValue(Base):
    """One value of a record, typed, for conditions, order, sums and the views of SQL tools."""

    __tablename__ = "record_values"
    __table_args__ = (
        UniqueConstraint("record_id", "field", "row"),
        Index("ix_record_values_number", "schema_id", "field", "number", "record_id"),
        Index("ix_record_values_date", "schema_id", "field", "date", "record_id"),
        Index("ix_record_values_folded", "schema_id", "field", "folded", "record_id"),
        # Only what needs a review is in them, in the order of the queue: of a workspace, and under a schema's version.
        Index("ix_record_values_review", "workspace_id", *_QUEUE, **only_where(REVIEW)),
        Index("ix_record_values_review_schema", "schema_id", *_QUEUE, **only_where(REVIEW)),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    record_id: Mapped[str] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"))
    document_id: Mapped[str] = mapped_column(ID, index=True)
    schema_id: Mapped[str] = mapped_column(ID)
    field: Mapped[str] = mapped_column(String(500))  # its path; of a cell without its row: `line_items.amount`
    row: Mapped[int]  # of a cell, from 0 over all pages; -1: no cell
    kind: Mapped[FieldKind]
    state: Mapped[ValueState]
    raw: Mapped[str | None] = mapped_column(Text)
    text: Mapped[str | None] = mapped_column(Text)  # the typed value of all that is no number, truth value or date
    folded: Mapped[str | None] = mapped_column(bytewise(200))  # the beginning of it, else of `raw`, as `fold` makes it
    number: Mapped[float | None]  # of numbers and money; of a truth value 0 or 1
    millionths: Mapped[int | None] = mapped_column(BigInteger)  # the same, exact, to be added up
    currency: Mapped[str | None] = mapped_column(String(3))
    date: Mapped[str | None] = mapped_column(bytewise(10))  # ISO 8601, sorts as it stands
    problem: Mapped[str | None] = mapped_column(String(64))
    confidence: Mapped[float | None]
    decision: Mapped[Decision | None]
    patience: Mapped[float | None]  # minus the expected error times its weight; None of what needs no review
    verified: Mapped[bool | None]
    corrected: Mapped[bool] = mapped_column(default=False)  # a person said so
    page: Mapped[int | None]
    box: Mapped[list[Any] | None]


class StaleRecord(Base):
    """A record that an older version of the code made: to be made anew from its pages' values, without a model."""

    __tablename__ = "stale_records"

    record_id: Mapped[str] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)


class Correction(Base):
    """What a person says instead of the model about a field of a document. All are kept; the last one counts."""

    __tablename__ = "corrections"
    __table_args__ = (Index(None, "document_id", "schema_name"), Index(None, "workspace_id", "id"))

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    schema_name: Mapped[str] = mapped_column(String(100))  # it outlives the schema's version
    field: Mapped[str] = mapped_column(String(500))  # its path; of a cell with its row in the record, from 0
    state: Mapped[ValueState]
    raw: Mapped[str | None] = mapped_column(Text)
    page: Mapped[int | None]
    box: Mapped[list[Any] | None]
    undone: Mapped[bool] = mapped_column(default=False)  # this one takes the last one back: the model counts again
    takes_back: Mapped[str | None] = mapped_column(ID)  # a correction that counts as never made, and so does this row
    before: Mapped[dict[str, Any]]  # the value as it stood, with the model that read it
    made_by: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(default=now)


class Calibration(Base):
    """What a model's confidence in fields of a kind means in this workspace: fitted on a person's own documents."""

    __tablename__ = "calibrations"
    __table_args__ = (UniqueConstraint("workspace_id", "model", "kind"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    model: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(32))  # a FieldKind, `absent`, or `any`
    said: Mapped[list[Any]]  # confidences, rising
    meant: Mapped[list[Any]]  # the share that is right at each, never falling; straight lines between
    evidence: Mapped[dict[str, Any]]  # what a check or the text layer adds to a confidence's log odds, before all that
    values_seen: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=now)
