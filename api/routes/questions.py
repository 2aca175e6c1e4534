"""Questions over documents."""

from fastapi import APIRouter, Response
from starlette.concurrency import run_in_threadpool

from api.caller import Caller, CallerDep
from api.once import Made, Once, OnceDep
from api.problems import Responses, problems_of_creation
from api.shapes import answer_out, job_out
from api.watch import until_final
from api.wire.jobs import JobOut
from api.wire.questions import AnswerOut, AskIn
from core.errors import DocumentNotFound, UnknownModel
from core.records import JobKind, Queue
from storage import jobs
from storage.database import Session
from storage.jobs import NewJob
from workers import send

router = APIRouter(prefix="/v1/ask", tags=["questions"])

_LATER: Responses = {
    202: {"model": JobOut, "description": "There is no answer yet; the job will have it as its result."}
}


@router.post(
    "",
    summary="Ask a question",
    response_model=AnswerOut,
    responses=_LATER | problems_of_creation(DocumentNotFound, UnknownModel),
)
async def ask(asked: AskIn, caller: CallerDep, once: OnceDep) -> Response:
    """An answer with its evidence, or that it does not stand in these documents. Waits as long as `wait` says."""
    made = await run_in_threadpool(_start, asked, caller, once)
    job = await until_final(caller, made.body["id"], asked.wait)
    answer = answer_out(job)
    return Made.of(202 if answer is None else 200, answer or job).response()


def _start(asked: AskIn, caller: Caller, once: Once) -> Made:
    """Plan the job; the same request again waits for the same job."""
    model = caller.desk.catalog.chosen(asked.model, question=True)

    def make(session: Session) -> Made:
        params = {"question": asked.question}
        new = NewJob(kind=JobKind.ASK, queue=Queue.INTERACTIVE, params=params, model=model)
        most = caller.settings.ask_max_pages
        return Made.of(202, job_out(session, jobs.plan(session, caller.workspace_id, new, asked.documents, most)))

    made = once.do(caller, asked, make)
    send.announce([Queue.INTERACTIVE], caller.settings.redis_url)
    return made
