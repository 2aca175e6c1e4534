"""Server-sent events: what one looks like, and the places that a process has for those who listen."""

from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api.caller import Caller
from core.errors import ServiceUnavailable

MEDIA_TYPE = "text/event-stream"
HEARTBEAT_SECONDS = 15.0  # of silence, after which proxies may close a connection
HEARTBEAT = b": still here\n\n"
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Place:
    """One of the places that a process has for streams; to be given back, which may be done twice."""

    def __init__(self, caller: Caller) -> None:
        """Take it. Raises ServiceUnavailable where there is none."""
        self._places = caller.desk.streams
        self._held = self._places.acquire(blocking=False)
        if not self._held:
            raise ServiceUnavailable("Too many jobs are watched now; try again, or ask for the job now and then.")

    def give_back(self) -> None:
        """Let somebody else have it."""
        if self._held:
            self._held = False
            self._places.release()


class EventsResponse(StreamingResponse):
    """Events as they come, in a place that is given back however that ends."""

    media_type = MEDIA_TYPE

    def __init__(self, place: Place, events: AsyncIterator[bytes]) -> None:
        self._place = place
        super().__init__(events, headers=_HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._place.give_back()


def event_of(name: str, data: str) -> bytes:
    """An event whose data is one line of JSON."""
    return f"event: {name}\ndata: {data}\n\n".encode()
