"""From what a question's words say to one plan; None where that is not certain."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from core.errors import InvalidRequest
from core.records import FieldKind
from storage.filters import Op
from storage.subjects import Subject
from storage.sums import Cut
from storage.wanted import TableField
from workers.plans.doubts import ADDING, EXTREMES, LIGHT, Unclear, check_doubts, check_field, demand
from workers.plans.holding import can_hold, days_of, days_said
from workers.plans.lookalikes import Doubtful
from workers.plans.marks import (
    Asks,
    Bound,
    Different,
    Group,
    In,
    Limit,
    Mark,
    Mention,
    Noun,
    On,
    Placed,
    RowsOf,
    Total,
    Unknown,
    Verb,
    Where,
)
from workers.plans.plan import AMOUNTS, Condition, Grouping, Intent, Plan, check_plan
from workers.plans.ranking import ranked
from workers.plans.vocabulary import Vocabulary

_M = TypeVar("_M", bound=Mark)
_YEAR = re.compile(r"(?:19|20)\d\d")
_WEAK = frozenset({Intent.LIST, Intent.LOOKUP})
_OWNED = frozenset({FieldKind.IBAN, FieldKind.VAT, FieldKind.EMAIL, FieldKind.PHONE})


@dataclass(frozen=True, slots=True)
class Understood:
    """A plan, with what is to be told about it. With `unknown`, the question names somebody whom no record has."""

    plan: Plan
    vocabulary: Vocabulary
    notes: tuple[str, ...] = ()
    unknown: Unknown | None = None
    doubtful: tuple[Doubtful, ...] = ()  # names that may be the same as those of its conditions
    nearest: tuple[str, ...] = ()  # names that come near to the unknown one
    single: bool = False  # it asks about one document; where there are more, it is not known which


@dataclass
class Assembler:
    """Makes one plan of the marks of a question."""

    marks: Sequence[Placed]
    vocabulary: Vocabulary
    table: TableField | None = None
    where: list[Condition] = field(default_factory=list)
    used: set[int] = field(default_factory=set)  # places of mentions that have their part

    def understood(self) -> Understood | None:
        """The plan; None where the marks make none, or more than one."""
        try:
            return self._understood()
        except (Unclear, InvalidRequest):
            return None

    def _understood(self) -> Understood:
        ranking = ranked(self.marks)
        self.marks = ranking.marks
        self.table = self._counted_table()
        unknown = self._only(Unknown)
        self._conditions()
        intent, of_dates = self._intent()
        subject = self._subject(intent, of_dates=of_dates)
        by = self._grouping(intent, subject)
        check_doubts(self.marks, intent)
        currency = self._only(In)
        if currency is not None:
            subject = subject or self._amount()
            demand(subject.kind is FieldKind.MONEY)
        limit = self._only(Limit)
        demand(limit is None or intent in EXTREMES)
        if intent in EXTREMES and by is not None and by.field == (subject and subject.field):
            by = None
        plan = Plan(
            intent,
            self.vocabulary.name,
            subject.field if subject else None,
            tuple(self.where),
            by,
            currency.currency if currency else None,
            self.table.path if self.table else None,
            limit.number if limit else 1,
            ranking.top,
        )
        self._check(plan, unknown)
        check_plan(plan, self.vocabulary.wanted)
        notes = tuple(p.mark.note for p in self._all(Where) if p.mark.note)
        notes += tuple(days_said(p.mark) for p in self._all(On) if p.mark.said)
        if any(p.mark.paid for p in (*self._all(Verb), *self._all(Where))):
            demand(plan.intent in ADDING)
            notes = (*notes, f"What was really paid is not known: the amounts of {self.vocabulary.plural} are.")
        return Understood(plan, self.vocabulary, notes, unknown, single=self._is_single(plan))

    def _check(self, plan: Plan, unknown: Unknown | None) -> None:
        """Nothing that was mentioned may be without a part, and a lookup says whose."""
        demand(all(p.at in self.used for p in self._all(Mention)))
        demand(can_hold(plan.where))
        demand(unknown is None or plan.intent is not Intent.LOOKUP)
        wheres = [p.mark for p in self._all(Where)]
        self._check_totals(plan)
        if plan.intent is Intent.LOOKUP:
            demand(any(where.one or where.party for where in wheres) or self._is_single(plan))
        if plan.intent is Intent.COUNT or plan.field is None:
            demand(self._all(Noun) or plan.table is not None or any(w.one for w in wheres))
        if plan.intent in ADDING | EXTREMES:
            named = any(isinstance(p.mark, Noun | RowsOf | Mention | Total | Verb) for p in self.marks)
            demand(named or any(where.paid for where in wheres))
        if any(p.mark.is_there for p in self._all(Asks)):
            demand(plan.intent is Intent.COUNT and plan.by is None and self._all(Noun))
        if any(p.mark for p in self._all(Different)):
            demand(plan.intent is Intent.LIST and plan.field is not None)

    def _check_totals(self, plan: Plan) -> None:
        """A total that is asked for is no list, and that of the latest is not the latest day; euros are no dollars."""
        bounds = [p.at for p in self._all(Bound)]
        asked = [p for p in self._all(Total) if not any(self._near(p.end, at) for at in bounds)]
        found = self.vocabulary.wanted.find(plan.field) if plan.field else None
        dated = found is not None and found.kind is FieldKind.DATE
        demand(not asked or (plan.intent is not Intent.LIST and not (plan.intent in EXTREMES and dated)))
        if plan.currency is not None:
            others = [one.currency for one in plan.where if one.field == plan.field and one.op is not Op.IS]
            demand(all(one in {None, plan.currency} for one in others))

    def _is_single(self, plan: Plan) -> bool:
        """Whether one document is asked about: the invoice, not invoices; but one of the largest is one of many."""
        if plan.intent in {Intent.COUNT, Intent.AVERAGE, *EXTREMES} or (plan.intent is Intent.LIST and not plan.field):
            return False
        return self._about_one() and plan.by is None and self.table is None

    def _about_one(self) -> bool:
        """The invoice, or one by its number; but invoice totals, and a total invoice amount, are those of many."""
        if any(p.mark.one for p in self._all(Where)):
            return True
        many = {p.at for p in (*self._all(Mention), *self._all(Total)) if p.mark.many}
        totals = {p.end for p in self._all(Total)}
        return any(p.mark.one and p.end not in many and p.at not in totals for p in self._all(Noun))

    def _intent(self) -> tuple[Intent, bool]:
        """What is asked, and whether of days."""
        asks = [p.mark for p in self._all(Asks)]
        strong = {ask.intent for ask in asks if ask.intent not in _WEAK}
        strong |= {Intent.LARGEST for p in self._all(Limit) if p.mark.top}
        strong |= {Intent.SUM for p in self._all(Verb) if p.mark.sums}
        demand(len(strong) <= 1)
        one = any(p.mark.one for p in self._all(Where))
        if not strong:
            return self._weak_intent(asks, about_one=self._about_one()), any(ask.of_dates for ask in asks)
        (intent,) = strong
        if intent is Intent.COUNT and self._counts_values():
            return Intent.LIST, False
        if intent is Intent.SUM and self.table is None and one:
            return Intent.LOOKUP, False
        return intent, any(ask.of_dates for ask in asks)

    def _weak_intent(self, asks: Sequence[Asks], *, about_one: bool) -> Intent:
        """Where no word says it, what is mentioned does: a total of many is a sum, of one it is looked up."""
        summed = any(p.mark.summed for p in self._all(Mention)) or bool(self._all(Total))
        leading = asks[0].intent if asks else None
        grouped = bool(self._all(Group))
        if grouped and self._has_amount():
            return Intent.SUM
        if summed and not about_one and leading is not Intent.LIST:
            return Intent.SUM
        if leading is None and not about_one and not summed and isinstance(self._first(), Noun | RowsOf):
            demand(grouped or self.where)  # invoices per month, invoices from Acme
            return Intent.COUNT if grouped else Intent.LIST
        if leading is Intent.LIST and not about_one:
            return Intent.LIST
        when = any(ask.of_dates for ask in asks)
        if summed or when or any(p.at not in self.used for p in self._all(Mention)):
            return Intent.LOOKUP
        demand(leading is Intent.LIST)  # what is invoice 7 asks for nothing of it
        return Intent.LIST

    def _first(self) -> Mark | None:
        return next((p.mark for p in self.marks if not isinstance(p.mark, LIGHT)), None)

    def _has_amount(self) -> bool:
        """Whether an amount is named that nothing compares: tax per vendor."""
        left = [p.mark.subject.kind for p in self._all(Mention) if p.at not in self.used]
        return bool(self._all(Total)) or (len(left) == 1 and left[0] in AMOUNTS)

    def _counts_values(self) -> bool:
        """Whether it is a field's different values that are counted: how many vendors, not how many invoices."""
        counted = next((p for p in self.marks if isinstance(p.mark, Mention | Noun | RowsOf)), None)
        return counted is not None and isinstance(counted.mark, Mention)

    def _counted_table(self) -> TableField | None:
        """The table whose rows are meant: where it is named first, or right behind the schema's noun."""
        rows = self._all(RowsOf)
        if not rows:
            cell = next((p.mark.subject for p in self._all(Mention) if p.mark.subject.cell), None)
            return None if cell is None else self._table_of(cell)
        demand(len({p.mark.table.path for p in rows}) == 1)
        nouns = self._all(Noun)
        if not nouns or rows[0].at < nouns[0].at or nouns[0].end == rows[0].at:
            table: TableField = rows[0].mark.table
            return table
        bounds = [p.at for p in self._all(Bound)]
        demand(any(self._near(rows[0].end, at) for at in bounds))  # invoices with line items over 500
        return None

    def _conditions(self) -> None:
        for placed in self.marks:
            match placed.mark:
                case Where(condition):
                    self.where.append(condition)
                case On(first, last, years_between):
                    demand(not (years_between and self._before(placed, AMOUNTS)))
                    subject = self._before(placed, {FieldKind.DATE}) or self._date()
                    self.where.append(days_of(subject, first, last))
                case Bound(op, values, currency):
                    subject = self._bounded(placed)
                    demand(currency is None or subject.kind is FieldKind.MONEY)
                    self.where.append(Condition(subject.field, op, values, currency))
                case Mention(subject) if subject.kind is FieldKind.BOOLEAN:
                    self.used.add(placed.at)
                    self.where.append(Condition(subject.field, Op.EQUALS, ("true",)))
                case _:
                    pass

    def _bounded(self, placed: Placed) -> Subject:
        """What an amount bounds: the field right before it, else that of a table's rows, else the amount."""
        named = self._before(placed, AMOUNTS)
        if named is not None:
            return named
        bound = placed.mark
        if isinstance(bound, Bound) and bound.currency is None:  # over 2023 may be in its course
            demand(not any(_YEAR.fullmatch(value) for value in bound.values))
        rows = next((p.mark.table for p in self._all(RowsOf) if self._near(p.end, placed.at)), None)
        found = self.vocabulary.amount(rows if rows is not None and self.table is None else self.table)
        return _there(found)

    def _before(self, placed: Placed, kinds: Iterable[FieldKind]) -> Subject | None:
        """The field of such a kind that stands right before a condition. What is asked for keeps its part as well."""
        mentions = [p for p in self._all(Mention) if p.end <= placed.at and self._near(p.end, placed.at)]
        totals = [p for p in self._all(Total) if p.end <= placed.at and self._near(p.end, placed.at)]
        if mentions and mentions[-1].mark.subject.kind in kinds:
            last = mentions[-1]
            if not self._follows_ask(last):
                self.used.add(last.at)
            named: Subject = last.mark.subject
            return named
        if totals and FieldKind.MONEY in kinds:
            return self.vocabulary.amount(self.table)
        return None

    def _follows_ask(self, placed: "_PlacedAs") -> bool:
        asks = [p for p in self._all(Asks) if p.end <= placed.at]
        return bool(asks) and self._near(asks[-1].end, placed.at)

    def _near(self, start: int, end: int) -> bool:
        """Whether nothing but words without weight lies between two places."""
        between = [p.mark for p in self.marks if p.at >= start and p.end <= end]
        return start <= end and all(isinstance(mark, (*LIGHT, Total)) for mark in between)

    def _subject(self, intent: Intent, *, of_dates: bool) -> Subject | None:
        left = [p for p in self._all(Mention) if p.at not in self.used]
        demand(len(left) <= 1)
        if left:
            compared = self.vocabulary.date() if of_dates else self.vocabulary.amount(self.table)
            check_field(self.marks, intent, next(p for p in self.marks if p.at == left[0].at), compared)
            self.used.add(left[0].at)
            subject: Subject = left[0].mark.subject
            self._check_owner(intent, subject)
            return subject
        if intent in ADDING or (intent in EXTREMES and not of_dates):
            return self._extreme_by_group(intent) or self._amount()
        if intent in EXTREMES:
            return self._date()
        if intent is Intent.LOOKUP:
            return self._date() if of_dates else self._amount()
        return None

    def _extreme_by_group(self, intent: Intent) -> Subject | None:
        """`top 5 invoices by tax` compares taxes."""
        group = self._only(Group)
        if intent not in EXTREMES or group is None or group.subject is None:
            return None
        subject: Subject = group.subject
        return subject if subject.kind in AMOUNTS else None

    def _check_owner(self, intent: Intent, subject: Subject) -> None:
        """The account on an invoice is the vendor's: whoever is billed does not own it."""
        if intent is not Intent.LOOKUP or subject.kind not in _OWNED:
            return
        parties = [p.mark.condition.field for p in self._all(Where) if p.mark.party]
        owners = {s.field for s in self.vocabulary.texts(("vendor", "sender", "holder"))}
        strangers = {s.field for s in self.vocabulary.texts(("customer", "recipient"))}
        demand(not any(field in strangers and field not in owners for field in parties))

    def _grouping(self, intent: Intent, subject: Subject | None) -> Grouping | None:
        group = self._only(Group)
        if group is None:
            return None
        if group.subject is not None:
            if intent in EXTREMES and group.subject == subject:
                return None
            return Grouping(group.subject.field, group.cut)
        if group.cut is Cut.CURRENCY:
            return Grouping(self._amount().field, Cut.CURRENCY)
        return Grouping(self._date().field, group.cut)

    def _amount(self) -> Subject:
        return _there(self.vocabulary.amount(self.table))

    def _date(self) -> Subject:
        return _there((self.table and self.vocabulary.date(self.table)) or self.vocabulary.date())

    def _table_of(self, cell: Subject) -> TableField:
        return next(t for t in self.vocabulary.wanted.tables if cell.field.startswith(t.path + "."))

    def _all(self, kind: type[Any]) -> "list[_PlacedAs]":
        return [_PlacedAs(p.mark, p.at, p.end) for p in self.marks if isinstance(p.mark, kind)]

    def _only(self, kind: type[_M]) -> _M | None:
        found = [p.mark for p in self._all(kind)]
        demand(len(found) <= 1)
        return found[0] if found else None


@dataclass(frozen=True, slots=True)
class _PlacedAs:
    """A mark of one kind, and where it stands."""

    mark: Any
    at: int
    end: int


def _there(subject: Subject | None) -> Subject:
    if subject is None:
        raise Unclear
    return subject
