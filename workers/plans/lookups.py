"""Single values that are looked up: whose they are has to be certain, and different ones are all told."""

from core.records import FieldKind, ValueState
from storage import cited
from storage.cited import Row
from storage.database import Session
from workers.plans.answers import ExactAnswer, Shown, answer_of
from workers.plans.assembling import Understood
from workers.plans.citing import FIRST, cited_rows, missing_rows, number_of, unsure_rows
from workers.plans.plan import Plan
from workers.plans.running import Outcome
from workers.plans.vocabulary import Vocabulary
from workers.plans.words import in_words, listed

_MOST_DIFFERENT = 10  # values that a lookup tells; more are no answer


def lookup_answer(
    session: Session, plan: Plan, vocabulary: Vocabulary, outcome: Outcome, understood: Understood
) -> ExactAnswer | None:
    """The value, or the different ones; None where no record has it, or where it is not certain which is meant."""
    if not outcome.rows or outcome.rows > FIRST or (understood.single and outcome.records > 1):
        return None
    rows = cited.list_rows(session, outcome.asked, limit=FIRST).items
    different: dict[object, Row] = {}
    for row in rows:
        different.setdefault(_meaning(row), row)
    if not different or len(different) > _MOST_DIFFERENT:
        return None
    shown = Shown(
        cited_rows(session, rows), unsure_rows(session, outcome), missing_rows(session, plan, outcome, vocabulary)
    )
    answer = answer_of(plan, vocabulary, outcome, shown, None, understood.notes)
    texts = [_text(row) for row in different.values()]
    single = len(different) == 1
    text = texts[0] if single else f"{len(texts)} different ones: {listed(texts, _MOST_DIFFERENT)}"
    confidences = [row.value.confidence for row in rows if row.value is not None and row.value.confidence is not None]
    first = next(iter(different.values()))
    facts = answer.facts | {
        "number": number_of(first.value) if single else None,
        "typed": _typed(first) if single else None,
        "currency": first.value.currency if single and first.value is not None else None,
        "groups": [] if single else [_group(row, rows) for row in different.values()],
    }
    told = f"{text}. {in_words(plan, vocabulary)}." if not single else text
    return ExactAnswer(found=True, text=told, confidence=max(confidences, default=None), plan=plan, facts=facts)


def _meaning(row: Row) -> object:
    value = row.value
    if value is None:
        return None
    if value.kind is FieldKind.MONEY:
        return value.millionths, value.currency
    return row.measure


def _text(row: Row) -> str:
    value = row.value
    return "" if value is None else value.raw or value.text or ""


def _typed(row: Row) -> object:
    value = row.value
    if value is None or value.state is not ValueState.FOUND:
        return None
    if value.kind is FieldKind.MONEY and value.millionths is not None:
        number = number_of(value)
        return {"amount": f"{number:.2f}" if number is not None else None, "currency": value.currency}
    if value.date is not None:
        return value.date
    return number_of(value) if value.text is None else value.text


def _group(row: Row, rows: list[Row]) -> dict[str, object]:
    return {
        "key": _text(row),
        "number": number_of(row.value),
        "typed": _typed(row),
        "currency": row.value.currency if row.value is not None else None,
        "count": sum(_meaning(other) == _meaning(row) for other in rows),
    }
