"""Signing in with a key or by a link, and out again."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from api.caller import find_key
from api.desk import FrontDesk
from api.web.site import render
from api.web.visitor import ChangingVisitorDep, check_origin, cookie_of, forget_token, keep_token
from core.errors import Unauthorized
from storage import sign_ins

SIGN_IN = "/sign-in"
HOME = "/"
_SEE_OTHER = 303

router = APIRouter(include_in_schema=False)

NextGiven = Annotated[str, Form(alias="next", max_length=2_000)]


@router.get(SIGN_IN)
def show_sign_in(next_: Annotated[str, Query(alias="next")] = HOME) -> Response:
    """The form that asks for a key."""
    return render(None, "sign_in.html", next=_local(next_), wrong=False)


@router.post(SIGN_IN)
def sign_in(request: Request, key: Annotated[str, Form(max_length=1_000)] = "", next_: NextGiven = HOME) -> Response:
    """Let the browser in with a key, and go on to where it wanted to go."""
    check_origin(request)
    desk: FrontDesk = request.app.state.desk
    try:
        with desk.sessions.begin() as session:
            token = sign_ins.sign_in(session, find_key(session, key.strip()))
    except Unauthorized:
        return render(None, "sign_in.html", status=401, next=_local(next_), wrong=True)
    return _let_in(request, token, _local(next_))


@router.get(SIGN_IN + "/{link}")
def follow_link(link: str, request: Request) -> Response:
    """Let the browser in by a link, which works once."""
    desk: FrontDesk = request.app.state.desk
    with desk.sessions.begin() as session:
        token = sign_ins.use_link(session, link)
    if token is None:
        return render(None, "sign_in.html", status=401, next=HOME, wrong=False, used=True)
    return _let_in(request, token, HOME)


@router.post("/sign-out")
def sign_out(request: Request, visitor: ChangingVisitorDep) -> Response:
    """Forget this browser."""
    with visitor.caller.sessions.begin() as session:
        sign_ins.sign_out(session, request.cookies.get(cookie_of(request), ""))
    answer = RedirectResponse(SIGN_IN, _SEE_OTHER)
    forget_token(request, answer)
    return answer


def _let_in(request: Request, token: str, onward: str) -> Response:
    answer = RedirectResponse(onward, _SEE_OTHER)
    keep_token(request, answer, token)
    return answer


def _local(place: str) -> str:
    """A place of this site; what leads elsewhere leads home."""
    is_ours = place.startswith("/") and not place.startswith(("//", "/\\")) and place.isprintable()
    return place if is_ours else HOME
