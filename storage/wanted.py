"""What a schema asks for, read out of its body: fields, tables, rules, and how sure a value has to be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from core.records import FieldKind

_ROW = re.compile(r"\[\d+\]")
_TEXT_BOUNDS = ("pattern", "minLength", "maxLength")


@dataclass(frozen=True, slots=True)
class Field:
    """A leaf of a schema: what it is called on the page, and what its value should be."""

    path: str  # names from the root, joined by dots; of a column, from its row
    title: str
    description: str | None
    kind: FieldKind
    type: str  # string, number, integer or boolean: the type of its typed value
    bounds: Mapping[str, Any] = field(default_factory=dict)  # what else its JSON Schema says of a value
    examples: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()  # of a choice
    required: bool = False  # the schema demands it; of a column, in each row

    @property
    def value_schema(self) -> dict[str, Any] | None:
        """The JSON Schema of what a model is to say; None where any text will do.

        Amounts, numbers, dates and codes are asked for as they are printed: what they mean is found out afterwards.
        """
        said: dict[str, Any] = {"type": "boolean" if self.kind is FieldKind.BOOLEAN else "string"}
        if self.description is not None:
            said["description"] = self.description
        if self.examples:
            said["examples"] = list(self.examples)
        if self.choices:
            said["enum"] = list(self.choices)
        if self.kind is FieldKind.TEXT:
            said |= {word: self.bounds[word] for word in _TEXT_BOUNDS if word in self.bounds}
        return None if said == {"type": "string"} else said


@dataclass(frozen=True, slots=True)
class TableField:
    """An array of a schema: rows of the same columns, which may run over pages."""

    path: str  # names from the root, joined by dots
    title: str
    description: str | None
    fields: tuple[Field, ...]  # the columns; their paths begin in the row. Of an array of plain values one: `value`


@dataclass(frozen=True, slots=True)
class Number:
    """A number that stands in a rule."""

    text: str


@dataclass(frozen=True, slots=True)
class Of:
    """The value of a field, or of a column in the row that is looked at."""

    path: str
    kind: FieldKind
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """All values of a column, added up."""

    table: str
    column: str
    kind: FieldKind


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows a table has."""

    table: str


@dataclass(frozen=True, slots=True)
class Both:
    """Two terms under a sign: `+`, `-` or `*`."""

    sign: str
    left: "Term"
    right: "Term"


Term: TypeAlias = Number | Of | Sum | Count | Both


@dataclass(frozen=True, slots=True)
class Rule:
    """What has to hold between values of a record; with a `table`, in each of its rows."""

    name: str
    check: str  # as it was written
    left: Term
    relation: str  # =, !=, <, <=, > or >=
    right: Term
    fields: tuple[str, ...]  # whose values it compares; of a column `table.column`, of a count the table
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """All that a schema asks for."""

    fields: tuple[Field, ...] = ()
    tables: tuple[TableField, ...] = ()
    rules: tuple[Rule, ...] = ()
    target: float | None = None  # the share of accepted values that has to be right; None: nothing is decided
    verify: bool | None = None  # whether boxes are read again alone; None: where the model does it cheaply
    layer: bool = True  # whether the page's own text layer is compared

    def path_of(self, field: str, row: int) -> str:
        """The path of a cell's field in a row; of a value that is no cell, with a row below 0, its field."""
        for table in self.tables if row >= 0 else ():
            if field in {f"{table.path}.{column.path}" for column in table.fields}:
                return f"{table.path}[{row}]{field[len(table.path) :]}"
        return field

    def find(self, path: str) -> Field | None:
        """The field of this path; of a cell (`line_items[2].amount`, `line_items.amount`) its column. None: no such."""
        plain = _ROW.sub("", path)
        for found in self.fields:
            if found.path == plain:
                return found
        for table in self.tables:
            for column in table.fields:
                if f"{table.path}.{column.path}" == plain:
                    return column
        return None
