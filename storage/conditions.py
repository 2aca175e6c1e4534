"""SQL of a filter: what holds of a record, and which few records can pass at all."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import replace
from string import ascii_lowercase, ascii_uppercase
from typing import Any, TypeAlias, assert_never

from sqlalchemy import ColumnElement, String, and_, false, func, not_, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.functions import FunctionElement

from core.records import Decision, FieldKind, ValueState
from storage.database import Session
from storage.filters import AllOf, AnyOf, Comparison, Is, Node, NoneOf, Op
from storage.literals import Operand
from storage.record_values import NUMBERS
from storage.subjects import Part
from storage.tables import Document, DocumentName, Record, RecordValue

FEW = 1_000  # records that are looked at one by one rather than in the order that is asked for
_MOST_PROBED = 8  # comparisons of a filter that are tried as the one that leaves few

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


def few_records(session: Session, schema_id: str, node: Node) -> list[str] | None:
    """The ids of all records of the schema that can pass, and maybe some that do not; None where they are many.

    A filter of which one part is rare is answered from that part's index, however many records there are.
    """
    parts = node.nodes if isinstance(node, AllOf) else (node,)
    rankings = sorted((rank, place) for place, part in enumerate(parts) if (rank := _rank(part)) is not None)
    for _, place in rankings[:_MOST_PROBED]:
        ids = _at_most_few(session, schema_id, parts[place])
        if ids is not None:
            return ids
    return None


def _at_most_few(session: Session, schema_id: str, node: Node) -> list[str] | None:
    """The ids of the records that pass, in no order; None where they are more than few."""
    found: set[str] = set()
    for one in node.nodes if isinstance(node, AnyOf) else (node,):
        assert isinstance(one, Comparison)  # noqa: S101 - only such have a rank
        value = aliased(RecordValue)
        query = select(value.record_id).where(value.schema_id == schema_id, value.field == one.subject.field)
        found.update(session.scalars(query.where(_value_passes(one, value)).limit(FEW + 1)))
        if len(found) > FEW:
            return None
    return list(found)


def _rank(node: Node) -> int | None:
    """How promising it is to go by this part: lower is rarer, as far as can be told unseen. None: no index has it."""
    if isinstance(node, AnyOf):
        ranks = [_rank(one) if isinstance(one, Comparison) else None for one in node.nodes]
        known = [rank for rank in ranks if rank is not None]
        return max(known) if len(known) == len(ranks) else None
    if not isinstance(node, Comparison) or node.subject.part is not Part.VALUE or node.other:
        return None
    return _RANKS.get(node.op)


def _passes(asked: Comparison, record_id: Any) -> Condition:
    """The comparison of one record: of what it has itself, or of any of its values under the field."""
    match asked.subject.part:
        case Part.VALUE | Part.CONFIDENCE:
            value = aliased(RecordValue)
            mine = (value.record_id == record_id, value.field == asked.subject.field)
            return select(value.id).where(*mine, _value_passes(asked, value)).exists()
        case Part.DOCUMENT:
            return _document_passes(asked, record_id)
        case Part.PAGES:
            record, document = aliased(Record), aliased(Document)
            joined = select(record.id).join(document, document.id == record.document_id)
            return joined.where(record.id == record_id, _compared(asked, document.page_count)).exists()
        case Part.UPDATED_AT | Part.COMPLETE | Part.UNSURE:
            record = aliased(Record)
            column = getattr(record, asked.subject.part.value)
            of_record = _moment_passes if asked.subject.part is Part.UPDATED_AT else _compared
            return select(record.id).where(record.id == record_id, of_record(asked, column)).exists()
        case _:
            assert_never(asked.subject.part)


def _value_passes(asked: Comparison, value: Any) -> Condition:
    """The comparison of one row of values."""
    if asked.state is not None:
        return _is(asked.state, value)
    if asked.subject.part is Part.CONFIDENCE:
        return _compared(asked, value.confidence)
    if asked.op is Op.CONTAINS:
        return _contains(value.folded, str(asked.operands[0].value))
    if asked.subject.kind not in NUMBERS:
        column = value.date if asked.subject.kind is FieldKind.DATE else value.folded
        return _compared(asked, column)
    return _amount_passes(asked, value)


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


def _contains(column: Any, text: str) -> Condition:
    """Both databases fold case differently, or not at all, so texts are folded before they come here."""
    return column.contains(text, autoescape=True)  # type: ignore[no-any-return]


def _document_passes(asked: Comparison, record_id: Any) -> Condition:
    """Any of the names under which the document's bytes were sent. ASCII letters count the same in both cases."""
    record, document, also = aliased(Record), aliased(Document), aliased(DocumentName)
    own = select(record.id).join(document, document.id == record.document_id).where(record.id == record_id)
    others = select(record.id).join(also, also.document_id == record.document_id).where(record.id == record_id)
    return or_(
        own.where(_name_passes(asked, document.name)).exists(), others.where(_name_passes(asked, also.name)).exists()
    )


def _name_passes(asked: Comparison, column: Any) -> Condition:
    given = [str(operand.value).translate(_LOWER_CASE) for operand in asked.operands]
    lower: Any = _ascii_lower(column)
    if asked.op is Op.CONTAINS:
        return _contains(lower, given[0])
    lowered = tuple(replace(operand, value=text) for operand, text in zip(asked.operands, given, strict=True))
    return _compared(replace(asked, operands=lowered), lower)


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


_RANKS = {  # of what can be looked up in an index: lower leaves fewer, as a rule
    Op.EQUALS: 0,
    Op.IN: 0,
    Op.BETWEEN: 1,
    Op.LESS: 2,
    Op.AT_MOST: 2,
    Op.MORE: 2,
    Op.AT_LEAST: 2,
    Op.CONTAINS: 3,  # reads all texts of the field
}
_SIGNS: Mapping[Op, Callable[[Any, Any], Condition]] = {
    Op.EQUALS: operator.eq,
    Op.LESS: operator.lt,
    Op.AT_MOST: operator.le,
    Op.MORE: operator.gt,
    Op.AT_LEAST: operator.ge,
}
_LOWER_CASE = str.maketrans(ascii_uppercase, ascii_lowercase)
