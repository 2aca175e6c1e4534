"""An exact answer: a number and its groups in words, and all that a program needs to check it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.records import FieldKind
from workers.plans.citing import plain_number
from workers.plans.forms import plan_to_dict
from workers.plans.offers import Offer
from workers.plans.plan import Intent, Plan
from workers.plans.running import Figure, Outcome
from workers.plans.vocabulary import Vocabulary
from workers.plans.words import compared_title, counted, in_words, listed, number_text, things_of, title_of

_MOST_GROUPS = 12  # that the text of an answer lists
_MOST_NAMES = 10  # of documents, likewise
_EXTREMES = frozenset({Intent.SMALLEST, Intent.LARGEST})

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ExactAnswer:
    """What a plan found, as the result of a question has it."""

    found: bool
    text: str
    confidence: float | None  # of a value that was looked up
    plan: Plan
    facts: Json  # what the result tells of the plan and its number

    def result(self) -> Json:
        """The result of the question's job."""
        shown = next((one for one in self.facts["citations"] if one["page"] is not None), None)
        evidence = shown and {key: shown[key] for key in ("document", "document_name", "page", "box")}
        return {
            "state": "found" if self.found else "not_found",
            "kind": "exact",
            "text": self.text,
            "confidence": self.confidence,
            "evidence": evidence,
            "alternatives": [],
            "supported_by": [],
            "pages_looked_at": 0,
            "pages_unreadable": 0,
            "not_looked_at": 0,
            "looked_at": [],
            "searched": {"words": [], "pages": 0, "unread": 0},
            "plan": self.facts,
        }


@dataclass(frozen=True, slots=True)
class Shown:
    """The rows that are shown with an answer."""

    citations: Sequence[Json] = ()
    unsure: Sequence[Json] = ()
    missing: Sequence[Json] = ()
    winners: Sequence[tuple[str | None, Any, str]] = ()  # of an extreme: currency, value and document of each row
    alike: Sequence[Json] = ()  # names that may be the same


def answer_of(
    plan: Plan,
    vocabulary: Vocabulary,
    outcome: Outcome,
    shown: Shown,
    offered: Offer | None,
    notes: Sequence[str] = (),
) -> ExactAnswer:
    """The answer that an outcome makes."""
    teller = _Teller(plan, vocabulary, outcome, shown)
    texts = [teller.said(), *notes, *teller.left_out(), *_beyond(vocabulary, outcome, offered)]
    found = outcome.rows > 0 or (plan.intent is Intent.COUNT and outcome.coverage.read > 0)
    return ExactAnswer(found, " ".join(texts), None, plan, _facts(plan, vocabulary, outcome, shown, offered))


def unknown_answer(
    plan: Plan,
    vocabulary: Vocabulary,
    outcome: Outcome,
    unknown: tuple[str, str],
    nearest: Sequence[str],
    offered: Offer | None,
) -> ExactAnswer:
    """That no record has the name that is asked for under a field, so that nothing is counted; and what comes near."""
    field, said = unknown
    things = counted(outcome.coverage.read, vocabulary.singular, vocabulary.plural)
    title = title_of(field, vocabulary.wanted)
    texts = [f"Among {things} that were read, none has the {title} {said!r}."]
    texts += [f"The nearest: {', '.join(nearest)}."] if nearest else []
    texts += _beyond(vocabulary, outcome, offered)
    facts = _facts(plan, vocabulary, outcome, Shown(), offered) | _NOTHING
    return ExactAnswer(found=False, text=" ".join(texts), confidence=None, plan=plan, facts=facts)


_NOTHING: Json = {"number": 0, "typed": 0, "currency": None, "groups": [], "rows": 0}
_NOTHING |= {"left_out": {"unsure": 0, "missing": 0, "unreadable": 0}}


def unread_answer(plan: Plan, vocabulary: Vocabulary, outcome: Outcome, offered: Offer | None) -> ExactAnswer:
    """That nothing was read that could answer, and what reading it costs."""
    if outcome.lacks:
        said = f"No version under which {vocabulary.plural} were read asks for {', '.join(outcome.lacks)}."
    else:
        documents = counted(outcome.coverage.documents, "document", "documents")
        said = f"Nothing was read as {vocabulary.plural} yet, in {documents}."
    text = f"{said} {offered.text}" if offered else said
    facts = _facts(plan, vocabulary, outcome, Shown(), offered) | {"number": None, "typed": None}
    return ExactAnswer(found=False, text=text, confidence=None, plan=plan, facts=facts)


def _beyond(vocabulary: Vocabulary, outcome: Outcome, offered: Offer | None) -> list[str]:
    """How many documents an answer knows nothing of, as they were never read under the schema, and how to read them."""
    covered, offer = outcome.coverage, [offered.text] if offered else []
    never = covered.unread + covered.elsewhere
    if not never:
        return offer
    aside = f" ({covered.elsewhere:,} of them as something else)" if covered.elsewhere else ""
    return [f"Never read as {vocabulary.plural}: {counted(never, 'document', 'documents')}{aside}.", *offer]


def typed_of(plan: Plan, outcome: Outcome, figure: Figure) -> Any:
    """A figure in the form of a typed value: money as an amount and its currency, days and texts as they are."""
    if not isinstance(figure.value, Decimal):
        return figure.value
    field = outcome.asked.field
    adds = plan.intent not in {Intent.COUNT, Intent.LIST}
    if adds and field is not None and field.kind is FieldKind.MONEY:
        return {"amount": number_text(figure.value, cents=True).replace(",", ""), "currency": figure.currency}
    return plain_number(figure.value)


def _facts(plan: Plan, vocabulary: Vocabulary, outcome: Outcome, shown: Shown, offered: Offer | None) -> Json:
    one = outcome.figures[0] if len(outcome.figures) == 1 and plan.by is None else None
    if plan.intent is Intent.LIST:
        one = Figure(None, None, None, Decimal(_listed(outcome)), outcome.rows)
    left = outcome.left_out
    return {
        "words": in_words(plan, vocabulary),
        "schema": plan.schema,
        "version": vocabulary.version,
        "intent": "per" if plan.by else plan.intent.value,
        "where": plan.where_text,
        "query": plan_to_dict(plan),
        "number": None if one is None else _number(one),
        "typed": None if one is None else typed_of(plan, outcome, one),
        "currency": plan.currency if one is None else one.currency or plan.currency,
        "groups": [_group(plan, outcome, figure) for figure in outcome.figures]
        if one is None or _grouped(outcome)
        else [],
        "rows": outcome.rows if plan.intent not in _EXTREMES else len(shown.citations),
        "left_out": {
            "unsure": left.unsure,
            "missing": left.missing + left.undecided + left.empty,
            "unreadable": left.unreadable,
        },
        "documents": {
            "read": outcome.coverage.read,
            "never_read": outcome.coverage.unread + outcome.coverage.elsewhere,
            "incomplete": left.incomplete,
        },
        "citations": list(shown.citations),
        "unsure": list(shown.unsure),
        "missing": list(shown.missing),
        "alike": list(shown.alike),
        "offer": None if offered is None else _offered(offered),
    }


def _grouped(outcome: Outcome) -> bool:
    return outcome.asked.by is not None


def _listed(outcome: Outcome) -> int:
    """How many things are listed: different values, or rows."""
    return len([f for f in outcome.figures if f.key is not None]) if outcome.asked.by is not None else outcome.rows


def _number(figure: Figure) -> int | float | None:
    return plain_number(figure.value) if isinstance(figure.value, Decimal) else None


def _group(plan: Plan, outcome: Outcome, figure: Figure) -> Json:
    key = figure.shown or figure.key
    return {
        "key": key if outcome.asked.by is not None else figure.currency,
        "number": _number(figure),
        "typed": typed_of(plan, outcome, figure),
        "currency": figure.currency,
        "count": figure.count,
    }


def _offered(offered: Offer) -> Json:
    return {
        "schema": offered.schema,
        "documents": offered.documents,
        "pages": offered.pages,
        "model_calls": offered.model_calls,
        "seconds": offered.seconds,
        "command": offered.command,
        "whose": offered.whose.value,
        "text": offered.text,
    }


@dataclass(frozen=True, slots=True)
class _Teller:
    """Tells an outcome in sentences."""

    plan: Plan
    vocabulary: Vocabulary
    outcome: Outcome
    shown: Shown

    def said(self) -> str:
        """The number, or what is listed."""
        if not self.outcome.rows:
            return self._nothing()
        if self.plan.intent is Intent.LIST:
            return self._list()
        if self.plan.by is not None or len(self.outcome.figures) > 1:
            return self._groups()
        return self._one(self.outcome.figures[0])

    def left_out(self) -> list[str]:
        """What the number is without, and what in it is not sure."""
        left = self.outcome.left_out
        needed = dict.fromkeys((self.plan.field, self.plan.by.field if self.plan.by else None))
        titles = [title_of(name, self.vocabulary.wanted) for name in needed if name is not None]
        said = []
        if left.missing + left.unreadable and titles:
            said.append(
                f"Left out: {self._things(left.missing + left.unreadable)} without a readable {' or '.join(titles)}."
            )
        elif left.missing:
            said.append(f"Left out: {self._things(left.missing)}, read under a version that lacks what is asked for.")
        if left.undecided:
            fields = dict.fromkeys(compared_title(c.field, self.plan, self.vocabulary.wanted) for c in self.plan.where)
            said.append(f"Left open: {self._things(left.undecided)} without a readable {' or '.join(fields)}.")
        if left.empty:
            said.append(f"Left out: {counted(left.empty, 'document', 'documents')} in which nothing was found.")
        if left.unsure:
            said.append(f"Counted, and to be reviewed: {self._things(left.unsure)}.")
        if left.incomplete:
            said.append(f"Counted, and not read to the end: {counted(left.incomplete, 'document', 'documents')}.")
        return said

    def _things(self, count: int) -> str:
        return counted(count, things_of(self.plan, self.vocabulary, 1), things_of(self.plan, self.vocabulary))

    def _nothing(self) -> str:
        if self.plan.intent is Intent.COUNT:
            return f"{self._things(0)}: {in_words(self.plan, self.vocabulary)}."
        return f"None: {in_words(self.plan, self.vocabulary)}."

    def _one(self, figure: Figure) -> str:
        words = in_words(self.plan, self.vocabulary)
        if self.plan.intent is Intent.COUNT:
            return f"{self._things(figure.count)}. {words}."
        value = self._value(figure)
        if self.plan.intent in _EXTREMES:
            return f"{self._winners(figure)}. {words}, of {self._things(figure.count)}."
        return f"{value} from {self._things(figure.count)}. {words}."

    def _groups(self) -> str:
        """Each group with its number; of several currencies each, as no sum mixes them."""
        parts = [self._group(figure) for figure in self.outcome.figures[:_MOST_GROUPS]]
        more = len(self.outcome.figures) - len(parts)
        rest = f"; and {more:,} more" if more else ""
        mixed = len({figure.currency for figure in self.outcome.figures}) > 1
        apart = " Amounts in different currencies stay apart." if mixed else ""
        return f"{'; '.join(parts)}{rest}. {in_words(self.plan, self.vocabulary)}.{apart}"

    def _group(self, figure: Figure) -> str:
        value = self._value(figure)
        if self.plan.by is not None:
            return f"{figure.shown or figure.key or 'without a currency'}: {value}"
        return self._winners(figure) if self.plan.intent in _EXTREMES else f"{value} from {self._things(figure.count)}"

    def _winners(self, figure: Figure) -> str:
        """The smallest or largest, with the documents where they stand, in their order."""
        mine = [row for row in self.shown.winners if row[0] == figure.currency]
        if self.plan.limit == 1:
            names = list(dict.fromkeys(name for _, _, name in mine))
            return f"{self._value(figure)}: {listed(names, _MOST_NAMES)}"
        largest = self.plan.intent is Intent.LARGEST
        ordered = sorted(mine, key=lambda row: row[1], reverse=largest)  # of one kind, so they compare
        told = [f"{self._shown_value(value, figure.currency)}: {name}" for _, value, name in ordered]
        return "; ".join(told[:_MOST_NAMES])

    def _list(self) -> str:
        if self.outcome.asked.by is not None:
            named = [f.shown or f.key or "" for f in self.outcome.figures if f.key is not None]
            return f"{len(named):,}: {listed(named, _MOST_GROUPS)}. {in_words(self.plan, self.vocabulary)}."
        names = [str(one["document_name"]) for one in self.shown.citations]
        if self.plan.table is not None or self.plan.field is not None:
            names = [f"{one['text']} ({one['document_name']})" for one in self.shown.citations]
        names += [""] * (self.outcome.rows - len(names))
        return (
            f"{self._things(self.outcome.rows)}: {listed(names, _MOST_NAMES)}. {in_words(self.plan, self.vocabulary)}."
        )

    def _value(self, figure: Figure) -> str:
        return self._shown_value(figure.value, figure.currency)

    def _shown_value(self, value: Decimal | str | None, currency: str | None) -> str:
        field = self.outcome.asked.field
        money = field is not None and field.kind is FieldKind.MONEY and self.plan.intent is not Intent.COUNT
        shown = number_text(value, currency if money else None, cents=money)
        return f"{shown} without a currency" if money and currency is None else shown
