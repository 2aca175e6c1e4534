"""Conversations and their turns, from rows to shapes on the wire."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.wire.conversations import MOST_NAMED, ConversationOut, NarrowedOut, RecordsOut, TurnOut
from api.wire.questions import AnswerOut
from storage import conversations, documents
from storage.database import Session
from storage.tables import Conversation, Job, Turn
from workers.conversing import Understood
from workers.scopes import Scope


def conversations_out(session: Session, found: Sequence[Conversation]) -> list[ConversationOut]:
    """Conversations with how far they are."""
    sums = conversations.sums_of(session, (one.id for one in found))
    return [_conversation(one, *sums.get(one.id, (0, None))) for one in found]


def _conversation(row: Conversation, turns: int, first: str | None) -> ConversationOut:
    scope = Scope.of(row.scope)
    return ConversationOut(
        id=row.id,
        document_count=None if scope.documents is None else len(scope.documents),
        records=None if scope.schema is None else RecordsOut(schema_=scope.schema, where=scope.where),
        model=row.model,
        turns=turns,
        first_question=first,
        created_at=row.created_at,
    )


def turns_out(session: Session, turns: Sequence[tuple[Turn, Job]]) -> list[TurnOut]:
    """Turns with how they were understood, and their answers where there are any."""
    narrowed = {turn.number: _narrowed(job) for turn, job in turns}
    named = {one for some in narrowed.values() for one in (some or ())[:MOST_NAMED]}
    names = documents.names_of(session, named)
    return [_turn(turn, job, narrowed[turn.number], names) for turn, job in turns]


def _narrowed(job: Job) -> tuple[str, ...] | None:
    return Scope.of(job.params.get("scope")).documents if Understood.of(job).narrowed else None


def _turn(turn: Turn, job: Job, narrowed: tuple[str, ...] | None, names: Mapping[str, str]) -> TurnOut:
    understood = Understood.of(job)
    result: dict[str, Any] | None = job.result
    shown = (narrowed or ())[:MOST_NAMED]
    return TurnOut(
        number=turn.number,
        question=turn.question,
        meant=turn.meant,
        rule=understood.rule.value,
        why=understood.why,
        narrowed_to=None
        if narrowed is None
        else [NarrowedOut(document=one, document_name=names.get(one)) for one in shown],
        narrowed_count=None if narrowed is None else len(narrowed),
        job_id=job.id,
        state=job.state,
        answer=None if result is None else AnswerOut.model_validate({**result, "job_id": job.id}),
        created_at=turn.created_at,
    )
