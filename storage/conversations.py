"""Conversations: made, found, listed, deleted; their turns in order, each with its job."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select

from core.errors import ConversationNotFound
from storage.database import Session, new_id
from storage.paging import Listing, clamp, decode_cursor, encode_cursor, list_rows
from storage.tables import Conversation, Job, Turn

_DIGITS = 32  # of a cursor


def create(session: Session, workspace_id: str, scope: dict[str, Any], model: str | None) -> Conversation:
    """A conversation without turns, over a scope as `workers.scopes` writes it."""
    made = Conversation(id=new_id(), workspace_id=workspace_id, scope=scope, model=model)
    session.add(made)
    session.flush()
    session.refresh(made)
    return made


def get_conversation(
    session: Session, workspace_id: str, conversation_id: str, *, hold: bool = False
) -> Conversation:  # fmt: skip
    """The conversation with this id; with `hold`, others who ask in it wait. Raises ConversationNotFound."""
    query = select(Conversation).where(Conversation.workspace_id == workspace_id, Conversation.id == conversation_id)
    found = session.scalars(query.with_for_update() if hold else query).one_or_none()
    if found is None:
        raise ConversationNotFound
    return found


def list_conversations(
    session: Session, workspace_id: str, cursor: str | None = None, limit: int = 50
) -> Listing[Conversation]:
    """The newest first. Raises InvalidCursor."""
    query = select(Conversation).where(Conversation.workspace_id == workspace_id)
    return list_rows(session, query, Conversation.id, cursor, limit, newest_first=True)


def delete(session: Session, conversation: Conversation) -> None:
    """Delete a conversation with its turns. Their jobs stay, as those of other questions do."""
    session.delete(conversation)
    session.flush()


def add_turn(session: Session, conversation: Conversation, question: str, meant: str, job_id: str) -> Turn:
    """The next turn. Hold the conversation before: two at once would get the same number."""
    last = session.scalar(select(func.max(Turn.number)).where(Turn.conversation_id == conversation.id))
    turn = Turn(
        id=new_id(),
        workspace_id=conversation.workspace_id,
        conversation_id=conversation.id,
        number=(last or 0) + 1,
        question=question,
        meant=meant,
        job_id=job_id,
    )
    session.add(turn)
    session.flush()
    session.refresh(turn)
    return turn


def get_turn(session: Session, conversation_id: str, number: int) -> tuple[Turn, Job]:
    """A turn with its job as it stands now. Raises ConversationNotFound where it was deleted meanwhile."""
    row = session.execute(_turns(conversation_id).where(Turn.number == number), execution_options=_ANEW).one_or_none()
    if row is None:
        raise ConversationNotFound
    return row[0], row[1]


def list_turns(
    session: Session, conversation_id: str, cursor: str | None = None, limit: int = 50
) -> Listing[tuple[Turn, Job]]:
    """Turns with their jobs, the first one first. Raises InvalidCursor."""
    limit = clamp(limit)
    behind = 0 if cursor is None else int(decode_cursor(cursor), 16)
    later = _turns(conversation_id).where(Turn.number > min(behind, 2**31 - 1)).order_by(Turn.number)
    rows = [(row[0], row[1]) for row in session.execute(later.limit(limit + 1))]
    shown = rows[:limit]
    more = encode_cursor(f"{shown[-1][0].number:0{_DIGITS}x}") if len(rows) > limit else None
    return Listing(shown, more)


def last_turns(
    session: Session, conversation_id: str, limit: int, before: int | None = None
) -> list[tuple[Turn, Job]]:  # fmt: skip
    """The last turns with their jobs, the last one first; with `before`, the last of those before this number."""
    query = _turns(conversation_id).order_by(Turn.number.desc()).limit(limit)
    if before is not None:
        query = query.where(Turn.number < min(before, 2**31 - 1))
    return [(row[0], row[1]) for row in session.execute(query, execution_options=_ANEW)]


def conversation_of(session: Session, workspace_id: str, job_id: str) -> str | None:
    """The id of the conversation in which a job's question was asked; None where it was asked by itself."""
    query = select(Turn.conversation_id).where(Turn.workspace_id == workspace_id, Turn.job_id == job_id)
    return session.scalars(query).first()


def sums_of(session: Session, conversation_ids: Iterable[str]) -> dict[str, tuple[int, str]]:
    """How many turns each of these conversations has, and its first question; those without turns are left out."""
    ids = list(conversation_ids)
    counted = select(Turn.conversation_id, func.count(Turn.id)).where(Turn.conversation_id.in_(ids))
    counts = {row[0]: row[1] for row in session.execute(counted.group_by(Turn.conversation_id))}
    first = select(Turn.conversation_id, Turn.question).where(Turn.conversation_id.in_(ids), Turn.number == 1)
    return {row[0]: (counts[row[0]], row[1]) for row in session.execute(first) if row[0] in counts}


_ANEW = {"populate_existing": True}


def _turns(conversation_id: str) -> Any:
    return select(Turn, Job).join(Job, Job.id == Turn.job_id).where(Turn.conversation_id == conversation_id)
