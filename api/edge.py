"""The outermost ring: an id for each request, a line in the log, figures, safe headers, and no leak in an error."""

import re
import time
import traceback

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.desk import FrontDesk
from api.problems import error_response
from core.errors import FolioscopeError
from core.logs import get_log
from storage.database import new_id

HEADER = "X-Request-ID"
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_PAGES = ("/docs", "/openapi.json")  # read by browsers; everything else is for programs
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
_SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
_NOTHING_RUNS = "default-src 'none'; frame-ancestors 'none'"

_log = get_log(__name__)


class Edge:
    """Wraps the whole app."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens inside."""
        if scope["type"] == "http":
            await _Exchange(scope, send).run(self._app, receive)
        else:
            await self._app(scope, receive, send)


class _Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, send: Send) -> None:
        given = Headers(scope=scope).get(HEADER, "")
        self._scope = scope
        self._send_on = send
        self._id = given if _GIVEN_ID.fullmatch(given) else new_id()
        self._status = 0  # until the answer begins
        self._began = time.perf_counter()

    async def run(self, app: ASGIApp, receive: Receive) -> None:
        """Pass the request on; render what comes back as an error."""
        self._scope.setdefault("state", {})["request_id"] = self._id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=self._id)
        desk: FrontDesk = self._scope["app"].state.desk
        with desk.metrics.under_way.track_inprogress():
            try:
                await app(self._scope, receive, self._send)
            except ClientDisconnect:
                _log.info("the client went away", path=self._scope["path"])
            except Exception as error:  # noqa: BLE001 - nothing may pass the edge unrendered
                await self._fail(error, receive)
        self._note(desk)

    async def _fail(self, error: Exception, receive: Receive) -> None:
        """Answer with the problem; where an answer has begun already, it can only break off."""
        ours = error if isinstance(error, FolioscopeError) else FolioscopeError()
        if ours is not error:
            trace = "".join(traceback.format_exception(error))  # without the values of variables: they may be private
            _log.error("a request failed in a way that nobody foresaw", path=self._scope["path"], exception=trace)
        if self._status:
            raise error
        await error_response(ours, self._scope["path"], self._id)(self._scope, receive, self._send)

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = MutableHeaders(scope=message)
            headers[HEADER] = self._id
            for name, value in _SAFE.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-store")
            if not self._scope["path"].startswith(_PAGES):
                headers.setdefault("Content-Security-Policy", _NOTHING_RUNS)
        await self._send_on(message)

    def _note(self, desk: FrontDesk) -> None:
        method, path, seconds = self._scope["method"], self._scope["path"], time.perf_counter() - self._began
        desk.metrics.count(_known(method), _route_of(self._scope), self._status, seconds)
        say = _log.debug if path in _QUIET else _log.info
        say("request", method=method, path=path, status=self._status, ms=round(1000 * seconds, 1))


def _route_of(scope: Scope) -> str:
    """The route's pattern, so that ids do not make a figure each."""
    return getattr(scope.get("route"), "path", None) or "unknown"


def _known(method: str) -> str:
    return method if method in {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"} else "other"
