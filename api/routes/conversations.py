"""Conversations: questions that follow each other over the same documents."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import AfterValidator
from starlette.concurrency import run_in_threadpool

from api.caller import Caller, CallerDep
from api.once import Made, Once, OnceDep
from api.problems import Responses, problems, problems_of_creation
from api.routes.given import Cursor, Limit, id_or_nobody
from api.watch import until_final
from api.wire.conversations import (
    MOST_NAMED,
    AskInIn,
    ConversationIn,
    ConversationOut,
    ConversationsOut,
    NarrowedOut,
    RecordsOut,
    TurnOut,
    TurnsOut,
)
from api.wire.parts import AN_ID
from api.wire.questions import AnswerOut
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
from storage import conversations, documents
from storage.database import Session
from storage.tables import Conversation, Job, Turn
from workers import send
from workers.conversing import Understood, ask_in
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
        return Made.of(201, _shown(session, [made])[0])

    return once.do(caller, asked, make).response()


@router.get("", summary="List conversations", responses=problems(InvalidCursor))
def list_conversations(caller: CallerDep, limit: Limit = 50, cursor: Cursor = None) -> ConversationsOut:
    """The newest first."""
    with caller.sessions() as session:
        listing = conversations.list_conversations(session, caller.workspace_id, cursor, limit)
        return ConversationsOut(items=_shown(session, listing.items), next_cursor=listing.next_cursor)


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
            conversation=_shown(session, [found])[0],
            items=_turns_shown(session, listing.items),
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
    responses=_LATER
    | problems_of_creation(ConversationNotFound, DocumentNotFound, SchemaNotFound, InvalidFilter, UnknownModel),
)
async def ask_in_conversation(
    conversation_id: ConversationId, asked: AskInIn, caller: CallerDep, once: OnceDep
) -> Response:
    """A question that may leave out what the ones before it said: `meant` tells how it was understood.

    Waits as long as `wait` says.
    """
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
        return Made.of(202, _turns_shown(session, [(turn, job)])[0])

    made = once.do(caller, asked, make)
    send.announce([Queue.INTERACTIVE], caller.settings.redis_url)
    return made


def _read_turn(caller: Caller, conversation_id: str, number: int) -> TurnOut:
    """The turn as it is now. Raises ConversationNotFound where it was deleted meanwhile."""
    with caller.sessions() as session:
        found = conversations.get_conversation(session, caller.workspace_id, conversation_id)
        return _turns_shown(session, [conversations.get_turn(session, found.id, number)])[0]


def _scope_of(asked: ConversationIn) -> Scope:
    """Raises InvalidRequest where it is said in two ways, or names no document at all."""
    if asked.records is None:
        if asked.documents == []:
            raise InvalidRequest("A conversation is about at least one document.", pointer="/documents")
        return EVERYTHING if asked.documents is None else Scope(tuple(dict.fromkeys(asked.documents)))
    if asked.documents is not None:
        raise InvalidRequest("A conversation names documents, or records, and not both.", pointer="/records")
    return Scope(None, asked.records.schema_, asked.records.where)


def _shown(session: Session, found: Sequence[Conversation]) -> list[ConversationOut]:
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


def _turns_shown(session: Session, turns: Sequence[tuple[Turn, Job]]) -> list[TurnOut]:
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
