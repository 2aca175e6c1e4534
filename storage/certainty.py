"""Conditions that may stay open: whether one certainly holds of a row, and whether it may, by what was read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, assert_never

from sqlalchemy import ColumnElement, and_, exists, false, func, not_, or_
from sqlalchemy.orm import aliased

from storage.conditions import compared_column, holds_of, value_passes
from storage.filters import AllOf, AnyOf, Comparison, Filter, Node, NoneOf
from storage.subjects import Part
from storage.tables import RecordValue

_ASKED = aliased(RecordValue)  # made once: an alias costs more than the rest of a statement

Condition: TypeAlias = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Joined:
    """A record, or a row of its table, in a statement, with values of it that are joined: each is looked up once."""

    record_id: Any
    row: Any  # NO_ROW of a record
    columns: Sequence[str]  # cells of the table whose rows are meant
    values: Mapping[str, Any]  # by field; all null where the row has no such value


def comparisons(where: Filter | None) -> list[Comparison]:
    """All comparisons of a filter that are about values, not about what every record has."""
    return [] if where is None else _comparisons(where.node)


def truth_of(node: Node, joined: Joined) -> tuple[Condition, Condition]:
    """Whether the filter certainly holds, and whether it may: by what is not there, both ways are open."""
    match node:
        case AllOf(nodes):
            pairs = [truth_of(one, joined) for one in nodes]
            return and_(*(pair[0] for pair in pairs)), and_(*(pair[1] for pair in pairs))
        case AnyOf(nodes):
            pairs = [truth_of(one, joined) for one in nodes]
            return or_(*(pair[0] for pair in pairs)), or_(*(pair[1] for pair in pairs))
        case NoneOf(one):
            certain, possible = truth_of(one, joined)
            return not_(possible), not_(certain)
        case Comparison():
            return _truth_of(node, joined)
        case _:
            assert_never(node)


def says_something(asked: Comparison, value: Any) -> Condition:
    """Whether a value can be compared at all: with an amount of a currency only where it has one."""
    column = compared_column(asked, value)
    if any(operand.currency for operand in asked.operands):
        return and_(column.is_not(None), value.currency.is_not(None))
    return column.is_not(None)  # type: ignore[no-any-return]


def _truth_of(asked: Comparison, joined: Joined) -> tuple[Condition, Condition]:
    """Of one comparison. A cell of the table whose rows are meant is that of the row itself."""
    own = joined.values.get(asked.subject.field) if asked.subject.part in {Part.VALUE, Part.CONFIDENCE} else None
    if own is not None:
        certain: Condition = func.coalesce(value_passes(asked, own), false())
        open_ = not_(says_something(asked, own))
    else:
        mine = [_ASKED.record_id == joined.record_id, _ASKED.field == asked.subject.field]
        if asked.subject.field in joined.columns:
            mine.append(_ASKED.row == joined.row)
            certain = exists().where(*mine, value_passes(asked, _ASKED))
        else:
            certain = holds_of(asked, joined.record_id)
        open_ = ~exists().where(*mine, says_something(asked, _ASKED))
    if asked.subject.part is not Part.VALUE or asked.state is not None:
        return certain, certain
    return certain, or_(certain, open_)


def _comparisons(node: Node) -> list[Comparison]:
    match node:
        case Comparison():
            return [node] if node.subject.part is Part.VALUE else []
        case NoneOf(one):
            return _comparisons(one)
        case AllOf(nodes) | AnyOf(nodes):
            return [found for one in nodes for found in _comparisons(one)]
        case _:
            assert_never(node)
