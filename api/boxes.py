"""A box of a page, read by the model alone while somebody waits for it."""

from typing import Any

from starlette.concurrency import run_in_threadpool

from api.caller import Caller
from api.watch import until_final
from core.errors import ModelBusy, NothingThere, error_named
from core.records import FINAL_JOB_STATES, JobKind, Queue
from storage import documents, jobs, planning
from storage.planning import NewJob
from workers import send

SECONDS = 60.0  # that a box is waited for


async def read_box(caller: Caller, document_id: str, page: int, box: list[float]) -> str:
    """What the model says of a box. Raises NothingThere, ModelBusy, and what kept the model from it."""
    job_id = await run_in_threadpool(_plan, caller, document_id, page, box)
    job = await until_final(caller, job_id, SECONDS)
    if job.state not in FINAL_JOB_STATES:
        await run_in_threadpool(_give_up, caller, document_id, job_id)
        raise ModelBusy("The box was not read in time; try again, or send the value as `raw`.")
    said = await run_in_threadpool(_said, caller, job_id)
    text = said.get("text")
    if text is None:
        raise NothingThere("The model reads nothing in this box; draw it wider, or send the value as `raw`.")
    return str(text)


def _plan(caller: Caller, document_id: str, page: int, box: list[float]) -> str:
    with caller.sessions.begin() as session:
        documents.get_page(session, caller.workspace_id, document_id, page, with_words=False)
        new = NewJob(kind=JobKind.READ, queue=Queue.INTERACTIVE, params={"page": page, "box": box})
        job_id = planning.plan(session, caller.workspace_id, new, [document_id]).id
    send.announce([Queue.INTERACTIVE], caller.settings.redis_url)
    return job_id


def _give_up(caller: Caller, document_id: str, job_id: str) -> None:
    """Nobody waits for the box any longer. Raises DocumentNotFound where it was deleted meanwhile."""
    with caller.sessions.begin() as session:
        jobs.cancel(session, jobs.get_job(session, caller.workspace_id, job_id))
    with caller.sessions() as session:
        documents.get_document(session, caller.workspace_id, document_id)


def _said(caller: Caller, job_id: str) -> dict[str, Any]:
    with caller.sessions() as session:
        for _, _, said in jobs.replies(session, job_id):
            return said or {}
        job = jobs.get_job(session, caller.workspace_id, job_id)
        for gap in jobs.gaps(session, job):
            raise error_named(gap.code, gap.detail)
    return {}
