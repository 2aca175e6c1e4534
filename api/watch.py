"""Waiting for a job without holding a thread or a connection: a short look now and then, until it is final."""

import time
from collections.abc import AsyncIterator

import anyio
from starlette.concurrency import run_in_threadpool

from api.caller import Caller
from api.problems import problem_response
from api.shapes import FEW_GAPS, job_out
from api.streams import HEARTBEAT, HEARTBEAT_SECONDS, event_of
from api.wire.jobs import JobOut
from core.errors import FolioscopeError
from core.records import FINAL_JOB_STATES
from storage import jobs

_LOOK_EVERY = 0.25  # seconds, at least
_LOOK_AT_LEAST_EVERY = 5.0
_PAUSE_PER_LOOK = 10  # times what the look cost: who watches a large job does not slow it down


async def until_final(caller: Caller, job_id: str, seconds: float) -> JobOut:
    """The job once it is final, or as it is when the time is over or the service ends."""
    until = time.monotonic() + seconds
    while True:
        began = time.monotonic()
        job = await run_in_threadpool(read_job, caller, job_id)
        now = time.monotonic()
        if job.state in FINAL_JOB_STATES or now >= until or caller.desk.closing.is_set():
            return job
        await pause(caller, min(pause_after(now - began), until - now))


async def events_of(caller: Caller, job: JobOut) -> AsyncIterator[bytes]:
    """Server-sent events: `progress` when the job has changed, `end` when it is final, `error` where it cannot be read.

    A stream that breaks off without `end` says that the service ends: connect again.
    """
    try:
        async for now in states_of(caller, job):
            job = now or job
            yield HEARTBEAT if now is None else event_of("progress", now.model_dump_json(by_alias=True))
    except FolioscopeError as error:  # the answer has begun: its status can say nothing any more
        yield event_of("error", bytes(problem_response(error, None).body).decode())
        return
    if job.state in FINAL_JOB_STATES:
        yield event_of("end", job.model_dump_json(by_alias=True))


async def states_of(caller: Caller, job: JobOut) -> AsyncIterator[JobOut | None]:
    """The job as it is, and whenever it has changed; None after a long silence. It ends with the job, or the service.

    Raises what keeps the job from being read.
    """
    yield job
    said_at, cost = time.monotonic(), 0.0
    while job.state not in FINAL_JOB_STATES:
        await pause(caller, pause_after(cost))
        if caller.desk.closing.is_set():
            return
        before, began = job, time.monotonic()
        job = await run_in_threadpool(read_job, caller, job.id)
        cost = time.monotonic() - began
        if job != before or time.monotonic() - said_at > HEARTBEAT_SECONDS:
            yield job if job != before else None
            said_at = time.monotonic()


def pause_after(cost: float) -> float:
    """How many seconds to wait after a look that took this many."""
    return min(_LOOK_AT_LEAST_EVERY, max(_LOOK_EVERY, _PAUSE_PER_LOOK * cost))


def read_job(caller: Caller, job_id: str, gaps: int = FEW_GAPS) -> JobOut:
    """The job as it is now. Raises JobNotFound."""
    with caller.sessions() as session:
        return job_out(session, jobs.get_job(session, caller.workspace_id, job_id), gaps)


async def pause(caller: Caller, seconds: float) -> None:
    """Wait so long, or until the service ends."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0 and not caller.desk.closing.is_set():  # noqa: ASYNC110 - a signal sets it
        await anyio.sleep(min(_LOOK_EVERY, left))
