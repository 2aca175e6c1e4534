"""Conversations: questions that follow each other over the same documents."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import AfterValidator
from starlette.concurrency import run_in_threadpool

from api.ask_events import TURN_EVENTS, Begun, stream_answer, wants_events
from api.caller import Caller, CallerDep
from api.conversation_shapes import conversations_out, turns_out
from api.once import Made, Once, OnceDep
from api.problems import Responses, problems, problems_of_creation
from api.routes.given import Cursor, Limit, id_or_nobody
from api.watch import until_final
from api.wire.conversations import (
    AskInIn,
    ConversationIn,
    ConversationOut,
    ConversationsOut,
    TurnOut,
    TurnsOut,
)
from api.wire.parts import AN_ID
from core.errors import (
    ConversationNotFound,
    DocumentNotFound,
    InvalidCursor,
    InvalidFilter,
    InvalidRequest,
    RequestTooLarge,
    SchemaNotFound,
    UnknownModel,
)
from core.records import Queue
from storage import conversations
from storage.database import Session
from workers import send
from workers.conversing import ask_in
from workers.scopes import EVERYTHING, Scope, documents_in

router = APIRouter(prefix="/v1/conversations", tags=["conversations"])

_LATER: Responses = {
    202: {"model": TurnOut, "description": "There is no answer yet; the turn, or its job, will have it."}
}
ConversationId = Annotated[
    str, AfterValidator(id_or_nobody), Path(description="A conversation's id.", examples=[AN_ID])
]  # fmt: skip


@router.post(
    "",
    status_code=201,
    summary="Begin a conversation",
    response_model=ConversationOut,
    responses=problems_of_creation(DocumentNotFound, SchemaNotFound, InvalidFilter, UnknownModel),
)
def begin_conversation(asked: ConversationIn, caller: CallerDep, once: OnceDep) -> Response:
    """Over some documents, over those of some records, or over all that the workspace has when a question is asked."""
    caller.desk.catalog.chosen(asked.model, question=True)
    scope = _scope_of(asked)

    def make(session: Session) -> Made:
        documents_in(session, caller.workspace_id, scope)  # refuse what no question could be asked of
        made = conversations.create(session, caller.workspace_id, scope.as_params(), asked.model)
        return Made.of(201, conversations_out(session, [made])[0])

    return once.do(caller, asked, make).response()


@router.get("", summary="List conversations", responses=problems(InvalidCursor))
def list_conversations(caller: CallerDep, limit: Limit = 50, cursor: Cursor = None) -> ConversationsOut:
    """The newest first."""
    with caller.sessions() as session:
        listing = conversations.list_conversations(session, caller.workspace_id, cursor, limit)
        return ConversationsOut(items=conversations_out(session, listing.items), next_cursor=listing.next_cursor)


@router.get(
    "/{conversation_id}", summary="Show a conversation", responses=problems(ConversationNotFound, InvalidCursor)
)
def show_conversation(
    conversation_id: ConversationId, caller: CallerDep, limit: Limit = 50, cursor: Cursor = None
) -> TurnsOut:
    """What it is about, and its turns with their answers, the first one first."""
    with caller.sessions() as session:
        found = conversations.get_conversation(session, caller.workspace_id, conversation_id)
        listing = conversations.list_turns(session, found.id, cursor, limit)
        return TurnsOut(
            conversation=conversations_out(session, [found])[0],
            items=turns_out(session, listing.items),
            next_cursor=listing.next_cursor,
        )


@router.delete(
    "/{conversation_id}",
    status_code=204,
    summary="Delete a conversation",
    responses=problems(ConversationNotFound, RequestTooLarge),
)
def delete_conversation(conversation_id: ConversationId, caller: CallerDep) -> None:
    """With its turns. The jobs of its questions stay."""
    with caller.sessions.begin() as session:
        found = conversations.get_conversation(session, caller.workspace_id, conversation_id, hold=True)
        conversations.delete(session, found)


@router.post(
    "/{conversation_id}/ask",
    summary="Ask in a conversation",
    response_model=TurnOut,
    responses=TURN_EVENTS
    | _LATER
    | problems_of_creation(ConversationNotFound, DocumentNotFound, SchemaNotFound, InvalidFilter, UnknownModel),
)
async def ask_in_conversation(
    conversation_id: ConversationId, asked: AskInIn, caller: CallerDep, once: OnceDep, request: Request
) -> Response:
    """A question that may leave out what the ones before it said: `meant` tells how it was understood.

    Waits as long as `wait` says. With `Accept: text/event-stream`, how it was understood, and what is searched and
    looked at is told meanwhile, however long it takes.
    """

    async def start() -> Begun:
        body = (await run_in_threadpool(_start, conversation_id, asked, caller, once)).body
        return Begun(body["job_id"], partial(_read_turn, caller, conversation_id, body["number"]))

    if wants_events(request.headers.get("accept")):
        return await stream_answer(caller, start)
    made = await run_in_threadpool(_start, conversation_id, asked, caller, once)
    await until_final(caller, made.body["job_id"], asked.wait)
    turn = await run_in_threadpool(_read_turn, caller, conversation_id, made.body["number"])
    return Made.of(202 if turn.answer is None else 200, turn).response()


def _start(conversation_id: str, asked: AskInIn, caller: Caller, once: Once) -> Made:
    """Add the turn; the same request again waits for the same answer."""

    def make(session: Session) -> Made:
        desk = caller.desk
        turn, job = ask_in(
            session, caller.settings, desk.catalog, caller.workspace_id, conversation_id, asked.question
        )  # fmt: skip
        return Made.of(202, turns_out(session, [(turn, job)])[0])

    made = once.do(caller, asked, make)
    send.announce([Queue.INTERACTIVE], caller.settings.redis_url)
    return made


def _read_turn(caller: Caller, conversation_id: str, number: int) -> TurnOut:
    """The turn as it is now. Raises ConversationNotFound where it was deleted meanwhile."""
    with caller.sessions() as session:
        found = conversations.get_conversation(session, caller.workspace_id, conversation_id)
        return turns_out(session, [conversations.get_turn(session, found.id, number)])[0]


def _scope_of(asked: ConversationIn) -> Scope:
    """Raises InvalidRequest where it is said in two ways, or names no document at all."""
    if asked.records is None:
        if asked.documents == []:
            raise InvalidRequest("A conversation is about at least one document.", pointer="/documents")
        return EVERYTHING if asked.documents is None else Scope(tuple(dict.fromkeys(asked.documents)))
    if asked.documents is not None:
        raise InvalidRequest("A conversation names documents, or records, and not both.", pointer="/records")
    return Scope(None, asked.records.schema_, asked.records.where)
