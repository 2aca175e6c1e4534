"""Who visits: a browser that a key let in, known by a cookie that no script can read, and by a word against forgeries.

A form that changes something comes from a page of ours: the browser says so by `Sec-Fetch-Site` or `Origin`, and the
form carries a word that only a page shown to this visitor has.
"""

import hashlib
import hmac
import secrets
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.responses import Response

from api.caller import Caller, find_caller
from api.desk import FrontDesk
from core.errors import Forged, SignInNeeded
from storage import sign_ins

WORD = "X-Folioscope-Word"  # the header in which scripts send what forms send as `word`
_PLAIN_FORM = "application/x-www-form-urlencoded"
_SECONDS = int(sign_ins.KEPT.total_seconds())


class Visitor:
    """A browser and the caller it stands for."""

    def __init__(self, request: Request, caller: Caller, token: str, *, is_new: bool = False) -> None:
        self.caller = caller
        self.is_new = is_new  # whether its cookie is still to be set
        self._request = request
        self._token = token

    @property
    def word(self) -> str:
        """What a form of this visitor carries."""
        return hmac.new(self._token.encode(), b"form", hashlib.sha256).hexdigest()

    @property
    def may_sign_out(self) -> bool:
        """Whether there is anything to sign out of."""
        return self.caller.settings.require_key

    def remember(self, answer: Response) -> None:
        """Let the browser keep its token."""
        keep_token(self._request, answer, self._token)


def visitor_of(request: Request) -> Visitor:
    """The visitor of a page. Raises SignInNeeded where a key is asked for and nobody has signed in."""
    desk: FrontDesk = request.app.state.desk
    token = request.cookies.get(cookie_of(request))
    if not desk.settings.require_key:
        caller = find_caller(desk, None)
        return Visitor(request, caller, token or secrets.token_urlsafe(32), is_new=token is None)
    with desk.sessions() as session:
        key = None if token is None else sign_ins.find_key_of(session, token)
    if token is None or key is None:
        raise SignInNeeded
    return Visitor(request, Caller(desk, key.workspace_id, key.name, key.id), token)


async def changing_visitor_of(request: Request, visitor: Annotated[Visitor, Depends(visitor_of)]) -> Visitor:
    """The visitor who sends a form. Raises Forged where the form is of another page than ours, or of nobody's."""
    check_origin(request)
    word = request.headers.get(WORD)
    if word is None and request.headers.get("content-type", "").startswith(_PLAIN_FORM):
        word = str((await request.form()).get("word", ""))
    if not hmac.compare_digest((word or "").encode(), visitor.word.encode()):
        raise Forged
    return visitor


def check_origin(request: Request) -> None:
    """Raises Forged where the browser says that another site's page sends this."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise Forged
        return
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise Forged


def keep_token(request: Request, answer: Response, token: str) -> None:
    """Set the cookie: for this site, unseen by scripts, and over TLS alone where the page came so."""
    secure = request.url.scheme == "https"
    answer.set_cookie(
        cookie_of(request), token, max_age=_SECONDS, httponly=True, samesite="lax", secure=secure, path="/"
    )


def forget_token(request: Request, answer: Response) -> None:
    """Take the cookie back."""
    answer.delete_cookie(cookie_of(request), path="/", httponly=True, samesite="lax")


def cookie_of(request: Request) -> str:
    """The cookie's name: browsers tell hosts apart and not their ports."""
    return f"folioscope-{request.url.port or request.url.scheme}"


VisitorDep = Annotated[Visitor, Depends(visitor_of)]
ChangingVisitorDep = Annotated[Visitor, Depends(changing_visitor_of)]
