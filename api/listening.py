"""What the client does about questions whose way to the answer is listened to."""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import httpx

from api.answers import Answer, LookedAt, Searched
from api.connection import Connection
from api.results import made_from
from api.wire_errors import answer_of
from core.errors import FolioscopeError, ServiceUnavailable, error_named

_PAUSES = (0.2, 0.4, 0.8, 1.6, 3.2)  # seconds before the same question is asked again where a stream breaks off


@dataclass(frozen=True, slots=True)
class Searching:
    """What pages were searched for, and how many of them the model is asked about; once more where that comes later."""

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


Step: TypeAlias = Searching | LookingAt
AskEvent: TypeAlias = Step | Answer
_STEPS: Mapping[str, type[Step]] = {"searching": Searching, "looking": LookingAt}
E = TypeVar("E")


class Listening(Connection):
    """The part of the client that listens."""

    def _listen(
        self, path: str, question: Mapping[str, Any], name: str, kind: type[E], is_last: Callable[[E], bool]
    ) -> Iterator[Step | E]:
        """The steps of a question and its events of this `name` and `kind`, one of which is the last.

        A stream that breaks off is taken up again, without repeating. Raises the error that the service names, and
        ServiceUnavailable where it stays away.
        """
        key, told = uuid.uuid4().hex, dict[type, Any]()
        for pause in (*_PAUSES, None):
            try:
                for event in self._heard(path, question, key, {**_STEPS, name: kind}):
                    is_end = isinstance(event, kind) and is_last(event)
                    if _is_new(event, told) or is_end:
                        yield event
                    if is_end:
                        return
            except ServiceUnavailable:
                if pause is None:
                    raise
            if pause is not None:
                time.sleep(pause)
        raise ServiceUnavailable(f"The connection to {self.url} broke off again and again.")

    def _heard(self, path: str, question: Mapping[str, Any], key: str, kinds: Mapping[str, type[Any]]) -> Iterator[Any]:
        """The events of one stream, as far as it goes."""
        with self._stream(path, question, key) as response:
            name = ""
            for line in response.iter_lines():
                kind, _, rest = line.partition(": ")
                if kind == "event":
                    name = rest
                elif kind == "data":
                    yield _event_of(name, json.loads(rest), kinds)

    @contextmanager
    def _stream(self, path: str, question: Mapping[str, Any], key: str) -> Iterator[httpx.Response]:
        headers = {"Accept": "text/event-stream", "Idempotency-Key": key}
        try:
            with self._http.stream("POST", path, json=dict(question), headers=headers) as response:
                if not response.is_success:
                    response.read()
                yield answer_of(response, self.url)
        except httpx.ConnectError as error:
            raise self._nobody() from error
        except httpx.TransportError as error:
            raise ServiceUnavailable(f"The connection to {self.url} broke off.") from error


def _is_new(event: Any, told: dict[type, Any]) -> bool:
    """Whether an event says more than the last one of its kind that was told; from now on it is that one."""
    last = told.get(type(event))
    match event:
        case LookingAt():
            is_new = last is None or event.looked_at > last.looked_at
        case Searching():
            is_new = event != last
        case _:
            is_new = last is None
    if is_new:
        told[type(event)] = event
    return is_new


def _event_of(name: str, said: dict[str, Any], kinds: Mapping[str, type[Any]]) -> Any:
    """An event. Raises the error that it is."""
    if name == "error":
        raise error_named(said["code"], said.get("detail"))
    kind = kinds.get(name)
    if kind is None:
        raise FolioscopeError(f"The service tells of {name!r}, which this client does not know.")
    return made_from(kind, said)
