"""How an item ends: done once, failed for good, or nobody's; and what becomes of a lease that ran out."""

import pytest

from core.errors import LeaseLost
from core.records import Claim, ClaimedItem, ItemState, Queue
from storage import documents, jobs, ledger
from tests.storage.world import World


@pytest.mark.parametrize("stale", ["owner", "attempt", "state"])
def test_who_lost_the_lease_can_neither_finish_nor_fail(world: World, stale: str) -> None:
    job_id = world.plan([world.add(1)])
    item = world.claim_one("late")
    if stale != "owner":
        world.let_leases_run_out()
        with world.sessions.begin() as session:
            ledger.expire(session, 3)
    if stale == "attempt":
        world.claim_one("late")  # the same owner, one attempt on
    before = [(row.state, row.owner, row.attempt, row.expires_at) for row in world.items(job_id)]
    owner = "somebody" if stale == "owner" else "late"
    with pytest.raises(LeaseLost):
        world.finish(owner, item)
    with pytest.raises(LeaseLost):
        world.fail(owner, item)
    assert [(row.state, row.owner, row.attempt, row.expires_at) for row in world.items(job_id)] == before


def test_an_item_is_done_once(world: World) -> None:
    world.plan([world.add(1)])
    item = world.claim_one("a")
    world.finish("a", item)
    with pytest.raises(LeaseLost):
        world.finish("a", item)


def _write_and_lose(world: World, item: ClaimedItem) -> None:
    with world.sessions.begin() as session:
        ledger.finish(session, "a", item.id, item.attempt, {"text": "mine"})
        ledger.finish(session, "b", item.id, item.attempt, {"text": "not mine"})


def test_what_was_written_without_the_lease_is_not_kept(world: World) -> None:
    job_id = world.plan([world.add(1)])
    item = world.claim_one("a")
    with pytest.raises(LeaseLost):
        _write_and_lose(world, item)
    (row,) = world.items(job_id)
    assert (row.state, row.result) == (ItemState.LEASED, None)


def test_a_lease_that_ran_out_makes_the_item_wait_again(world: World) -> None:
    job_id = world.plan([world.add(2)])
    world.claim("killed")
    world.let_leases_run_out()
    with world.sessions.begin() as session:
        assert ledger.expire(session, 3) == ledger.Expired((Queue.BULK,), ())
    assert [(row.state.value, row.attempt) for row in world.items(job_id)] == [("waiting", 1)] * 2


def test_a_page_that_kills_every_worker_has_failed_with_its_reason(world: World) -> None:
    job_id = world.plan([world.add(1)])
    for _ in range(3):
        item = world.claim_one("killed")
        world.let_leases_run_out()
        with world.sessions.begin() as session:
            expired = ledger.expire(session, 3)
    assert expired == ledger.Expired((), (item,))
    (row,) = world.items(job_id)
    assert (row.state, row.error_code) == (ItemState.FAILED, "poison-page")
    assert row.error_detail
    assert world.claim("a") is None


def test_a_page_that_raises_is_tried_again_until_its_attempts_are_used_up(world: World) -> None:
    job_id = world.plan([world.add(1)])
    seen = []
    for _ in range(3):
        world.fail("a", world.claim_one("a"), code="generation-loops")
        (row,) = world.items(job_id)
        seen.append((row.state.value, row.attempt, row.error_code))
    assert seen == [
        ("waiting", 1, "generation-loops"),
        ("waiting", 2, "generation-loops"),
        ("failed", 3, "generation-loops"),
    ]


def test_poison_keeps_the_last_error_that_was_written_down(world: World) -> None:
    job_id = world.plan([world.add(1)])
    for _ in range(2):
        world.fail("a", world.claim_one("a"), code="generation-loops")
    world.claim_one("killed")
    world.let_leases_run_out()
    with world.sessions.begin() as session:
        ledger.expire(session, 3)
    (row,) = world.items(job_id)
    assert (row.state.value, row.error_code, row.error_detail) == ("failed", "generation-loops", "It went wrong.")


def test_a_failure_that_no_second_try_mends_is_final_at_once(world: World) -> None:
    job_id = world.plan([world.add(1)])
    world.fail("a", world.claim_one("a"), retry=False)
    assert world.states(job_id) == ["failed"]


def test_a_second_attempt_runs_alone(world: World) -> None:
    world.plan([world.add(5)])
    first = world.claim("a", limit=2)
    assert first is not None
    for item in first.items:
        world.fail("a", item)
    pages = []
    while claim := world.claim("a", limit=4):
        pages.append([(item.first_page, item.attempt) for item in claim.items])
    assert pages == [[(1, 2)], [(2, 2)], [(3, 1), (4, 1), (5, 1)]]


def test_a_page_that_was_tried_before_is_left_out_of_a_batch(world: World) -> None:
    world.plan([world.add(4)])
    claim = world.claim("a", limit=2)
    assert claim is not None
    world.fail("a", claim.items[1])
    with world.sessions.begin() as session:
        ledger.release(session, Claim("a", claim.items[:1]))
    batch = world.claim("a", limit=4)
    assert batch is not None
    assert [item.first_page for item in batch.items] == [1, 3, 4]


def test_a_cancelled_item_is_nobodys(world: World) -> None:
    job_id = world.plan([world.add(3)])
    claim = world.claim("a", limit=2)
    assert claim is not None
    world.finish("a", claim.items[0])
    with world.sessions.begin() as session:
        jobs.cancel(session, jobs.get_job(session, world.workspace_id, job_id))
    assert world.states(job_id) == ["done", "cancelled", "cancelled"]
    with world.sessions.begin() as session:
        assert ledger.cancelled(session, [item.id for item in claim.items]) == {claim.items[1].id}
        assert ledger.renew(session, claim, 60) == set()
    with pytest.raises(LeaseLost):
        world.finish("a", claim.items[1])
    assert world.claim("b") is None


def test_an_item_that_went_with_its_document_counts_as_cancelled(world: World) -> None:
    document_id = world.add(1)
    world.plan([document_id])
    item = world.claim_one("a")
    with world.sessions.begin() as session:
        documents.delete_document(session, world.workspace_id, document_id)
    with world.sessions() as session:
        assert ledger.cancelled(session, [item.id]) == {item.id}
    with pytest.raises(LeaseLost):
        world.finish("a", item)
