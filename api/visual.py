"""Visual search as the API has it: a lookup is planned, awaited and forgotten; workers hold the model."""

import time
from collections.abc import Sequence

import anyio
from starlette.concurrency import run_in_threadpool

from api.caller import Caller
from api.watch import pause
from core.errors import FolioscopeError, InvalidRequest, ServiceUnavailable, VisualSearchOff
from core.logs import get_log
from core.records import Queue
from storage import lookups
from storage.lookups import Lookup, SeenPage
from workers import send

MOST_SEEN = 100  # pages of one lookup
_LOOK_EVERY = 0.05  # seconds: a lookup is short

_log = get_log(__name__)


def visual_model(caller: Caller) -> str:
    """The name of the model of visual search in rows. Raises VisualSearchOff."""
    entry = caller.desk.catalog.visual
    if entry is None:
        raise VisualSearchOff("This service has no model of visual search: FOLIOSCOPE_VISUAL_MODEL names one.")
    return entry.name or ""


async def pages_that_look_like(caller: Caller, text: str, of: Sequence[str] | None) -> list[SeenPage]:
    """The pages of the workspace, or of some documents, that look most like a text, the best first.

    Raises VisualSearchOff, InvalidRequest without a text, what the lookup failed by, and ServiceUnavailable where no
    worker answers it in time.
    """
    model = visual_model(caller)
    plain = " ".join(text.replace("\0", " ").encode(errors="replace").decode().split())
    if not plain:
        raise InvalidRequest("The search says nothing; tell what the pages look like.")
    lookup = Lookup(plain, model, tuple(of) if of else None, MOST_SEEN)
    until = time.monotonic() + caller.settings.chat_seconds
    job_id = await run_in_threadpool(_plan, caller, lookup)
    if job_id is None:
        return []
    try:
        while (seen := await run_in_threadpool(_look, caller, job_id)) is None:
            if caller.desk.closing.is_set():
                raise ServiceUnavailable("The service ends; search again.")
            if time.monotonic() >= until:
                waited = f"{caller.settings.chat_seconds:g} seconds"
                raise ServiceUnavailable(f"No worker has searched within {waited}; search again later.")
            await pause(caller, _LOOK_EVERY)
        return seen
    finally:
        with anyio.CancelScope(shield=True):
            await run_in_threadpool(_forget, caller, job_id)


def _plan(caller: Caller, lookup: Lookup) -> str | None:
    """The lookup's job; None where the model has seen no page yet."""
    with caller.sessions.begin() as session:
        if not lookups.has_seen(session, caller.workspace_id, lookup.model):
            return None
        job_id = lookups.plan(session, caller.workspace_id, lookup)
    send.announce([Queue.INTERACTIVE], caller.settings.redis_url)
    return job_id


def _look(caller: Caller, job_id: str) -> list[SeenPage] | None:
    with caller.sessions() as session:
        return lookups.find_seen(session, caller.workspace_id, job_id)


def _forget(caller: Caller, job_id: str) -> None:
    """Delete the lookup. What cannot be reached now is left to the sweeper."""
    try:
        with caller.sessions.begin() as session:
            lookups.forget(session, job_id)
    except FolioscopeError as error:
        _log.warning("a lookup is left to the sweeper", code=error.code, job=job_id)
