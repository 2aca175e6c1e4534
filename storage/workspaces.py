"""Workspaces and the keys that open them."""

import hashlib
import secrets

from sqlalchemy import func, select, update

from core.errors import Conflict, InvalidRequest
from storage.database import Session, insert_into, now
from storage.schemas import ensure_builtins
from storage.tables import ApiKey, Workspace

_PREFIX = "fs_"


def ensure_workspace(session: Session, name: str) -> Workspace:
    """The workspace of this name, made with the built-in schemas where there is none. Harmless twice, and at once."""
    session.execute(insert_into(session, Workspace).values(name=name).on_conflict_do_nothing())
    workspace = session.scalars(select(Workspace).where(Workspace.name == name)).one()
    ensure_builtins(session, workspace.id)
    return workspace


def find_workspace(session: Session, name: str) -> Workspace | None:
    """The workspace of this name."""
    return session.scalars(select(Workspace).where(Workspace.name == name)).one_or_none()


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
