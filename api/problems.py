"""Errors as problem+json (RFC 9457): how each is rendered, and how the OpenAPI description names them by status."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, TypeAlias

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from api.wire import Problem
from core.errors import (
    FolioscopeError,
    IdempotencyInFlight,
    IdempotencyMismatch,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    RequestTooLarge,
    ServiceUnavailable,
    Unauthorized,
)

MEDIA_TYPE = "application/problem+json"
_RETRY_SECONDS = {409: 1, 503: 5}
_MOST_SAID = 20  # of the mistakes in one request

Responses: TypeAlias = dict[int | str, dict[str, Any]]
Kind: TypeAlias = type[FolioscopeError]


def problem_response(
    error: FolioscopeError, request_id: str | None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The answer that says what went wrong, with the error's facts as further members."""
    body = Problem(
        title=error.title, status=error.status, code=error.code, detail=error.detail, request_id=request_id
    ).model_dump()
    facts = {name: value for name, value in error.facts.items() if name not in body}
    return JSONResponse(body | facts, error.status, _headers(error) | dict(headers or {}), MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Render every error of the app as a problem. What nobody foresaw is rendered at the edge."""
    app.add_exception_handler(FolioscopeError, _of_ours)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_http)


def problems(*kinds: Kind) -> Responses:
    """What a route that needs a key may answer besides success, by status, with the code of each error."""
    return _described(Unauthorized, InvalidRequest, *kinds, ServiceUnavailable, FolioscopeError)


def problems_of_creation(*kinds: Kind) -> Responses:
    """The same for a route that creates, and so takes a body and an Idempotency-Key."""
    return problems(RequestTooLarge, IdempotencyMismatch, IdempotencyInFlight, *kinds)


def open_problems(*kinds: Kind) -> Responses:
    """The same for a route that needs no key."""
    return _described(*kinds, FolioscopeError)


def _described(*kinds: Kind) -> Responses:
    by_status: dict[int, list[Kind]] = {}
    for kind in dict.fromkeys(kinds):
        by_status.setdefault(kind.status, []).append(kind)
    return {status: _response(same) for status, same in sorted(by_status.items())}


def _response(kinds: list[Kind]) -> dict[str, Any]:
    examples = {
        kind.code: {
            "summary": kind.title,
            "value": {
                "type": "about:blank",
                "title": kind.title,
                "status": kind.status,
                "code": kind.code,
                "detail": kind().detail,
                "request_id": "019abc3f7d1e5a0c9b7e4f2a6d8c1b30",
            },
        }
        for kind in kinds
    }
    return {
        "description": "; ".join(f"`{kind.code}`: {kind.title}" for kind in kinds) + ".",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}},
    }


def _headers(error: FolioscopeError) -> dict[str, str]:
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = 'Bearer realm="folioscope"'
    if error.retryable and error.status in _RETRY_SECONDS:
        headers["Retry-After"] = str(_RETRY_SECONDS[error.status])
    return headers


def _request_id(request: Request) -> str | None:
    return getattr(request.state, "request_id", None)


def _of_ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, FolioscopeError)  # noqa: S101 - registered for this class
    return problem_response(error, _request_id(request))


def _of_validation(request: Request, refused: Exception) -> Response:
    """Each mistake with its place. What was sent is not sent back."""
    assert isinstance(refused, RequestValidationError)  # noqa: S101 - registered for this class
    mistakes = [
        {
            "place": ".".join(str(part) for part in mistake["loc"]),
            "message": str(mistake["msg"]).removeprefix("Value error, "),
        }
        for mistake in refused.errors()[:_MOST_SAID]
    ]
    said = "; ".join(f"{mistake['place']}: {mistake['message']}" for mistake in mistakes[:3])
    error = InvalidRequest(f"{said}." if said else None, errors=mistakes)
    return problem_response(error, _request_id(request))


def _of_http(request: Request, error: Exception) -> Response:
    """What the framework itself refuses: an unknown route or method, a body too large or not to be read."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            ours: FolioscopeError = NotFound("There is no such route; /openapi.json lists them.")
        case HTTPStatus.METHOD_NOT_ALLOWED:
            ours = MethodNotAllowed(f"This route does not know the method {request.method}.")
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            ours = RequestTooLarge(error.detail)
        case HTTPStatus.BAD_REQUEST:
            ours = InvalidRequest("The body cannot be read; is it whole, and JSON?")
        case _:
            ours = FolioscopeError()
    return problem_response(ours, _request_id(request), error.headers)
