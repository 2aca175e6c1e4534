"""Records and their values on the wire."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.wire.parts import A_MOMENT, AN_ID, Box, Out
from api.wire.schemas import SchemaName
from core.records import Decision, FieldKind, LayerVerdict, ValueState


class ValueOut(BaseModel):
    """What a document says about one field."""

    model_config = ConfigDict(frozen=True, extra="allow")

    state: ValueState = Field(examples=["found"])
    kind: FieldKind | None = Field(None, examples=["money"])
    raw: str | None = Field(None, examples=["$1,204.00"], description="As read; null unless found.")
    typed: Any = Field(
        None, examples=[{"amount": "1204.00", "currency": "USD"}], description="What the text means under its kind."
    )
    problem: str | None = Field(None, examples=[None], description="Why the text is not what it should be: a code.")
    readings: list[Any] = Field(default=[], description="What an ambiguous text may mean.")
    year_from: list[str] = Field(
        default=[], description="Fields whose dates tell the year of a date of a row that is printed without one."
    )
    confidence: float | None = Field(
        None, examples=[0.93], description="The share of such values that is right, where that is known."
    )
    model_confidence: float | None = Field(None, examples=[0.88], description="As the model's probabilities say it.")
    decision: Decision | None = Field(None, examples=["accepted"], description="By the target of the schema.")
    page: int | None = Field(None, examples=[1])
    box: Box | None = None
    verified: bool | None = Field(None, examples=[True], description="Whether its box alone, read again, gave it.")
    layer: LayerVerdict | None = Field(None, examples=["agrees"], description="What the PDF's own text says of it.")
    seen: str | None = Field(None, examples=[None], description="As the model read it, where the text layer mended it.")
    corrected: bool = Field(default=False, description="Whether a person said it.")
    confirmed: bool = Field(default=False, description="Whether a person said the same as the model.")
    by: str | None = Field(None, examples=[None], description="The name of the key of whoever said it.")
    at: datetime | None = Field(None, examples=[None], description="When they said it.")
    also_on: list[int] = Field(default=[], description="Other pages that say the same.")
    alternatives: list[dict[str, Any]] = Field(default=[], description="What other pages say.")
    reason: str | None = Field(None, examples=[None], description="Why it is unreadable: an error code.")


class RowOut(BaseModel):
    """A row of a table."""

    model_config = ConfigDict(frozen=True, extra="allow")

    page: int = Field(examples=[1])
    cells: dict[str, ValueOut]


class TableOut(BaseModel):
    """The rows of an array field over all pages."""

    model_config = ConfigDict(frozen=True, extra="allow")

    rows: list[RowOut]
    seen: int | None = Field(examples=[12], description="Rows that the pages show; null: not known.")
    read: int = Field(examples=[12])


class RecordOut(Out):
    """The values of one document under one schema version."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    id: str = Field(examples=[AN_ID])
    document_id: str = Field(examples=[AN_ID])
    document_name: str = Field(examples=["invoice.pdf"])
    document_names: list[str] = Field(
        default=[], examples=[["invoice.pdf"]], description="All names that its bytes were sent under."
    )
    schema_: SchemaName = Field(alias="schema")
    complete: bool = Field(examples=[True], description="Whether every page gave a result.")
    values: dict[str, ValueOut]
    tables: dict[str, TableOut] = Field(default={}, description="By array field.")
    gaps: list[dict[str, Any]] = Field(description="What pages lack: page, code, detail.")
    flags: list[dict[str, Any]] = Field(default=[], description="Rules of the schema that do not hold.")
    receipt: dict[str, Any] = Field(default={}, description="What became of every page.")
    unsure: int = Field(default=0, examples=[0], description="Values and cells that need a review.")
    model: str | None = Field(examples=["bundled"])
    updated_at: datetime = Field(examples=[A_MOMENT])


class OlderRecordsOut(Out):
    """That records stand under an older version of the schema."""

    version: int = Field(examples=[3])
    records: int = Field(examples=[120], description="Of documents that have no record under the latest version.")


class RecordsOut(Out):
    """Records, oldest first."""

    items: list[RecordOut]
    next_cursor: str | None = Field(examples=[None], description="The next page's `cursor`; null at the end.")
    older_versions: list[OlderRecordsOut] = Field(
        default=[],
        description="On the first page under the latest version: which records are not here as they stand under older "
        "versions alone, whatever `where` says. Only the newest 10,000 of these are looked at.",
    )
