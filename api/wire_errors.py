"""The service's answers as seen by the client: a good one passes, a problem becomes the error that it names."""

from collections.abc import Sequence
from typing import Any

import httpx

from api.results import Refused
from core.errors import FolioscopeError, RejectedFile, ServiceUnavailable, Unauthorized, error_named


def answer_of(response: httpx.Response, url: str) -> httpx.Response:
    """The response, where it is a good one. Raises the error of its code, with the problem's other members as facts."""
    if response.is_success:
        return response
    problem = _problem_in(response)
    if problem is None:
        raise ServiceUnavailable(f"What answers at {url} is not Folioscope: {response.status_code} without a code.")
    error = error_named(problem["code"], problem.get("detail") or problem.get("title"))
    error.facts |= {name: value for name, value in problem.items() if name not in {"type", "detail"}}
    if isinstance(error, Unauthorized):
        error.detail += " Set FOLIOSCOPE_API_KEY to the key that `folioscope up` or `folioscope migrate` has made."
    raise error


def refused_in(error: RejectedFile) -> list[dict[str, Any]]:
    """The files that a request named as refused, all of them being so."""
    listed: Any = error.facts.get("refused")
    return listed if isinstance(listed, list) else []


def error_of(refused: Sequence[Refused]) -> FolioscopeError:
    """The error of the first refused file."""
    if not refused:
        return ServiceUnavailable("The service answered without naming the file.")
    return error_named(refused[0].code, refused[0].detail)


def _problem_in(response: httpx.Response) -> dict[str, Any] | None:
    try:
        body = response.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) and isinstance(body.get("code"), str) else None
