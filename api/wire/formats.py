"""The forms that the reply to a chat may have, on the wire."""

import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypeAlias

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from pydantic import AfterValidator, Field
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from api.wire.parts import In, Text, plain_json

_LONGEST_SCHEMA = 50_000  # characters
_HERE = "urn:reply"


def _usable(schema: dict[str, Any]) -> dict[str, Any]:
    """A JSON Schema that says all by itself: it can be stored and checked, and its references lead to parts of it."""
    plain_json(schema)
    if len(json.dumps(schema)) > _LONGEST_SCHEMA:
        raise ValueError(f"the schema has more than {_LONGEST_SCHEMA:,} characters")
    try:
        Draft202012Validator.check_schema(schema)
        resource = DRAFT202012.create_resource(schema)
        resolver = Registry().with_resource(_HERE, resource).resolver(base_uri=_HERE)
        for reference in _references(schema):
            resolver.lookup(reference)
    except SchemaError as error:
        raise ValueError(f"this is no JSON Schema: {error.message[:200]}") from error
    except Unresolvable as error:
        raise ValueError("the schema refers to something outside of it, or that is not there") from error
    return schema


def _references(node: object) -> Iterator[str]:
    """All that is referred to, at any depth."""
    if isinstance(node, list):
        for child in node:
            yield from _references(child)
    elif isinstance(node, dict):
        for key, child in node.items():
            if key in {"$ref", "$dynamicRef"} and isinstance(child, str):
                yield child
            else:
                yield from _references(child)


class TextFormat(In):
    """Plain text."""

    type: Literal["text"]


class JsonObjectFormat(In):
    """Any JSON object."""

    type: Literal["json_object"]


class JsonSchema(In):
    """A JSON Schema with its name."""

    name: str = Field(pattern="^[a-zA-Z0-9_-]{1,64}$", examples=["total"])
    description: Text | None = Field(None, description="Without effect: say it in the schema.", examples=[None])
    schema_: Annotated[dict[str, Any], AfterValidator(_usable)] = Field(
        alias="schema",
        examples=[{"type": "object", "properties": {"total": {"type": "string"}}, "required": ["total"]}],
    )
    strict: bool | None = Field(None, description="Without effect: every reply is held to the schema.", examples=[True])


class JsonSchemaFormat(In):
    """JSON that fits a schema."""

    type: Literal["json_schema"]
    json_schema: JsonSchema


ResponseFormat: TypeAlias = Annotated[TextFormat | JsonObjectFormat | JsonSchemaFormat, Field(discriminator="type")]
