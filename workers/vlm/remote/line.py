"""The line to one server: patience with a busy one, a circuit for one that is away, memory of what it does not take."""

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from core.errors import FolioscopeError, ModelBusy, ModelFailed, ModelRefused, ModelUnavailable
from core.logs import get_log
from workers.vlm.remote.circuit import Circuit, Open
from workers.vlm.remote.crew import Crew, Left
from workers.vlm.remote.protocol import Fault, Reply, Server, Trouble, reply_of

_log = get_log(__name__)

_BUSY = frozenset({408, 425, 429, 503, 529})  # the server's affair alone, never the page's
_REFUSED = frozenset({400, 422, 501})
_SERVERS_OWN = 500  # statuses from here on tell of the server's own failure
# What a request can do without, and the words by which a server names it when it does not take it.
_OPTIONAL: dict[str, tuple[str, ...]] = {
    "response_format": ("response_format", "json_schema", "guided", "grammar", "structured output"),
    "logprobs": ("logprobs",),
    "temperature": ("temperature",),
    "max_tokens": ("max_completion_tokens",),  # its other name, which the server tells
}
_PROBE: Mapping[str, Any] = {"messages": [{"role": "user", "content": "Say ok."}], "max_tokens": 1}


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a failing server is borne with, in seconds."""

    tries: int = 3
    first_pause: float = 0.5  # before the second try; doubled for each further one
    longest_pause: float = 20.0  # a longer Retry-After is waited for by the circuit, and not by a worker
    first_rest: float = 5.0  # of the circuit
    longest_rest: float = 60.0
    hello: float = 10.0  # for the smallest of questions


class Line:
    """Asks one server for one model. For many threads."""

    def __init__(self, server: Server, name: str, model: str | None, patience: Patience) -> None:
        """`name` is what people call the model, `model` what the server does."""
        self._server, self._name, self._model, self._patience = server, name, model, patience
        self._circuit = Circuit(patience.first_rest, patience.longest_rest)
        self._untaken: frozenset[str] = frozenset()

    def ask(self, request: Mapping[str, Any], cancelled: Callable[[], bool]) -> Reply:
        """The reply to a request. Raises Left where nobody waits for it any more.

        Raises ModelBusy while the server is away or overloaded, ModelUnavailable where it does not let us in,
        ModelRefused where it does not take this request, ModelFailed where it works on others and not on this one.
        """
        try:
            is_try = self._circuit.enter()
        except Open as error:
            raise self._busy("it was away a moment ago", error.wait) from None
        try:
            if is_try:
                self._check_awake(cancelled)
            reply = self._try(request, cancelled)
        except Trouble as trouble:
            raise self._verdict(trouble, cancelled) from None  # the clients' own errors may hold what was sent
        except ModelBusy:
            raise
        except BaseException:
            self._circuit.leave()
            raise
        self._circuit.close()
        return reply

    def _try(self, request: Mapping[str, Any], cancelled: Callable[[], bool]) -> Reply:
        for attempt in range(1, self._patience.tries + 1):
            try:
                return reply_of(self._send(request))
            except Trouble as trouble:
                pause = self._pause_after(trouble, attempt)
                if pause is None:
                    raise
                _log.info("asking again", model=self._name, because=trouble.says, pause=round(pause, 1))
            _sleep(pause, cancelled)
        raise AssertionError("the last try returns or raises")

    def _send(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Send the request without what the server is known not to take; learn what else it does not."""
        while True:
            sent = self._worded(request)
            try:
                return self._server.say(sent)
            except Trouble as trouble:
                untaken = _named_in(trouble, sent)
                if untaken is None:
                    raise
                self._untaken |= {untaken}
                _log.warning("the server does not take an option", model=self._name, option=untaken, says=trouble.says)

    def _worded(self, request: Mapping[str, Any]) -> dict[str, Any]:
        sent = {key: value for key, value in request.items() if key not in self._untaken}
        if "max_tokens" in self._untaken:
            sent["max_completion_tokens"] = request["max_tokens"]
        return sent if self._model is None else {"model": self._model, **sent}

    def _pause_after(self, trouble: Trouble, attempt: int) -> float | None:
        """Seconds until the next try; None where there is to be none."""
        status = trouble.status or 0
        passes = trouble.fault in {Fault.AWAY, Fault.BROKEN} or status in _BUSY or status >= _SERVERS_OWN
        if not passes or attempt == self._patience.tries:
            return None
        grown = self._patience.first_pause * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)  # noqa: S311 - spreads tries, keeps no secret
        pause = max(grown, trouble.retry_after or 0.0)
        return pause if pause <= self._patience.longest_pause else None

    def _verdict(self, trouble: Trouble, cancelled: Callable[[], bool]) -> FolioscopeError:
        """Whose fault it is at last: the server's, ours, or this page's."""
        status = trouble.status
        if trouble.fault is Fault.AWAY or status in _BUSY:
            return self._busy(trouble.says, self._circuit.open(trouble.retry_after or 0.0))
        barred = _barred(trouble)
        if barred is not None:
            wait = self._circuit.open(self._patience.longest_rest / 2)
            detail = f"The server of the model {self._name!r} cannot be used: {barred}"
            return ModelUnavailable(detail, model=self._name, wait=round(wait, 3))
        if status is not None and status < _SERVERS_OWN:
            self._circuit.close()
            return ModelRefused(f"The server of the model {self._name!r} does not take the page: {trouble.says}")
        if self._answers(cancelled):
            self._circuit.close()
            return ModelFailed(f"The server of the model {self._name!r} works, but not on this page: {trouble.says}")
        return self._busy(trouble.says, self._circuit.open())

    def _answers(self, cancelled: Callable[[], bool]) -> bool:
        """Whether the server answers the smallest of questions: then what failed failed by itself. Raises Left."""
        trouble = self._greet(cancelled)
        return trouble is None or trouble.status in _REFUSED

    def _check_awake(self, cancelled: Callable[[], bool]) -> None:
        """A server that hangs is not waited for with a page, which may take long. Raises ModelBusy, Left."""
        trouble = self._greet(cancelled)
        if trouble is not None and trouble.fault is Fault.SLOW:
            raise self._busy("it still does not answer", self._circuit.open())

    def _greet(self, cancelled: Callable[[], bool]) -> Trouble | None:
        """Ask the smallest of questions, and wait a little: what went wrong, None where nothing did. Raises Left."""
        until = time.monotonic() + self._patience.hello
        try:
            Crew(1).run([partial(self._send, _PROBE)], lambda: cancelled() or time.monotonic() > until)
        except Trouble as trouble:
            return trouble
        except Left:
            if cancelled():
                self._circuit.leave()
                raise
            return Trouble("no answer in time", fault=Fault.SLOW)
        return None

    def _busy(self, says: str, wait: float) -> ModelBusy:
        detail = f"The server of the model {self._name!r} is away or overloaded ({says})."
        return ModelBusy(detail, model=self._name, wait=round(wait, 3))


def _barred(trouble: Trouble) -> str | None:
    """Why the server is no use until somebody sets it right; None where it is not so."""
    match trouble.status:
        case 401 | 403:
            return f"it does not take our key: {trouble.says}"
        case 404:
            return f"it knows no such model or address: {trouble.says}"
        case 301 | 302 | 303 | 307 | 308:
            return "it sends us elsewhere, and pages are sent nowhere unasked"
    return None


def _named_in(trouble: Trouble, sent: Mapping[str, Any]) -> str | None:
    """The option that the server names as what it does not take."""
    if trouble.status not in _REFUSED:
        return None
    said = trouble.says.casefold()
    return next((o for o, words in _OPTIONAL.items() if o in sent and any(word in said for word in words)), None)


def _sleep(seconds: float, cancelled: Callable[[], bool]) -> None:
    """Wait, unless nobody waits for the answer any more. Raises Left."""
    asleep = threading.Event()
    left = seconds
    while left > 0:
        if cancelled():
            raise Left
        asleep.wait(min(0.1, left))
        left -= 0.1
