"""Schemas on the wire."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from api.wire.base import A_MOMENT, In, Out, plain_json


class SchemaIn(In):
    """A schema to extract by."""

    name: str = Field(pattern="^[a-z0-9][a-z0-9_-]{0,99}$", examples=["delivery-note"])
    body: Annotated[dict[str, Any], AfterValidator(plain_json)] = Field(
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
    created_at: datetime = Field(examples=[A_MOMENT])


class SchemasOut(Out):
    """The latest version of every schema."""

    items: list[SchemaOut]


class SchemaName(Out):
    """Which version of which schema."""

    name: str = Field(examples=["invoice"])
    version: int = Field(examples=[1])
