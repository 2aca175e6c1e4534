"""A question, and its answer with the picture of where it stands; or what was searched, where nothing answers it."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from api.routes.given import JobId
from api.shapes import answer_out
from api.watch import read_job
from api.web.site import render
from api.web.visitor import ChangingVisitorDep, VisitorDep
from core.records import FINAL_JOB_STATES, Queue
from workers import send
from workers.asking import Asked, start_ask

router = APIRouter(prefix="/ask", include_in_schema=False)

QuestionGiven = Annotated[str, Form(max_length=1_000)]


@router.get("")
def show_form(visitor: VisitorDep) -> Response:
    """The form of a question."""
    return render(visitor, "ask.html", job=None, answer=None, question="")


@router.post("")
def ask(visitor: ChangingVisitorDep, question: QuestionGiven = "") -> Response:
    """Begin with a question over everything, and go where its answer will be."""
    caller, said = visitor.caller, question.strip()
    if not said:
        return RedirectResponse("/ask", 303)
    with caller.sessions.begin() as session:
        job_id = start_ask(session, caller.settings, caller.desk.catalog, caller.workspace_id, Asked(said)).id
    send.announce([Queue.INTERACTIVE], caller.settings.redis_url)
    return RedirectResponse(f"/ask/{job_id}", 303)


@router.get("/{job_id}")
def show_answer(job_id: JobId, visitor: VisitorDep) -> Response:
    """The answer; or how far it is, and the page asks again."""
    job = read_job(visitor.caller, job_id)
    answer = answer_out(job) if job.state in FINAL_JOB_STATES else None
    return render(visitor, "ask.html", job=job, answer=answer, question=job.question or "")
