"""Who is asking a model for which inferences. A claim runs out unless it is renewed; times are the database's."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import delete, select, update

from storage.database import Session, clock, insert_into
from storage.paging import in_parts
from storage.tables import InferenceClaim


def take(session: Session, workspace_id: str, keys: Iterable[str], owner: str, seconds: float) -> set[str]:
    """Claim these for so long; tells which ones are the owner's now. Those that others hold stay theirs."""
    moment = clock(session)
    held = {"owner": owner, "expires_at": moment + timedelta(seconds=seconds)}
    taken: set[str] = set()
    for some in in_parts(sorted(set(keys))):  # in one order, so that two writers never wait in a ring
        rows = [{"workspace_id": workspace_id, "key": key, **held} for key in some]
        ran_out = InferenceClaim.expires_at < moment
        new = insert_into(session, InferenceClaim).values(rows)
        claim = new.on_conflict_do_update(index_elements=["workspace_id", "key"], set_=held, where=ran_out)
        taken |= set(session.scalars(claim.returning(InferenceClaim.key)))
    return taken


def renew(session: Session, owner: str, seconds: float) -> None:
    """Make all that the owner still holds last so long from now."""
    expires_at = clock(session) + timedelta(seconds=seconds)
    session.execute(update(InferenceClaim).where(InferenceClaim.owner == owner).values(expires_at=expires_at))


def release(session: Session, owner: str) -> None:
    """End all that the owner still holds."""
    session.execute(delete(InferenceClaim).where(InferenceClaim.owner == owner))


def held(session: Session, workspace_id: str, keys: Iterable[str]) -> set[str]:
    """Which of these somebody holds."""
    moment = clock(session)
    found: set[str] = set()
    for some in in_parts(sorted(set(keys))):
        mine = (InferenceClaim.workspace_id == workspace_id, InferenceClaim.key.in_(some))
        found |= set(session.scalars(select(InferenceClaim.key).where(*mine, InferenceClaim.expires_at >= moment)))
    return found


def forget(session: Session) -> int:
    """Delete claims that ran out, whose owners were killed; tells how many."""
    ran_out = delete(InferenceClaim).where(InferenceClaim.expires_at < clock(session))
    return len(session.scalars(ran_out.returning(InferenceClaim.key)).all())
