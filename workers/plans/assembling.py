"""From what a question's words say to one plan; None where that is not certain."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from core.errors import InvalidRequest
from core.records import FieldKind
from storage.filters import Op
from storage.subjects import Subject
from storage.sums import Cut
from storage.wanted import TableField
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
    Nothing,
    On,
    Placed,
    RowsOf,
    Total,
    Unknown,
    Verb,
    Where,
)
from workers.plans.plan import AMOUNTS, Condition, Grouping, Intent, Plan, check_plan
from workers.plans.vocabulary import Vocabulary

_M = TypeVar("_M", bound=Mark)
_WEAK = frozenset({Intent.LIST, Intent.LOOKUP})
_ADDING = frozenset({Intent.SUM, Intent.AVERAGE})
_EXTREMES = frozenset({Intent.SMALLEST, Intent.LARGEST})
_OWNED = frozenset({FieldKind.IBAN, FieldKind.VAT, FieldKind.EMAIL, FieldKind.PHONE})


class _Unclear(Exception):  # noqa: N818 - no failure: the question is left to others
    """The words do not make one plan."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A plan, with what is to be told about it. With `unknown`, the question names somebody whom no record has."""

    plan: Plan
    vocabulary: Vocabulary
    notes: tuple[str, ...] = ()
    unknown: Unknown | None = None
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
        except (_Unclear, InvalidRequest):
            return None

    def _understood(self) -> Understood:
        self.table = self._counted_table()
        unknown = self._only(Unknown)
        self._conditions()
        intent, of_dates = self._intent()
        subject = self._subject(intent, of_dates=of_dates)
        by = self._grouping(intent, subject)
        currency = self._only(In)
        if currency is not None:
            subject = subject or self._amount()
            _demand(subject.kind is FieldKind.MONEY)
        limit = self._only(Limit)
        _demand(limit is None or intent in _EXTREMES)
        if intent in _EXTREMES and by is not None and by.field == (subject and subject.field):
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
        )
        self._check(plan, unknown)
        check_plan(plan, self.vocabulary.wanted)
        notes = tuple(p.mark.note for p in self._all(Where) if p.mark.note)
        if any(p.mark.paid for p in (*self._all(Verb), *self._all(Where))):
            _demand(plan.intent in _ADDING)
            notes = (*notes, f"What was really paid is not known: the amounts of {self.vocabulary.plural} are.")
        return Understood(plan, self.vocabulary, notes, unknown, self._is_single(plan))

    def _check(self, plan: Plan, unknown: Unknown | None) -> None:
        """Nothing that was mentioned may be without a part, and a lookup says whose."""
        _demand(all(p.at in self.used for p in self._all(Mention)))
        _demand(_can_hold(plan.where))
        _demand(unknown is None or plan.intent is not Intent.LOOKUP)
        wheres = [p.mark for p in self._all(Where)]
        if plan.intent is Intent.LOOKUP:
            _demand(any(where.one or where.party for where in wheres) or self._is_single(plan))
        if plan.intent is not Intent.COUNT and plan.field is None:
            _demand(bool(self._all(Noun)) or plan.table is not None)
        if any(p.mark for p in self._all(Different)):
            _demand(plan.intent is Intent.LIST and plan.field is not None)

    def _is_single(self, plan: Plan) -> bool:
        """Whether one document is asked about: the invoice, not invoices; but one of the largest is one of many."""
        one = any(p.mark.one for p in self._all(Noun)) or any(p.mark.one for p in self._all(Where))
        return one and plan.intent not in {*_EXTREMES, Intent.COUNT} and plan.by is None and self.table is None

    def _intent(self) -> tuple[Intent, bool]:
        asks = [p.mark for p in self._all(Asks)]
        strong = {ask.intent for ask in asks if ask.intent not in _WEAK}
        strong |= {Intent.LARGEST for p in self._all(Limit) if p.mark.top}
        summed = any(p.mark.summed for p in self._all(Mention)) or bool(self._all(Total))
        _demand(len(strong) <= 1)
        if strong:
            (intent,) = strong
            if intent is Intent.COUNT and self._counts_values():
                return Intent.LIST, False
            if intent is Intent.SUM and self.table is None and any(p.mark.one for p in self._all(Where)):
                return Intent.LOOKUP, False
            return intent, any(ask.of_dates for ask in asks)
        about_one = any(p.mark.one for p in self._all(Where)) or any(p.mark.one for p in self._all(Noun))
        if summed and not about_one and not self._leads_with_list(asks):
            return Intent.SUM, False
        weak = [ask.intent for ask in asks if ask.intent in _WEAK]
        wanted = [p for p in self._all(Mention) if p.at not in self.used]
        if weak[:1] == [Intent.LIST] and not about_one:
            return Intent.LIST, False
        if wanted or summed:
            return Intent.LOOKUP, False
        _demand(bool(weak))
        return Intent.LIST, False

    def _leads_with_list(self, asks: Sequence[Asks]) -> bool:
        return bool(asks) and asks[0].intent is Intent.LIST

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
        _demand(len({p.mark.table.path for p in rows}) == 1)
        nouns = self._all(Noun)
        if not nouns or rows[0].at < nouns[0].at or nouns[0].end == rows[0].at:
            return rows[0].mark.table
        bounds = [p.at for p in self._all(Bound)]
        _demand(any(self._near(rows[0].end, at) for at in bounds))  # invoices with line items over 500
        return None

    def _conditions(self) -> None:
        for placed in self.marks:
            match placed.mark:
                case Where(condition):
                    self.where.append(condition)
                case On(first, last):
                    subject = self._before(placed, {FieldKind.DATE}) or self._date()
                    self.where.append(_days(subject, first and first.isoformat(), last and last.isoformat()))
                case Bound(op, values, currency):
                    subject = self._bounded(placed)
                    _demand(currency is None or subject.kind is FieldKind.MONEY)
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
            return last.mark.subject
        if totals and FieldKind.MONEY in kinds:
            return self.vocabulary.amount(self.table)
        return None

    def _follows_ask(self, placed: Placed) -> bool:
        asks = [p for p in self._all(Asks) if p.end <= placed.at]
        return bool(asks) and self._near(asks[-1].end, placed.at)

    def _near(self, start: int, end: int) -> bool:
        """Whether nothing but words without weight lies between two places."""
        between = [p.mark for p in self.marks if p.at >= start and p.end <= end]
        return start <= end and all(isinstance(mark, Nothing | Total | Verb) for mark in between)

    def _subject(self, intent: Intent, *, of_dates: bool) -> Subject | None:
        left = [p for p in self._all(Mention) if p.at not in self.used]
        _demand(len(left) <= 1)
        if left:
            self.used.add(left[0].at)
            subject = left[0].mark.subject
            self._check_owner(intent, subject)
            return subject
        if intent in _ADDING or (intent in _EXTREMES and not of_dates):
            return self._extreme_by_group(intent) or self._amount()
        if intent in _EXTREMES:
            return self._date()
        if intent is Intent.LOOKUP:
            return self._amount()
        return None

    def _extreme_by_group(self, intent: Intent) -> Subject | None:
        """`top 5 invoices by tax` compares taxes."""
        group = self._only(Group)
        if intent not in _EXTREMES or group is None or group.subject is None:
            return None
        return group.subject if group.subject.kind in AMOUNTS else None

    def _check_owner(self, intent: Intent, subject: Subject) -> None:
        """The account on an invoice is the vendor's: whoever is billed does not own it."""
        if intent is not Intent.LOOKUP or subject.kind not in _OWNED:
            return
        parties = [p.mark.condition.field for p in self._all(Where) if p.mark.party]
        owners = {s.field for s in self.vocabulary.texts(("vendor", "sender", "holder"))}
        strangers = {s.field for s in self.vocabulary.texts(("customer", "recipient"))}
        _demand(not any(field in strangers and field not in owners for field in parties))

    def _grouping(self, intent: Intent, subject: Subject | None) -> Grouping | None:
        group = self._only(Group)
        if group is None:
            return None
        if group.subject is not None:
            if intent in _EXTREMES and group.subject == subject:
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
        _demand(len(found) <= 1)
        return found[0] if found else None


@dataclass(frozen=True, slots=True)
class _PlacedAs:
    """A mark of one kind, and where it stands."""

    mark: Any
    at: int
    end: int


def _demand(holds: object) -> None:
    if not holds:
        raise _Unclear


def _there(subject: Subject | None) -> Subject:
    if subject is None:
        raise _Unclear
    return subject


def _days(subject: Subject, first: str | None, last: str | None) -> Condition:
    if first is not None and last is not None:
        return Condition(
            subject.field, Op.EQUALS if first == last else Op.BETWEEN, (first,) if first == last else (first, last)
        )
    return (
        Condition(subject.field, Op.AT_LEAST, (first,))
        if first is not None
        else Condition(subject.field, Op.AT_MOST, (last or "",))
    )


def _can_hold(conditions: Sequence[Condition]) -> bool:
    """Whether conditions on one field leave anything: two names at once do not, nor do spans that do not meet."""
    for name in {one.field for one in conditions}:
        mine = [one for one in conditions if one.field == name]
        if len({one.currency for one in mine if one.op is not Op.IS}) > 1:
            return False
        if sum(one.op in {Op.EQUALS, Op.IN, Op.IS, Op.CONTAINS} for one in mine) > 1:
            return False
        low = [_bound(one.values[0]) for one in mine if one.op in {Op.AT_LEAST, Op.MORE, Op.BETWEEN, Op.EQUALS}]
        high = [_bound(one.values[-1]) for one in mine if one.op in {Op.AT_MOST, Op.LESS, Op.BETWEEN, Op.EQUALS}]
        if low and high and max(low) > min(high):
            return False
        if sum(one.op is Op.BETWEEN for one in mine) > 1:
            return False
    return True


def _bound(text: str) -> tuple[int, Decimal, str]:
    """Numbers in the order of numbers, days in that of texts."""
    number = text.replace(".", "", 1).removeprefix("-").isdecimal()
    return (0, Decimal(text), "") if number else (1, Decimal(0), text)
