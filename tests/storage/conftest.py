"""A workspace to do things in, and another one that must not notice."""

from collections.abc import Iterator

import pytest

from storage.database import Sessions, make_engine, make_sessions
from tests.storage.world import World, world_of


@pytest.fixture
def world(sessions: Sessions) -> World:
    """The workspace that a test works in."""
    return world_of(sessions, "default")


@pytest.fixture
def other(sessions: Sessions) -> World:
    """A workspace behind the wall."""
    return world_of(sessions, "other")


@pytest.fixture
def postgresql_world(postgresql_url: str) -> Iterator[World]:
    """A workspace where two transactions can write at once."""
    engine = make_engine(postgresql_url)
    yield world_of(make_sessions(engine), "default")
    engine.dispose()
