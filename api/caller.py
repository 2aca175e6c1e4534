"""Who calls: the workspace that a key opens, and what its requests are answered with."""

from contextlib import suppress
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from api.desk import FrontDesk
from core.errors import ServiceUnavailable, Unauthorized
from core.settings import Settings
from ingest.sandbox import Sandbox
from storage import workspaces
from storage.blobs import BlobStore
from storage.database import Session, Sessions
from storage.tables import ApiKey

_LONGEST_KEY = 200
_NOBODY = "anybody"  # where no key is asked for


class Caller:
    """A workspace and the desk that serves it. Every route that needs a key asks for one."""

    def __init__(self, desk: FrontDesk, workspace_id: str, name: str, key_id: str | None = None) -> None:
        self.desk = desk
        self.workspace_id = workspace_id
        self.name = name  # of the key: who it was given to
        self.key_id = key_id  # None: anybody

    @property
    def settings(self) -> Settings:
        """The service's settings."""
        return self.desk.settings

    @property
    def sessions(self) -> Sessions:
        """The way into the database."""
        return self.desk.sessions

    @property
    def blobs(self) -> BlobStore:
        """The blob store."""
        return self.desk.blobs

    @property
    def sandbox(self) -> Sandbox:
        """Where uploaded files are opened."""
        return self.desk.sandbox


def find_caller(desk: FrontDesk, authorization: str | None) -> Caller:
    """The caller that the header names. Raises Unauthorized, which never says what was wrong with a key.

    Where no key is asked for, one that opens a workspace still opens that one.
    """
    with desk.sessions() as session:
        if not desk.settings.require_key:
            return _anybody(desk, session, authorization)
        key = workspaces.find_key(session, _key_in(authorization))
        if key is None:
            raise Unauthorized("No workspace has this key; send `Authorization: Bearer KEY` with one that is valid.")
        return Caller(desk, key.workspace_id, key.name, key.id)


def find_key(session: Session, secret: str) -> ApiKey:
    """The key with this secret. Raises Unauthorized."""
    key = workspaces.find_key(session, secret) if _may_be_key(secret) else None
    if key is None:
        raise Unauthorized("No workspace has this key.")
    return key


def _anybody(desk: FrontDesk, session: Session, authorization: str | None) -> Caller:
    with suppress(Unauthorized):
        key = workspaces.find_key(session, _key_in(authorization))
        if key is not None:
            return Caller(desk, key.workspace_id, key.name, key.id)
    workspace = workspaces.find_workspace(session, desk.settings.workspace)
    if workspace is None:
        raise ServiceUnavailable("The workspace is not made yet; run `folioscope migrate`.", part="database")
    return Caller(desk, workspace.id, _NOBODY)


def _key_in(authorization: str | None) -> str:
    kind, _, key = (authorization or "").partition(" ")
    key = key.strip()
    if kind.lower() != "bearer" or not _may_be_key(key):
        raise Unauthorized("Send the header `Authorization: Bearer KEY`.")
    return key


def _may_be_key(text: str) -> bool:
    return text.isascii() and text.isprintable() and 0 < len(text) <= _LONGEST_KEY


def _caller_at_the_gate(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


_BEARER = HTTPBearer(auto_error=False, description="A key of a workspace.", scheme_name="key")  # for the description
CallerDep = Annotated[Caller, Depends(_caller_at_the_gate)]
NEEDS_KEY = [Depends(_BEARER)]
