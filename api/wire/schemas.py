"""Schemas on the wire."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from api.wire.parts import A_MOMENT, In, Out, plain_json
from core.records import FieldKind


class SchemaIn(In):
    """A schema to extract by."""

    name: str = Field(pattern="^[a-z0-9][a-z0-9_-]{0,99}$", examples=["delivery-note"])
    body: Annotated[dict[str, Any], AfterValidator(plain_json)] = Field(
        description="A JSON Schema of type object, as of a Pydantic model: each leaf is a field to read, an array of "
        "objects a table. `folioscope` in it may hold rules, target, verify and text_layer.",
        examples=[{"type": "object", "properties": {"order_number": {"type": "string"}}}],
    )


class FieldOut(Out):
    """A field of a schema, or a column of a table."""

    path: str = Field(description="Of a column within its row.", examples=["order_number"])
    title: str = Field(examples=["order number"])
    description: str | None = Field(examples=[None])
    type: str = Field(examples=["string"])
    kind: FieldKind = Field(description="What its text means.", examples=["text"])
    examples: list[str] = Field(examples=[["A-4711"]])
    choices: list[str] = Field(description="Of a choice: what it may be.", examples=[[]])


class TableFieldOut(Out):
    """A table of a schema: rows of the same columns."""

    path: str = Field(examples=["line_items"])
    title: str = Field(examples=["line items"])
    description: str | None = Field(examples=[None])
    fields: list[FieldOut]


class RuleOut(Out):
    """What has to hold between values of a record."""

    name: str = Field(examples=["tax is added"])
    check: str = Field(examples=["subtotal + tax = total"])
    fields: list[str] = Field(examples=[["subtotal", "tax", "total"]])


class SchemaOut(Out):
    """A version of a schema. It never changes."""

    name: str = Field(examples=["delivery-note"])
    version: int = Field(examples=[1])
    body: dict[str, Any]
    fields: list[FieldOut]
    tables: list[TableFieldOut]
    rules: list[RuleOut]
    target: float | None = Field(description="The share of accepted values that has to be right.")
    verify: bool | None = Field(description="Whether boxes are read again alone; null: as the model may.")
    text_layer: bool = Field(description="Whether values are compared with the page's own text layer.")
    created_at: datetime = Field(examples=[A_MOMENT])


class SchemasOut(Out):
    """The latest version of every schema."""

    items: list[SchemaOut]


class SchemaVersionOut(Out):
    """That there is a version of a schema."""

    name: str = Field(examples=["delivery-note"])
    version: int = Field(examples=[1])
    sha256: str = Field(description="Of its body without blanks.")
    created_at: datetime = Field(examples=[A_MOMENT])


class SchemaVersionsOut(Out):
    """The versions of a schema, the latest first."""

    items: list[SchemaVersionOut]


class ChangeOut(Out):
    """One word that another version says otherwise."""

    path: str | None = Field(description="Of a field, column or table; null: of the whole.", examples=["total"])
    word: str = Field(examples=["kind"])
    before: Any = Field(examples=["number"])
    after: Any = Field(examples=["money"])


class SchemaDiffOut(Out):
    """What a version of a schema asks for otherwise than an older one."""

    name: str = Field(examples=["delivery-note"])
    older: int = Field(examples=[1])
    newer: int = Field(examples=[2])
    added: list[str] = Field(examples=[["line_items.amount"]])
    removed: list[str] = Field(examples=[[]])
    changes: list[ChangeOut]
    rules_added: list[str]
    rules_removed: list[str]


class SchemaName(Out):
    """Which version of which schema."""

    name: str = Field(examples=["invoice"])
    version: int = Field(examples=[1])
