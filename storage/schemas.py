"""Schemas: what is asked of a document. A version never changes; a new body is a new version."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from core.errors import InvalidSchema, SchemaNotFound
from storage.database import Session, insert_into
from storage.tables import Schema

_BUILTINS = Path(__file__).parent / "builtin_schemas"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_FIELD_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_ -]{0,99}")
_LEAVES = ("string", "number", "integer", "boolean")
_BOUNDS = (
    *("enum", "const", "format", "pattern", "minLength", "maxLength"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
)
_MOST_FIELDS = 200
_DEEPEST = 8
_LONGEST_TEXT = 500  # characters of a title or a description
_LONGEST_BODY = 200_000  # characters


@dataclass(frozen=True, slots=True)
class Field:
    """A leaf of a schema: what it is called on the page, and the type that its value should have."""

    path: str  # names from the root, joined by dots
    title: str
    description: str | None
    type: str  # string, number, integer or boolean
    bounds: Mapping[str, Any] = field(default_factory=dict)  # what else its JSON Schema says of a value

    @property
    def value_schema(self) -> dict[str, Any] | None:
        """The JSON Schema of its value; None where any text is one."""
        said = {} if self.description is None else {"description": self.description}
        schema = {"type": self.type, **said, **self.bounds}
        return None if schema == {"type": "string"} else schema


def fields_of(body: dict[str, Any]) -> list[Field]:
    """The fields of a checked schema in its order, those of nested objects by their path. Arrays are left out."""
    return list(_leaves(body, body, "", 0))


def check_body(body: object) -> None:
    """Raise InvalidSchema, with a sentence that says what to change, unless fields can be read under this schema."""
    if not isinstance(body, dict) or body.get("type") != "object" or not isinstance(body.get("properties"), dict):
        raise InvalidSchema('A schema is a JSON object with "type": "object" and "properties".')
    try:
        size = len(json.dumps(body, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidSchema("The schema is not JSON.") from error
    if size > _LONGEST_BODY:
        raise InvalidSchema(f"The schema has {size} characters; at most {_LONGEST_BODY} are taken.")
    paths = [field.path for field in fields_of(body)]
    if not paths:
        raise InvalidSchema("The schema has no field that can be read: no string, number, integer or boolean.")
    if len(paths) > _MOST_FIELDS:
        raise InvalidSchema(f"The schema has {len(paths)} fields; at most {_MOST_FIELDS} are taken.")


def add_schema(session: Session, workspace_id: str, name: str, body: dict[str, Any]) -> Schema:
    """The next version of this name, or the latest one where it has the same body. Raises InvalidSchema."""
    if not _NAME.fullmatch(name):
        raise InvalidSchema(
            "A schema's name has 1 to 100 of the characters a-z, 0-9, - and _, and begins with a letter or a digit."
        )
    check_body(body)
    sha256 = _hash(body)
    while True:
        latest = _latest(session, workspace_id, name)
        if latest is not None and latest.sha256 == sha256:
            return latest
        version = 1 if latest is None else latest.version + 1
        new = {"workspace_id": workspace_id, "name": name, "version": version, "sha256": sha256, "body": body}
        session.execute(insert_into(session, Schema).values(new).on_conflict_do_nothing())  # or somebody was faster


def get_schema(session: Session, workspace_id: str, name: str, version: int | None = None) -> Schema:
    """This version, by default the latest. Raises SchemaNotFound."""
    if version is None:
        schema = _latest(session, workspace_id, name)
    else:
        mine = (Schema.workspace_id == workspace_id, Schema.name == name, Schema.version == version)
        schema = session.scalars(select(Schema).where(*mine)).one_or_none()
    if schema is None:
        raise SchemaNotFound(f"There is no schema {name!r}{f' in version {version}' if version else ''} here.")
    return schema


def get_schema_by_id(session: Session, workspace_id: str, schema_id: str | None) -> Schema:
    """The version with this id. Raises SchemaNotFound."""
    mine = (Schema.workspace_id == workspace_id, Schema.id == schema_id)
    schema = session.scalars(select(Schema).where(*mine)).one_or_none()
    if schema is None:
        raise SchemaNotFound
    return schema


def list_schemas(session: Session, workspace_id: str) -> list[Schema]:
    """The latest version of each name, by name."""
    latest = select(Schema.name, func.max(Schema.version).label("version")).where(Schema.workspace_id == workspace_id)
    newest = latest.group_by(Schema.name).subquery()
    query = select(Schema).join(newest, (Schema.name == newest.c.name) & (Schema.version == newest.c.version))
    return list(session.scalars(query.where(Schema.workspace_id == workspace_id).order_by(Schema.name)))


def ensure_builtins(session: Session, workspace_id: str) -> None:
    """Give the workspace the schemas that the service brings along. One that is there by that name stays as it is."""
    known = set(session.scalars(select(Schema.name).where(Schema.workspace_id == workspace_id).distinct()))
    for name, body in _builtins().items():
        if name not in known:
            add_schema(session, workspace_id, name, body)


@cache
def _builtins() -> dict[str, dict[str, Any]]:
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(_BUILTINS.glob("*.json"))}


def _latest(session: Session, workspace_id: str, name: str) -> Schema | None:
    mine = (Schema.workspace_id == workspace_id, Schema.name == name)
    return session.scalars(select(Schema).where(*mine).order_by(Schema.version.desc()).limit(1)).one_or_none()


def _hash(body: dict[str, Any]) -> str:
    """Of the body with its spaces taken out. The order of names stays: it is the order in which fields are shown."""
    return hashlib.sha256(json.dumps(body, separators=(",", ":")).encode()).hexdigest()


def _leaves(root: dict[str, Any], node: dict[str, Any], prefix: str, depth: int) -> Iterator[Field]:
    if depth > _DEEPEST:
        raise InvalidSchema(f"{prefix.rstrip('.')!r} lies too deep; at most {_DEEPEST} objects may be nested.")
    for name, given in node["properties"].items():
        path = prefix + name
        if not _FIELD_NAME.fullmatch(name):
            raise InvalidSchema(
                f"{path!r} cannot be a field's name: take letters, digits, blanks, _ and -, at most 100."
            )
        child = _resolved(root, given, path)
        kind = _kind_of(child)
        if kind in _LEAVES:
            title = _text(child, "title", path) or name.replace("_", " ")
            bounds = {word: child[word] for word in _BOUNDS if word in child}
            yield Field(path, title, _text(child, "description", path), kind, bounds)
        elif kind == "object" and isinstance(child.get("properties"), dict):
            yield from _leaves(root, child, path + ".", depth + 1)


def _resolved(root: dict[str, Any], node: object, path: str) -> dict[str, Any]:
    """The node behind local references and behind "or null"; what is said beside them wins."""
    for _ in range(_DEEPEST):
        if not isinstance(node, dict):
            break
        target, through = _behind(root, node)
        if through is None:
            return node
        node = target | {k: v for k, v in node.items() if k != through} if isinstance(target, dict) else target
    raise InvalidSchema(f"{path!r} is not described by a JSON object.")


def _behind(root: dict[str, Any], node: dict[str, Any]) -> tuple[Any, str | None]:
    """What a node stands for, and the word that says so: a reference, or one choice beside null."""
    if "$ref" in node:
        return _referred(root, node["$ref"]), "$ref"
    choices = node.get("anyOf")
    if "type" not in node and isinstance(choices, list):
        real = [choice for choice in choices if choice != {"type": "null"}]
        if len(real) == 1:
            return real[0], "anyOf"
    return None, None


def _referred(root: dict[str, Any], reference: object) -> Any:
    """What a reference within the same schema points to."""
    if reference == "#":
        return root
    if not isinstance(reference, str) or not reference.startswith("#/"):
        raise InvalidSchema(f"The reference {reference!r} leads out of the schema; write it out.")
    node: Any = root
    for part in reference[2:].split("/"):
        node = node.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(node, dict) else None
    if node is None:
        raise InvalidSchema(f"The reference {reference!r} points to nothing.")
    return node


def _kind_of(node: dict[str, Any]) -> str | None:
    """The one type besides null; None where there are several, or none is said."""
    kinds = node.get("type")
    if kinds is None and isinstance(node.get("properties"), dict):
        return "object"
    named = [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if kind != "null"]
    return named[0] if len(named) == 1 and isinstance(named[0], str) else None


def _text(node: dict[str, Any], key: str, path: str) -> str | None:
    """A title or description: one line for people and for the model."""
    text = node.get(key)
    if text is None:
        return None
    if not isinstance(text, str) or len(text) > _LONGEST_TEXT:
        raise InvalidSchema(f"The {key} of {path!r} is to be a text of at most {_LONGEST_TEXT} characters.")
    return " ".join(text.split()) or None
