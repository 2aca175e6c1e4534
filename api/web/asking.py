"""A question: the form with what it is about, and its answer with the place where it stands, or what was searched."""

from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from api.caller import Caller
from api.conversation_shapes import conversations_out
from api.routes.given import Cursor, JobId
from api.watch import pause
from api.web.answers import ShownAnswer, address_of_place, shown_answer
from api.web.scopes import ShownScope, scope_given, shown_scope
from api.web.site import render
from api.web.visitor import ChangingVisitorDep, Visitor, VisitorDep
from api.wire.questions import CitationOut
from core.errors import InvalidFilter, InvalidRequest, SchemaNotFound
from core.records import Queue
from storage import ask_pages, conversations, schemas
from storage.database import Session
from storage.tables import Job
from workers import send
from workers.citations import citations_of
from workers.conversing import ask_in
from workers.offered import extract_offered, read_unread
from workers.scopes import EVERYTHING, Scope, documents_in
from workers.vlm.catalog import Catalog

router = APIRouter(prefix="/ask", include_in_schema=False)

_A_LIST = 20  # conversations
_A_PART = 50  # rows behind a number
_LOOK_EVERY = 0.25  # seconds
_LONGEST_LOOK = 10.0  # that a page waits for news

QuestionGiven = Annotated[str, Form(max_length=1_000)]
IdsGiven = Annotated[list[str] | None, Form(max_length=2_000)]
TextGiven = Annotated[str, Form(max_length=10_000)]


@router.get("")
def show_form(
    visitor: VisitorDep,
    documents: Annotated[list[str] | None, Query(max_length=2_000)] = None,
    schema: Annotated[str, Query(max_length=100)] = "",
    where: Annotated[str, Query(max_length=10_000)] = "",
    question: Annotated[str, Query(max_length=1_000)] = "",
    cursor: Cursor = None,
) -> Response:
    """The form of a question about everything, or about what the address names; and the conversations there were."""
    try:
        scope, wrong = scope_given(documents or (), schema, where), ""
    except InvalidRequest as error:
        scope, wrong = scope_given(documents or (), "", ""), error.detail
    return _form(visitor, scope, question, wrong, cursor)


@router.post("")
def ask(
    visitor: ChangingVisitorDep,
    question: QuestionGiven = "",
    documents: IdsGiven = None,
    schema_: Annotated[str, Form(alias="schema", max_length=100)] = "",
    where: TextGiven = "",
) -> Response:
    """Begin a conversation with a question, and go where its answer will be. What is wrong stands beside the form."""
    caller, said = visitor.caller, question.strip()
    scope = EVERYTHING
    try:
        scope = scope_given(documents or (), schema_, where)
        if not said:
            return _form(visitor, scope, "", "", None)
        with caller.sessions.begin() as session:
            conversation_id = _begin(session, caller, scope, said)
    except (InvalidFilter, InvalidRequest, SchemaNotFound) as error:
        page = _form(visitor, scope, question, error.detail, None)
        page.status_code = error.status
        return page
    send.announce([Queue.INTERACTIVE], caller.settings.redis_url)
    return RedirectResponse(f"/conversations/{conversation_id}", 303)


@router.get("/{job_id}")
def show_answer(job_id: JobId, visitor: VisitorDep) -> Response:
    """The answer by itself; or how far it is, and the page asks again."""
    caller = visitor.caller
    with caller.sessions() as session:
        asked = shown_answer(session, caller.workspace_id, job_id)
        conversation_id = conversations.conversation_of(session, caller.workspace_id, job_id)
    return render(visitor, "answer.html", asked=asked, conversation_id=conversation_id, place=address_of_place)


@router.get("/{job_id}/part")
async def show_news(job_id: JobId, visitor: VisitorDep, seen: Annotated[str, Query(max_length=100)] = "") -> Response:
    """The answer, or how far it is, as soon as that is another thing than what was `seen`; nothing where it is not."""
    waited = 0.0
    while True:
        asked = await run_in_threadpool(_look, visitor.caller, job_id)
        if asked.mark != seen:
            return render(visitor, "answer_part.html", asked=asked, place=address_of_place)
        if waited >= _LONGEST_LOOK or visitor.caller.desk.closing.is_set():
            return Response(status_code=204)
        await pause(visitor.caller, _LOOK_EVERY)
        waited += _LOOK_EVERY


@router.get("/{job_id}/rows")
def show_rows(job_id: JobId, visitor: VisitorDep, cursor: Cursor = None) -> Response:
    """The rows behind a number, part by part."""
    caller = visitor.caller
    with caller.sessions() as session:
        asked = shown_answer(session, caller.workspace_id, job_id)
        listing = citations_of(session, caller.workspace_id, job_id, cursor, _A_PART)
    rows = [CitationOut.model_validate(one) for one in listing.items]
    return render(
        visitor, "answer_rows.html", asked=asked, rows=rows, next_cursor=listing.next_cursor, place=address_of_place
    )


@router.post("/{job_id}/extract")
def extract(job_id: JobId, visitor: ChangingVisitorDep) -> Response:
    """Start the extraction that an answer offers, and go where its progress is."""
    return _start(visitor, job_id, extract_offered)


@router.post("/{job_id}/read")
def read(job_id: JobId, visitor: ChangingVisitorDep) -> Response:
    """Read the pages that no search could find, and go where that progress is."""
    return _start(visitor, job_id, read_unread)


def _start(visitor: Visitor, job_id: str, start: Callable[[Session, Catalog, str, str], Job]) -> Response:
    caller = visitor.caller
    with caller.sessions.begin() as session:
        started = start(session, caller.desk.catalog, caller.workspace_id, job_id).id
    send.announce([Queue.BULK], caller.settings.redis_url)
    return RedirectResponse(f"/jobs/{started}", 303)


def _look(caller: Caller, job_id: str) -> ShownAnswer:
    with caller.sessions() as session:
        return shown_answer(session, caller.workspace_id, job_id)


def _begin(session: Session, caller: Caller, scope: Scope, question: str) -> str:
    """A conversation with its first question. Raises what `ask_in` does."""
    documents_in(session, caller.workspace_id, scope)
    made = conversations.create(session, caller.workspace_id, scope.as_params(), None)
    ask_in(session, caller.settings, caller.desk.catalog, caller.workspace_id, made.id, question)
    return made.id


def _form(visitor: Visitor, scope: Scope, question: str, wrong: str, cursor: str | None) -> Response:
    caller = visitor.caller
    with caller.sessions() as session:
        listing = conversations.list_conversations(session, caller.workspace_id, cursor, _A_LIST)
        past = conversations_out(session, listing.items)
        about: ShownScope = shown_scope(session, caller.workspace_id, scope)
        names: Sequence[str] = sorted({one.name for one in schemas.list_schemas(session, caller.workspace_id)})
        is_empty = not ask_pages.has_documents(session, caller.workspace_id)
    return render(
        visitor,
        "ask.html",
        about=about,
        question=question,
        wrong=wrong,
        names=names,
        is_empty=is_empty,
        conversations=past,
        next_cursor=listing.next_cursor,
    )
