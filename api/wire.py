"""Shapes on the wire: what the API takes and gives, as Pydantic models. They know no web framework and no tables."""

import json
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from core.records import DocumentState, JobKind, JobState, PageState, Queue, ValueState

MOST_DOCUMENTS = 100_000  # named by one job; without a list, a job covers all there are
_DEEPEST = 100  # levels of JSON
_AN_ID = "019abc3f7d1e5a0c9b7e4f2a6d8c1b30"
_A_HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_A_MOMENT = "2026-11-25T13:33:00Z"


def _storable(text: str) -> str:
    """Text that every database keeps: no NUL, no half of a surrogate pair."""
    if "\0" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise ValueError("the text holds a character that cannot be stored")
    return text


def _plain_json(body: dict[str, Any]) -> dict[str, Any]:
    """JSON that every database keeps, and that can be written down again."""
    if _depth(body) > _DEEPEST:
        raise ValueError(f"the JSON lies deeper than {_DEEPEST} levels")
    try:
        text = json.dumps(body, allow_nan=False, ensure_ascii=False)
        text.encode()
    except ValueError as error:
        raise ValueError("the JSON holds a number or a character that cannot be stored") from error
    if "\\u0000" in text:
        raise ValueError("the JSON holds a character that cannot be stored")
    return body


def _depth(body: object) -> int:
    """How deep the JSON is, counted level by level, and no further than it matters."""
    level: list[Any] = [body]
    depth = 0
    while level and depth <= _DEEPEST:
        depth += 1
        inner = [node.values() if isinstance(node, dict) else node for node in level if isinstance(node, dict | list)]
        level = [child for children in inner for child in children]
    return depth


Text: TypeAlias = Annotated[str, AfterValidator(_storable)]
Id: TypeAlias = Annotated[str, Field(pattern="^[0-9a-f]{32}$", examples=[_AN_ID])]
Box: TypeAlias = Annotated[
    list[float], Field(min_length=4, max_length=4, description="x0, y0, x1, y1 as shares of the upright page.")
]


class In(BaseModel):
    """What a caller sends. A member that nobody knows is an error, not a silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Out(BaseModel):
    """What the service answers."""

    model_config = ConfigDict(frozen=True)


class Problem(BaseModel):
    """An error as problem+json (RFC 9457). Some carry further members that name their facts."""

    model_config = ConfigDict(extra="allow")

    type: str = Field("about:blank", examples=["about:blank"])
    title: str = Field(examples=["There is no such document in this workspace"])
    status: int = Field(examples=[404])
    code: str = Field(description="Stable; programs may rely on it.", examples=["document-not-found"])
    detail: str = Field(description="A sentence for people.")
    request_id: str | None = Field(None, description="The same as in the header X-Request-ID and in the log.")


class Failure(Out):
    """Why something has no result."""

    code: str = Field(examples=["unreadable-page"])
    detail: str | None = Field(examples=["The page could not be drawn by any engine."])


class DocumentOut(Out):
    """A document."""

    id: str = Field(examples=[_AN_ID])
    name: str = Field(examples=["invoice.pdf"])
    sha256: str = Field(examples=[_A_HASH])
    media_type: str = Field(examples=["application/pdf"])
    size: int = Field(examples=[48_213], description="Bytes.")
    page_count: int | None = Field(examples=[2], description="Null while only a password can tell.")
    state: DocumentState = Field(examples=["ready"])
    warning: str | None = Field(
        examples=[None], description="What is not as it should be, though the document is ready."
    )
    error: Failure | None = Field(examples=[None])
    created_at: datetime = Field(examples=[_A_MOMENT])


class UploadedOut(DocumentOut):
    """A document, and whether this upload made it."""

    created: bool = Field(examples=[True], description="False where the same bytes were there already.")


class RefusedOut(Out):
    """A file that was not taken, and why."""

    name: str = Field(examples=["notes.txt"])
    code: str = Field(examples=["unsupported-file"])
    title: str = Field(examples=["The file is neither a PDF nor a PNG, JPEG or TIFF image"])
    detail: str = Field(examples=["This is a text file; send a PDF, PNG, JPEG or TIFF file."])


class UploadOut(Out):
    """What became of the files of an upload."""

    documents: list[UploadedOut]
    refused: list[RefusedOut]


class UnlockIn(In):
    """The password of a document that waits for it."""

    password: Text = Field(min_length=1, max_length=1_000, examples=["open sesame"])


class WordOut(Out):
    """A word of the PDF's own text layer."""

    text: str = Field(examples=["Total"])
    box: Box


class PageOut(Out):
    """A page of a document. Sizes are null until it is drawn."""

    number: int = Field(examples=[1])
    state: PageState = Field(examples=["ready"])
    width: float | None = Field(examples=[612.0], description="Points.")
    height: float | None = Field(examples=[792.0], description="Points.")
    dpi: float | None = Field(examples=[150.0])
    engine: str | None = Field(examples=["mupdf"])
    image_width: int | None = Field(examples=[1275], description="Pixels.")
    image_height: int | None = Field(examples=[1650], description="Pixels.")
    blank: bool | None = Field(examples=[False])
    error: Failure | None = Field(examples=[None])


class PageWithWordsOut(PageOut):
    """A page with the words of its own text layer, where it has one."""

    words: list[WordOut]


class PagesOut(Out):
    """All pages of a document, in order."""

    items: list[PageOut]


class DocumentsOut(Out):
    """Documents, newest first."""

    items: list[DocumentOut]
    next_cursor: str | None = Field(examples=[None], description="The next page's `cursor`; null at the end.")


class SchemaIn(In):
    """A schema to extract by."""

    name: str = Field(pattern="^[a-z0-9][a-z0-9_-]{0,99}$", examples=["delivery-note"])
    body: Annotated[dict[str, Any], AfterValidator(_plain_json)] = Field(
        description="A JSON Schema of type object; each leaf is a field to read.",
        examples=[{"type": "object", "properties": {"order_number": {"type": "string"}}}],
    )


class FieldOut(Out):
    """A field of a schema."""

    path: str = Field(examples=["order_number"])
    title: str = Field(examples=["order number"])
    description: str | None = Field(examples=[None])
    type: str = Field(examples=["string"])


class SchemaOut(Out):
    """A version of a schema. It never changes."""

    name: str = Field(examples=["delivery-note"])
    version: int = Field(examples=[1])
    body: dict[str, Any]
    fields: list[FieldOut]
    created_at: datetime = Field(examples=[_A_MOMENT])


class SchemasOut(Out):
    """The latest version of every schema."""

    items: list[SchemaOut]


class SchemaName(Out):
    """Which version of which schema."""

    name: str = Field(examples=["invoice"])
    version: int = Field(examples=[1])


class JobIn(In):
    """A job to start: read the fields of a schema from documents."""

    kind: Literal[JobKind.EXTRACT] = Field(examples=["extract"])
    schema_: Text = Field(alias="schema", max_length=100, examples=["invoice"])
    schema_version: int | None = Field(None, ge=1, le=2**31 - 1, description="Default: the latest.", examples=[None])
    documents: list[Id] | None = Field(
        None, max_length=MOST_DOCUMENTS, description="Default: all documents of the workspace.", examples=[[_AN_ID]]
    )
    queue: Literal[Queue.BULK, Queue.INTERACTIVE] = Field(Queue.BULK, examples=["bulk"])
    model: Text | None = Field(
        None, max_length=200, description="A configured model's name; default: that of jobs.", examples=[None]
    )


class ProgressOut(Out):
    """A job's items, one a page, by state."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    total: int = Field(examples=[10])
    waiting: int = Field(examples=[0])
    leased: int = Field(examples=[2])
    done: int = Field(examples=[8])
    failed: int = Field(examples=[0])
    cancelled: int = Field(examples=[0])


class GapOut(Out):
    """What a job covers but has no result for."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    document_id: str = Field(examples=[_AN_ID])
    document_name: str = Field(examples=["invoice.pdf"])
    page: int | None = Field(examples=[2], description="Null where the whole document is missing.")
    code: str = Field(examples=["unreadable-page"])
    detail: str | None = Field(examples=["The page could not be drawn by any engine."])


class JobOut(Out):
    """A job with its progress."""

    id: str = Field(examples=[_AN_ID])
    kind: JobKind = Field(examples=["extract"])
    state: JobState = Field(examples=["running"])
    schema_: SchemaName | None = Field(alias="schema")
    question: str | None = Field(examples=[None])
    model: str | None = Field(examples=["big"], description="The model that was named; null: the workers' default.")
    progress: ProgressOut
    waiting_for: Failure | None = Field(examples=[None], description="What keeps pages from being read for now.")
    gaps: list[GapOut] = Field(description="At most 1,000; at most 20 in lists and events.")
    result: dict[str, Any] | None = Field(examples=[None], description="Of a question: its answer.")
    created_at: datetime = Field(examples=[_A_MOMENT])
    finished_at: datetime | None = Field(examples=[None])

    model_config = ConfigDict(frozen=True, populate_by_name=True)


class JobsOut(Out):
    """Jobs, newest first."""

    items: list[JobOut]
    next_cursor: str | None = Field(examples=[None], description="The next page's `cursor`; null at the end.")


class ValueOut(BaseModel):
    """What a document says about one field."""

    model_config = ConfigDict(frozen=True, extra="allow")

    state: ValueState = Field(examples=["found"])
    raw: str | None = Field(None, examples=["$1,204.00"], description="As read; null unless found.")
    confidence: float | None = Field(None, examples=[0.93])
    page: int | None = Field(None, examples=[1])
    box: Box | None = None
    also_on: list[int] = Field(default=[], description="Other pages that say the same.")
    alternatives: list[dict[str, Any]] = Field(default=[], description="What other pages say.")
    reason: str | None = Field(None, examples=[None], description="Why it is unreadable: an error code.")


class RecordOut(Out):
    """The values of one document under one schema version."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    id: str = Field(examples=[_AN_ID])
    document_id: str = Field(examples=[_AN_ID])
    document_name: str = Field(examples=["invoice.pdf"])
    schema_: SchemaName = Field(alias="schema")
    complete: bool = Field(examples=[True], description="Whether every page gave a result.")
    values: dict[str, ValueOut]
    gaps: list[dict[str, Any]] = Field(description="Pages without a result: page, code, detail.")
    model: str | None = Field(examples=["bundled"])
    updated_at: datetime = Field(examples=[_A_MOMENT])


class RecordsOut(Out):
    """Records, oldest first."""

    items: list[RecordOut]
    next_cursor: str | None = Field(examples=[None], description="The next page's `cursor`; null at the end.")


class AskIn(In):
    """A question over documents."""

    question: Text = Field(min_length=1, max_length=1_000, pattern=r"\S", examples=["What is the total?"])
    documents: list[Id] | None = Field(
        None, max_length=MOST_DOCUMENTS, description="Default: all documents of the workspace.", examples=[[_AN_ID]]
    )
    wait: float = Field(30.0, ge=0, le=60, description="Seconds to wait for the answer.", examples=[30])
    model: Text | None = Field(
        None, max_length=200, description="A configured model's name; default: that of questions.", examples=[None]
    )


class EvidenceOut(BaseModel):
    """Where an answer stands."""

    model_config = ConfigDict(frozen=True, extra="allow")

    document: str = Field(examples=[_AN_ID])
    document_name: str | None = Field(examples=["invoice.pdf"])
    page: int = Field(examples=[1])
    box: Box | None


class AlternativeOut(BaseModel):
    """Another text that was read."""

    model_config = ConfigDict(frozen=True, extra="allow")

    text: str | None = Field(examples=["$1,104.00"])
    confidence: float | None = Field(examples=[0.41])
    evidence: EvidenceOut | None


class AnswerOut(BaseModel):
    """The answer to a question, or that it does not stand in these documents."""

    model_config = ConfigDict(frozen=True, extra="allow")

    job_id: str = Field(examples=[_AN_ID])
    state: Literal["found", "not_found"] = Field(examples=["found"])
    text: str | None = Field(examples=["$1,204.00"])
    confidence: float | None = Field(examples=[0.93])
    evidence: EvidenceOut | None
    alternatives: list[AlternativeOut]
    pages_looked_at: int = Field(examples=[12])
    pages_unreadable: int = Field(examples=[0])
    not_looked_at: int = Field(examples=[0], description="Pages beyond the limit of one question.")


class PartsOut(Out):
    """Whether the service can work, part by part."""

    ready: bool = Field(examples=[True])
    parts: dict[str, str] = Field(examples=[{"database": "ok", "migrations": "ok", "blobs": "ok", "redis": "ok"}])


class AliveOut(Out):
    """That the process answers."""

    alive: bool = Field(examples=[True])
