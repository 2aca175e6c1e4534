"""The page ledger: nothing lost, nothing twice, whoever dies and whenever."""

import threading
from collections import Counter

from sqlalchemy import select

from core.records import Claim, ClaimedItem, ItemState, JobKind, JobState, Queue
from storage import documents, ledger
from storage.tables import Job
from tests.storage.world import World, drawn


def test_items_are_claimed_in_their_order_and_no_more_than_asked_for(world: World) -> None:
    job_id = world.plan([world.add(5)])
    first, second = world.claim("a", limit=3), world.claim("b", limit=3)
    assert first is not None
    assert second is not None
    assert [item.first_page for item in first.items] == [1, 2, 3]
    assert [item.first_page for item in second.items] == [4, 5]
    assert world.claim("c") is None
    assert world.states(job_id) == ["leased"] * 5


def test_items_of_jobs_that_rest_are_passed_over(world: World) -> None:
    resting, other = world.plan([world.add(3)]), world.plan([world.add(2)])
    with world.sessions.begin() as session:
        claim = ledger.claim(session, "a", [Queue.BULK], 4, 60, select(Job.id).where(Job.id == resting))
    assert claim is not None
    assert {item.job_id for item in claim.items} == {other}
    assert world.states(resting) == ["waiting"] * 3


def test_of_the_oldest_job_known_pages_are_claimed_before_others(world: World) -> None:
    first, second = world.add(3), world.add(1)
    world.plan([first], JobKind.ASK, Queue.INTERACTIVE)
    world.plan([second, first], JobKind.ASK, Queue.INTERACTIVE)
    known = [(first, 3), (second, 1)]
    claimed: list[tuple[str, int]] = []
    for _ in range(7):
        with world.sessions.begin() as session:
            claim = ledger.claim(session, "a", [Queue.INTERACTIVE], 1, 60, None, known)
        assert claim is not None
        claimed += [(item.document_id, item.first_page) for item in claim.items]
    rest = sorted([(first, 1), (first, 2)])
    assert claimed[:3] == [(first, 3), *rest]
    assert sorted(claimed[3:5]) == sorted(known)
    assert claimed[5:] == rest


def test_pages_left_to_others_are_passed_over_and_items_without_a_page_are_not(world: World) -> None:
    first, second = world.add(2), world.add(1)
    world.plan([first], JobKind.ASK, Queue.INTERACTIVE)
    world.plan([second], JobKind.ASK, Queue.INTERACTIVE)
    claimed = []
    for left in ([(first, 1), (first, 2)], [(first, 1)], []):
        with world.sessions.begin() as session:
            claim = ledger.claim(session, "a", [Queue.INTERACTIVE], 1, 60, left=left)
        assert claim is not None
        claimed += [(item.document_id, item.first_page) for item in claim.items]
    assert claimed == [(second, 1), (first, 2), (first, 1)]


def test_it_is_known_who_did_the_pages_of_the_oldest_question_before(world: World) -> None:
    first, second = world.add(2), world.add(1)
    world.plan([first, second], JobKind.ASK, Queue.INTERACTIVE)
    for owner in ("a", "b", "b"):
        world.finish(owner, world.claim_one(owner))
    with world.sessions() as session:
        assert ledger.shown(session, Queue.INTERACTIVE, 60) is None
    job_id = world.plan([first], JobKind.ASK, Queue.INTERACTIVE)
    world.plan([second], JobKind.ASK, Queue.INTERACTIVE)
    with world.sessions() as session:
        found = ledger.shown(session, Queue.INTERACTIVE, 60)
        late = ledger.shown(session, Queue.INTERACTIVE, -60)
    both = {(first, 1), (first, 2), (second, 1)}
    assert found is not None
    assert (found.job_id, set(found.owners)) == (job_id, both & {(first, 1), (first, 2)})
    assert {owner for owners in found.owners.values() for owner in owners} <= {"a", "b"}
    assert late is not None
    assert late.owners == {}


def test_a_claim_tells_a_worker_all_that_it_needs(world: World) -> None:
    document_id = world.add(1)
    job_id = world.plan([document_id], JobKind.ASK, Queue.INTERACTIVE)
    (row,) = world.items(job_id)
    fact = ClaimedItem(row.id, 1, world.workspace_id, job_id, JobKind.ASK, Queue.INTERACTIVE, document_id, 1, 1)
    assert world.claim("a") == Claim("a", (fact,))


def test_an_attempt_is_counted_before_the_work_and_its_job_runs(world: World) -> None:
    job_id = world.plan([world.add(1)])
    assert world.job(job_id).state is JobState.QUEUED
    assert world.claim_one("a").attempt == 1
    (item,) = world.items(job_id)
    assert (item.attempt, item.owner, item.state) == (1, "a", ItemState.LEASED)
    assert world.job(job_id).state is JobState.RUNNING


def test_nobody_claims_what_another_has_under_real_concurrency(world: World) -> None:
    job_id = world.plan([world.add(40), world.add(40)])
    owners, barrier, failures = [f"owner {n}" for n in range(6)], threading.Barrier(6), []
    claimed: dict[str, list[ClaimedItem]] = {owner: [] for owner in owners}

    def work(owner: str) -> None:
        barrier.wait()
        try:
            while claim := world.claim(owner, limit=3):
                claimed[owner] += claim.items
                for item in claim.items:
                    world.finish(owner, item)
        except Exception as error:  # noqa: BLE001 - shown below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(owner,)) for owner in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    counted = Counter(item.id for items in claimed.values() for item in items)
    assert counted == dict.fromkeys((item.id for item in world.items(job_id)), 1)
    assert world.states(job_id) == ["done"] * 80


def test_two_open_transactions_never_lease_the_same_item(postgresql_world: World) -> None:
    world = postgresql_world  # on SQLite writers take turns
    world.plan([world.add(4)])
    with world.sessions.begin() as one, world.sessions.begin() as two:
        first = ledger.claim(one, "a", [Queue.BULK], 2, 60)
        second = ledger.claim(two, "b", [Queue.BULK], 4, 60)
    assert first is not None
    assert second is not None
    assert [item.first_page for item in (*first.items, *second.items)] == [1, 2, 3, 4]


def test_interactive_work_comes_before_bulk_work_that_waited_longer(world: World) -> None:
    document_id = world.add(2)
    bulk, asked = world.plan([document_id]), world.plan([document_id], JobKind.ASK, Queue.INTERACTIVE)
    claims = [world.claim("a"), world.claim("a")]
    assert [claim and {item.job_id for item in claim.items} for claim in claims] == [{asked}, {bulk}]


def test_a_worker_gets_only_what_it_serves(world: World) -> None:
    world.plan([world.add(2)])
    assert world.claim("a", [Queue.INTERACTIVE]) is None
    assert world.claim("a", [Queue.RASTERIZE]) is None


def test_a_page_that_is_not_drawn_yet_is_never_claimed(world: World) -> None:
    document_id = world.add(3, draw=False)
    job_id = world.plan([document_id])
    assert world.claim("a") is None
    with world.sessions.begin() as session:
        documents.finish_page(session, document_id, drawn(2))
        documents.fail_page(session, document_id, 3, "unreadable-page", "No.")
    claim = world.claim("a")
    assert claim is not None
    assert [item.first_page for item in claim.items] == [2, 3]
    assert world.states(job_id) == ["waiting", "leased", "leased"]


def test_a_page_drawn_while_a_job_is_planned_over_it_is_not_forgotten(postgresql_world: World) -> None:
    world = postgresql_world  # on SQLite writers take turns
    document_id = world.add(1, draw=False)
    planned = threading.Event()
    jobs_made = []

    def plan() -> None:
        jobs_made.append(world.plan([document_id]))
        planned.set()

    with world.sessions.begin() as session:
        documents.finish_page(session, document_id, drawn(1))
        thread = threading.Thread(target=plan)
        thread.start()
        assert not planned.wait(0.5)  # it waits for who draws
    thread.join()
    assert [item.ready for item in world.items(jobs_made[0])] == [True]


def test_a_lease_that_is_renewed_does_not_run_out(world: World) -> None:
    world.plan([world.add(2)])
    claim = world.claim("a", lease_seconds=-1)
    assert claim is not None
    world.finish("a", claim.items[0])
    with world.sessions.begin() as session:
        assert ledger.renew(session, claim, 60) == {claim.items[1].id}
        assert ledger.expire(session, 3) == ledger.Expired((), ())
    world.finish("a", claim.items[1])


def test_a_lease_that_ran_out_is_not_renewed_once_somebody_took_the_item(world: World) -> None:
    world.plan([world.add(1)])
    late = world.claim("late", lease_seconds=-1)
    assert late is not None
    with world.sessions.begin() as session:
        ledger.expire(session, 3)
    item = world.claim_one("late")
    with world.sessions.begin() as session:
        assert ledger.renew(session, late, 60) == set()
    world.finish("late", item)


def test_a_claim_that_is_given_back_costs_no_attempt(world: World) -> None:
    job_id = world.plan([world.add(2)])
    claim = world.claim("a")
    assert claim is not None
    world.finish("a", claim.items[0])
    with world.sessions.begin() as session:
        ledger.release(session, claim)
        ledger.release(session, claim)
    assert [(row.state.value, row.attempt, row.owner) for row in world.items(job_id)] == [
        ("done", 1, "a"),
        ("waiting", 0, None),
    ]


def test_what_nobody_announced_lately_is_announced_again_once(world: World) -> None:
    world.plan([world.add(2)])
    world.plan([world.add(2, draw=False)], JobKind.ASK, Queue.INTERACTIVE)
    with world.sessions.begin() as session:
        assert ledger.forgotten(session, 60) == ()
        assert ledger.forgotten(session, -1) == (Queue.RASTERIZE, Queue.BULK)  # nothing interactive can be claimed
        assert ledger.forgotten(session, 60) == ()


def test_an_office_has_one_holder_until_its_time_is_over(world: World) -> None:
    def hold(owner: str, seconds: float) -> bool:
        with world.sessions.begin() as session:
            return ledger.hold_office(session, "sweeper", owner, seconds)

    assert [hold("a", 60), hold("b", 60), hold("a", -1), hold("b", 60), hold("a", 60)] == [
        True,
        False,
        True,
        True,
        False,
    ]


def test_depth_counts_what_can_be_claimed_now(world: World) -> None:
    world.plan([world.add(3), world.add(2, draw=False)])
    world.claim("a", limit=1)
    with world.sessions() as session:
        assert ledger.depth(session) == {Queue.RASTERIZE: 1, Queue.BULK: 2, Queue.INTERACTIVE: 0}
