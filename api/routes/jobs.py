"""Jobs: start, watch, cancel."""

from fastapi import APIRouter, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from api.caller import CallerDep
from api.once import Made, OnceDep
from api.problems import Responses, problems, problems_of_creation
from api.routes.given import Cursor, JobId, Limit
from api.shapes import ALL_GAPS, FEW_GAPS, job_out
from api.watch import events_of, read_job
from api.wire import JobIn, JobOut, JobsOut
from core.errors import DocumentNotFound, InvalidCursor, JobNotFound, RequestTooLarge, SchemaNotFound
from storage import jobs, schemas
from storage.database import Session
from storage.jobs import NewJob
from workers import send

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


class EventsResponse(StreamingResponse):
    """Server-sent events."""

    media_type = "text/event-stream"


@router.post(
    "",
    status_code=202,
    summary="Start a job",
    response_model=JobOut,
    responses=problems_of_creation(SchemaNotFound, DocumentNotFound),
)
def start_job(asked: JobIn, caller: CallerDep, once: OnceDep) -> Response:
    """Read the fields of a schema from documents. Pages that are not drawn yet are read as soon as they are."""

    def make(session: Session) -> Made:
        schema = schemas.get_schema(session, caller.workspace_id, asked.schema_, asked.schema_version)
        new = NewJob(kind=asked.kind, queue=asked.queue, schema_id=schema.id)
        return Made.of(202, job_out(session, jobs.plan(session, caller.workspace_id, new, asked.documents)))

    made = once.do(caller, asked, make)
    send.announce([asked.queue], caller.settings.redis_url)
    return made.response()


@router.get("", summary="List jobs", responses=problems(InvalidCursor))
def list_jobs(caller: CallerDep, limit: Limit = 50, cursor: Cursor = None) -> JobsOut:
    """The newest first."""
    with caller.sessions() as session:
        listing = jobs.list_jobs(session, caller.workspace_id, cursor, limit)
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


@router.get(
    "/{job_id}/events",
    summary="Watch a job",
    response_class=EventsResponse,
    responses=_STREAM | problems(JobNotFound),
)
async def watch_job(job_id: JobId, caller: CallerDep) -> Response:
    """Server-sent events until the job is final. Connect again where the stream breaks off before."""
    job = await run_in_threadpool(read_job, caller, job_id)
    return EventsResponse(events_of(caller, job), headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
