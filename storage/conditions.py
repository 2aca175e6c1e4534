"""SQL of a filter: what holds of a record, and which few records can pass at all."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from string import ascii_lowercase, ascii_uppercase
from typing import Any, TypeAlias, assert_never

from sqlalchemy import ColumnElement, Select, String, Subquery, and_, false, func, literal, not_, or_, select
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
_MOST_TEXTS = 3_000  # different texts of a field that are gone through one by one
_MOST_LISTED = 500  # of them that a statement lists
_READS_ALL = 3  # the rank of what an index answers only by being read from end to end

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


def few_records(session: Session, schema_id: str, node: Node) -> Subquery | None:
    """The ids of all records of the schema that can pass, and maybe some that do not; None where they are many.

    A filter of which one part is rare is answered from that part's index, however many records there are.
    """
    parts = [part for part in (node.nodes if isinstance(node, AllOf) else (node,)) if _rank(part) is not None]
    quick = [part for part in parts if _rank(part) != _READS_ALL]
    slow = [part for part in parts if _rank(part) == _READS_ALL]
    few = _rarest(session, [_ids_of(schema_id, part) for part in quick[:_MOST_PROBED]])
    if few is not None:
        return few
    spelled_out = [_spelled_out(session, schema_id, part) for part in slow[:_MOST_PROBED]]
    return _rarest(session, [_ids_of(schema_id, part) for part in spelled_out])


def _rarest(session: Session, passing: Sequence[Select[Any]]) -> Subquery | None:
    """Those of the ids that are fewest, unless they are many."""
    counts = [select(func.count()).select_from(ids.limit(FEW + 1).subquery()).scalar_subquery() for ids in passing]
    counted = list(session.execute(select(*counts)).one()) if counts else []
    if not counted or min(counted) > FEW:
        return None
    return passing[counted.index(min(counted))].limit(2 * FEW).subquery("few")


def _spelled_out(session: Session, schema_id: str, node: Node) -> Node:
    """A search within texts as a list of the texts that have it, where a field has few different ones, as vendors."""
    if not isinstance(node, Comparison) or node.op is not Op.CONTAINS:
        return node
    texts = _texts_with(session, schema_id, node.subject.field, str(node.operands[0].value))
    return node if texts is None else replace(node, op=Op.IN, operands=tuple(Operand(text) for text in texts))


def _texts_with(session: Session, schema_id: str, field: str, part: str) -> list[str] | None:
    """All different texts of a field that have this part, jumping from one to the next; None where they are many."""
    mine = (_VALUE.schema_id == schema_id, _VALUE.field == field)
    first = select(func.min(_VALUE.folded).label("folded"), literal(1).label("number")).where(*mine)
    texts = first.cte("texts", recursive=True)
    following = select(func.min(_VALUE.folded)).where(*mine, _VALUE.folded > texts.c.folded).scalar_subquery()
    going_on = texts.c.folded.is_not(None) & (texts.c.number < _MOST_TEXTS)
    texts = texts.union_all(select(following, texts.c.number + 1).where(going_on))
    wanted = or_(_contains(texts.c.folded, part), texts.c.number == _MOST_TEXTS)
    found = session.execute(select(texts).where(wanted).limit(_MOST_LISTED + 1)).all()
    if len(found) > _MOST_LISTED or any(number == _MOST_TEXTS for _, number in found):
        return None
    return [text for text, _ in found]


def _ids_of(schema_id: str, node: Node) -> Select[Any]:
    """The ids of the records that pass this part of a filter, each once."""
    ways: list[Condition] = []
    for one in node.nodes if isinstance(node, AnyOf) else (node,):
        assert isinstance(one, Comparison)  # noqa: S101 - only such have a rank
        ways.append(and_(_VALUE.field == one.subject.field, value_passes(one, _VALUE)))
    mine = select(_VALUE.record_id).where(_VALUE.schema_id == schema_id, or_(*ways))
    return mine.distinct() if isinstance(node, AnyOf) or node.subject.cell else mine  # type: ignore[union-attr]


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
            mine = (_VALUE.record_id == record_id, _VALUE.field == asked.subject.field)
            return _any(select(_VALUE.id).where(*mine, value_passes(asked, _VALUE)))
        case Part.DOCUMENT:
            return _document_passes(asked, record_id)
        case Part.PAGES:
            joined = select(_RECORD.id).join(_DOCUMENT, _DOCUMENT.id == _RECORD.document_id)
            return _any(joined.where(_RECORD.id == record_id, _compared(asked, _DOCUMENT.page_count)))
        case Part.UPDATED_AT | Part.COMPLETE | Part.UNSURE:
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
    mine = select(_RECORD.id).where(_RECORD.id == record_id)
    own = mine.join(_DOCUMENT, _DOCUMENT.id == _RECORD.document_id)
    others = mine.join(_NAME, _NAME.document_id == _RECORD.document_id)
    names = (own.where(_name_passes(asked, _DOCUMENT.name)), others.where(_name_passes(asked, _NAME.name)))
    return or_(*(_any(rows) for rows in names))


def _name_passes(asked: Comparison, column: Any) -> Condition:
    given = [str(operand.value).translate(_LOWER_CASE) for operand in asked.operands]
    lower: Any = _ascii_lower(column)
    if asked.op is Op.CONTAINS:
        return _contains(lower, given[0])
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
    Op.CONTAINS: _READS_ALL,
}
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
}
_LOWER_CASE = str.maketrans(ascii_uppercase, ascii_lowercase)
