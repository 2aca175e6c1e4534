"""A filter written out again: what `parse_filter` makes of the text is the same filter."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import assert_never

from core.records import FieldKind
from storage.filters import AllOf, AnyOf, Comparison, Node, NoneOf, Op
from storage.literals import Operand
from storage.record_values import NUMBERS
from storage.subjects import Part, Subject, fields_by_path
from storage.wanted import Wanted

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
_TAKEN = frozenset({"and", "or", "not", "in", "between", "is", "confidence"})
_PLAIN_TEXT = re.compile(r"[^\W\d][\w-]*")
_DAY = timedelta(days=1)


def written(node: Node, wanted: Wanted) -> str:
    """The condition as a person would write it."""
    match node:
        case AllOf(nodes):
            return " and ".join(_inside(one, wanted) for one in nodes)
        case AnyOf(nodes):
            return " or ".join(written(one, wanted) for one in nodes)
        case NoneOf(one):
            return f"not ({written(one, wanted)})"
        case Comparison():
            return _comparison(node, wanted)
        case _:
            assert_never(node)


def every(texts: Iterable[str]) -> str:
    """All of these conditions as one; nothing where there is none."""
    return " and ".join(text for text in texts if text)


def name_of(path: str) -> str:
    """A field as a filter names it."""
    plain = _PLAIN_NAME.fullmatch(path) and path.lower() not in _TAKEN
    return path if plain else f"`{path}`"


def quoted(text: str) -> str:
    """A text as a literal: in quotes, unless it is a plain word."""
    if _PLAIN_TEXT.fullmatch(text) and text.lower() not in _TAKEN:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _inside(node: Node, wanted: Wanted) -> str:
    text = written(node, wanted)
    return f"({text})" if isinstance(node, AnyOf) else text


def _comparison(asked: Comparison, wanted: Wanted) -> str:
    subject = _subject(asked.subject, wanted)
    said = [_literal(operand, asked) for operand in asked.operands]
    no = "not " if asked.other else ""
    match asked.op:
        case Op.IS:
            return f"{subject} is {asked.state}"
        case Op.IN:
            return f"{subject} {no}in ({', '.join(said)})"
        case Op.BETWEEN:
            return f"{subject} {no}between {said[0]} and {said[1]}"
        case _:
            return f"{subject} {'!=' if asked.other else asked.op} {said[0]}"


def _subject(subject: Subject, wanted: Wanted) -> str:
    match subject.part:
        case Part.VALUE:
            return name_of(subject.field)
        case Part.CONFIDENCE:
            return f"confidence({name_of(subject.field)})"
        case own:
            return f"@{own.value}" if own.value in fields_by_path(wanted) else own.value


def _literal(operand: Operand, asked: Comparison) -> str:
    value, kind = operand.value, asked.subject.kind
    if isinstance(value, datetime):
        is_day = operand.until is not None and operand.until - value == _DAY
        return value.date().isoformat() if is_day else value.isoformat()
    if isinstance(value, float):
        if kind is FieldKind.BOOLEAN:
            return "true" if value else "false"
        text = f"{Decimal(repr(value)).normalize():f}"
        return f"{text} {operand.currency}" if operand.currency else text
    return value if kind is FieldKind.DATE and asked.op is not Op.CONTAINS else quoted(value)


def is_number(kind: FieldKind) -> bool:
    """Whether values of this kind are added up: amounts and numbers, but no truth values."""
    return kind in NUMBERS and kind is not FieldKind.BOOLEAN
