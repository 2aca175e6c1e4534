"""Schemas: which there are, what each asks for, and how its versions differ."""

import json
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.routes.given import SchemaNamed, Version
from api.schema_shapes import difference_out, schema_out
from api.web.drafts import KINDS
from api.web.site import render
from api.web.visitor import VisitorDep
from api.wire.schemas import ChangeOut, SchemaDiffOut, SchemaOut
from storage import schemas

router = APIRouter(prefix="/schemas", include_in_schema=False)

_WORDS = {
    "kind": "is read as {after}, no longer as {before}",
    "type": "has the type {after}, no longer {before}",
    "title": "is called {after}, no longer {before}",
    "description": "is described as {after}, no longer as {before}",
    "examples": "has the examples {after}, no longer {before}",
    "choices": "may be {after}, no longer {before}",
    "bounds": "is bound by {after}, no longer by {before}",
    "target": "The share that has to be right is {after}, no longer {before}",
    "verify": "Reading boxes again is {after}, no longer {before}",
    "text_layer": "Comparing with the text layer is {after}, no longer {before}",
}


@router.get("")
def show_schemas(visitor: VisitorDep) -> Response:
    """The latest version of each."""
    with visitor.caller.sessions() as session:
        found = [schema_out(one) for one in schemas.list_schemas(session, visitor.caller.workspace_id)]
    return render(visitor, "schemas.html", schemas=sorted(found, key=lambda one: one.name))


@router.get("/{name}")
def show_schema(
    name: SchemaNamed,
    visitor: VisitorDep,
    version: Version = None,
    older: Version = None,
    saved: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """One version: its fields, its rules, the other versions, and what it says otherwise than an older one."""
    workspace_id = visitor.caller.workspace_id
    with visitor.caller.sessions() as session:
        versions = schemas.list_versions(session, workspace_id, name)
        chosen = schemas.get_schema(session, workspace_id, name, version)
        against = older or chosen.version - 1
        before = None if against < 1 else schemas.get_schema(session, workspace_id, name, against)
        shown = schema_out(chosen)
        difference = None if before is None else difference_out(before, chosen)
        numbers = [(one.version, one.created_at) for one in versions]
    return render(
        visitor,
        "schema.html",
        schema=shown,
        text=json.dumps(shown.body, indent=2, ensure_ascii=False),
        rows=list(rows_of(shown)),
        kinds={kind: words for kind, (words, _, _) in KINDS.items()},
        versions=numbers,
        latest=numbers[0][0],
        difference=difference,
        changes=[] if difference is None else list(in_words(difference)),
        saved=saved,
    )


def rows_of(schema: SchemaOut) -> Iterator[dict[str, Any]]:
    """Fields, tables and their columns as rows of one table."""
    for one in schema.fields:
        yield one.model_dump() | {"inside": False}
    for table in schema.tables:
        yield table.model_dump() | {"inside": False, "kind": "table", "examples": [], "choices": []}
        for column in table.fields:
            yield column.model_dump() | {"inside": True}


def in_words(difference: SchemaDiffOut) -> Iterator[str]:
    """What a version says otherwise, a sentence each."""
    yield from (f"{path} is asked for newly." for path in difference.added)
    yield from (f"{path} is asked for no more." for path in difference.removed)
    for change in difference.changes:
        yield _sentence(change)
    yield from (f"New rule: {rule}" for rule in difference.rules_added)
    yield from (f"Rule no more: {rule}" for rule in difference.rules_removed)


def _sentence(change: ChangeOut) -> str:
    words = _WORDS[change.word].format(before=_plain(change.before), after=_plain(change.after))
    return f"{words}." if change.path is None else f"{change.path} {words}."


def _plain(said: Any) -> str:
    """A word's value as people read it."""
    if said is None or said in ([], {}, ()):
        return "nothing"
    if isinstance(said, bool):
        return "on" if said else "off"
    if isinstance(said, list | tuple):
        return ", ".join(_plain(one) for one in said)
    if isinstance(said, dict):
        return ", ".join(f"{word} {_plain(one)}" for word, one in said.items())
    return (
        f"\N{LEFT DOUBLE QUOTATION MARK}{said}\N{RIGHT DOUBLE QUOTATION MARK}" if isinstance(said, str) else str(said)
    )
