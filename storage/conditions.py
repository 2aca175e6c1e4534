"""SQL of a filter: what holds of a record."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import replace
from string import ascii_lowercase, ascii_uppercase
from typing import Any, TypeAlias, assert_never

from sqlalchemy import ColumnElement, Integer, Select, String, and_, false, func, literal, not_, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.functions import FunctionElement

from core.records import Decision, FieldKind, ValueState
from storage.filters import AllOf, AnyOf, Comparison, Is, Node, NoneOf, Op
from storage.literals import Operand
from storage.record_values import NUMBERS
from storage.subjects import Part
from storage.tables import Document, DocumentName, Record, RecordValue

# Made once: an alias costs more than the rest of a statement. None is used within another of its kind.
_VALUE = aliased(RecordValue)
_RECORD = aliased(Record)
_DOCUMENT = aliased(Document)
_NAME = aliased(DocumentName)

Condition: TypeAlias = ColumnElement[bool]


def holds_of(node: Node, record_id: Any) -> Condition:
    """Whether the filter holds of the record with this id, a column of the statement around it."""
    match node:
        case AllOf(nodes):
            return and_(*(holds_of(one, record_id) for one in nodes))
        case AnyOf(nodes):
            return or_(*(holds_of(one, record_id) for one in nodes))
        case NoneOf(one):
            return not_(holds_of(one, record_id))
        case Comparison():
            return _passes(node, record_id)
        case _:
            assert_never(node)


def holds_along(node: Node, value: Any, field: str) -> Condition:
    """The same of the record of this row of values under the field, no cell: the index then leads past more."""
    parts = node.nodes if isinstance(node, AllOf) else (node,)
    own = [one for one in parts if isinstance(one, Comparison) and one.subject.part is Part.VALUE]
    own = [one for one in own if one.subject.field == field]
    others = [part for part in parts if part not in own]
    return and_(*(value_passes(one, value) for one in own), *(holds_of(part, value.record_id) for part in others))


def _passes(asked: Comparison, record_id: Any) -> Condition:
    """The comparison of one record: of what it has itself, or of any of its values under the field."""
    match asked.subject.part:
        case Part.VALUE | Part.CONFIDENCE:
            mine = (_VALUE.record_id == record_id, _VALUE.field == asked.subject.field)
            return _any(select(_VALUE.id).where(*mine, value_passes(asked, _VALUE)))
        case Part.DOCUMENT:
            return _document_passes(asked, record_id)
        case Part.PAGES:
            joined = select(_RECORD.id).join(_DOCUMENT, _DOCUMENT.id == _RECORD.document_id)
            return _any(joined.where(_RECORD.id == record_id, _compared(asked, _DOCUMENT.page_count)))
        case Part.UPDATED_AT | Part.COMPLETE | Part.UNSURE | Part.FLAGGED:
            column = getattr(_RECORD, asked.subject.part.value)
            passes = _OF_RECORD[asked.subject.part](asked, column)
            return _any(select(_RECORD.id).where(_RECORD.id == record_id, passes))
        case _:
            assert_never(asked.subject.part)


def _any(rows: Select[Any]) -> Condition:
    """Whether there is such a row. Of EXISTS, PostgreSQL makes a join, and reads all that pass for a few of them."""
    found: Condition = rows.limit(1).scalar_subquery().is_not(None)
    return found


def value_passes(asked: Comparison, value: Any) -> Condition:
    """The comparison of one row of values."""
    if asked.state is not None:
        return _is(asked.state, value)
    if asked.subject.part is Part.CONFIDENCE:
        return _compared(asked, value.confidence)
    if asked.op is Op.CONTAINS:
        return contains(value.folded, str(asked.operands[0].value))
    if asked.subject.kind not in NUMBERS:
        return _compared(asked, compared_column(asked, value))
    return _amount_passes(asked, value)


def compared_column(asked: Comparison, value: Any) -> Any:
    """The column of a row of values that is compared; null where nothing can be."""
    if asked.subject.kind in NUMBERS:
        return value.number
    return value.date if asked.subject.kind is FieldKind.DATE else value.folded


def _amount_passes(asked: Comparison, value: Any) -> Condition:
    """A number, and the currency where the literal has one."""
    if not any(operand.currency for operand in asked.operands):
        return _compared(asked, value.number)
    if asked.op is Op.IN:
        one_of = or_(*(_with_currency(o, value.number == o.value, value) for o in asked.operands))
        differs = and_(not_(func.coalesce(one_of, false())), value.number.is_not(None))
        return differs if asked.other else one_of
    passes = _compared(replace(asked, other=False), value.number)
    for operand in asked.operands:
        passes = _with_currency(operand, passes, value)
    return and_(not_(func.coalesce(passes, false())), value.number.is_not(None)) if asked.other else passes


def _with_currency(operand: Operand, passes: Condition, value: Any) -> Condition:
    return and_(passes, value.currency == operand.currency) if operand.currency else passes


def _compared(asked: Comparison, column: Any) -> Condition:
    """The comparison of a column; nothing is less, more, or other than what is not there."""
    operands = [operand.value for operand in asked.operands]
    if asked.op is Op.IN:
        passes: Condition = column.in_(operands)
    elif asked.op is Op.BETWEEN:
        passes = and_(column >= operands[0], column <= operands[1])
    else:
        passes = _SIGNS[asked.op](column, operands[0])
    return not_(passes) if asked.other else passes


def _is(state: Is, value: Any) -> Condition:
    match state:
        case Is.FOUND | Is.ABSENT | Is.UNREADABLE:
            return value.state == ValueState(state.value)  # type: ignore[no-any-return]
        case Is.ACCEPTED | Is.NEEDS_REVIEW:
            return value.decision == Decision(state.value)  # type: ignore[no-any-return]
        case Is.CORRECTED:
            return value.corrected.is_(True)  # type: ignore[no-any-return]
        case Is.VERIFIED:
            return value.verified.is_(True)  # type: ignore[no-any-return]
        case _:
            assert_never(state)


def contains(column: Any, text: str) -> Condition:
    """Both databases fold case differently, or not at all, so texts are folded before they come here."""
    return _place_of(column, literal(text)) > 0


def _document_passes(asked: Comparison, record_id: Any) -> Condition:
    """Any of the names under which the document's bytes were sent. ASCII letters count the same in both cases."""
    mine = select(_RECORD.id).where(_RECORD.id == record_id)
    own = mine.join(_DOCUMENT, _DOCUMENT.id == _RECORD.document_id)
    others = mine.join(_NAME, _NAME.document_id == _RECORD.document_id)
    names = (own.where(_name_passes(asked, _DOCUMENT.name)), others.where(_name_passes(asked, _NAME.name)))
    return or_(*(_any(rows) for rows in names))


def _name_passes(asked: Comparison, column: Any) -> Condition:
    given = [str(operand.value).translate(_LOWER_CASE) for operand in asked.operands]
    lower: Any = _ascii_lower(column)
    if asked.op is Op.CONTAINS:
        return contains(lower, given[0])
    lowered = tuple(replace(operand, value=text) for operand, text in zip(asked.operands, given, strict=True))
    return _compared(replace(asked, operands=lowered), lower)


def _truth_passes(asked: Comparison, column: Any) -> Condition:
    """The databases' own truth values are no numbers."""
    truths = tuple(replace(operand, value=bool(operand.value)) for operand in asked.operands)
    return _compared(replace(asked, operands=truths), column)


def _moment_passes(asked: Comparison, column: Any) -> Condition:
    """A day is a span: at most the 31st means until its end, and equal to it means within it."""
    first, last = asked.operands[0], asked.operands[-1]
    if asked.op in {Op.EQUALS, Op.IN}:
        passes: Condition = or_(*(and_(column >= o.value, column < o.until) for o in asked.operands))
    elif asked.op is Op.BETWEEN:
        passes = and_(column >= first.value, column < last.until)
    elif asked.op in {Op.LESS, Op.AT_LEAST}:
        passes = _SIGNS[asked.op](column, first.value)
    else:
        passes = column < first.until if asked.op is Op.AT_MOST else column >= first.until
    return not_(passes) if asked.other else passes


class _place_of(FunctionElement[int]):  # noqa: N801 - a function of SQL
    """Where a text begins within another, from 1; 0: nowhere. LIKE takes longer: it folds case, and escapes."""

    inherit_cache = True
    type = Integer()


@compiles(_place_of)
def _instr(element: Any, compiler: Any, **more: Any) -> str:
    return f"instr({compiler.process(element.clauses, **more)})"


@compiles(_place_of, "postgresql")
def _strpos(element: Any, compiler: Any, **more: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **more)})"


class not_by_index(FunctionElement[str]):  # noqa: N801 - a function of SQL
    """The same text, for which SQLite uses no index, nor makes one: it begins with the table that has this column."""

    inherit_cache = True
    type = String()


@compiles(not_by_index)
def _itself(element: Any, compiler: Any, **more: Any) -> str:
    return str(compiler.process(element.clauses, **more))


@compiles(not_by_index, "sqlite")
def _plus(element: Any, compiler: Any, **more: Any) -> str:
    return f"+{compiler.process(element.clauses, **more)}"


class _ascii_lower(FunctionElement[str]):  # noqa: N801 - a function of SQL
    """Lower case of ASCII letters alone, on every database."""

    inherit_cache = True
    type = String()


@compiles(_ascii_lower)
def _lower(element: Any, compiler: Any, **more: Any) -> str:
    return f"lower({compiler.process(element.clauses, **more)})"


@compiles(_ascii_lower, "postgresql")
def _lower_of_ascii(element: Any, compiler: Any, **more: Any) -> str:
    return f'lower({compiler.process(element.clauses, **more)} COLLATE "C")'


_SIGNS: Mapping[Op, Callable[[Any, Any], Condition]] = {
    Op.EQUALS: operator.eq,
    Op.LESS: operator.lt,
    Op.AT_MOST: operator.le,
    Op.MORE: operator.gt,
    Op.AT_LEAST: operator.ge,
}
_OF_RECORD: Mapping[Part, Callable[[Comparison, Any], Condition]] = {
    Part.UPDATED_AT: _moment_passes,
    Part.COMPLETE: _truth_passes,
    Part.UNSURE: _compared,
    Part.FLAGGED: _compared,
}
_LOWER_CASE = str.maketrans(ascii_uppercase, ascii_lowercase)
