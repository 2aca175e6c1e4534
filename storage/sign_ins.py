"""Who is signed in to the web page: a browser keeps a token for a while; a link lets one in, once.

Tokens are long and random, and only their hashes are kept: who reads the database can sign in nowhere. They end with
the key that let them in.
"""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete, select

from storage.database import Session, clock
from storage.tables import ApiKey, SignIn

KEPT = timedelta(days=30)  # how long a browser stays signed in
LINK_KEPT = timedelta(hours=12)  # how long a link waits to be used


def make_link(session: Session, key_id: str) -> str:
    """A token that signs one browser in, once, as whoever holds the key."""
    return _put(session, key_id, LINK_KEPT, once=True)


def use_link(session: Session, token: str) -> str | None:
    """The token of a browser in exchange for a link's, which is used up. None where that is unknown, used or over."""
    mine = (SignIn.sha256 == _hash(token), SignIn.once, SignIn.expires_at > clock(session))
    key_id = session.scalars(delete(SignIn).where(*mine).returning(SignIn.key_id)).one_or_none()
    valid = select(ApiKey).where(ApiKey.id == key_id, ApiKey.revoked_at.is_(None))
    key = None if key_id is None else session.scalars(valid).one_or_none()
    return None if key is None else sign_in(session, key)


def sign_in(session: Session, key: ApiKey) -> str:
    """A token for a browser of whoever holds the key. Those that are over are forgotten on the way."""
    session.execute(delete(SignIn).where(SignIn.expires_at < clock(session)))
    return _put(session, key.id, KEPT, once=False)


def find_key_of(session: Session, token: str) -> ApiKey | None:
    """The key that let this browser in. None where the token is unknown or over, or the key was revoked."""
    query = select(ApiKey).join(SignIn, SignIn.key_id == ApiKey.id)
    mine = (SignIn.sha256 == _hash(token), ~SignIn.once, SignIn.expires_at > clock(session))
    return session.scalars(query.where(*mine, ApiKey.revoked_at.is_(None))).one_or_none()


def sign_out(session: Session, token: str) -> None:
    """Forget this browser. Harmless twice."""
    session.execute(delete(SignIn).where(SignIn.sha256 == _hash(token)))


def _put(session: Session, key_id: str, kept: timedelta, *, once: bool) -> str:
    token = secrets.token_urlsafe(32)
    session.add(SignIn(key_id=key_id, sha256=_hash(token), once=once, expires_at=clock(session) + kept))
    session.flush()
    return token


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
