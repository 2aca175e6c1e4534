"""Records and their values on the wire."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.wire.base import A_MOMENT, AN_ID, Box, Out
from api.wire.schemas import SchemaName
from core.records import ValueState


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

    id: str = Field(examples=[AN_ID])
    document_id: str = Field(examples=[AN_ID])
    document_name: str = Field(examples=["invoice.pdf"])
    schema_: SchemaName = Field(alias="schema")
    complete: bool = Field(examples=[True], description="Whether every page gave a result.")
    values: dict[str, ValueOut]
    gaps: list[dict[str, Any]] = Field(description="Pages without a result: page, code, detail.")
    model: str | None = Field(examples=["bundled"])
    updated_at: datetime = Field(examples=[A_MOMENT])


class RecordsOut(Out):
    """Records, oldest first."""

    items: list[RecordOut]
    next_cursor: str | None = Field(examples=[None], description="The next page's `cursor`; null at the end.")
