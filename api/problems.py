"""Errors as problem+json (RFC 9457): how each is rendered, and how the OpenAPI description names them by status.

The routes that speak the OpenAI protocol show the same errors in the form of that.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeAlias

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from api.web.errors import error_page, is_page
from api.wire.parts import Problem
from api.wire.replies import ChatError, ChatProblem
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
CHAT_PATHS = ("/v1/chat/", "/v1/models")  # where errors have the form of the OpenAI protocol
_RETRY_SECONDS = {409: 1, 503: 5}
_MOST_SAID = 20  # of the mistakes in one request

Responses: TypeAlias = dict[int | str, dict[str, Any]]
Kind: TypeAlias = type[FolioscopeError]
Form: TypeAlias = Callable[[Kind], dict[str, Any]]


def error_response(
    error: FolioscopeError, path: str, request_id: str | None, headers: Mapping[str, str] | None = None
) -> Response:
    """The answer that says what went wrong, in the form that callers of this path expect."""
    if is_page(path):
        return error_page(error, path, request_id)
    if not path.startswith(CHAT_PATHS):
        return problem_response(error, request_id, headers)
    again = {} if error.retryable else {"X-Should-Retry": "false"}  # else clients would take any 500 as worth a retry
    return JSONResponse(chat_problem(error).model_dump(), error.status, _headers(error) | again | dict(headers or {}))


def chat_problem(error: FolioscopeError) -> ChatProblem:
    """An error in the form of the OpenAI protocol."""
    mistakes = error.facts.get("errors")
    param = mistakes[0]["place"].removeprefix("body.") if isinstance(mistakes, list) and mistakes else None
    return ChatProblem(error=ChatError(message=error.detail, type=_type_of(error.status), param=param, code=error.code))


def problem_response(
    error: FolioscopeError, request_id: str | None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The answer as problem+json, with the error's facts as further members."""
    body = Problem(
        title=error.title, status=error.status, code=error.code, detail=error.detail, request_id=request_id
    ).model_dump()
    facts = {name: value for name, value in error.facts.items() if name not in body}
    return JSONResponse(body | facts, error.status, _headers(error) | dict(headers or {}), MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Render every error of the app. What nobody foresaw is rendered at the edge."""
    app.add_exception_handler(FolioscopeError, _of_ours)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_http)


def problems(*kinds: Kind) -> Responses:
    """What a route that needs a key may answer besides success, by status, with the code of each error."""
    return _described(Unauthorized, InvalidRequest, *kinds, ServiceUnavailable, FolioscopeError)


def problems_of_creation(*kinds: Kind) -> Responses:
    """The same for a route that creates, and so takes a body and an Idempotency-Key."""
    return problems(RequestTooLarge, IdempotencyMismatch, IdempotencyInFlight, *kinds)


def chat_problems(*kinds: Kind) -> Responses:
    """The same for a route that speaks the OpenAI protocol."""
    return _described(Unauthorized, InvalidRequest, *kinds, ServiceUnavailable, FolioscopeError, in_form_of=_chat_body)


def open_problems(*kinds: Kind) -> Responses:
    """The same for a route that needs no key."""
    return _described(*kinds, FolioscopeError)


def _described(*kinds: Kind, in_form_of: Form | None = None) -> Responses:
    by_status: dict[int, list[Kind]] = {}
    for kind in dict.fromkeys(kinds):
        by_status.setdefault(kind.status, []).append(kind)
    form = in_form_of or _problem_body
    return {status: _response(same, form) for status, same in sorted(by_status.items())}


def _response(kinds: list[Kind], form: Form) -> dict[str, Any]:
    examples = {kind.code: {"summary": kind.title, "value": form(kind)} for kind in kinds}
    schema, media_type = ("ChatProblem", "application/json") if form is _chat_body else ("Problem", MEDIA_TYPE)
    return {
        "description": "; ".join(f"`{kind.code}`: {kind.title}" for kind in kinds) + ".",
        "content": {media_type: {"schema": {"$ref": f"#/components/schemas/{schema}"}, "examples": examples}},
    }


def _problem_body(kind: Kind) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": kind.title,
        "status": kind.status,
        "code": kind.code,
        "detail": kind().detail,
        "request_id": "019abc3f7d1e5a0c9b7e4f2a6d8c1b30",
    }


def _chat_body(kind: Kind) -> dict[str, Any]:
    return chat_problem(kind()).model_dump()


def _type_of(status: int) -> str:
    """The protocol's kinds of errors."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "server_error"
    return "authentication_error" if status == HTTPStatus.UNAUTHORIZED else "invalid_request_error"


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
    return error_response(error, request.url.path, _request_id(request))


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
    return error_response(error, request.url.path, _request_id(request))


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
    return error_response(ours, request.url.path, _request_id(request), error.headers)
