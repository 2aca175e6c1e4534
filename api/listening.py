"""What the client does about questions whose way to the answer is listened to."""

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import httpx

from api.answers import Answer, LookedAt, Searched
from api.connection import Connection
from api.results import made_from
from api.wire_errors import answer_of
from core.errors import FolioscopeError, ServiceUnavailable, error_named

_PAUSES = (0.2, 0.4, 0.8, 1.6, 3.2)  # seconds before the same question is asked again where a stream breaks off


@dataclass(frozen=True, slots=True)
class Searching:
    """What pages were searched for, and how many of them the model is asked about."""

    job_id: str
    searched: Searched
    to_look_at: int


@dataclass(frozen=True, slots=True)
class LookingAt:
    """Pages that came into a worker's hands since the event before; `looked_at` counts all so far."""

    job_id: str
    looked_at: int
    to_look_at: int
    pages: tuple[LookedAt, ...]


AskEvent: TypeAlias = Searching | LookingAt | Answer
_KINDS: Mapping[str, type[AskEvent]] = {"searching": Searching, "looking": LookingAt, "answer": Answer}


class Listening(Connection):
    """The part of the client that listens."""

    def _listen(self, question: Mapping[str, Any]) -> Iterator[AskEvent]:
        """The events of a question, the answer last. A stream that breaks off is taken up again, without repeating.

        Raises the error that the service names, and ServiceUnavailable where it stays away.
        """
        key, searching, told = uuid.uuid4().hex, False, 0
        for pause in (*_PAUSES, None):
            try:
                for event in self._heard(question, key):
                    if isinstance(event, Answer):
                        yield event
                        return
                    new = event.looked_at > told if isinstance(event, LookingAt) else not searching
                    searching, told = True, max(told, event.looked_at if isinstance(event, LookingAt) else 0)
                    if new:
                        yield event
            except ServiceUnavailable:
                if pause is None:
                    raise
            if pause is not None:
                time.sleep(pause)
        raise ServiceUnavailable(f"The connection to {self.url} broke off again and again.")

    def _heard(self, question: Mapping[str, Any], key: str) -> Iterator[AskEvent]:
        """The events of one stream, as far as it goes."""
        with self._stream(question, key) as response:
            name = ""
            for line in response.iter_lines():
                kind, _, rest = line.partition(": ")
                if kind == "event":
                    name = rest
                elif kind == "data":
                    yield _event_of(name, json.loads(rest))

    @contextmanager
    def _stream(self, question: Mapping[str, Any], key: str) -> Iterator[httpx.Response]:
        headers = {"Accept": "text/event-stream", "Idempotency-Key": key}
        try:
            with self._http.stream("POST", "/v1/ask", json=dict(question), headers=headers) as response:
                if not response.is_success:
                    response.read()
                yield answer_of(response, self.url)
        except httpx.ConnectError as error:
            raise self._nobody() from error
        except httpx.TransportError as error:
            raise ServiceUnavailable(f"The connection to {self.url} broke off.") from error


def _event_of(name: str, said: dict[str, Any]) -> AskEvent:
    """An event. Raises the error that it is."""
    if name == "error":
        raise error_named(said["code"], said.get("detail"))
    kind = _KINDS.get(name)
    if kind is None:
        raise FolioscopeError(f"The service tells of {name!r}, which this client does not know.")
    return made_from(kind, said)
