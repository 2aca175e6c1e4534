"""Under which schema each line of a truth is read: the wished one, the one that it names, else one of its own names."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence

from api.client import Client
from api.results import Schema
from api.truth import Truth
from core.errors import InvalidRequest
from storage.subjects import did_you_mean, near

_CELL = re.compile(r"(?P<table>.+)(?P<row>\[\d{1,9}\])(?P<column>\..+)", re.DOTALL)


def check_truths(folioscope: Client, truths: Iterable[Truth], wished: str | None) -> None:
    """Raise InvalidRequest where a line names a schema that is not there, or fields that its schema has not.

    Raises SchemaNotFound where the wished schema, which goes before those of the lines, is not there.
    """
    known = {schema.name: _paths_of(schema) for schema in folioscope.schemas()}
    if wished is not None and wished not in known:
        known[wished] = _paths_of(folioscope.schema(wished))
    for truth in truths:
        name = wished or truth.schema_name
        if name is not None:
            _check_truth(truth, name, known)


def made_schema(folioscope: Client, paths: Mapping[str, str]) -> Schema:
    """A schema of string fields, by their names, with these paths."""
    properties = {path: {"type": "string", "title": _title_of(name)} for name, path in paths.items()}
    mark = hashlib.sha256(json.dumps(properties, sort_keys=True).encode()).hexdigest()[:10]
    return folioscope.add_schema(f"evaluate-{mark}", {"type": "object", "properties": properties})


def made_paths(names: Sequence[str]) -> dict[str, str]:
    """A path for each name that any schema takes, and that no other of them has."""
    return {name: _path_of(number, name) for number, name in enumerate(names)}


def _check_truth(truth: Truth, schema: str, known: Mapping[str, set[str]]) -> None:
    said = f"The truth of {truth.file} (line {truth.line}) names"
    if schema not in known:
        closest = near(schema, known)
        raise InvalidRequest(
            f"{said} a schema that is not there: {schema}{did_you_mean(closest)}", line=truth.line, near=closest
        )
    lacking = [name for name in truth.names if _plain(name) not in known[schema]]
    if lacking:
        closest = list(dict.fromkeys(one for name in lacking for one in _near(name, known[schema])))
        raise InvalidRequest(
            f"{said} fields that the schema {schema} has not: {', '.join(lacking)}{did_you_mean(closest)}",
            line=truth.line,
            near=closest,
        )


def _near(name: str, paths: Iterable[str]) -> list[str]:
    """The path that comes nearest, of a cell in the same row."""
    closest, cell = near(_plain(name), sorted(paths))[:1], _CELL.fullmatch(name)
    if cell is None:
        return closest
    return [path.replace(f"{cell['table']}.", f"{cell['table']}{cell['row']}.", 1) for path in closest]


def _plain(name: str) -> str:
    """A cell without its row, as schemas name it."""
    cell = _CELL.fullmatch(name)
    return f"{cell['table']}{cell['column']}" if cell else name


def _paths_of(schema: Schema) -> set[str]:
    """The paths of a schema's fields, and those of its cells without their rows."""
    cells = {f"{table.path}.{column.path}" for table in schema.tables for column in table.fields}
    return {f.path for f in schema.fields} | cells


def _path_of(number: int, name: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return plain if plain == name else f"{plain[:60] or 'field'}_{number}"


def _title_of(name: str) -> str:
    return re.sub(r"[_.\s]+", " ", name).strip() or name
