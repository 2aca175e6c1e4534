"""Rules as people write them, `subtotal + tax = total`, read into terms over the fields of a schema."""

import difflib
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from core.errors import InvalidSchema
from core.records import FieldKind
from storage.wanted import Both, Count, Number, Of, Rule, Sum, TableField, Term, Wanted

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

_LONGEST = 600  # characters
COUNTABLE = frozenset({FieldKind.NUMBER, FieldKind.INTEGER, FieldKind.MONEY})
_GRAMMAR = r"""
    start: side RELATION side
    ?side: product
        | side "+" product -> plus
        | side "-" product -> minus
    ?product: unit
        | product "*" unit -> times
    ?unit: NUMBER -> number
        | path -> of
        | SUM path ")" -> sum
        | COUNT path ")" -> count
        | "-" unit -> less
        | "(" side ")"
    path: NAME ("." NAME)*
    RELATION: "<=" | ">=" | "!=" | "==" | "=" | "<" | ">"
    SUM.2: /sum\s*\(/
    COUNT.2: /count\s*\(/
    NAME: /[A-Za-z_][A-Za-z0-9_]*|`[^`]+`/
    NUMBER: /[0-9]+(\.[0-9]+)?/
    %ignore /\s+/
"""
_SIGNS = {"plus": "+", "minus": "-", "times": "*"}


def parse_rule(text: str, wanted: Wanted, name: str | None = None) -> Rule:
    """A rule over the fields and tables that are wanted. Raises InvalidSchema with what is wrong with it.

    A column outside of `sum(...)` makes it a rule about each row of that table.
    """
    if len(text) > _LONGEST:
        raise InvalidSchema(f"A rule has at most {_LONGEST} characters.")
    left_tree, relation, right_tree = _parsed(text).children
    terms = _Terms(text, wanted)
    left, right = terms.term(left_tree), terms.term(right_tree)
    parts = [*_parts(left), *_parts(right)]
    _check_kinds(text, left, right, parts)
    tables = {part.table for part in parts if isinstance(part, Of) and part.table}
    if len(tables) > 1:
        raise InvalidSchema(f"The rule {text!r} compares rows of different tables: {', '.join(sorted(tables))}.")
    fields = tuple(dict.fromkeys(_field_of(part) for part in parts if not isinstance(part, Number)))
    relation = "=" if relation == "==" else str(relation)
    return Rule(name or text, text, left, relation, right, fields, next(iter(tables), None))


class _Terms:
    """From a syntax tree to terms over what is wanted."""

    def __init__(self, text: str, wanted: Wanted) -> None:
        self._text = text
        self._fields = {field.path: field.kind for field in wanted.fields}
        self._tables = {table.path: table for table in wanted.tables}

    def term(self, tree: "Tree[Token]") -> Term:
        """The term of a part of the tree."""
        match tree.data:
            case "number":
                return Number(str(tree.children[0]))
            case "less":
                return Both("-", Number("0"), self.term(_tree(tree.children[0])))
            case "of":
                return self._of(_path(_tree(tree.children[0])))
            case "sum":
                return self._sum(_path(_tree(tree.children[1])))
            case "count":
                return Count(self._table(_path(_tree(tree.children[1]))).path)
            case sign:
                left, right = (self.term(_tree(child)) for child in tree.children)
                return Both(_SIGNS[sign], left, right)

    def _of(self, path: str) -> Of:
        if path in self._fields:
            return Of(path, self._fields[path])
        table, column, kind = self._column(path)
        return Of(column, kind, table)

    def _sum(self, path: str) -> Sum:
        whole = self._tables.get(path)
        table, column, kind = self._column(path if whole is None else f"{path}.value")
        return Sum(table, column, kind)

    def _column(self, path: str) -> tuple[str, str, FieldKind]:
        for table in self._tables.values():
            for column in table.fields:
                if path == f"{table.path}.{column.path}":
                    return table.path, column.path, column.kind
        columns = [f"{t.path}.{c.path}" for t in self._tables.values() for c in t.fields]
        raise self._unknown(path, [*self._fields, *columns])

    def _table(self, path: str) -> TableField:
        if path not in self._tables:
            raise self._unknown(path, [*self._tables])
        return self._tables[path]

    def _unknown(self, path: str, known: list[str]) -> InvalidSchema:
        near = difflib.get_close_matches(path, known, n=1)
        hint = f"; is {near[0]} meant?" if near else "."
        return InvalidSchema(f"The rule {self._text!r} names {path}, which the schema does not have{hint}")


@lru_cache(maxsize=256)
def _parsed(text: str) -> Any:
    """The syntax tree of a rule, which nobody changes; schemas are read for every page."""
    from lark import UnexpectedInput, UnexpectedToken  # noqa: PLC0415 - only who adds or reads rules pays for it

    try:
        return _parser().parse(text)
    except UnexpectedInput as error:
        at = error.pos_in_stream
        ended = isinstance(error, UnexpectedToken) and error.token.type == "$END"
        near = "its end" if ended or at is None else repr(text[at : at + 20])
        raise InvalidSchema(
            f'The rule {text!r} cannot be read at {near}; one looks like "subtotal + tax = total".'
        ) from error


@cache
def _parser() -> "Lark":
    from lark import Lark  # noqa: PLC0415 - only who adds or reads rules pays for it

    return Lark(_GRAMMAR, parser="lalr")


def _path(tree: "Tree[Token]") -> str:
    return ".".join(str(name).strip("`") for name in tree.children)


def _tree(child: Any) -> "Tree[Token]":
    tree: Tree[Token] = child
    return tree


def _parts(term: Term) -> Iterator[Number | Of | Sum | Count]:
    if isinstance(term, Both):
        yield from _parts(term.left)
        yield from _parts(term.right)
    else:
        yield term


def _field_of(part: Of | Sum | Count) -> str:
    match part:
        case Of(path, _, table):
            return f"{table}.{path}" if table else path
        case Sum(table, column):
            return f"{table}.{column}"
        case Count(table):
            return table


def _check_kinds(text: str, left: Term, right: Term, parts: list[Number | Of | Sum | Count]) -> None:
    """Raise InvalidSchema unless the rule compares a date with a date, or amounts and numbers with such."""
    said = [part for part in parts if not isinstance(part, Number)]
    if not said:
        raise InvalidSchema(f"The rule {text!r} names no field.")
    typed = [part for part in said if not isinstance(part, Count)]
    if all(isinstance(part, Of) and part.kind is FieldKind.DATE for part in (left, right)):
        return
    for part in typed:
        if part.kind is FieldKind.DATE:
            raise InvalidSchema(f"The rule {text!r}: the date {_field_of(part)} can be compared with a date only.")
        if part.kind not in COUNTABLE:
            is_ = f"{_field_of(part)} is of kind {part.kind}"
            raise InvalidSchema(f"The rule {text!r}: {is_}; rules compare amounts, numbers and dates.")
