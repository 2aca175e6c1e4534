"""What two versions of a schema ask for differently."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from storage.wanted import Field, Wanted

_WORDS = ("kind", "type", "title", "description", "examples", "choices", "bounds")
_OF_THE_WHOLE = ("target", "verify", "layer")


@dataclass(frozen=True, slots=True)
class Change:
    """One word that says something else now."""

    path: str | None  # of a field, a column (`line_items.amount`) or a table; None: of the schema as a whole
    word: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Difference:
    """What is asked for newly, no more, and otherwise. Paths are those of fields, columns and tables."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changes: tuple[Change, ...]
    rules_added: tuple[str, ...]
    rules_removed: tuple[str, ...]


def difference(older: Wanted, newer: Wanted) -> Difference:
    """From an older version to a newer one, in the order of the schemas. Only another order is no difference."""
    before, after = _parts(older), _parts(newer)
    changes = [
        Change(path, word, before[path].get(word), said.get(word))
        for path, said in after.items()
        if path in before
        for word in _WORDS
        if before[path].get(word) != said.get(word)
    ]
    whole = [(word, getattr(older, word), getattr(newer, word)) for word in _OF_THE_WHOLE]
    old_rules, new_rules = ([rule.check for rule in wanted.rules] for wanted in (older, newer))
    return Difference(
        added=tuple(path for path in after if path not in before),
        removed=tuple(path for path in before if path not in after),
        changes=(*changes, *(Change(None, word, was, now) for word, was, now in whole if was != now)),
        rules_added=tuple(rule for rule in new_rules if rule not in old_rules),
        rules_removed=tuple(rule for rule in old_rules if rule not in new_rules),
    )


def _parts(wanted: Wanted) -> dict[str, Mapping[str, Any]]:
    """All fields, tables and columns, by path, with what is said of each."""
    parts: dict[str, Mapping[str, Any]] = {field.path: _said_of(field) for field in wanted.fields}
    for table in wanted.tables:
        parts[table.path] = {"kind": "table", "title": table.title, "description": table.description}
        parts |= {f"{table.path}.{column.path}": _said_of(column) for column in table.fields}
    return parts


def _said_of(field: Field) -> Mapping[str, Any]:
    said = {word: getattr(field, word) for word in _WORDS}
    known = ("enum", "const", "format")  # told by kind and choices
    bounds = {word: bound for word, bound in field.bounds.items() if word not in known}
    return said | {"kind": field.kind.value, "bounds": bounds}
