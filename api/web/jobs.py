"""Jobs: how far each is, what it lacks and why, and the way to end it."""

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from api.routes.given import Cursor, JobId
from api.shapes import FEW_GAPS, job_out
from api.watch import read_job
from api.web.site import render
from api.web.visitor import ChangingVisitorDep, VisitorDep
from core.records import FINAL_JOB_STATES
from storage import jobs

router = APIRouter(prefix="/jobs", include_in_schema=False)

A_PAGE = 20  # jobs


@router.get("")
def show_jobs(visitor: VisitorDep, cursor: Cursor = None) -> Response:
    """The newest first."""
    caller = visitor.caller
    with caller.sessions() as session:
        listing = jobs.list_jobs(session, caller.workspace_id, cursor, A_PAGE)
        shown = [job_out(session, job, FEW_GAPS) for job in listing.items]
    return render(visitor, "jobs.html", jobs=shown, next_cursor=listing.next_cursor, final=FINAL_JOB_STATES)


@router.get("/{job_id}")
def show_job(job_id: JobId, visitor: VisitorDep) -> Response:
    """One job with its gaps; while it is not final, the page asks again."""
    return render(visitor, "job.html", job=read_job(visitor.caller, job_id, 200), final=FINAL_JOB_STATES)


@router.post("/{job_id}/cancel")
def cancel(job_id: JobId, visitor: ChangingVisitorDep) -> Response:
    """End a job now."""
    with visitor.caller.sessions.begin() as session:
        jobs.cancel(session, jobs.get_job(session, visitor.caller.workspace_id, job_id))
    return RedirectResponse(f"/jobs/{job_id}", 303)
