"""The gate before the routes that need a key: the caller is known, and a limit set, before the body is read."""

from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.caller import find_caller
from api.desk import FrontDesk
from core.errors import RequestTooLarge

KEYED = "/v1/"
UPLOADS = {("POST", "/v1/documents"), ("POST", "/upload")}
MAX_JSON_BYTES = 16_777_216


class Gate:
    """Lets nobody without a key to anything under /v1, and no body past its limit."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises Unauthorized or RequestTooLarge, which the edge renders."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        desk: FrontDesk = scope["app"].state.desk
        headers = Headers(scope=scope)
        if scope["path"].startswith(KEYED):
            caller = await run_in_threadpool(find_caller, desk, headers.get("authorization"))
            scope["state"]["caller"] = caller
        is_upload = (scope["method"], scope["path"]) in UPLOADS
        limit = desk.settings.max_request_bytes if is_upload else MAX_JSON_BYTES
        _check_promised(headers.get("content-length"), limit)
        await self._app(scope, _limited(receive, limit), send)


def _check_promised(content_length: str | None, limit: int) -> None:
    """Refuse by the header alone what is too large, before a byte of it is read."""
    if content_length is not None and content_length.isdecimal() and int(content_length) > limit:
        raise RequestTooLarge(_too_large(limit), limit=limit)


def _limited(receive: Receive, limit: int) -> Callable[[], Awaitable[Message]]:
    """The same body, which breaks off where it is longer than its limit, whatever its header promised."""
    left = limit

    async def receive_within() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(413, _too_large(limit))  # this class passes through the framework's own reading
        return message

    return receive_within


def _too_large(limit: int) -> str:
    return f"The request has more than {limit} bytes; send it in parts."
