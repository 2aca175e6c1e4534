"""Jobs on the wire: what starts one, how far it is, and what it has no result for."""

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from api.wire.parts import A_MOMENT, AN_ID, MOST_DOCUMENTS, Failure, Id, In, Out, Text
from api.wire.schemas import SchemaName
from core.records import JobKind, JobState, Queue
from workers.estimate import By


class JobIn(In):
    """A job to start: extract a schema's fields from documents, read their pages whole, or embed them, for search."""

    kind: Literal[JobKind.EXTRACT, JobKind.READ, JobKind.EMBED] = Field(examples=["extract"])
    schema_: Text | None = Field(
        None, alias="schema", max_length=100, description="To extract; needed for that.", examples=["invoice"]
    )
    schema_version: int | None = Field(None, ge=1, le=2**31 - 1, description="Default: the latest.", examples=[None])
    documents: list[Id] | None = Field(
        None, max_length=MOST_DOCUMENTS, description="Default: all documents of the workspace.", examples=[[AN_ID]]
    )
    queue: Literal[Queue.BULK, Queue.INTERACTIVE] = Field(Queue.BULK, examples=["bulk"])
    model: Text | None = Field(
        None, max_length=200, description="A configured model's name; default: that of jobs.", examples=[None]
    )
    text_layer: bool = Field(
        default=True,
        description="Whether the words that the PDF itself has are used: to compare values with, or as a page's text.",
        examples=[True],
    )

    @model_validator(mode="after")
    def _has_a_schema_where_it_is_needed(self) -> Self:
        if self.kind is JobKind.EXTRACT and self.schema_ is None:
            raise ValueError("a job that extracts needs a schema")
        if self.kind is not JobKind.EXTRACT and (self.schema_ is not None or self.schema_version is not None):
            raise ValueError("only a job that extracts takes a schema")
        if self.kind is JobKind.EMBED and self.model is not None:
            raise ValueError("a job that embeds takes no model: the service has one for it")
        return self


class EstimateOut(Out):
    """What a job would do and about how long that would take. Equal pictures are read once."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    documents: int = Field(examples=[120])
    pages: int = Field(examples=[300])
    pages_blank: int = Field(examples=[4], description="Told by their pixels; no model sees them.")
    pages_failed: int = Field(examples=[1], description="Could not be drawn: they will be gaps.")
    pages_known: int = Field(examples=[250], description="All that would be asked of them is known already.")
    pages_to_read: int = Field(examples=[45], description="The model sees these.")
    inferences: int = Field(
        examples=[495],
        description="Prompts that the model answers on them: fields and tables. `checks` come on top. A model behind "
        "an API answers all fields of a page in one call, so there are fewer calls than prompts.",
    )
    checks: int = Field(
        examples=[620],
        description="Boxes of values that are read again alone: an estimate, which rests on what `checks_by` says.",
    )
    checks_by: By = Field(
        examples=["records"],
        description="`records`: about as many as the latest records of the schema had. `fields`: at most one for each "
        "field, as there are no records yet; how many cells the rows will have is not known. `nothing`: none.",
    )
    seconds: float | None = Field(
        examples=[31.5], description="By what the model took here lately, one page after another; null: not known."
    )
    model: str = Field(examples=["bundled"])


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

    document_id: str = Field(examples=[AN_ID])
    document_name: str = Field(examples=["invoice.pdf"])
    page: int | None = Field(examples=[2], description="Null where the whole document is missing.")
    code: str = Field(examples=["unreadable-page"])
    detail: str | None = Field(examples=["The page could not be drawn by any engine."])


class JobOut(Out):
    """A job with its progress."""

    id: str = Field(examples=[AN_ID])
    kind: JobKind = Field(examples=["extract"])
    state: JobState = Field(examples=["running"])
    schema_: SchemaName | None = Field(alias="schema")
    question: str | None = Field(
        examples=[None], description="A question; what is to be located; labels to choose from, with commas between."
    )
    model: str | None = Field(examples=["big"], description="The model that was named; null: the workers' default.")
    retry_of: str | None = Field(None, examples=[None], description="The job whose missing pages it runs again.")
    text_layer: bool | None = Field(
        None,
        examples=[True],
        description="Of a job that extracts, whether values are compared with the words that a PDF itself has: false "
        "where the job or its schema leaves them aside. Of one that reads, whether they are taken as a page's text. "
        "Null of all others.",
    )
    progress: ProgressOut
    waiting_for: Failure | None = Field(examples=[None], description="What keeps pages from being read for now.")
    gaps: list[GapOut] = Field(description="The first 1,000; in lists and events the first 20.")
    gaps_total: int = Field(default=0, examples=[0], description="How many gaps there are in all.")
    result: dict[str, Any] | None = Field(
        examples=[None], description="Of a question its answer; else what became of the pages."
    )
    created_at: datetime = Field(examples=[A_MOMENT])
    finished_at: datetime | None = Field(examples=[None])

    model_config = ConfigDict(frozen=True, populate_by_name=True)


class JobsOut(Out):
    """Jobs, newest first."""

    items: list[JobOut]
    next_cursor: str | None = Field(examples=[None], description="The next page's `cursor`; null at the end.")
