"""Conditions on records as people write them, `total >= 1000 and vendor_name ~ acme`, as a tree of typed comparisons.

Nothing of the text reaches SQL but as a bound parameter: names become fields that the schema knows, literals become
values of the field's kind. `storage/conditions.py` makes SQL of the tree.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, TypeAlias

from lark import Lark, Token, Transformer, Tree, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError

from core.errors import InvalidFilter
from core.records import FieldKind
from storage.literals import BadLiteral, Operand, fragment_of, literal_of
from storage.subjects import Part, Subject, confidence_of, did_you_mean, find_subject, names_of, near
from storage.wanted import Wanted

LONGEST = 10_000  # characters
MOST_WORDS = 200  # names and values
DEEPEST = 30  # parentheses and nots within each other
_LEVELS = 3 * DEEPEST + 5  # of the parser's tree: between two parentheses it has an `or` and an `and`
_SHOWN = 20  # characters of a faulty filter

_GRAMMAR = r"""
?start: either
?either: every (_OR every)* -> any_of
?every: one (_AND one)* -> all_of
?one: NOT one -> none_of
    | "(" either ")" -> group
    | comparison
?comparison: subject OP literal -> compare
    | subject "~" literal -> contains
    | subject [NOT] _IN "(" literal ("," literal)* ")" -> is_in
    | subject [NOT] _BETWEEN literal _AND literal -> between
    | subject _IS [NOT] STATE -> is_state
    | subject -> bare
subject: NAME | QUOTED
    | _CONFIDENCE "(" (NAME | QUOTED) ")" -> sureness
literal: VALUE [UNIT] | STRING

OP: ">=" | "<=" | "<>" | "!=" | "==" | "=" | "<" | ">"
_AND.2: /and(?![\w.-])/i
_OR.2: /or(?![\w.-])/i
NOT.2: /not(?![\w.-])/i
_IN: /in(?![\w.-])/i
_BETWEEN: /between(?![\w.-])/i
_IS: /is(?![\w.-])/i
_CONFIDENCE.2: /confidence(?=\s*\()/i
STATE: /[a-z_]+/i
NAME: /@?\w[\w-]*(\.\w[\w-]*)*/
QUOTED: /`[^`]+`/
STRING: /"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/s
VALUE: /[^\s(),"'`]+/
UNIT: /[A-Z]{3}(?![^\s(),])/
%ignore /\s+/
"""


class Op(StrEnum):
    """What a comparison asks."""

    EQUALS = "="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    CONTAINS = "~"
    IN = "in"
    BETWEEN = "between"
    IS = "is"


class Is(StrEnum):
    """What can be said of a value besides what it is."""

    FOUND = "found"
    ABSENT = "absent"
    UNREADABLE = "unreadable"
    ACCEPTED = "accepted"
    NEEDS_REVIEW = "needs_review"
    CORRECTED = "corrected"
    VERIFIED = "verified"


@dataclass(frozen=True, slots=True)
class Comparison:
    """True of a record with a value, of cells with any, for which it holds.

    `other` asks for a value that is there and for which it does not hold: `!=`, `not in`, `not between`.
    """

    subject: Subject
    op: Op
    operands: tuple[Operand, ...] = ()
    state: Is | None = None
    other: bool = False


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of these."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of these."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class NoneOf:
    """The opposite: also of records that have no such value at all."""

    node: "Node"


Node: TypeAlias = Comparison | AllOf | AnyOf | NoneOf


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on the records of a schema version."""

    node: Node


def parse_filter(text: str, wanted: Wanted) -> Filter:
    """The condition that the text says of records under this schema.

    Raises InvalidFilter with the place of the fault in `at`, counted from 0, and of an unknown name those `near` it.
    """
    if len(text) > LONGEST:
        raise InvalidFilter(f"The filter has {len(text)} characters; at most {LONGEST} are taken.", at=LONGEST)
    try:
        tree = _parser().parse(text)
        _check_size(tree)
        node: Node = _Builder(wanted).transform(tree)
    except UnexpectedInput as error:
        raise _fault(text, error) from error
    except VisitError as error:
        if isinstance(error.orig_exc, InvalidFilter):
            raise error.orig_exc from None
        raise
    return Filter(node)


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", maybe_placeholders=True)


@v_args(inline=True)
class _Builder(Transformer[Token, Any]):
    """From the parser's tree to comparisons, each checked against the schema."""

    def __init__(self, wanted: Wanted) -> None:
        super().__init__()
        self._wanted = wanted

    def any_of(self, *nodes: Node) -> Node:
        return nodes[0] if len(nodes) == 1 else AnyOf(nodes)

    def all_of(self, *nodes: Node) -> Node:
        return nodes[0] if len(nodes) == 1 else AllOf(nodes)

    def none_of(self, _word: Token, node: Node) -> Node:
        return NoneOf(node)

    def group(self, node: Node) -> Node:
        return node

    def subject(self, name: Token) -> tuple[Subject, int]:
        return self._found(name, find_subject), _at(name)

    def sureness(self, name: Token) -> tuple[Subject, int]:
        return self._found(name, confidence_of), _at(name)

    def literal(self, text: Token, unit: Token | None = None) -> "_Literal":
        return _Literal(_plain(text), unit and str(unit), _at(text))

    def compare(self, of: tuple[Subject, int], sign: Token, literal: "_Literal") -> Node:
        other = sign in {"!=", "<>"}
        op = Op.EQUALS if other or sign == "==" else Op(str(sign))
        if op is not Op.EQUALS and of[0].kind in {FieldKind.BOOLEAN, FieldKind.CHOICE}:
            raise InvalidFilter(f"{of[0].name} has no order; compare it with = or !=.", at=_at(sign))
        return Comparison(of[0], op, (literal.under(of[0]),), other=other)

    def contains(self, of: tuple[Subject, int], literal: "_Literal") -> Node:
        return Comparison(of[0], Op.CONTAINS, (literal.under(of[0], fragment=True),))

    def is_in(self, of: tuple[Subject, int], word: Token | None, *literals: "_Literal") -> Node:
        return Comparison(of[0], Op.IN, tuple(one.under(of[0]) for one in literals), other=word is not None)

    def between(self, of: tuple[Subject, int], word: Token | None, low: "_Literal", high: "_Literal") -> Node:
        if of[0].kind in {FieldKind.BOOLEAN, FieldKind.CHOICE}:
            raise InvalidFilter(f"{of[0].name} has no order; compare it with = or !=.", at=of[1])
        return Comparison(of[0], Op.BETWEEN, (low.under(of[0]), high.under(of[0])), other=word is not None)

    def is_state(self, of: tuple[Subject, int], word: Token | None, state: Token) -> Node:
        said = str(state).lower()
        if said not in set(Is):
            raise InvalidFilter(
                f"A value is {', '.join(Is)}; not {said[:_SHOWN]!r}{did_you_mean(near(said, Is))}", at=_at(state)
            )
        if of[0].part is not Part.VALUE:
            raise InvalidFilter(f"{of[0].name} is no value that was read.", at=of[1])
        node = Comparison(of[0], Op.IS, state=Is(said))
        return node if word is None else NoneOf(node)

    def bare(self, of: tuple[Subject, int]) -> Node:
        if of[0].kind is not FieldKind.BOOLEAN:
            raise InvalidFilter(f"{of[0].name} is neither true nor false by itself; compare it with a value.", at=of[1])
        return Comparison(of[0], Op.EQUALS, (Operand(1.0),))

    def _found(self, name: Token, find: Callable[[str, Wanted], Subject | None]) -> Subject:
        plain = name.strip("`")
        subject = find(plain, self._wanted)
        if subject is None:
            names = near(plain, names_of(self._wanted))
            raise InvalidFilter(
                f"The schema has no field {plain[:100]!r}" + did_you_mean(names), at=_at(name), near=names
            )
        return subject


@dataclass(frozen=True, slots=True)
class _Literal:
    """A literal whose kind is not known yet."""

    text: str
    unit: str | None
    at: int

    def under(self, subject: Subject, *, fragment: bool = False) -> Operand:
        """As a value of the subject's kind. Raises InvalidFilter."""
        try:
            return fragment_of(self._whole, subject) if fragment else literal_of(self.text, self.unit, subject)
        except BadLiteral as error:
            raise InvalidFilter(str(error), at=self.at) from None

    @property
    def _whole(self) -> str:
        return self.text if self.unit is None else f"{self.text} {self.unit}"


def _at(token: Token) -> int:
    return token.start_pos or 0


def _plain(text: Token) -> str:
    """What stands between the quotes; a backslash before any character means that character."""
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL) if text.type == "STRING" else str(text)


def _check_size(tree: Tree[Token]) -> None:
    """Raise InvalidFilter where the tree is deeper or larger than what is worth a database's while. Walks by hand."""
    level: list[Any] = [tree]
    depth = words = 0
    while level:
        depth += 1
        if depth > _LEVELS:
            raise InvalidFilter(f"The filter lies too deep; at most {DEEPEST} parentheses may be nested.", at=0)
        words += sum(node.data in {"subject", "sureness", "literal"} for node in level if isinstance(node, Tree))
        if words > MOST_WORDS:
            raise InvalidFilter(f"The filter is too long; at most {MOST_WORDS} names and values are taken.", at=0)
        level = [child for node in level if isinstance(node, Tree) for child in node.children]


def _fault(text: str, error: UnexpectedInput) -> InvalidFilter:
    """Where the filter stops making sense, and what usually helps."""
    at = len(text)
    if isinstance(error, UnexpectedCharacters):
        at = error.pos_in_stream or 0
    elif isinstance(error, UnexpectedToken) and error.token.type != "$END":
        at = _at(error.token)
    if at >= len(text):
        return InvalidFilter("The filter ends too early; something is to follow.", at=len(text))
    shown = text[at : at + _SHOWN].split("\n", maxsplit=1)[0]
    return InvalidFilter(
        f"The filter cannot be understood from {shown!r} (character {at}) on. It reads like "
        'total >= 1000 and vendor_name ~ "acme ltd"; texts with blanks stand in quotes.',
        at=at,
    )
