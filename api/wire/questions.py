"""Questions on the wire, and their answers."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.wire.parts import AN_ID, MOST_DOCUMENTS, Box, Id, In, Text


class AskIn(In):
    """A question over documents."""

    question: Text = Field(min_length=1, max_length=1_000, pattern=r"\S", examples=["What is the total?"])
    documents: list[Id] | None = Field(
        None, max_length=MOST_DOCUMENTS, description="Default: all documents of the workspace.", examples=[[AN_ID]]
    )
    wait: float = Field(30.0, ge=0, le=60, description="Seconds to wait for the answer.", examples=[30])
    model: Text | None = Field(
        None, max_length=200, description="A configured model's name; default: that of questions.", examples=[None]
    )


class EvidenceOut(BaseModel):
    """Where an answer stands."""

    model_config = ConfigDict(frozen=True, extra="allow")

    document: str = Field(examples=[AN_ID])
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

    job_id: str = Field(examples=[AN_ID])
    state: Literal["found", "not_found"] = Field(examples=["found"])
    text: str | None = Field(examples=["$1,204.00"])
    confidence: float | None = Field(examples=[0.93])
    evidence: EvidenceOut | None
    alternatives: list[AlternativeOut]
    pages_looked_at: int = Field(examples=[12])
    pages_unreadable: int = Field(examples=[0])
    not_looked_at: int = Field(examples=[0], description="Pages beyond the limit of one question.")
