"""Who is asking a model for which inferences. A claim runs out unless it is renewed; times are the database's."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, select, tuple_, update

from storage.database import Session, clock, insert_into
from storage.paging import in_parts
from storage.tables import InferenceClaim


def take(session: Session, workspace_id: str, keys: Iterable[str], owner: str, seconds: float) -> set[str]:
    """Claim these for so long; tells which ones are the owner's now. Those that others hold stay theirs."""
    moment = clock(session)
    new = {"owner": owner, "expires_at": moment + timedelta(seconds=seconds)}
    parts = list(in_parts(sorted(set(keys))))  # in one order, so that two writers never wait in a ring
    taken: set[str] = set()
    for some in parts:
        rows = [{"workspace_id": workspace_id, "key": key, **new} for key in some]
        claim = insert_into(session, InferenceClaim).values(rows).on_conflict_do_nothing()
        taken |= set(session.scalars(claim.returning(InferenceClaim.key)))
    for some in parts:  # from here on it waits for nobody, and others may wait for it
        mine = (InferenceClaim.workspace_id == workspace_id, InferenceClaim.key.in_(some))
        ran_out = _free(*mine, InferenceClaim.expires_at < moment)
        taken |= set(session.scalars(update(InferenceClaim).where(ran_out).values(new).returning(InferenceClaim.key)))
    return taken


def renew(session: Session, owner: str, seconds: float) -> None:
    """Make all that the owner still holds last so long from now."""
    expires_at = clock(session) + timedelta(seconds=seconds)
    session.execute(update(InferenceClaim).where(_free(InferenceClaim.owner == owner)).values(expires_at=expires_at))


def release(session: Session, owner: str) -> None:
    """End all that the owner still holds."""
    session.execute(delete(InferenceClaim).where(_free(InferenceClaim.owner == owner)))


def held(session: Session, workspace_id: str, keys: Iterable[str]) -> set[str]:
    """Which of these somebody holds."""
    moment = clock(session)
    found: set[str] = set()
    for some in in_parts(sorted(set(keys))):
        mine = (InferenceClaim.workspace_id == workspace_id, InferenceClaim.key.in_(some))
        found |= set(session.scalars(select(InferenceClaim.key).where(*mine, InferenceClaim.expires_at >= moment)))
    return found


def forget(session: Session) -> None:
    """Delete claims that ran out, whose owners were killed."""
    session.execute(delete(InferenceClaim).where(_free(InferenceClaim.expires_at < clock(session))))


def _free(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Such claims that nobody is writing to: who would wait for another writer may be waited for by it.

    Where somebody else writes to a claim, it ran out and is being taken over.
    """
    this = (InferenceClaim.workspace_id, InferenceClaim.key)
    return tuple_(*this).in_(select(*this).where(*where).with_for_update(skip_locked=True))
