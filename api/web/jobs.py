"""Jobs: how far each is, how fast it goes, what it lacks and why, and the ways to end it and to run it again."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from api.finding_shapes import document_out, finding_out
from api.routes.given import Cursor, JobId
from api.shapes import FEW_GAPS, job_out
from api.streams import HEARTBEAT, EventsResponse, Place, event_of
from api.watch import read_job, states_of
from api.web.pace import Pacer, duration
from api.web.site import render, text_of
from api.web.visitor import ChangingVisitorDep, Visitor, VisitorDep
from api.wire.jobs import JobOut
from core.errors import FolioscopeError
from core.records import FINAL_JOB_STATES, JobKind, JobState
from storage import findings, jobs
from storage.database import now
from storage.retrying import retry
from workers import send

router = APIRouter(prefix="/jobs", include_in_schema=False)

A_PAGE = 20  # jobs
MANY_GAPS = 200
FINDINGS = 50
_OPEN = [state for state in JobState if state not in FINAL_JOB_STATES]
_STATES = {
    "open": _OPEN,
    "lacking": [JobState.PARTIAL, JobState.FAILED, JobState.CANCELLED],
    **{state.value: [state] for state in JobState},
}


@dataclass(frozen=True, slots=True)
class Found:
    """What pages, or documents, said to a job that looks at them."""

    rows: list[Any]
    next_cursor: str | None


@router.get("")
def show_jobs(
    visitor: VisitorDep, request: Request, cursor: Cursor = None, state: Annotated[str, Query(max_length=32)] = ""
) -> Response:
    """The newest first. The list alone where the page asks for it as it is now."""
    caller, states = visitor.caller, _STATES.get(state)
    with caller.sessions() as session:
        listing = jobs.list_jobs(session, caller.workspace_id, cursor, A_PAGE, states)
        shown = [job_out(session, job, 0) for job in listing.items]
    part = request.headers.get("hx-target") == "job-list"
    return render(
        visitor,
        "job_rows.html" if part else "jobs.html",
        jobs=shown,
        cursor=cursor,
        next_cursor=listing.next_cursor,
        state=state if states else "",
        any_open=any(job.state not in FINAL_JOB_STATES for job in shown),
    )


@router.get("/{job_id}")
def show_job(job_id: JobId, visitor: VisitorDep, cursor: Cursor = None) -> Response:
    """One job, with what it lacks, and what its pages said where it looks at them."""
    job = read_job(visitor.caller, job_id, MANY_GAPS)
    said = _live(job, Pacer(), MANY_GAPS) | {"found": _found(visitor, job, cursor), "cursor": cursor}
    return render(visitor, "job.html", **said, took=_took(job), may_retry=_may_retry(job))


@router.get("/{job_id}/live")
def show_progress(job_id: JobId, visitor: VisitorDep) -> Response:
    """How far a job is, as a part of its page: for browsers that hear no events."""
    return render(visitor, "job_live.html", **_live(read_job(visitor.caller, job_id), Pacer(), FEW_GAPS))


@router.get("/{job_id}/events")
async def watch_job(job_id: JobId, visitor: VisitorDep) -> Response:
    """The same part of the page as server-sent events, `progress` and at last `end`, until the job is final."""
    job = await run_in_threadpool(read_job, visitor.caller, job_id)
    return EventsResponse(Place(visitor.caller), _events_of(visitor, job))


@router.post("/{job_id}/cancel")
def cancel(job_id: JobId, visitor: ChangingVisitorDep) -> Response:
    """End a job now."""
    with visitor.caller.sessions.begin() as session:
        jobs.cancel(session, jobs.get_job(session, visitor.caller.workspace_id, job_id))
    return RedirectResponse(f"/jobs/{job_id}", 303)


@router.post("/{job_id}/retry")
def run_again(job_id: JobId, visitor: ChangingVisitorDep) -> Response:
    """Run again what the job lacks, and go where that is seen."""
    caller = visitor.caller
    with caller.sessions.begin() as session:
        again = retry(session, jobs.get_job(session, caller.workspace_id, job_id))
        place, queue = f"/jobs/{again.id}", again.queue
    send.announce([queue], caller.settings.redis_url)
    return RedirectResponse(place, 303)


async def _events_of(visitor: Visitor, job: JobOut) -> AsyncIterator[bytes]:
    """A stream that breaks off without `end` says that the service ends, or the job is gone: the browser asks again."""
    pacer = Pacer()
    try:
        async for seen in states_of(visitor.caller, job):
            job = seen or job
            yield HEARTBEAT if seen is None else event_of("progress", _part(visitor, job, pacer))
    except FolioscopeError:
        return
    if job.state in FINAL_JOB_STATES:
        yield event_of("end", _part(visitor, job, pacer))


def _part(visitor: Visitor, job: JobOut, pacer: Pacer) -> str:
    """The part of the page, in one line of JSON."""
    return json.dumps(text_of(visitor, "job_live.html", **_live(job, pacer, FEW_GAPS)))


def _live(job: JobOut, pacer: Pacer, most_gaps: int) -> dict[str, Any]:
    """What the part of the page that changes is made of."""
    return {
        "job": job,
        "open": job.state not in FINAL_JOB_STATES,
        "through": job.progress.total - job.progress.waiting - job.progress.leased,
        "pace": pacer.pace_of(job, now()),
        "all_gaps": len(job.gaps) < most_gaps,
    }


def _found(visitor: Visitor, job: JobOut, cursor: str | None) -> Found | None:
    """What pages said to a job that describes, classifies or locates; by document where it classifies."""
    if job.kind not in findings.KINDS:
        return None
    with visitor.caller.sessions() as session:
        if job.kind is JobKind.CLASSIFY:
            documents = findings.list_documents(session, job.id, cursor, FINDINGS)
            return Found([document_out(job.kind, one) for one in documents.items], documents.next_cursor)
        pages = findings.list_pages(session, job.id, cursor, FINDINGS, found=True)
        return Found([finding_out(one) for one in pages.items], pages.next_cursor)


def _took(job: JobOut) -> str:
    """How long a final job took, in words."""
    return duration((job.finished_at - job.created_at).total_seconds()) if job.finished_at else ""


def _may_retry(job: JobOut) -> bool:
    """Whether there is anything to run again. A question is asked anew."""
    return job.kind is not JobKind.ASK and job.state in _STATES["lacking"]
