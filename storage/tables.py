"""The tables, typed. Every row belongs to a workspace; ids of rows sort by the time they were made."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from core.records import (
    Decision,
    DocumentState,
    FieldKind,
    ItemState,
    JobKind,
    JobState,
    LayerVerdict,
    PageState,
    Queue,
    StopReason,
    ValueState,
)
from storage.database import new_id, now

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """An aware UTC time; SQLite keeps it without its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; without the zone on SQLite."""
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the library's form
        """Aware again."""
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _named(kind: type[StrEnum]) -> Enum:
    """An enum stored by its value, as text."""
    return Enum(kind, native_enum=False, length=32, values_callable=lambda k: [m.value for m in k])


def _only(condition: str) -> dict[str, Any]:
    """An index over some rows. A query that is to use it has the same words, and no parameters for them."""
    return {"postgresql_where": text(condition), "sqlite_where": text(condition)}


def _bytewise(length: int) -> String:
    """Text in the order of its code points on every database, so that a cursor means the same everywhere."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


class Base(DeclarativeBase):
    """What all tables share."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Moment(),
        dict[str, Any]: JSON(none_as_null=True),
        list[Any]: JSON(none_as_null=True),
        **{kind: _named(kind) for kind in (DocumentState, PageState, JobKind, JobState, ItemState, Queue)},
        **{kind: _named(kind) for kind in (ValueState, StopReason, LayerVerdict, FieldKind, Decision)},
    }


_Id = String(32)
_Hash = String(64)


class Workspace(Base):
    """The wall between tenants."""

    __tablename__ = "workspaces"

    id: Mapped[str] = mapped_column(_Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class ApiKey(Base):
    """A key of a workspace, known by its hash alone."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(_Id, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(_Hash, unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    revoked_at: Mapped[datetime | None]


class Blob(Base):
    """Bytes in the blob store that some row names."""

    __tablename__ = "blobs"

    sha256: Mapped[str] = mapped_column(_Hash, primary_key=True)
    named_at: Mapped[datetime] = mapped_column(default=now, index=True)  # when a row was last written that names it


class Document(Base):
    """One uploaded file."""

    __tablename__ = "documents"
    __table_args__ = (UniqueConstraint("workspace_id", "sha256"), Index(None, "workspace_id", "id"))

    id: Mapped[str] = mapped_column(_Id, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    sha256: Mapped[str] = mapped_column(_Hash, ForeignKey("blobs.sha256"), index=True)
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    page_count: Mapped[int | None]  # None while only a password can tell
    state: Mapped[DocumentState]
    password: Mapped[str | None] = mapped_column(Text)  # forgotten as soon as the pages are drawn
    warning: Mapped[str | None] = mapped_column(Text)
    error_code: Mapped[str | None] = mapped_column(String(64))
    error_detail: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Page(Base):
    """One page of a document: its size in points, its picture, its own words."""

    __tablename__ = "pages"
    __table_args__ = (UniqueConstraint("document_id", "number"),)

    id: Mapped[str] = mapped_column(_Id, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    number: Mapped[int]  # from 1
    state: Mapped[PageState] = mapped_column(default=PageState.WAITING)
    width: Mapped[float | None]  # points
    height: Mapped[float | None]
    dpi: Mapped[float | None]
    engine: Mapped[str | None] = mapped_column(String(32))
    image_sha256: Mapped[str | None] = mapped_column(_Hash, ForeignKey("blobs.sha256"), index=True)
    image_width: Mapped[int | None]
    image_height: Mapped[int | None]
    blank: Mapped[bool | None]
    words: Mapped[list[Any]] = mapped_column(JSON, default=list, deferred=True)  # [text, x0, y0, x1, y1], 0..1
    error_code: Mapped[str | None] = mapped_column(String(64))
    error_detail: Mapped[str | None] = mapped_column(Text)


class Schema(Base):
    """A version of a named JSON Schema. It never changes."""

    __tablename__ = "schemas"
    __table_args__ = (UniqueConstraint("workspace_id", "name", "version"),)

    id: Mapped[str] = mapped_column(_Id, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    version: Mapped[int]
    sha256: Mapped[str] = mapped_column(_Hash)  # of the body in canonical form
    body: Mapped[dict[str, Any]]
    views: Mapped[dict[str, Any] | None]  # names of its SQL views: its own under "", its tables' under their paths
    created_at: Mapped[datetime] = mapped_column(default=now)


class Job(Base):
    """What a caller asked for; and the drawing of pages, which the service asks of itself."""

    __tablename__ = "jobs"
    __table_args__ = (Index(None, "workspace_id", "id"), Index(None, "state"))

    id: Mapped[str] = mapped_column(_Id, primary_key=True, default=new_id)
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
    document_id: Mapped[str] = mapped_column(_Id, primary_key=True, index=True)
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
        Index("ix_items_claimable", "queue", "id", **_only("state = 'waiting' AND ready")),
        Index("ix_items_leased", "expires_at", **_only("state = 'leased'")),
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


class Inference(Base):
    """What a model said to one prompt on one page: cached by content, kept as provenance."""

    __tablename__ = "inferences"
    __table_args__ = (Index("ix_inferences_model", "workspace_id", "model", "created_at"),)

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(_Hash, primary_key=True)
    image_sha256: Mapped[str] = mapped_column(_Hash, index=True)
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
    job_id: Mapped[str] = mapped_column(_Id)
    field: Mapped[str] = mapped_column(String(500))
    state: Mapped[ValueState]
    raw: Mapped[str | None] = mapped_column(Text)
    confidence: Mapped[float | None]
    box: Mapped[list[Any] | None]
    model: Mapped[str] = mapped_column(Text)
    inference_key: Mapped[str | None] = mapped_column(_Hash)
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
        Index(None, "schema_id", "id"),
        Index(None, "schema_id", "updated_at", "id"),
    )

    id: Mapped[str] = mapped_column(_Id, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    schema_id: Mapped[str] = mapped_column(ForeignKey("schemas.id", ondelete="CASCADE"))
    job_id: Mapped[str] = mapped_column(_Id)
    complete: Mapped[bool]  # whether every page gave a result
    values: Mapped[dict[str, Any]]  # by field: state, raw, typed, problem, confidence, decision, page, box, ...
    tables: Mapped[dict[str, Any]] = mapped_column(default=dict)  # by array field: rows, seen, read
    gaps: Mapped[list[Any]]  # what is missing: page, code, detail
    flags: Mapped[list[Any]] = mapped_column(default=list)  # broken rules: rule, fields, detail
    receipt: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what became of every page
    unsure: Mapped[int] = mapped_column(default=0)  # values that need a review
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
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    record_id: Mapped[str] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"))
    document_id: Mapped[str] = mapped_column(_Id, index=True)
    schema_id: Mapped[str] = mapped_column(_Id)
    field: Mapped[str] = mapped_column(String(500))  # its path; of a cell without its row: `line_items.amount`
    row: Mapped[int]  # of a cell, from 0 over all pages; -1: no cell
    kind: Mapped[FieldKind]
    state: Mapped[ValueState]
    raw: Mapped[str | None] = mapped_column(Text)
    text: Mapped[str | None] = mapped_column(Text)  # the typed value of all that is no number, truth value or date
    folded: Mapped[str | None] = mapped_column(_bytewise(200))  # the beginning of it, else of `raw`, as `fold` makes it
    number: Mapped[float | None]  # of numbers and money; of a truth value 0 or 1
    millionths: Mapped[int | None] = mapped_column(BigInteger)  # the same, exact, to be added up
    currency: Mapped[str | None] = mapped_column(String(3))
    date: Mapped[str | None] = mapped_column(_bytewise(10))  # ISO 8601, sorts as it stands
    problem: Mapped[str | None] = mapped_column(String(64))
    confidence: Mapped[float | None]
    decision: Mapped[Decision | None]
    verified: Mapped[bool | None]
    corrected: Mapped[bool] = mapped_column(default=False)  # a person said so
    page: Mapped[int | None]
    box: Mapped[list[Any] | None]


class DocumentName(Base):
    """A name under which a document's bytes were uploaded; the first is the document's own."""

    __tablename__ = "document_names"

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Correction(Base):
    """What a person says instead of the model about a field of a document. All are kept; the last one counts."""

    __tablename__ = "corrections"
    __table_args__ = (Index(None, "document_id", "schema_name"), Index(None, "workspace_id", "id"))

    id: Mapped[str] = mapped_column(_Id, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    schema_name: Mapped[str] = mapped_column(String(100))  # it outlives the schema's version
    field: Mapped[str] = mapped_column(String(500))  # its path; of a cell with its row in the record, from 0
    state: Mapped[ValueState]
    raw: Mapped[str | None] = mapped_column(Text)
    page: Mapped[int | None]
    box: Mapped[list[Any] | None]
    undone: Mapped[bool] = mapped_column(default=False)  # this one takes the last one back: the model counts again
    before: Mapped[dict[str, Any]]  # the value as it stood, with the model that read it
    made_by: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(default=now)


class Calibration(Base):
    """What a model's confidence in fields of a kind means in this workspace: fitted on a person's own documents."""

    __tablename__ = "calibrations"
    __table_args__ = (UniqueConstraint("workspace_id", "model", "kind"),)

    id: Mapped[str] = mapped_column(_Id, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    model: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(32))  # a FieldKind, `absent`, or `any`
    said: Mapped[list[Any]]  # confidences, rising
    meant: Mapped[list[Any]]  # the share that is right at each, never falling; straight lines between
    values_seen: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=now)


class IdempotencyKey(Base):
    """A request that must not be done twice, and its answer once there is one."""

    __tablename__ = "idempotency_keys"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request_sha256: Mapped[str] = mapped_column(_Hash)
    status: Mapped[int | None]  # None while the request is being worked on
    body: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Office(Base):
    """Who holds an office of which there is one: the sweeper's."""

    __tablename__ = "offices"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(255))
    until: Mapped[datetime]
