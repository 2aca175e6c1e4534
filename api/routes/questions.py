"""Questions over documents."""

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from api.ask_events import EVENTS, Begun, stream_answer, wants_events
from api.caller import Caller, CallerDep
from api.once import Made, Once, OnceDep
from api.problems import Responses, problems, problems_of_creation
from api.routes.given import Cursor, JobId, Limit
from api.shapes import answer_out, job_out
from api.watch import until_final
from api.wire.jobs import JobOut
from api.wire.questions import AnswerOut, AskIn, CitationOut, CitationsOut
from core.errors import (
    DocumentNotFound,
    InvalidCursor,
    InvalidFilter,
    InvalidRequest,
    JobNotFound,
    SchemaNotFound,
    UnknownModel,
)
from core.records import Queue
from storage.database import Session
from workers import send
from workers.asking import Asked, start_ask
from workers.citations import citations_of
from workers.scopes import EVERYTHING, Scope

router = APIRouter(prefix="/v1/ask", tags=["questions"])

_LATER: Responses = {
    202: {
        "model": JobOut,
        "description": "There is no answer yet; the job, at `Location`, will have it as its result.",
        "headers": {"Location": {"description": "The job's address.", "schema": {"type": "string"}}},
    }
}


@router.post(
    "",
    summary="Ask a question",
    response_model=AnswerOut,
    responses=EVENTS | _LATER | problems_of_creation(DocumentNotFound, SchemaNotFound, InvalidFilter, UnknownModel),
)
async def ask(asked: AskIn, caller: CallerDep, once: OnceDep, request: Request) -> Response:
    """An answer with its evidence, or that it does not stand in these documents. Waits as long as `wait` says.

    With `Accept: text/event-stream`, what is searched and looked at is told meanwhile, however long it takes.
    """

    async def start() -> Begun:
        return Begun(str((await run_in_threadpool(_start, asked, caller, once)).body["id"]))

    if wants_events(request.headers.get("accept")):
        return await stream_answer(caller, start)
    job = await until_final(caller, (await start()).job_id, asked.wait)
    answer = answer_out(job)
    response = Made.of(202 if answer is None else 200, answer or job).response()
    if answer is None:
        response.headers["Location"] = f"/v1/jobs/{job.id}"
    return response


@router.get(
    "/{job_id}/citations", summary="List what an answer rests on", responses=problems(JobNotFound, InvalidCursor)
)
def list_citations(job_id: JobId, caller: CallerDep, limit: Limit = 100, cursor: Cursor = None) -> CitationsOut:
    """All rows that an exact answer was worked out from, as they stand now; the answer itself has the first hundred."""
    with caller.sessions() as session:
        listing = citations_of(session, caller.workspace_id, job_id, cursor, limit)
        items = [CitationOut.model_validate(one) for one in listing.items]
        return CitationsOut(items=items, next_cursor=listing.next_cursor)


def _start(asked: AskIn, caller: Caller, once: Once) -> Made:
    """Plan the job; the same request again waits for the same job."""
    scope = scope_of(asked)

    def make(session: Session) -> Made:
        question = Asked(asked.question, scope, asked.model)
        job = start_ask(session, caller.settings, caller.desk.catalog, caller.workspace_id, question)
        return Made.of(202, job_out(session, job))

    made = once.do(caller, asked, make)
    send.announce([Queue.INTERACTIVE], caller.settings.redis_url)
    return made


def scope_of(asked: AskIn) -> Scope:
    """What the question is asked of. Raises InvalidRequest where it says so in two ways."""
    if asked.records is None:
        return EVERYTHING if asked.documents is None else Scope(tuple(asked.documents))
    if asked.documents is not None:
        raise InvalidRequest("A question names documents, or records, and not both.", pointer="/records")
    return Scope(None, asked.records.schema_, asked.records.where)
