"""Workspaces and their keys."""

import pytest
from sqlalchemy import text

from core.errors import Conflict, InvalidRequest
from storage import schemas, workspaces
from storage.database import Sessions
from tests.storage.world import World


def test_a_workspace_is_made_once_with_the_schemas_that_the_service_brings(sessions: Sessions) -> None:
    with sessions.begin() as session:
        first = workspaces.ensure_workspace(session, "mine")
        again = workspaces.ensure_workspace(session, "mine")
        names = [schema.name for schema in schemas.list_schemas(session, first.id)]
    assert first.id == again.id
    assert names == ["form", "invoice", "letter", "receipt", "statement"]


def test_a_workspace_that_nobody_made_is_not_found(sessions: Sessions) -> None:
    with sessions() as session:
        assert workspaces.find_workspace(session, "nobody's") is None


def test_a_key_opens_its_workspace_and_no_other(world: World, other: World) -> None:
    with world.sessions.begin() as session:
        mine = workspaces.add_key(session, world.workspace_id, "laptop")
        theirs = workspaces.add_key(session, other.workspace_id, "laptop")
    assert mine.startswith("fs_")
    assert len(mine) > 40
    with world.sessions() as session:
        opened = [workspaces.find_workspace_by_key(session, key) for key in (mine, theirs, "fs_guess", "")]
    assert [row and row.id for row in opened] == [world.workspace_id, other.workspace_id, None, None]


def test_the_secret_of_a_key_is_kept_nowhere(world: World) -> None:
    with world.sessions.begin() as session:
        secret = workspaces.add_key(session, world.workspace_id, "laptop")
        row = session.execute(text("SELECT * FROM api_keys")).one()
    assert secret.removeprefix("fs_") not in repr(tuple(row))


def test_a_revoked_key_opens_nothing(world: World, other: World) -> None:
    with world.sessions.begin() as session:
        secret = workspaces.add_key(session, world.workspace_id, "laptop")
        assert not workspaces.revoke_key(session, other.workspace_id, secret)
        assert workspaces.count_keys(session, world.workspace_id) == 1
        assert workspaces.revoke_key(session, world.workspace_id, secret)
        assert workspaces.find_workspace_by_key(session, secret) is None
        assert workspaces.count_keys(session, world.workspace_id) == 0
        with pytest.raises(Conflict):
            workspaces.add_key(session, world.workspace_id, "laptop", secret)


def test_a_given_secret_is_the_same_key_again_and_never_another_workspaces(world: World, other: World) -> None:
    with world.sessions.begin() as session:
        for _ in range(2):
            assert workspaces.add_key(session, world.workspace_id, "up", "fs_given") == "fs_given"
        assert workspaces.count_keys(session, world.workspace_id) == 1
        with pytest.raises(Conflict):
            workspaces.add_key(session, other.workspace_id, "up", "fs_given")
        with pytest.raises(InvalidRequest):
            workspaces.add_key(session, world.workspace_id, "up", " ")
