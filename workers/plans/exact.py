"""A question answered exactly, out of stored values; or left to the pages where it is none of that kind."""

import datetime as dt
from collections.abc import Collection

from core.errors import DocumentNotFound
from storage import schemas
from storage.database import Session
from workers.estimate import Reader
from workers.plans.answers import ExactAnswer, Shown, answer_of, unknown_answer, unread_answer
from workers.plans.assembling import Understood
from workers.plans.citing import FIRST, cited_rows, missing_rows, unsure_rows
from workers.plans.lookalikes import Told, told_of_conditions, told_of_groups
from workers.plans.lookups import lookup_answer
from workers.plans.offers import Offer, again, offer
from workers.plans.plan import Intent, Plan, check_plan
from workers.plans.running import Outcome, rows_of, run, winners_of
from workers.plans.understanding import understand
from workers.plans.vocabulary import Vocabulary


def exact_answer(
    session: Session,
    workspace_id: str,
    question: str,
    document_ids: Collection[str] | None,
    today: dt.date,
    reader: Reader,
) -> ExactAnswer | None:
    """What stored values say to a question of how many, how much, which, when; None where the pages are to be asked.

    None wherever any word of the question is not understood, and where a value that is looked up was not read. `reader`
    is whose time an offer to read more tells.
    """
    understood = understand(session, workspace_id, question, today)
    return None if understood is None else _answered(session, workspace_id, understood, document_ids, reader)


def answer_plan(
    session: Session,
    workspace_id: str,
    plan: Plan,
    document_ids: Collection[str] | None,
    reader: Reader,
) -> ExactAnswer | None:
    """The same for a plan that somebody else made. Raises SchemaNotFound and InvalidRequest."""
    vocabulary = Vocabulary.of(schemas.get_schema(session, workspace_id, plan.schema))
    check_plan(plan, vocabulary.wanted)
    return _answered(session, workspace_id, Understood(plan, vocabulary), document_ids, reader)


def _answered(
    session: Session, workspace_id: str, understood: Understood, document_ids: Collection[str] | None, reader: Reader
) -> ExactAnswer | None:
    plan, vocabulary = understood.plan, understood.vocabulary
    outcome = run(session, workspace_id, plan, document_ids)
    unread = outcome.coverage.read == 0 or bool(outcome.lacks)
    if unread:
        if plan.intent is Intent.LOOKUP or understood.single or outcome.coverage.documents == 0:
            return None  # the pages may tell
        offered = _offer(session, workspace_id, outcome, document_ids, reader)
        return unread_answer(plan, vocabulary, outcome, offered)
    return _of_records(session, workspace_id, understood, outcome, document_ids, reader)


def _of_records(
    session: Session,
    workspace_id: str,
    understood: Understood,
    outcome: Outcome,
    document_ids: Collection[str] | None,
    reader: Reader,
) -> ExactAnswer | None:
    """The answer where some documents were read as what is asked about."""
    plan, vocabulary, more = understood.plan, understood.vocabulary, outcome.coverage.unread > 0
    if understood.unknown is not None and understood.single and more:
        return None  # the invoice may be one of those that nobody read
    offered = _offer(session, workspace_id, outcome, document_ids, reader) if more else None
    if understood.unknown is not None:
        field, said = understood.unknown.subject.field, understood.unknown.said
        return unknown_answer(plan, vocabulary, outcome, (field, said), understood.nearest, offered)
    if plan.intent is Intent.LOOKUP:
        return lookup_answer(session, plan, vocabulary, outcome, understood)
    if understood.single and outcome.records > 1:
        return None  # the invoice, where there are several
    alike = _alike(session, workspace_id, understood, outcome, document_ids)
    rows = rows_of(session, plan, outcome, FIRST)
    shown = Shown(
        cited_rows(session, rows),
        unsure_rows(session, outcome),
        missing_rows(session, plan, outcome, vocabulary),
        winners_of(plan, rows),
        alike.facts,
    )
    return answer_of(plan, vocabulary, outcome, shown, offered, (*understood.notes, *alike.texts))


def _alike(
    session: Session,
    workspace_id: str,
    understood: Understood,
    outcome: Outcome,
    document_ids: Collection[str] | None,
) -> Told:
    """Names that may be the same, beside those of the conditions and among the groups."""
    plan, vocabulary = understood.plan, understood.vocabulary
    beside = told_of_conditions(session, workspace_id, plan, vocabulary, understood.doubtful, document_ids)
    among = told_of_groups(session, outcome)
    return Told((*beside.texts, *among.texts), (*beside.facts, *among.facts))


def _offer(
    session: Session, workspace_id: str, outcome: Outcome, document_ids: Collection[str] | None, reader: Reader
) -> Offer | None:
    """What is still to be read: all that lacks the field, all documents, or those that nobody read at all."""
    try:
        if outcome.lacks:
            return again(session, workspace_id, outcome.schema, document_ids, reader)
        only_unread = outcome.coverage.read > 0
        return offer(session, workspace_id, outcome.schema, document_ids, reader, only_unread=only_unread)
    except DocumentNotFound:  # deleted meanwhile
        return None
