"""Workspaces and the keys that open them."""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete, func, select, update

from core.errors import Conflict, InvalidRequest
from storage import calibrations
from storage.database import Session, clock, insert_into, new_id, now
from storage.schemas import ensure_builtins, list_schemas
from storage.tables import ApiKey, Calibration, Schema, Workspace
from storage.views import drop_views

_PREFIX = "fs_"
_OF_SCHEMA = ("name", "version", "sha256", "body")
_OF_CALIBRATION = ("model", "kind", "said", "meant", "evidence", "values_seen")


def ensure_workspace(session: Session, name: str) -> Workspace:
    """The workspace of this name, made with the built-in schemas where there is none. Harmless twice, and at once."""
    session.execute(insert_into(session, Workspace).values(name=name).on_conflict_do_nothing())
    workspace = session.scalars(select(Workspace).where(Workspace.name == name)).one()
    ensure_builtins(session, workspace.id)
    return workspace


def find_workspace(session: Session, name: str) -> Workspace | None:
    """The workspace of this name."""
    return session.scalars(select(Workspace).where(Workspace.name == name)).one_or_none()


def add_temporary(session: Session, like_id: str, kept: timedelta) -> tuple[Workspace, str]:
    """A workspace for a while, with the schemas and calibrations of another and nothing else, and its key.

    Raises Conflict where that other is one for a while itself.
    """
    if session.get_one(Workspace, like_id).expires_at is not None:
        raise Conflict("This workspace is itself one for a while; make another from the workspace that it is like.")
    made = Workspace(id=new_id(), name=f"temporary-{new_id()}", expires_at=clock(session) + kept)
    session.add(made)
    session.flush()
    for schema in list_schemas(session, like_id):  # as they are: an older one may hold what no new one may
        told = {name: getattr(schema, name) for name in _OF_SCHEMA}
        session.add(Schema(workspace_id=made.id, views={}, **told))
    for row in calibrations.of_workspace(session, like_id):
        kept_too = {name: getattr(row, name) for name in _OF_CALIBRATION}
        session.add(Calibration(workspace_id=made.id, **kept_too))
    return made, add_key(session, made.id, made.name)


def delete_temporary(session: Session, workspace_id: str) -> None:
    """Delete a workspace that was made for a while, with everything in it. Raises Conflict for any other."""
    if session.get_one(Workspace, workspace_id).expires_at is None:
        raise Conflict("This workspace was not made for a while, and is not deleted in this way.")
    _delete(session, workspace_id)


def delete_expired(session: Session) -> int:
    """Delete the workspaces that were made for a while and whose time is over; returns how many."""
    over = session.scalars(select(Workspace.id).where(Workspace.expires_at < clock(session))).all()
    for workspace_id in over:
        _delete(session, workspace_id)
    return len(over)


def _delete(session: Session, workspace_id: str) -> None:
    drop_views(session, workspace_id)
    session.execute(delete(Workspace).where(Workspace.id == workspace_id))


def add_key(session: Session, workspace_id: str, name: str, secret: str | None = None) -> str:
    """A new key of the workspace; returns its secret, which is not kept and cannot be shown again.

    A secret may be given; the same one again is the same key. Raises Conflict where another workspace has it, or where
    it was revoked.
    """
    secret = _PREFIX + secrets.token_urlsafe(32) if secret is None else secret.strip()
    if not secret:
        raise InvalidRequest("A key cannot be empty.")
    row = insert_into(session, ApiKey).values(workspace_id=workspace_id, name=name, sha256=_hash(secret))
    session.execute(row.on_conflict_do_nothing())
    kept = session.scalars(select(ApiKey).where(ApiKey.sha256 == _hash(secret))).one()
    if kept.workspace_id != workspace_id or kept.revoked_at is not None:
        raise Conflict("This key was revoked or belongs to another workspace; take another one.")
    return secret


def find_workspace_by_key(session: Session, secret: str) -> Workspace | None:
    """The workspace that this key opens. None where the key is unknown or revoked."""
    query = select(Workspace).join(ApiKey).where(ApiKey.sha256 == _hash(secret), ApiKey.revoked_at.is_(None))
    return session.scalars(query).one_or_none()


def find_key(session: Session, secret: str) -> ApiKey | None:
    """The key with this secret: it names a workspace and who holds it. None where it is unknown or revoked."""
    query = select(ApiKey).where(ApiKey.sha256 == _hash(secret), ApiKey.revoked_at.is_(None))
    return session.scalars(query).one_or_none()


def count_keys(session: Session, workspace_id: str) -> int:
    """How many keys open the workspace."""
    query = select(func.count()).where(ApiKey.workspace_id == workspace_id, ApiKey.revoked_at.is_(None))
    return session.scalars(query).one()


def revoke_key(session: Session, workspace_id: str, secret: str) -> bool:
    """Close the workspace to this key from now on. False where it opened nothing."""
    mine = (ApiKey.workspace_id == workspace_id, ApiKey.sha256 == _hash(secret), ApiKey.revoked_at.is_(None))
    query = update(ApiKey).where(*mine).values(revoked_at=now()).returning(ApiKey.id)
    return session.execute(query).one_or_none() is not None


def _hash(secret: str) -> str:
    """Keys are long and random, so a plain hash is as good as a slow one."""
    return hashlib.sha256(secret.encode()).hexdigest()
