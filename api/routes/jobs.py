"""Jobs: start, watch, cancel."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from starlette.concurrency import run_in_threadpool

from api.caller import Caller, CallerDep
from api.once import Made, OnceDep
from api.problems import Responses, problems, problems_of_creation
from api.routes.given import Cursor, JobId, Limit
from api.shapes import ALL_GAPS, FEW_GAPS, job_out
from api.streams import EventsResponse, Place
from api.visual import visual_model
from api.watch import events_of, read_job
from api.wire.jobs import EstimateOut, JobIn, JobOut, JobsOut
from core.errors import (
    DocumentNotFound,
    InvalidCursor,
    InvalidRequest,
    JobNotFound,
    RequestTooLarge,
    SchemaNotFound,
    UnknownModel,
    VisualSearchOff,
)
from core.records import JobKind, JobState
from storage import jobs, planning, schemas
from storage.database import Session
from storage.planning import NewJob
from storage.retrying import retry
from storage.tables import Job, Schema
from workers import send
from workers.estimate import Reader, estimate

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])

_EVENT = {
    "type": "object",
    "required": ["event", "data"],
    "properties": {
        "event": {"enum": ["progress", "end", "error"]},
        "data": {"type": "string", "description": "The job as JSON; of `error`, a problem."},
    },
}
_STREAM: Responses = {
    200: {
        "description": "Events `progress` and at last `end`, each with the job; `error` where it cannot be read.",
        "content": {"text/event-stream": {"schema": _EVENT, "example": {"event": "end", "data": '{"id": "..."}'}}},
    }
}

StateGiven = Annotated[JobState | None, Query(description="Only jobs in this state.", examples=[None])]


@router.post(
    "",
    status_code=202,
    summary="Start a job",
    response_model=JobOut,
    responses=problems_of_creation(SchemaNotFound, DocumentNotFound, UnknownModel, VisualSearchOff),
)
def start_job(asked: JobIn, caller: CallerDep, once: OnceDep) -> Response:
    """Read the fields of a schema, or whole pages. Pages that are not drawn yet are read as soon as they are.

    The text of a page is the PDF's own where that is sound; else the model transcribes it. For visual search pages are
    embedded, by the one model that the service has for it.
    """

    def make(session: Session) -> Made:
        return Made.of(202, job_out(session, plan_job(session, caller, asked)))

    made = once.do(caller, asked, make)
    send.announce([asked.queue], caller.settings.redis_url)
    return made.response()


def plan_job(session: Session, caller: Caller, asked: JobIn) -> Job:
    """The job, planned; to be announced after the commit."""
    embeds = asked.kind is JobKind.EMBED
    model = visual_model(caller) if embeds else caller.desk.catalog.chosen(asked.model)
    schema_id = _schema_of(session, caller, asked).id if asked.schema_ else None
    params = {} if asked.text_layer else {"text_layer": False}
    new = NewJob(kind=asked.kind, queue=asked.queue, schema_id=schema_id, params=params, model=model)
    return planning.plan(session, caller.workspace_id, new, asked.documents)


@router.post(
    "/estimate",
    summary="Estimate a job",
    responses=problems(SchemaNotFound, DocumentNotFound, UnknownModel, RequestTooLarge),
)
def estimate_job(asked: JobIn, caller: CallerDep) -> EstimateOut:
    """What a job that extracts would do, and about how long that takes. Nothing is started."""
    reader = Reader.of(caller.desk.catalog, asked.model)
    with caller.sessions() as session:
        told = estimate(session, caller.workspace_id, _schema_of(session, caller, asked), asked.documents, reader)
        return EstimateOut.model_validate(told)


@router.get("", summary="List jobs", responses=problems(InvalidCursor))
def list_jobs(caller: CallerDep, limit: Limit = 50, cursor: Cursor = None, state: StateGiven = None) -> JobsOut:
    """The newest first."""
    states = None if state is None else [state]
    with caller.sessions() as session:
        listing = jobs.list_jobs(session, caller.workspace_id, cursor, limit, states)
        return JobsOut(items=[job_out(session, j, FEW_GAPS) for j in listing.items], next_cursor=listing.next_cursor)


@router.get("/{job_id}", summary="Show a job", responses=problems(JobNotFound))
def show_job(job_id: JobId, caller: CallerDep) -> JobOut:
    """How far it is, what it lacks and why, and of a question its answer."""
    return read_job(caller, job_id, ALL_GAPS)


@router.post("/{job_id}/cancel", summary="Cancel a job", responses=problems(JobNotFound, RequestTooLarge))
def cancel_job(job_id: JobId, caller: CallerDep) -> JobOut:
    """Stop it now; what was read stays. A job that is final already stays as it is."""
    with caller.sessions.begin() as session:
        job = jobs.get_job(session, caller.workspace_id, job_id)
        jobs.cancel(session, job)
        return job_out(session, job)


@router.post(
    "/{job_id}/retry",
    status_code=202,
    summary="Run again what a job lacks",
    responses=problems(JobNotFound, RequestTooLarge),
)
def retry_job(job_id: JobId, caller: CallerDep) -> JobOut:
    """A new job over the pages that a final one has no whole result for. Asked again meanwhile, it is the same job."""
    with caller.sessions.begin() as session:
        again = retry(session, jobs.get_job(session, caller.workspace_id, job_id))
        out = job_out(session, again)
    send.announce([again.queue], caller.settings.redis_url)
    return out


@router.get(
    "/{job_id}/events",
    status_code=200,
    summary="Watch a job",
    response_class=EventsResponse,
    responses=_STREAM | problems(JobNotFound),
)
async def watch_job(job_id: JobId, caller: CallerDep) -> Response:
    """Server-sent events until the job is final. Connect again where the stream breaks off before.

    Where too many jobs are watched at once, the answer is 503, `service-unavailable`.
    """
    job = await run_in_threadpool(read_job, caller, job_id)
    return EventsResponse(Place(caller), events_of(caller, job))


def _schema_of(session: Session, caller: Caller, asked: JobIn) -> Schema:
    if asked.schema_ is None:
        raise InvalidRequest("Only a job that extracts can be estimated.")
    return schemas.get_schema(session, caller.workspace_id, asked.schema_, asked.schema_version)
