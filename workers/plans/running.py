"""A plan run over the records: its number, its groups, the rows that count and those that are left out."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from core.records import FieldKind
from storage import cited, schemas, sums
from storage.cited import Coverage, Row
from storage.database import Session
from storage.record_values import NUMBERS
from storage.subjects import Subject, fields_by_path
from storage.sums import MILLION, Asked, Cut, Standing, Tally, Version
from storage.tables import Schema
from storage.wanted import Wanted
from workers.plans.plan import Intent, Plan, columns_of, filter_of, lacking, table_of

LEFT_OUT = (Standing.MISSING, Standing.UNREADABLE, Standing.UNDECIDED, Standing.EMPTY)
_CENTS, _FINE = Decimal("0.01"), Decimal("0.000001")
_EXTREMES = frozenset({Intent.SMALLEST, Intent.LARGEST})
_NO_TEXT = frozenset({*NUMBERS, FieldKind.DATE})


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, a day or a text of rows together, exact; and in which currency where it is money."""

    key: str | None  # of the group; None: there is no grouping, or these amounts have no currency
    shown: str | None  # the group as people read it
    currency: str | None
    value: Decimal | str | None  # None: nothing counts
    count: int  # rows that it is made of


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows that a number is without, or that it has and that are to be looked at."""

    unsure: int  # count, and need a review
    missing: int  # lack the value that is wanted
    unreadable: int  # have it, and it says nothing
    undecided: int  # lack a value that a condition compares
    empty: int  # documents in which nothing was found
    incomplete: int  # documents that count, of which a page or a row could not be read

    @property
    def all(self) -> int:
        """Rows that may belong to the number and are not in it."""
        return self.missing + self.unreadable + self.undecided + self.empty


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a plan."""

    schema: Schema
    wanted: Wanted
    asked: Asked
    figures: tuple[Figure, ...]  # one for each group and currency; of a count without groups one
    rows: int  # that count
    records: int
    left_out: LeftOut
    coverage: Coverage
    lacks: tuple[str, ...]  # fields that no version has under which anything was read
    groups: tuple[tuple[str | None, ...], ...] | None  # whose rows make the answer: key, maybe currency; None: all
    beyond: tuple[Figure, ...] = ()  # groups that are none of these


def asked_of(
    session: Session, workspace_id: str, plan: Plan, document_ids: Collection[str] | None
) -> tuple[Schema, Wanted, Asked]:
    """The plan over each version of its schema that has records, the latest first. Raises SchemaNotFound."""
    versions = schemas.list_versions(session, workspace_id, plan.schema)
    wanted = schemas.wanted_of(versions[0].body)
    there = set(sums.latest_versions(session, [schema.id for schema in versions]))
    fields = fields_by_path(wanted)
    by = fields[plan.by.field] if plan.by else None
    cut = plan.by.cut if plan.by else Cut.VALUE
    field = fields[plan.field] if plan.field is not None else None
    if plan.intent is Intent.LIST and field is not None and is_listed_by_text(field):
        by, cut = field, Cut.VALUE
    asked = Asked(
        workspace_id,
        tuple(_version(schema, plan) for schema in versions if schema.id in there),
        document_ids,
        field,
        shown_of(plan, wanted),
        plan.currency,
        by,
        cut,
        tuple(columns_of(table_of(plan, wanted))),
    )
    return versions[0], wanted, asked


def is_listed_by_text(subject: Subject) -> bool:
    """Whether the different values of a field are told by their texts, or days."""
    return subject.kind not in NUMBERS


def shown_of(plan: Plan, wanted: Wanted) -> str | None:
    """The field by whose value a row is shown where no field is asked for."""
    compared = [one.field for one in plan.where if wanted.find(one.field) is not None]
    if plan.table is not None:
        table = table_of(plan, wanted)
        return next((name for name in compared if name in columns_of(table)), next(iter(columns_of(table)), None))
    cells = {path for path, subject in fields_by_path(wanted).items() if subject.cell}
    return next((name for name in compared if name not in cells), None)


def run(session: Session, workspace_id: str, plan: Plan, document_ids: Collection[str] | None) -> Outcome:
    """Run a plan that makes sense under the latest version of its schema."""
    schema, wanted, asked = asked_of(session, workspace_id, plan, document_ids)
    tallies = sums.tally(session, asked)
    counting = [one for one in tallies if one.standing is Standing.COUNTS]
    every = schemas.list_versions(session, workspace_id, plan.schema)
    covered = cited.coverage(session, workspace_id, [one.id for one in every], document_ids)
    lacks = {version.lacks for version in asked.versions}
    every_figure = figures = _figures(plan, asked, counting)
    groups = None
    if plan.top:
        figures = _topmost(plan.top, figures)
        groups = tuple(_group_of(plan, asked, figure) for figure in figures)
        counting = [one for one in counting if _group_of(plan, asked, one) in groups]
    return Outcome(
        schema,
        wanted,
        asked,
        figures,
        sum(one.rows for one in counting),
        sum(one.records for one in counting),
        _left_out([*counting, *(one for one in tallies if one.standing is not Standing.COUNTS)]),
        covered,
        () if None in lacks else tuple(sorted(name for name in lacks if name)),
        groups,
        tuple(figure for figure in every_figure if figure not in figures),
    )


def rows_of(session: Session, plan: Plan, outcome: Outcome, limit: int) -> list[Row]:
    """The first rows that make the number: of an extreme those that have it, else all that count."""
    if plan.intent not in _EXTREMES:
        return cited.list_rows(session, outcome.asked, limit=limit, groups=outcome.groups).items
    return cited.list_rows(session, outcome.asked, limit=limit, groups=extremes_of(session, plan, outcome)).items


def _group_of(plan: Plan, asked: Asked, one: Figure | Tally) -> tuple[str | None, ...]:
    """What a group is told from others by: its key, and of amounts their currency."""
    return (one.key, one.currency) if _in_money(plan, asked) else (one.key,)


def _in_money(plan: Plan, asked: Asked) -> bool:
    return asked.field is not None and asked.field.kind is FieldKind.MONEY and plan.intent is not Intent.COUNT


def _topmost(top: int, figures: Sequence[Figure]) -> tuple[Figure, ...]:
    """In each currency the groups of the largest numbers, or the smallest, and those that have as much as the last."""
    found: list[Figure] = []
    for currency in dict.fromkeys(figure.currency for figure in figures):
        named = [f for f in figures if f.currency == currency and f.key is not None and isinstance(f.value, Decimal)]
        ranked = sorted(named, key=lambda figure: Decimal(figure.value or 0), reverse=top > 0)
        found += [f for f in ranked if f in ranked[: abs(top)] or f.value == ranked[abs(top) - 1].value]
    return tuple(found)


def extremes_of(session: Session, plan: Plan, outcome: Outcome) -> list[tuple[str | None, str | None, Any]]:
    """Group, currency and measure of each row that is among the smallest or largest."""
    pairs: list[tuple[str | None, str | None, Any]] = []
    for figure in outcome.figures:
        if plan.limit == 1:
            pairs.append((figure.key, figure.currency, measure_of(figure.value)))
            continue
        most = plan.intent is Intent.LARGEST
        found = cited.top_measures(session, outcome.asked, (figure.key, figure.currency), plan.limit, most=most)
        pairs += [(figure.key, figure.currency, measure) for measure in found]
    return pairs


def winners_of(plan: Plan, rows: Sequence[Row]) -> list[tuple[str | None, Any, str]]:
    """Currency, value and document of each of the smallest or largest rows; of other plans nothing."""
    if plan.intent not in _EXTREMES:
        return []
    return [
        (
            row.currency,
            Decimal(row.measure) / MILLION if isinstance(row.measure, int) else row.measure,
            row.document_name,
        )
        for row in rows
    ]


def measure_of(value: Decimal | str | None) -> Any:
    """A figure as the database counts it."""
    return int(value * MILLION) if isinstance(value, Decimal) else value


def _version(schema: Schema, plan: Plan) -> Version:
    wanted = schemas.wanted_of(schema.body)
    lacks = lacking(plan, wanted)
    return Version(schema.id, schema.version, None if lacks else filter_of(plan, wanted), lacks)


def _figures(plan: Plan, asked: Asked, counting: Sequence[Tally]) -> tuple[Figure, ...]:
    """The groups together, over all versions: by their key, and amounts by their currency as well."""
    together: dict[tuple[str | None, str | None], list[Tally]] = {}
    money = _in_money(plan, asked)
    for one in counting:
        together.setdefault((one.key, one.currency if money else None), []).append(one)
    figures = [_figure(plan, asked, key, currency, some) for (key, currency), some in together.items()]
    if plan.intent is Intent.COUNT and asked.by is None and not figures:
        figures = [Figure(None, None, None, Decimal(0), 0)]
    return tuple(sorted(figures, key=lambda figure: _order(asked, figure)))


def _figure(plan: Plan, asked: Asked, key: str | None, currency: str | None, some: Sequence[Tally]) -> Figure:
    count = sum(one.rows for one in some)
    shown = next((one.shown for one in some if one.shown is not None), None)
    return Figure(key, shown, currency, _value(plan, asked, some, count), count)


def _value(plan: Plan, asked: Asked, some: Sequence[Tally], count: int) -> Decimal | str | None:
    if plan.intent not in {Intent.SUM, Intent.AVERAGE, *_EXTREMES} or asked.field is None:
        return Decimal(count)
    if plan.intent in _EXTREMES:
        pick = max if plan.intent is Intent.LARGEST else min
        found = pick(one.most if plan.intent is Intent.LARGEST else one.least for one in some)
        return found if isinstance(found, str) else Decimal(int(found)) / MILLION
    total = sum(one.millionths or 0 for one in some)
    if plan.intent is Intent.SUM:
        return Decimal(total) / MILLION if total % MILLION else Decimal(total // MILLION)
    return _rounded(Fraction(total, count * MILLION), asked.field.kind)


def _rounded(mean: Fraction, kind: FieldKind) -> Decimal:
    """To cents, or to millionths where it is no money; halves to the even one."""
    step = _CENTS if kind is FieldKind.MONEY else _FINE
    return Decimal(round(mean / Fraction(step))) * step


def _order(asked: Asked, figure: Figure) -> tuple[Any, ...]:
    """Days rise; other groups come by how many rows they have. Rows without the group's value come last."""
    dated = asked.by is not None and asked.by.kind is FieldKind.DATE
    size = 0 if dated else -figure.count
    return (
        figure.key is None and asked.by is not None,
        size,
        figure.key or "",
        figure.currency is None,
        figure.currency or "",
    )


def _left_out(tallies: Iterable[Tally]) -> LeftOut:
    by_standing: Mapping[Standing, list[Tally]] = {standing: [] for standing in Standing}
    for one in tallies:
        by_standing[one.standing].append(one)
    counts = {standing: sum(one.rows for one in some) for standing, some in by_standing.items()}
    return LeftOut(
        sum(one.unsure for one in by_standing[Standing.COUNTS]),
        counts[Standing.MISSING],
        counts[Standing.UNREADABLE],
        counts[Standing.UNDECIDED],
        counts[Standing.EMPTY],
        sum(one.incomplete for one in by_standing[Standing.COUNTS]),
    )
