"""From what a question's words say to one plan; None where that is not certain."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from core.errors import InvalidRequest
from core.records import FieldKind
from storage.filters import Op
from storage.subjects import Subject
from storage.sums import Cut
from storage.wanted import TableField
from workers.plans.doubts import ADDING, EXTREMES, Unclear, check_doubts, check_field, demand
from workers.plans.holding import can_hold, days_of, days_said
from workers.plans.intending import intent_of, is_about_one
from workers.plans.lookalikes import Doubtful
from workers.plans.marks import (
    Asks,
    Bound,
    Different,
    Group,
    In,
    Limit,
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
from workers.plans.placed import Marks, PlacedAs
from workers.plans.plan import AMOUNTS, Condition, Grouping, Intent, Plan, check_plan
from workers.plans.ranking import ranked
from workers.plans.vocabulary import Vocabulary

_YEAR = re.compile(r"(?:19|20)\d\d")
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

    marks: Marks
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
        ranking = ranked(self.marks.placed)
        self.marks = Marks(ranking.marks)
        self.table = self._counted_table()
        unknown = self.marks.only(Unknown)
        self._conditions()
        of_rows, bounded = self.table is not None, bool(self.where)
        intent, of_dates = intent_of(self.marks, self._left(), of_rows=of_rows, bounded=bounded)
        subject = self._subject(intent, of_dates=of_dates)
        by = self._grouping(intent, subject)
        check_doubts(self.marks.placed, intent)
        currency = self.marks.only(In)
        if currency is not None:
            subject = subject or self._amount()
            demand(subject.kind is FieldKind.MONEY)
        limit = self.marks.only(Limit)
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
        notes = tuple(p.mark.note for p in self.marks.all(Where) if p.mark.note)
        notes += tuple(days_said(p.mark) for p in self.marks.all(On) if p.mark.said)
        paid = [p.mark.paid for p in self.marks.all(Verb)] + [p.mark.paid for p in self.marks.all(Where)]
        if any(paid):
            demand(plan.intent in ADDING)
            notes = (*notes, f"What was really paid is not known: the amounts of {self.vocabulary.plural} are.")
        return Understood(plan, self.vocabulary, notes, unknown, single=self._is_single(plan))

    def _left(self) -> list[PlacedAs[Mention]]:
        """Mentions that have no part yet."""
        return [p for p in self.marks.all(Mention) if p.at not in self.used]

    def _check(self, plan: Plan, unknown: Unknown | None) -> None:
        """Nothing that was mentioned may be without a part, and a lookup says whose."""
        demand(all(p.at in self.used for p in self.marks.all(Mention)))
        demand(can_hold(plan.where))
        demand(unknown is None or plan.intent is not Intent.LOOKUP)
        wheres = [p.mark for p in self.marks.all(Where)]
        self._check_totals(plan)
        if plan.intent is Intent.LOOKUP:
            demand(any(where.one or where.party for where in wheres) or self._is_single(plan))
        if plan.intent is Intent.COUNT or plan.field is None:
            demand(self.marks.all(Noun) or plan.table is not None or any(w.one for w in wheres))
        if plan.intent in ADDING | EXTREMES:
            named = any(isinstance(p.mark, Noun | RowsOf | Mention | Total | Verb) for p in self.marks.placed)
            demand(named or any(where.paid for where in wheres))
        if any(p.mark.is_there for p in self.marks.all(Asks)):
            demand(plan.intent is Intent.COUNT and plan.by is None and self.marks.all(Noun))
        if any(p.mark for p in self.marks.all(Different)):
            demand(plan.intent is Intent.LIST and plan.field is not None)

    def _check_totals(self, plan: Plan) -> None:
        """A total that is asked for is no list, and that of the latest is not the latest day; euros are no dollars."""
        bounds = [p.at for p in self.marks.all(Bound)]
        asked = [p for p in self.marks.all(Total) if not any(self.marks.near(p.end, at) for at in bounds)]
        found = self.vocabulary.wanted.find(plan.field) if plan.field else None
        dated = found is not None and found.kind is FieldKind.DATE
        demand(not asked or (plan.intent is not Intent.LIST and not (plan.intent in EXTREMES and dated)))
        if plan.intent in ADDING | EXTREMES:  # all invoices without tax: net amounts, or those that state no tax
            stated = [self.vocabulary.wanted.find(one.field) for one in plan.where if one.op is Op.IS]
            demand(not any(field is not None and field.kind is FieldKind.MONEY for field in stated))
        if plan.currency is not None:
            others = [one.currency for one in plan.where if one.field == plan.field and one.op is not Op.IS]
            demand(all(one in {None, plan.currency} for one in others))

    def _is_single(self, plan: Plan) -> bool:
        """Whether one document is asked about: the invoice, not invoices; but one of the largest is one of many."""
        if plan.intent in {Intent.COUNT, Intent.AVERAGE, *EXTREMES} or (plan.intent is Intent.LIST and not plan.field):
            return False
        return is_about_one(self.marks) and plan.by is None and self.table is None

    def _counted_table(self) -> TableField | None:
        """The table whose rows are meant: where it is named first, or right behind the schema's noun."""
        rows = self.marks.all(RowsOf)
        if not rows:
            cell = next((p.mark.subject for p in self.marks.all(Mention) if p.mark.subject.cell), None)
            return None if cell is None else self._table_of(cell)
        demand(len({p.mark.table.path for p in rows}) == 1)
        nouns = self.marks.all(Noun)
        if not nouns or rows[0].at < nouns[0].at or nouns[0].end == rows[0].at:
            table: TableField = rows[0].mark.table
            return table
        bounds = [p.at for p in self.marks.all(Bound)]
        demand(any(self.marks.near(rows[0].end, at) for at in bounds))  # invoices with line items over 500
        return None

    def _conditions(self) -> None:
        for placed in self.marks.placed:
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
        rows = next((p.mark.table for p in self.marks.all(RowsOf) if self.marks.near(p.end, placed.at)), None)
        found = self.vocabulary.amount(rows if rows is not None and self.table is None else self.table)
        return _there(found)

    def _before(self, placed: Placed, kinds: Iterable[FieldKind]) -> Subject | None:
        """The field of such a kind that stands right before a condition. What is asked for keeps its part as well."""
        mentions = [p for p in self.marks.all(Mention) if p.end <= placed.at and self.marks.near(p.end, placed.at)]
        totals = [p for p in self.marks.all(Total) if p.end <= placed.at and self.marks.near(p.end, placed.at)]
        if mentions and mentions[-1].mark.subject.kind in kinds:
            last = mentions[-1]
            if not self._follows_ask(last):
                self.used.add(last.at)
            named: Subject = last.mark.subject
            return named
        if totals and FieldKind.MONEY in kinds:
            return self.vocabulary.amount(self.table)
        return None

    def _follows_ask(self, placed: PlacedAs[Mention]) -> bool:
        asks = [p for p in self.marks.all(Asks) if p.end <= placed.at]
        return bool(asks) and self.marks.near(asks[-1].end, placed.at)

    def _subject(self, intent: Intent, *, of_dates: bool) -> Subject | None:
        left = self._left()
        demand(len(left) <= 1)
        if left:
            compared = self.vocabulary.date() if of_dates else self.vocabulary.amount(self.table)
            check_field(self.marks.placed, intent, next(p for p in self.marks.placed if p.at == left[0].at), compared)
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
        group = self.marks.only(Group)
        if intent not in EXTREMES or group is None or group.subject is None:
            return None
        subject: Subject = group.subject
        return subject if subject.kind in AMOUNTS else None

    def _check_owner(self, intent: Intent, subject: Subject) -> None:
        """The account on an invoice is the vendor's: whoever is billed does not own it."""
        if intent is not Intent.LOOKUP or subject.kind not in _OWNED:
            return
        parties = [p.mark.condition.field for p in self.marks.all(Where) if p.mark.party]
        owners = {s.field for s in self.vocabulary.texts(("vendor", "sender", "holder"))}
        strangers = {s.field for s in self.vocabulary.texts(("customer", "recipient"))}
        demand(not any(field in strangers and field not in owners for field in parties))

    def _grouping(self, intent: Intent, subject: Subject | None) -> Grouping | None:
        group = self.marks.only(Group)
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


def _there(subject: Subject | None) -> Subject:
    if subject is None:
        raise Unclear
    return subject
