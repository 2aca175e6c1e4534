"""Questions on the wire, and their answers."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.wire.parts import AN_ID, MOST_DOCUMENTS, Box, Id, In, Out, Text

MOST_SHOWN = 50  # pages that an answer lists as looked at

_OPEN = ConfigDict(frozen=True, extra="allow", populate_by_name=True)


class RecordsIn(In):
    """The documents of the records that pass a filter."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_: Text = Field(alias="schema", min_length=1, max_length=100, examples=["invoice"])
    where: Text | None = Field(
        None, max_length=10_000, description="A condition, as of records; default: all.", examples=["total >= 1000"]
    )


class AskIn(In):
    """A question over documents."""

    question: Text = Field(min_length=1, max_length=1_000, pattern=r"\S", examples=["What is the total?"])
    documents: list[Id] | None = Field(
        None, max_length=MOST_DOCUMENTS, description="Default: all documents of the workspace.", examples=[[AN_ID]]
    )
    records: RecordsIn | None = Field(None, description="Instead of `documents`: those of some records.")
    wait: float = Field(30.0, ge=0, le=60, description="Seconds to wait for the answer.", examples=[30])
    model: Text | None = Field(
        None, max_length=200, description="A configured model's name; default: that of questions.", examples=[None]
    )


class EvidenceOut(BaseModel):
    """Where an answer stands."""

    model_config = _OPEN

    document: str = Field(examples=[AN_ID])
    document_name: str | None = Field(examples=["invoice.pdf"])
    page: int = Field(examples=[1])
    box: Box | None


class AlternativeOut(BaseModel):
    """Another text that was read."""

    model_config = _OPEN

    text: str | None = Field(examples=["$1,104.00"])
    confidence: float | None = Field(examples=[0.41])
    evidence: EvidenceOut | None


class LookedAtOut(BaseModel):
    """A page that the model was asked about."""

    model_config = _OPEN

    document: str = Field(examples=[AN_ID])
    document_name: str | None = Field(examples=["invoice.pdf"])
    page: int = Field(examples=[1])


class SearchedOut(BaseModel):
    """What pages were searched for, and how many there were."""

    model_config = _OPEN

    words: list[str] = Field(default=[], examples=[["iban", "meyer", "gmbh"]])
    pages: int = Field(0, examples=[3012], description="Pages that could be searched.")
    unread: int = Field(0, examples=[0], description="Pages that nobody has read yet: no search finds them.")


class CitationOut(BaseModel):
    """A value that an exact answer rests on."""

    model_config = _OPEN

    document: str = Field(examples=[AN_ID])
    document_name: str | None = Field(examples=["invoice.pdf"])
    page: int | None = Field(examples=[1])
    box: Box | None = None
    record: str | None = Field(None, examples=[AN_ID])
    field: str | None = Field(None, examples=["total"])
    text: str | None = Field(None, examples=["1,204.00 EUR"])
    number: int | float | None = Field(None, examples=[1204.0])
    state: str | None = Field(None, examples=["accepted"])


class CitationsOut(Out):
    """Rows that an exact answer rests on."""

    items: list[CitationOut]
    next_cursor: str | None = Field(examples=[None], description="The next page's `cursor`; null at the end.")


class MissingOut(BaseModel):
    """A document whose value an exact answer lacks."""

    model_config = _OPEN

    document: str = Field(examples=[AN_ID])
    document_name: str | None = Field(examples=["invoice.pdf"])
    reason: str = Field(examples=["unreadable"])


class GroupOut(BaseModel):
    """One of the groups that an exact answer has."""

    model_config = _OPEN

    key: Any = Field(examples=["acme"])
    number: int | float | None = Field(None, examples=[1204.0])
    count: int | None = Field(None, examples=[3])


class OfferOut(BaseModel):
    """An extraction that would let the question be answered, and what it would take."""

    model_config = _OPEN

    schema_: str = Field(alias="schema", examples=["invoice"])
    pages: int = Field(examples=[120])
    model_calls: int = Field(examples=[1440])
    seconds: float | None = Field(None, examples=[90.5])
    command: str = Field(examples=["folioscope extract --schema invoice"])
    whose: Literal["all", "not_as_it", "unread"] = Field(
        "all",
        description="Which documents it is about: `all` of the question's, those `not_as_it`: without a record under "
        "the schema, or the `unread`: those without any record.",
    )
    text: str = Field("", description="All of that as a sentence, with which the answer's text ends.")


class PlanOut(BaseModel):
    """How an exact answer was come to: a query over records, in words, and the rows that it rests on."""

    model_config = _OPEN

    words: str = Field(examples=["Number of invoices whose vendor name contains acme"])
    schema_: str | None = Field(None, alias="schema", examples=["invoice"])
    version: int | None = Field(None, examples=[3])
    intent: str = Field(examples=["count"])
    where: str | None = Field(None, examples=['vendor_name ~ "acme"'], description="The filter; records take it, too.")
    number: int | float | None = Field(None, examples=[412])
    typed: Any = Field(None, examples=[None])
    currency: str | None = Field(None, examples=["EUR"])
    groups: list[GroupOut] = Field(default=[])
    rows: int = Field(0, examples=[412], description="Rows that it rests on.")
    left_out: dict[str, int] = Field(default={}, examples=[{"unsure": 2, "missing": 3, "unreadable": 1}])
    citations: list[CitationOut] = Field(default=[], description="The first of the rows.")
    unsure: list[CitationOut] = Field(default=[], description="The first of the rows that need a review.")
    missing: list[MissingOut] = Field(default=[], description="The first of the documents that lack a value.")
    offer: OfferOut | None = None


class AnswerOut(BaseModel):
    """The answer to a question, or that it does not stand in these documents."""

    model_config = _OPEN

    job_id: str = Field(examples=[AN_ID])
    state: Literal["found", "not_found"] = Field(examples=["found"])
    kind: Literal["read", "exact"] = Field(
        "read", examples=["read"], description="Read by a model on pages, or worked out from stored values."
    )
    text: str | None = Field(examples=["$1,204.00"])
    confidence: float | None = Field(examples=[0.93])
    evidence: EvidenceOut | None
    supported_by: list[EvidenceOut] = Field(default=[], description="Other pages that say the same.")
    alternatives: list[AlternativeOut]
    pages_looked_at: int = Field(examples=[12])
    pages_unreadable: int = Field(examples=[0])
    not_looked_at: int = Field(
        examples=[0], description="Pages that may have the answer, beyond the limit of one question."
    )
    looked_at: list[LookedAtOut] = Field(default=[], description=f"At most {MOST_SHOWN} of the pages.")
    searched: SearchedOut = Field(default=SearchedOut())
    plan: PlanOut | None = Field(None, description="Of an exact answer.")
