"""Schemas: what is asked of a document. A version never changes; a new body is a new version."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from core.errors import InvalidSchema, SchemaNotFound
from storage.database import Session, insert_into
from storage.schema_bodies import Reader
from storage.schema_wishes import WORD
from storage.schema_words import Fault, breaches_of_json_schema
from storage.tables import Schema
from storage.views import ensure_views
from storage.wanted import Field, TableField, Wanted

__all__ = ["Field", "TableField", "Wanted"]

_BUILTINS = Path(__file__).parent / "builtin_schemas"
# The hashes of bodies that came with the service once. Whoever changes one of its schemas adds the hash it had.
_BROUGHT_BEFORE = frozenset(
    {
        "97f03d700ec2302a4063870e9e026944633826b3b2d5f7ebabf116e63983a961",  # form
        "6554a5d306b7eab7add6e9c5604cfd8594f97641de257b01f3a90812de84c54c",  # invoice
        "7970814194bf6468350897127ad71c3f3a66fb4144011096d4d83e6c5b221cf2",  # letter
        "40987279a5411362b90049935235a7cbd4c7ac42cb877f1574c0e7e4efab8e39",  # receipt
        "5a4afbab0ae5b70d0d5239bd1fb50689a7ff6e6a2ed9c128dcb764b7cab0b5e9",  # statement
        "d7938ef42bed2e45e09e70643f4225a72b9a0a10f197b71ee316bf164408242e",  # form
        "9d256551b4e7c03acdd74149ff571e4a6548ff1add9339eb561078433a6daac5",  # invoice
        "105760f6fb219e3a05c331883516352795dcff374ffabae7878c1eef6c8c41c5",  # letter
        "d8e272ba7b22a083d023fcf462bf1399756c76281b4e124282c2cc52f8db63ab",  # receipt
        "dfed21376d09e8e505e395a0704981c62876e1d1e59596f24947d26d4cba58d4",  # statement
    }
)
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_MOST_FIELDS = 200  # columns of tables included
_LONGEST_BODY = 200_000  # characters
_MOST_FAULTS = 20  # told of one body


def wanted_of(body: Mapping[str, Any]) -> Wanted:
    """What a checked schema asks for, in its order. What could not be asked for when it was stored is left out."""
    return Reader(body).read()


def fields_of(body: Mapping[str, Any]) -> list[Field]:
    """The fields of a checked schema in its order, those of nested objects by their path. Tables are left out."""
    return list(wanted_of(body).fields)


def uses_layer(body: Mapping[str, Any]) -> bool:
    """Whether values under a checked schema are compared with the page's own text layer."""
    return body.get(WORD, {}).get("text_layer") is not False


def check_body(body: object) -> None:
    """Raise InvalidSchema, which says what to change and where, unless fields can be read under this schema.

    Its facts hold the `pointer` (RFC 6901) of the first fault, and under `faults` all that were found.
    """
    if not isinstance(body, dict):
        raise _invalid([Fault("", 'A schema is a JSON object with "type": "object" and "properties".')])
    try:
        size = len(json.dumps(body, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidSchema("The schema is not JSON.", pointer="") from error
    if size > _LONGEST_BODY:
        raise _invalid([Fault("", f"The schema has {size} characters; at most {_LONGEST_BODY} are taken.")])
    reader = Reader(body)
    wanted = reader.read()
    count = len(wanted.fields) + sum(len(table.fields) for table in wanted.tables)
    faults = reader.faults or breaches_of_json_schema(body)
    if not faults and not count:
        said = "The schema has no field that can be read: no string, number, integer or boolean."
        faults = [Fault("/properties", said)]
    if not faults and count > _MOST_FIELDS:
        said = f"The schema has {count} fields, columns of tables included; at most {_MOST_FIELDS} are taken."
        faults = [Fault("/properties", said)]
    if faults:
        raise _invalid(faults)


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
            ensure_views(session, latest)
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


def list_versions(session: Session, workspace_id: str, name: str) -> list[Schema]:
    """All versions of a name, the latest first. Raises SchemaNotFound where there is none."""
    mine = (Schema.workspace_id == workspace_id, Schema.name == name)
    found = list(session.scalars(select(Schema).where(*mine).order_by(Schema.version.desc())))
    if not found:
        raise SchemaNotFound(f"There is no schema {name!r} here.")
    return found


def ensure_builtins(session: Session, workspace_id: str) -> None:
    """Give the workspace the schemas that the service brings along, as new versions of what it brought before.

    A schema of somebody's own by such a name, or with a version of their own, stays as it is.
    """
    latest = {schema.name: schema.sha256 for schema in list_schemas(session, workspace_id)}
    for name, body in _builtins().items():
        if name not in latest or latest[name] in _BROUGHT_BEFORE:
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


def _invalid(faults: Sequence[Fault]) -> InvalidSchema:
    """The refusal for these faults. Its sentence tells the first."""
    first = faults[0]
    told = [{"pointer": fault.pointer, "detail": fault.said} for fault in faults[:_MOST_FAULTS]]
    where = f"At {first.pointer}: " if first.pointer else ""
    return InvalidSchema(where + first.said, pointer=first.pointer, faults=told)
