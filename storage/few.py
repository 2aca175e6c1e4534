"""Which few records can pass a filter at all, found by an index, so that only these are looked at one by one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any, TypeAlias

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    Subquery,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from storage.conditions import compared_column, contains, value_passes
from storage.database import Session
from storage.filters import AllOf, AnyOf, Comparison, Node, Op
from storage.literals import Operand
from storage.subjects import Part
from storage.tables import Record, RecordValue

FEW = 1_000  # records that are looked at one by one rather than in the order that is asked for
SOME = 10_000  # ids that are kept in mind while the order is walked: looking each record up takes longer
FEW_TO_ADD = 20_000  # records that are added up one by one rather than all
_MOST_PROBED = 8  # comparisons of a filter that are tried as the one that leaves few
_MOST_TEXTS = 3_000  # different texts of a field that are gone through one by one
_SOUNDED = 100  # of them that tell how many rows have the same text
_ROWS_A_JUMP = {"sqlite": 10, "postgresql": 80}  # that are read in the time in which the next different text is found
_MOST_LISTED = 500  # of them that a statement lists
_READS_ALL = 3  # the rank of what an index answers only by being read from end to end

_VALUE = aliased(RecordValue)  # made once: an alias costs more than the rest of a statement

Condition: TypeAlias = ColumnElement[bool]
_Ids: TypeAlias = Select[Any] | CompoundSelect[Any]


@dataclass(frozen=True, slots=True)
class Found:
    """Ids among which are those of all records that can pass, and maybe some that do not."""

    ids: Subquery
    few: bool  # they are fetched and sorted; else the order is walked, and what is not among them is passed over


def find_possible(session: Session, schema_id: str, node: Node) -> Found | None:
    """The records of the schema that can pass, by the part of the filter that leaves fewest; None where all are many.

    A filter of which one part is rare is answered from that part's index, however many records there are.
    """
    parts = [part for part in _parts(node) if _rank(part) is not None]
    quick = [_ids_of(schema_id, part) for part in parts if _rank(part) != _READS_ALL]
    found = _rarest(session, quick[:_MOST_PROBED])
    slow = [part for part in parts if _rank(part) == _READS_ALL][:_MOST_PROBED]
    while slow and (found is None or not found.few):
        found = _with_text(session, schema_id, slow.pop(0)) or found
    return found


def find_undecided_too(session: Session, schema_id: str, node: Node) -> Subquery | None:
    """The ids of records that pass or of which it cannot be told, as a value was not read; None where they are many."""
    parts = [part for part in _parts(node) if isinstance(part, Comparison) and _tells_of_one(part)][:_MOST_PROBED]
    passing = [_ids_of(schema_id, part).union_all(_silent(schema_id, part)) for part in parts]
    counted = _counted(session, passing, FEW_TO_ADD)
    if counted is None or not _all_have(session, schema_id, parts[counted.number].subject.field):
        return None
    return counted.ids


def _parts(node: Node) -> Sequence[Node]:
    return node.nodes if isinstance(node, AllOf) else (node,)


def _tells_of_one(part: Comparison) -> bool:
    """Whether an index tells both which records pass and which have nothing to compare."""
    indexed = _rank(part) not in {None, _READS_ALL} and not part.subject.cell
    return indexed and not any(operand.currency for operand in part.operands)


def _silent(schema_id: str, part: Comparison) -> Select[Any]:
    """The ids of the records whose value cannot be compared."""
    column = compared_column(part, _VALUE)
    mine = (_VALUE.schema_id == schema_id, _VALUE.field == part.subject.field, column.is_(None))
    return select(_VALUE.record_id).where(*mine)


def _all_have(session: Session, schema_id: str, field: str) -> bool:
    """Whether every record has a row for the field, if only that it is absent; stale ones have none."""
    records = select(func.count()).select_from(Record).where(Record.schema_id == schema_id)
    values = select(func.count()).select_from(_VALUE).where(_VALUE.schema_id == schema_id, _VALUE.field == field)
    there, said = session.execute(select(records.scalar_subquery(), values.scalar_subquery())).one()
    return bool(there == said)


def _rarest(session: Session, passing: Sequence[Select[Any]]) -> Found | None:
    """Those of the ids that are fewest, unless they are many."""
    fewest = _counted(session, passing, max(FEW, SOME))
    return None if fewest is None else Found(fewest.ids, few=fewest.count <= FEW)


@dataclass(frozen=True, slots=True)
class _Fewest:
    """Those of some selections that are fewest: which one, how many, and their ids."""

    number: int
    count: int
    ids: Subquery


def _counted(session: Session, passing: Sequence[_Ids], most: int) -> _Fewest | None:
    """Which of them are fewest; None where all are more than `most`."""
    counts = [select(func.count()).select_from(ids.limit(most + 1).subquery()).scalar_subquery() for ids in passing]
    counted = list(session.execute(select(*counts)).one()) if counts else []
    if not counted or min(counted) > most:
        return None
    number, count = min(enumerate(counted), key=itemgetter(1))
    some_may_come = passing[number].limit(2 * (FEW if count <= FEW else most))
    return _Fewest(number, count, some_may_come.subquery("few"))


def _with_text(session: Session, schema_id: str, part: Node) -> Found | None:
    """Of a search within texts: by those that have it, where a field has few different ones, as vendors; else by all.

    The index is read once, from end to end or until many have passed, and not again: so the ids are listed.
    """
    if isinstance(part, Comparison):
        texts = _texts_with(session, schema_id, part.subject.field, str(part.operands[0].value))
        if texts is not None:
            spelled_out = replace(part, op=Op.IN, operands=tuple(Operand(text) for text in texts))
            return _rarest(session, [_ids_of(schema_id, spelled_out)])
    ids = list(session.scalars(_ids_of(schema_id, part).limit(FEW + 1)))
    return None if len(ids) > FEW else Found(_listed(session, ids), few=True)


def _listed(session: Session, ids: Sequence[str]) -> Subquery:
    """These ids as rows."""
    if session.get_bind().dialect.name == "sqlite":
        return select(func.json_each(json.dumps(ids)).table_valued("value").c.value.label("record_id")).subquery("few")
    return select(func.unnest(cast(list(ids), ARRAY(String))).label("record_id")).subquery("few")


def _texts_with(session: Session, schema_id: str, field: str, part: str) -> list[str] | None:
    """All different texts of a field that have this part; None where they, or those to look through, are many.

    Where many rows have the same text, one text is found after the other, however many rows there are. Where few have,
    as of numbers and notes, it is quicker to read them all.
    """
    mine = (_VALUE.schema_id == schema_id, _VALUE.field == field)
    some = _each_text(mine, _SOUNDED)
    enough = _SOUNDED * _ROWS_A_JUMP[session.get_bind().dialect.name]
    rows = select(literal(1)).where(*mine, _VALUE.folded <= select(func.max(some.c.folded)).scalar_subquery())
    counted = select(func.count()).select_from(rows.limit(enough).subquery()).scalar_subquery()
    first = session.execute(select(some.c.folded, counted)).all()
    last, rows_of_first = first[-1]
    if last is None:  # behind the last one
        return [text for text, _ in first[:-1] if part in text]
    if rows_of_first == enough:
        texts = _each_text(mine, _MOST_TEXTS)
        wanted = or_(contains(texts.c.folded, part), texts.c.number == _MOST_TEXTS)
        found = session.execute(select(texts).where(wanted).limit(_MOST_LISTED + 1)).all()
        having = None if any(number == _MOST_TEXTS for _, number in found) else [text for text, _ in found]
    else:
        passing = select(_VALUE.folded).where(*mine, contains(_VALUE.folded, part)).distinct()
        having = list(session.scalars(passing.limit(_MOST_LISTED + 1)))
    return None if having is None or len(having) > _MOST_LISTED else having


def _each_text(mine: tuple[Condition, ...], most: int) -> CTE:
    """The first different texts of a field, numbered from 1, jumping from one to the next; null behind the last one."""
    first = select(func.min(_VALUE.folded).label("folded"), literal(1).label("number")).where(*mine)
    texts = first.cte("texts", recursive=True)
    following = select(func.min(_VALUE.folded)).where(*mine, _VALUE.folded > texts.c.folded).scalar_subquery()
    going_on = texts.c.folded.is_not(None) & (texts.c.number < most)
    return texts.union_all(select(following, texts.c.number + 1).where(going_on))


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
