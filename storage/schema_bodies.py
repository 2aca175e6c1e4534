"""The bodies of schemas: JSON Schema, as people and Pydantic write it, read into what is wanted of a document."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.records import FieldKind
from storage.schema_wishes import with_wishes
from storage.schema_words import (
    BOUNDS,
    LEAVES,
    Fault,
    Node,
    choices_of,
    decimal_in,
    escaped,
    examples_of,
    kind_of,
    part_alone,
    refused_in,
    text_of,
    type_of,
)
from storage.wanted import Field, TableField, Wanted

_FIELD_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_ -]{0,99}")
_DEEPEST = 8
_LONGEST_PATH = 400  # characters
_MOST_PARTS = 5_000  # looked at; references can make very much of very little
_ROOT = "This schema"


class _Enough(Exception):
    """Reading on would lead nowhere."""


@dataclass(slots=True)
class Reader:
    """Reads one body. What cannot be read is left out and told in `faults`, in the order of the body."""

    root: Mapping[str, Any]
    faults: list[Fault] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    tables: list[TableField] = field(default_factory=list)
    arrays: dict[str, Node] = field(default_factory=dict)  # by the path of their table
    _parts: int = 0
    _required: bool = True  # whether the schema demands what is being read

    def read(self) -> Wanted:
        """All that the body asks for."""
        try:
            node = self._resolved(self.root, "")
            if node is not None and type_of(node) == "object" and isinstance(node.words.get("properties"), dict):
                self._object(node, "", 0, self.fields, inside=None)
            elif node is not None:
                self._fault("", 'A schema is a JSON object with "type": "object" and "properties".')
        except _Enough:
            pass
        return with_wishes(Wanted(tuple(self.fields), tuple(self.tables)), self.root, self.arrays, self.faults)

    def _object(self, node: Node, prefix: str, depth: int, into: list[Field], inside: str | None) -> None:
        """Take the properties of an object; `inside` is the table whose row it stands in."""
        if depth > _DEEPEST:
            self._fault(node.at, f"{prefix.rstrip('.')!r} lies too deep; at most {_DEEPEST} objects may be nested.")
            raise _Enough
        around, named = self._required, node.words.get("required")
        for name, given in node.words["properties"].items():
            self._required = around and isinstance(named, list) and name in named
            at = f"{node.place('properties')}/{escaped(name)}"
            path = prefix + name
            self._parts += 1
            if self._parts > _MOST_PARTS:
                self._fault("", f"The schema has more than {_MOST_PARTS} parts.")
                raise _Enough
            if not _FIELD_NAME.fullmatch(name):
                said = "cannot be a field's name: take letters, digits, blanks, _ and -, at most 100."
                self._fault(at, f"{path!r} {said}")
            elif len(path) > _LONGEST_PATH:
                self._fault(at, f"{path[:40]!r}... is longer than {_LONGEST_PATH} characters with the names around it.")
            elif (child := self._resolved(given, at, path)) is not None:
                self._part(child, path, depth, into, inside)
        self._required = around

    def _part(self, node: Node, path: str, depth: int, into: list[Field], inside: str | None) -> None:
        kind = type_of(node)
        if kind in LEAVES:
            into.append(self._leaf(node, path, kind, path.rpartition(".")[2]))
        elif kind == "object" and isinstance(node.words.get("properties"), dict):
            self._object(node, path + ".", depth + 1, into, inside)
        elif kind == "array" and inside is None:
            self._array(node, path, depth)
        elif kind == "array":
            self._fault(node.at, f"{path!r} is an array within the array {inside!r}; arrays may not be nested.")
        elif kind == "object":
            self._fault(node.at, f"{path!r} is an object without properties, so nothing can be read for it.")
        elif not node.faulty:
            self._fault(node.at, f"{path!r} needs one type: string, number, integer, boolean, object or array.")

    def _array(self, node: Node, path: str, depth: int) -> None:
        item = self._resolved(node.words.get("items"), f"{node.at}/items", f"{path}[0]")
        if item is None:
            return
        title, description = self._texts(node, path, path.rpartition(".")[2])
        columns: list[Field] = []
        kind, self._required = type_of(item), True
        if kind in LEAVES:
            own = title if "title" in node.words or "title" not in item.words else item.words["title"]
            columns.append(self._leaf(item, "value", kind, str(own)))
        elif kind == "object" and isinstance(item.words.get("properties"), dict):
            self._object(item, "", depth + 1, columns, inside=path)
        elif kind == "array":
            self._fault(item.at, f"{path!r} is an array of arrays; arrays may not be nested.")
        else:
            self._fault(item.at, f"The items of {path!r} are to be of one type: an object or a plain value.")
        if columns:
            self.tables.append(TableField(path, title, description, tuple(columns)))
            self.arrays[path] = node

    def _leaf(self, node: Node, path: str, kind: str, name: str) -> Field:
        title, description = self._texts(node, path, name)
        choices = choices_of(node, kind, path, self.faults)
        meant = FieldKind.CHOICE if choices else kind_of(node, kind, path, self.faults)
        bounds = {word: node.words[word] for word in BOUNDS if word in node.words}
        return Field(path, title, description, meant, kind, bounds, examples_of(node), choices, self._required)

    def _texts(self, node: Node, path: str, name: str) -> tuple[str, str | None]:
        title = text_of(node, "title", path, self.faults) or name.replace("_", " ")
        return title, text_of(node, "description", path, self.faults)

    def _resolved(self, given: object, at: str, path: str = _ROOT) -> Node | None:
        """The node behind local references and behind "or null"; what is said beside them wins."""
        node = Node({}, {}, at)
        for _ in range(_DEEPEST):
            if not isinstance(given, dict):
                self._fault(at, f"{path!r} is not described by a JSON object.")
                return None
            refused = refused_in(given, at)
            self.faults += refused
            node = node.over(given, at, faulty=bool(refused))
            step = self._behind(given, at, path)
            if step is None:
                return node
            given, at = step
        self._fault(at, f"{path!r} is not described: its reference leads in a circle.")
        return None

    def _behind(self, given: dict[str, Any], at: str, path: str) -> tuple[Any, str] | None:
        """What a node stands for, and where that is: a reference, the one part of it, or the one choice beside null."""
        if "$ref" in given:
            return self._referred(given["$ref"], f"{at}/$ref")
        if (part := part_alone(given)) is not None:
            return part, f"{at}/allOf/0"
        choices = given.get("anyOf")
        if not isinstance(choices, list):
            return None
        real = [(n, choice) for n, choice in enumerate(choices) if choice != {"type": "null"}]
        if "type" not in given and len(real) == 1:
            return real[0][1], f"{at}/anyOf/{real[0][0]}"
        amount = decimal_in([choice for _, choice in real])
        if "type" not in given and amount is not None:
            return amount, f"{at}/anyOf"
        self._fault(f"{at}/anyOf", f"{path!r} may be of several kinds; one, and null beside it, is taken.")
        return ({}, at) if "type" not in given else None

    def _referred(self, reference: object, at: str) -> tuple[Any, str] | None:
        """What a reference within the same schema points to, and its pointer."""
        if reference == "#":
            return self.root, ""
        if not isinstance(reference, str) or not reference.startswith("#/"):
            self._fault(at, f"The reference {reference!r} leads out of the schema; write it out.")
            return None
        node: Any = self.root
        for part in reference[2:].split("/"):
            node = node.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(node, dict) else None
        if node is None:
            self._fault(at, f"The reference {reference!r} points to nothing.")
            return None
        return node, reference[1:]

    def _fault(self, at: str, said: str) -> None:
        self.faults.append(Fault(at, said))
