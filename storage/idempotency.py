"""Requests that must not be done twice: the first answer is kept under the caller's key."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from core.errors import IdempotencyInFlight, IdempotencyMismatch
from storage.database import Session, clock, insert_into
from storage.tables import IdempotencyKey

_PATIENCE = timedelta(minutes=10)  # a request without an answer for so long has died
_KEPT = timedelta(days=1)  # how long an answer is remembered


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What was answered the first time."""

    status: int
    body: dict[str, Any] | None


def begin(session: Session, workspace_id: str, key: str, request_sha256: str) -> StoredAnswer | None:
    """The answer that this request was given before; None where it is to be done now, and then finished or abandoned.

    Commit before the work starts, so that others see it. Raises IdempotencyMismatch where the key was used for another
    request, IdempotencyInFlight while the first one is being worked on.
    """
    moment = clock(session)
    mine = (IdempotencyKey.workspace_id == workspace_id, IdempotencyKey.key == key)
    session.execute(delete(IdempotencyKey).where(*mine, IdempotencyKey.created_at < moment - _KEPT))
    row = {"workspace_id": workspace_id, "key": key, "request_sha256": request_sha256, "created_at": moment}
    fresh = insert_into(session, IdempotencyKey).values(row).on_conflict_do_nothing().returning(IdempotencyKey.key)
    if session.execute(fresh).one_or_none() is not None:
        return None
    known = session.scalars(select(IdempotencyKey).where(*mine).with_for_update()).one_or_none()
    if known is None:  # abandoned this very moment
        raise IdempotencyInFlight
    if known.request_sha256 != request_sha256:
        raise IdempotencyMismatch
    if known.status is not None:
        return StoredAnswer(known.status, known.body)
    if known.created_at > moment - _PATIENCE:
        raise IdempotencyInFlight("The first request with this Idempotency-Key is not done yet; ask again in a while.")
    known.created_at = moment  # its worker died: take over
    session.flush()
    return None


def finish(session: Session, workspace_id: str, key: str, status: int, body: dict[str, Any] | None) -> None:
    """Keep the answer, in the transaction of what was done or after it."""
    mine = (IdempotencyKey.workspace_id == workspace_id, IdempotencyKey.key == key)
    session.execute(update(IdempotencyKey).where(*mine).values(status=status, body=body))


def forget(session: Session) -> None:
    """Remove the answers, of all workspaces, that nobody may ask for any more."""
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < clock(session) - _KEPT))


def abandon(session: Session, workspace_id: str, key: str) -> None:
    """Nothing was done: the key may be used again at once."""
    mine = (IdempotencyKey.workspace_id == workspace_id, IdempotencyKey.key == key)
    session.execute(delete(IdempotencyKey).where(*mine, IdempotencyKey.status.is_(None)))
