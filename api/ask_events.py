"""A question answered while somebody listens: what is searched, which pages are looked at, and at last the answer."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.concurrency import run_in_threadpool

from api.caller import Caller
from api.problems import Responses, problem_response
from api.shapes import FEW_GAPS, answer_out, job_out
from api.streams import HEARTBEAT, HEARTBEAT_SECONDS, MEDIA_TYPE, EventsResponse, Place, event_of
from api.watch import pause, pause_after
from api.wire.ask_events import LookingOut, SearchingOut
from api.wire.conversations import TurnOut
from api.wire.jobs import JobOut
from api.wire.questions import AnswerOut, LookedAtOut, SearchedOut
from core.errors import FolioscopeError, error_named
from core.records import FINAL_JOB_STATES
from storage import jobs, questions
from storage.questions import PageInHand

_BROKEN_OFF = (
    "A stream that breaks off before says that the service ends, and the same request under the same Idempotency-Key "
    "goes on with the same question."
)


def _described(last: str, what: str, description: str) -> Responses:
    """A reply in events, of which `last` is the one that ends it."""
    said = f"JSON: what is searched, the pages that are looked at, {what}, or a problem."
    event = {
        "type": "object",
        "required": ["event", "data"],
        "properties": {
            "event": {"enum": ["searching", "looking", last, "error"]},
            "data": {"type": "string", "description": said},
        },
    }
    example = {"event": "searching", "data": '{"to_look_at": 8}'}
    return {
        200: {
            "description": f"{description} {_BROKEN_OFF}",
            "content": {MEDIA_TYPE: {"schema": event, "example": example}},
        }
    }


EVENTS = _described(
    "answer",
    "the answer",
    "The answer. To `Accept: text/event-stream`: events `searching`, again where a worker finds the pages, `looking` "
    "as they come into the workers' hands, and at last `answer`, or `error` with a problem.",
)
TURN_EVENTS = _described(
    "turn",
    "the turn",
    "The turn with its answer. To `Accept: text/event-stream`: events `turn`, which tells how the question was "
    "understood, `searching`, again where a worker finds the pages, `looking` as they come into the workers' hands, "
    "and at last `turn` with its answer, or `error` with a problem.",
)


@dataclass(frozen=True, slots=True)
class Begun:
    """A question that was begun: its job, and of one in a conversation its turn, as it is at any time."""

    job_id: str
    turn: Callable[[], TurnOut] | None = None


@dataclass(frozen=True, slots=True)
class _Look:
    """How far a question is."""

    job: JobOut
    searched: dict[str, Any]
    pages: list[PageInHand]


@dataclass(slots=True)
class _Told:
    """What a stream has said already."""

    searched: bool  # what was searched for; at first nobody may know it: then a worker finds the pages
    pages: set[int] = field(default_factory=set)  # items

    def news(self, look: _Look) -> bytes:
        """The events that say what was not told yet; b"" where there is nothing."""
        said = b""
        if look.searched and not self.searched:
            self.searched = True
            said = _searching(look)
        return said + _looking(look, self.pages)


def wants_events(accept: str | None) -> bool:
    """Whether an Accept header asks for events."""
    return any(part.partition(";")[0].strip().lower() == MEDIA_TYPE for part in (accept or "").split(","))


async def stream_answer(caller: Caller, start: Callable[[], Awaitable[Begun]]) -> EventsResponse:
    """Begin a question by `start`, and stream what becomes of it.

    Who goes away ends the stream, and never the question. Raises ServiceUnavailable, and starts nothing, where too many
    listen already; raises what `start` does.
    """
    place = Place(caller)
    try:
        begun = await start()
        head = b"" if begun.turn is None else _understood(await run_in_threadpool(begun.turn))
        first = await run_in_threadpool(_look, caller, begun.job_id)
    except BaseException:
        place.give_back()
        raise
    return EventsResponse(place, _events_of(caller, begun, head, first))


async def _events_of(caller: Caller, begun: Begun, head: bytes, look: _Look) -> AsyncIterator[bytes]:
    """All events, from the first look on."""
    yield head + _searching(look)
    told = _Told(searched=bool(look.searched))
    said_at, cost = time.monotonic(), 0.0
    while True:
        if event := told.news(look):
            yield event
            said_at = time.monotonic()
        if look.job.state in FINAL_JOB_STATES:
            yield await run_in_threadpool(_end, look.job, begun)
            return
        if time.monotonic() - said_at > HEARTBEAT_SECONDS:
            yield HEARTBEAT
            said_at = time.monotonic()
        await pause(caller, pause_after(cost))
        if caller.desk.closing.is_set():
            return
        began = time.monotonic()
        try:
            look = await run_in_threadpool(_look, caller, look.job.id)
        except FolioscopeError as error:  # the answer has begun: its status can say nothing any more
            yield _error(error)
            return
        cost = time.monotonic() - began


def _look(caller: Caller, job_id: str) -> _Look:
    with caller.sessions() as session:
        job = jobs.get_job(session, caller.workspace_id, job_id)
        searched = (job.result or {}).get("searched") or job.params.get("searched") or {}
        return _Look(job_out(session, job, FEW_GAPS), searched, questions.pages_in_hand(session, job_id))


def _searching(look: _Look) -> bytes:
    searched, job = SearchedOut.model_validate(look.searched), look.job
    pages = job.progress.total if look.searched else 0  # before, its one item is the search itself
    said = SearchingOut(job_id=job.id, searched=searched, to_look_at=pages)
    return event_of("searching", said.model_dump_json())


def _looking(look: _Look, told: set[int]) -> bytes:
    """The pages that were not told of yet; b"" where there are none."""
    new = [page for page in look.pages if page.item_id not in told]
    if not new:
        return b""
    told.update(page.item_id for page in new)
    pages = [LookedAtOut(document=p.document_id, document_name=p.document_name, page=p.number) for p in new]
    total = look.job.progress.total
    said = LookingOut(job_id=look.job.id, looked_at=len(told), to_look_at=total, pages=pages)
    return event_of("looking", said.model_dump_json())


def _understood(turn: TurnOut) -> bytes:
    """How a question was understood: its turn without an answer, even where that is there at once."""
    return event_of("turn", turn.model_copy(update={"answer": None}).model_dump_json(by_alias=True))


def _end(job: JobOut, begun: Begun) -> bytes:
    """The answer, or the turn that has it; why there is none, where there is none."""
    answer = answer_out(job)
    if answer is not None:
        return _answered(answer, begun)
    gap = next((gap for gap in job.gaps if gap.detail), None)
    if gap is None:
        return _error(FolioscopeError(f"There is no answer: the job is {job.state}.", job=job.id))
    error = error_named(gap.code, gap.detail)
    error.facts |= {"job": job.id}
    return _error(error)


def _answered(answer: AnswerOut, begun: Begun) -> bytes:
    if begun.turn is None:
        return event_of("answer", answer.model_dump_json(by_alias=True))
    try:
        return event_of("turn", begun.turn().model_dump_json(by_alias=True))
    except FolioscopeError as error:  # its conversation was deleted meanwhile
        return _error(error)


def _error(error: FolioscopeError) -> bytes:
    return event_of("error", bytes(problem_response(error, None).body).decode())
