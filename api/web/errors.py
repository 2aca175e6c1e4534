"""What a person sees where something goes wrong: a page that says what, and what to do; or the way to sign in."""

from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from api.web.signing import HOME, SIGN_IN
from api.web.site import render
from core.errors import FolioscopeError, SignInNeeded

_PLACES = (
    SIGN_IN,
    "/sign-out",
    "/documents",
    "/upload",
    "/samples",
    "/review",
    "/records",
    "/schemas",
    "/jobs",
    "/ask",
    "/conversations",
    "/assets",
)


def is_page(path: str) -> bool:
    """Whether a path is one that people visit, not programs."""
    return path == HOME or any(path == place or path.startswith(place + "/") for place in _PLACES)


def error_page(error: FolioscopeError, path: str, request_id: str | None) -> Response:
    """The page of an error; where nobody is signed in, the way there and back."""
    if isinstance(error, SignInNeeded):
        return RedirectResponse(f"{SIGN_IN}?{urlencode({'next': path})}", 303)
    return render(None, "error.html", status=error.status, error=error, request_id=request_id)
