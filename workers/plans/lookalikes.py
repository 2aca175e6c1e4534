"""What an answer tells of names that may be the same: those of its groups, and those that its conditions leave out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.records import FieldKind
from storage import cited
from storage.database import Session
from storage.filters import Op
from storage.sums import Cut
from workers.plans.alike import Alike, alike_among, alike_to
from workers.plans.names import Names
from workers.plans.plan import Condition, Grouping, Intent, Plan
from workers.plans.running import Outcome, run
from workers.plans.vocabulary import Vocabulary
from workers.plans.words import counted, things_of

_MOST_TOLD = 5  # pairs of names that a text tells
_MOST_SHOWN = 100
_NAMES = frozenset({FieldKind.TEXT, FieldKind.COUNTRY})

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A condition on a name, and names beside it that may be the same."""

    condition: Condition
    alike: tuple[tuple[str, Alike], ...]  # each with its folded form


@dataclass(frozen=True, slots=True)
class Told:
    """Sentences, and the same for programs."""

    texts: tuple[str, ...] = ()
    facts: tuple[Json, ...] = ()


def doubtful_in(plan: Plan, vocabulary: Vocabulary, names: Names) -> tuple[Doubtful, ...]:
    """The conditions of a plan beside whose names there are others that may be the same."""
    found = []
    for condition in plan.where:
        subject = vocabulary.fields.get(condition.field)
        if subject is None or subject.kind not in _NAMES or subject.cell or condition.op not in {Op.EQUALS, Op.IN}:
            continue
        folded = {text.shown: text.folded for text in names.shown(condition.field)}
        meant = [shown for shown, form in folded.items() if form in condition.values]
        others = (shown for shown, form in folded.items() if form not in condition.values)
        alike = tuple((folded[one.name], one) for one in alike_to(others, meant))
        if alike:
            found.append(Doubtful(condition, alike[:_MOST_SHOWN]))
    return tuple(found)


def told_of_conditions(
    session: Session,
    workspace_id: str,
    plan: Plan,
    vocabulary: Vocabulary,
    doubtful: Sequence[Doubtful],
    document_ids: Collection[str] | None,
) -> Told:
    """How many rows have a name that may be one of those that are meant, and are not counted as such."""
    texts: list[str] = []
    facts: list[Json] = []
    for one in doubtful:
        counts = _counts(session, workspace_id, plan, one, document_ids)
        for folded, alike in one.alike:
            if rows := counts.get(folded, 0):
                things = counted(rows, things_of(plan, vocabulary, 1), things_of(plan, vocabulary))
                what = f"{things} of these" if one.condition.negated else f"{things} more"
                verb = "has" if rows == 1 else "have"
                texts.append(f"{what} {verb} {alike.name!r}, maybe the same as {alike.like!r}: {alike.why}.")
                facts.append(_fact(one.condition.field, alike, rows))
    return Told(tuple(texts[:_MOST_TOLD]), tuple(facts))


def told_of_groups(session: Session, outcome: Outcome) -> Told:
    """Which groups may be one, and which are written in several ways that count as one."""
    by = outcome.asked.by
    if by is None or by.kind not in _NAMES or outcome.asked.cut is not Cut.VALUE:
        return Told()
    rows = {one.shown: one.count for one in (*outcome.figures, *outcome.beyond) if one.key is not None and one.shown}
    told = {one.shown for one in outcome.figures}
    alike = [one for one in alike_among(list(rows)) if {one.name, one.like} & told][:_MOST_SHOWN]
    texts = [f"{one.name!r} and {one.like!r} may be the same: {one.why}." for one in alike[:_MOST_TOLD]]
    if len(alike) > _MOST_TOLD:
        texts.append(f"{len(alike) - _MOST_TOLD:,} more names may be one of the others.")
    keys = [one.key for one in outcome.figures[:_MOST_SHOWN] if one.key is not None]
    schema_ids = [version.schema_id for version in outcome.asked.versions]
    spelled = cited.list_spellings(session, schema_ids, by.field, keys)
    together = [f"{' and '.join(map(repr, forms))} are counted as one." for forms in spelled.values()]
    facts = [_fact(by.field, one, rows[one.name]) for one in alike]
    return Told((*texts, *together[:_MOST_TOLD]), tuple(facts))


def _counts(
    session: Session, workspace_id: str, plan: Plan, one: Doubtful, document_ids: Collection[str] | None
) -> dict[str, int]:
    """The rows of each such name that pass all other conditions."""
    other = Condition(one.condition.field, Op.IN, tuple(folded for folded, _ in one.alike))
    where = tuple(other if condition is one.condition else condition for condition in plan.where)
    by = Grouping(one.condition.field)
    counting = replace(plan, intent=Intent.COUNT, field=None, where=where, by=by, currency=None, limit=1, top=0)
    found = run(session, workspace_id, counting, document_ids)
    return {figure.key: figure.count for figure in found.figures if figure.key is not None}


def _fact(field: str, alike: Alike, rows: int) -> Json:
    return {"field": field, "name": alike.name, "like": alike.like, "why": alike.why, "rows": rows}
