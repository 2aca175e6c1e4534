"""A conversation: questions that follow each other, each with how it was understood and its answer."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from api.conversation_shapes import turns_out
from api.routes.conversations import ConversationId
from api.web.answers import ShownAnswer, address_of_place, shown_of
from api.web.scopes import shown_scope
from api.web.site import render
from api.web.visitor import ChangingVisitorDep, VisitorDep
from api.wire.conversations import TurnOut
from core.records import Queue
from storage import conversations
from storage.database import Session
from storage.tables import Job, Turn
from workers import send
from workers.conversing import ask_in
from workers.scopes import Scope

router = APIRouter(prefix="/conversations", include_in_schema=False)

_A_PART = 20  # turns


@dataclass(frozen=True, slots=True)
class ShownTurn:
    """A question of a conversation, and what became of it."""

    turn: TurnOut
    asked: ShownAnswer


@router.get("")
def show_all() -> Response:
    """All conversations are listed where the next one begins."""
    return RedirectResponse("/ask", 303)


@router.get("/{conversation_id}")
def show_conversation(
    conversation_id: ConversationId, visitor: VisitorDep, before: Annotated[int | None, Query(ge=1)] = None
) -> Response:
    """The last turns, or the last before a number, and the form of the next question."""
    caller = visitor.caller
    with caller.sessions() as session:
        found = conversations.get_conversation(session, caller.workspace_id, conversation_id)
        rows = conversations.last_turns(session, found.id, _A_PART, before)[::-1]
        turns = _shown(session, rows)
        about = shown_scope(session, caller.workspace_id, Scope.of(found.scope))
    return render(
        visitor,
        "conversation.html",
        conversation=found,
        turns=turns,
        about=about,
        earlier=turns[0].turn.number if turns and turns[0].turn.number > 1 else None,
        is_last=before is None,
        place=address_of_place,
    )


@router.post("/{conversation_id}/ask")
def ask(
    conversation_id: ConversationId,
    visitor: ChangingVisitorDep,
    request: Request,
    question: Annotated[str, Form(max_length=1_000)] = "",
) -> Response:
    """Ask the next question; its turn as a part of the page, or the page at its turn."""
    caller, said = visitor.caller, question.strip()
    there = f"/conversations/{conversation_id}"
    if not said:
        return RedirectResponse(there, 303)
    with caller.sessions.begin() as session:
        turn, job = ask_in(
            session, caller.settings, caller.desk.catalog, caller.workspace_id, conversation_id, said
        )  # fmt: skip
        (shown,) = _shown(session, [(turn, job)])
    send.announce([Queue.INTERACTIVE], caller.settings.redis_url)
    if "hx-request" in request.headers:
        return render(visitor, "turn.html", shown=shown, asked=shown.asked, place=address_of_place)
    return RedirectResponse(f"{there}#turn-{shown.turn.number}", 303)


@router.post("/{conversation_id}/delete")
def delete(conversation_id: ConversationId, visitor: ChangingVisitorDep) -> Response:
    """Delete a conversation with its turns."""
    with visitor.caller.sessions.begin() as session:
        found = conversations.get_conversation(session, visitor.caller.workspace_id, conversation_id, hold=True)
        conversations.delete(session, found)
    return RedirectResponse("/ask", 303)


def _shown(session: Session, rows: list[tuple[Turn, Job]]) -> list[ShownTurn]:
    told = turns_out(session, rows)
    return [ShownTurn(turn, shown_of(session, job)) for turn, (_, job) in zip(told, rows, strict=True)]
