"""A request that is sent twice is done once, and answered twice."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from core.errors import IdempotencyInFlight, IdempotencyMismatch
from storage import idempotency
from storage.database import clock
from storage.idempotency import StoredAnswer
from storage.tables import IdempotencyKey
from tests.storage.world import World, digest

REQUEST = digest("a request")


def begin(world: World, request: str = REQUEST) -> StoredAnswer | None:
    with world.sessions.begin() as session:
        return idempotency.begin(session, world.workspace_id, "key", request)


def finish(world: World) -> None:
    with world.sessions.begin() as session:
        idempotency.finish(session, world.workspace_id, "key", 201, {"id": "1"})


def let_pass(world: World, time: timedelta) -> None:
    with world.sessions.begin() as session:
        session.execute(update(IdempotencyKey).values(created_at=clock(session) - time))


def test_a_request_that_is_sent_again_gets_the_first_answer(world: World) -> None:
    assert begin(world) is None
    finish(world)
    assert begin(world) == begin(world) == StoredAnswer(201, {"id": "1"})


def test_a_request_that_is_being_worked_on_is_not_begun_again(world: World) -> None:
    begin(world)
    with pytest.raises(IdempotencyInFlight):
        begin(world)


def test_a_key_belongs_to_one_request(world: World) -> None:
    begin(world)
    for _ in range(2):
        with pytest.raises(IdempotencyMismatch):
            begin(world, digest("another request"))
        finish(world)


def test_a_request_whose_worker_died_is_taken_over_by_one(world: World) -> None:
    begin(world)
    let_pass(world, timedelta(hours=1))
    assert begin(world) is None
    with pytest.raises(IdempotencyInFlight):
        begin(world)


def test_a_request_that_was_given_up_can_be_sent_again_at_once(world: World) -> None:
    begin(world)
    with world.sessions.begin() as session:
        idempotency.abandon(session, world.workspace_id, "key")
    assert begin(world, digest("another request")) is None


def test_giving_up_never_takes_an_answer_back(world: World) -> None:
    begin(world)
    finish(world)
    with world.sessions.begin() as session:
        idempotency.abandon(session, world.workspace_id, "key")
    assert begin(world) == StoredAnswer(201, {"id": "1"})


def test_an_answer_is_forgotten_after_a_day(world: World) -> None:
    begin(world)
    finish(world)
    let_pass(world, timedelta(days=2))
    assert begin(world, digest("another request")) is None


def test_a_key_of_another_workspace_is_another_key(world: World, other: World) -> None:
    begin(world)
    finish(world)
    assert begin(other) is None


def test_the_sweep_forgets_old_answers_and_keeps_the_others(world: World, other: World) -> None:
    begin(world)
    finish(world)
    let_pass(world, timedelta(days=2))
    begin(other)
    with world.sessions.begin() as session:
        idempotency.forget(session)
    with world.sessions() as session:
        assert [row.workspace_id for row in session.query(IdempotencyKey)] == [other.workspace_id]
