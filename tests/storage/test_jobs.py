"""Jobs: how far they are, how they end, and what is missing."""

import pytest
from sqlalchemy import delete

from core.errors import JobNotFound
from core.records import Claim, JobKind, JobState, Progress, Queue
from storage import jobs, ledger
from storage.planning import NewJob
from storage.tables import Document, Job
from tests.storage.world import World

ASK = NewJob(JobKind.ASK, Queue.INTERACTIVE, params={"question": "What is the total?"})


def settle(world: World, job_id: str) -> JobState:
    with world.sessions.begin() as session:
        return jobs.settle(session, job_id)


def claim_all(world: World, owner: str = "a") -> Claim:
    claim = world.claim(owner, limit=100)
    assert claim is not None
    return claim


def test_a_job_succeeds_only_when_every_page_gave_a_result(world: World) -> None:
    job_id = world.plan([world.add(3)])
    items = claim_all(world).items
    for item in items[:2]:
        world.finish("a", item)
    assert settle(world, job_id) is JobState.RUNNING
    world.finish("a", items[2])
    assert settle(world, job_id) is JobState.SUCCEEDED
    job = world.job(job_id)
    assert job.finished_at is not None
    with world.sessions() as session:
        assert jobs.gaps(session, job) == []


def test_a_job_with_a_failed_page_is_partial_and_names_it(world: World) -> None:
    document_id = world.add(3, name="a.pdf")
    job_id = world.plan([document_id])
    for item in claim_all(world).items:
        if item.first_page == 2:
            world.fail("a", item, retry=False, code="generation-loops")
        else:
            world.finish("a", item)
    assert settle(world, job_id) is JobState.PARTIAL
    with world.sessions() as session:
        job = jobs.get_job(session, world.workspace_id, job_id)
        assert jobs.gaps(session, job) == [jobs.Gap(document_id, "a.pdf", 2, "generation-loops", "It went wrong.")]
        assert jobs.page_failures(session, job_id, document_id) == [(2, "generation-loops", "It went wrong.")]
        assert jobs.progress(session, job_id) == Progress(3, waiting=0, leased=0, done=2, failed=1, cancelled=0)


def test_a_job_without_any_result_has_failed(world: World) -> None:
    job_id = world.plan([world.add(1)])
    world.fail("a", claim_all(world).items[0], retry=False)
    assert settle(world, job_id) is JobState.FAILED


def test_a_job_keeps_the_first_state_and_result_that_it_ended_with(world: World) -> None:
    job_id = world.plan([world.add(1)], JobKind.ASK, Queue.INTERACTIVE)
    world.finish("a", claim_all(world).items[0])
    with world.sessions.begin() as session:
        jobs.settle(session, job_id, {"text": "first"})
        jobs.settle(session, job_id, {"text": "second"})
    assert world.job(job_id).result == {"text": "first"}


def test_gaps_are_listed_up_to_a_limit_and_all_counted(world: World) -> None:
    job_id = world.plan([world.add(None), world.add(3)])
    for item in claim_all(world).items:
        world.fail("a", item, retry=False)
    with world.sessions() as session:
        job = jobs.get_job(session, world.workspace_id, job_id)
        assert [gap.page for gap in jobs.gaps(session, job, limit=3)] == [None, 1, 2]
        assert [gap.page for gap in jobs.gaps(session, job, limit=1)] == [None]
        assert jobs.count_gaps(session, job) == 4


def test_cancelling_ends_a_job_at_once_and_twice_is_harmless(world: World) -> None:
    job_id = world.plan([world.add(3)])
    world.finish("a", world.claim_one("a"))
    for _ in range(2):
        with world.sessions.begin() as session:
            jobs.cancel(session, jobs.get_job(session, world.workspace_id, job_id))
    job = world.job(job_id)
    assert job.state is JobState.CANCELLED
    assert job.finished_at is not None
    assert settle(world, job_id) is JobState.CANCELLED
    with world.sessions() as session:
        assert jobs.progress(session, job_id) == Progress(3, waiting=0, leased=0, done=1, failed=0, cancelled=2)


def test_a_job_that_is_final_cannot_be_cancelled_any_more(world: World) -> None:
    job_id = world.plan([world.add(1)])
    world.finish("a", claim_all(world).items[0])
    settle(world, job_id)
    with world.sessions.begin() as session:
        jobs.cancel(session, jobs.get_job(session, world.workspace_id, job_id))
    assert world.job(job_id).state is JobState.SUCCEEDED


def test_jobs_whose_last_item_ended_unnoticed_are_found(world: World, other: World) -> None:
    ended, open_ = world.plan([world.add(1)]), world.plan([world.add(1)])
    theirs = other.plan([other.add(1)])
    with world.sessions.begin() as session:  # the drawing of the pages is behind us
        for job in jobs.unsettled(session):
            assert jobs.settle(session, job.id) is JobState.SUCCEEDED
    for item in claim_all(world).items:
        if item.job_id != open_:
            world.finish("a", item)
    with world.sessions() as session:
        assert [job.id for job in jobs.unsettled(session)] == [ended, theirs]
        assert [job.id for job in jobs.unsettled(session, limit=1)] == [ended]


def test_replies_come_in_the_order_of_documents_and_pages(world: World) -> None:
    first, second = world.add(2), world.add(1)
    job_id = world.plan(None, JobKind.ASK, Queue.INTERACTIVE)
    with world.sessions.begin() as session:
        for item in reversed(claim_all(world).items):
            ledger.finish(session, "a", item.id, item.attempt, {"text": f"page {item.first_page}"})
    with world.sessions() as session:
        assert jobs.replies(session, job_id) == [
            (first, 1, {"text": "page 1"}),
            (first, 2, {"text": "page 2"}),
            (second, 1, {"text": "page 1"}),
        ]


def test_a_document_is_done_under_a_job_when_its_items_are_all_final(world: World) -> None:
    first, second = world.add(2), world.add(2)
    job_id = world.plan([first, second])
    items = claim_all(world).items
    world.finish("a", items[0])
    world.fail("a", items[1], retry=False)
    world.finish("a", items[2])
    with world.sessions() as session:
        assert jobs.documents_done(session, job_id) == [first]
        assert not jobs.document_is_open(session, job_id, first)
        assert jobs.document_is_open(session, job_id, second)
        assert jobs.is_open(session, job_id)


def test_the_drawing_of_pages_is_no_job_that_a_caller_sees(world: World) -> None:
    document_id = world.add(1)
    planned = [world.plan([document_id]) for _ in range(3)]
    with world.sessions() as session:
        listing = jobs.list_jobs(session, world.workspace_id, limit=2)
        rest = jobs.list_jobs(session, world.workspace_id, listing.next_cursor, limit=2)
        assert session.query(Job).count() == 4
    assert [job.id for job in (*listing.items, *rest.items)] == planned[::-1]


def test_a_job_of_another_workspace_is_not_found(world: World, other: World) -> None:
    job_id = world.plan([world.add(1)])
    with world.sessions() as session:
        with pytest.raises(JobNotFound):
            jobs.get_job(session, other.workspace_id, job_id)
        with pytest.raises(JobNotFound):
            jobs.get_job(session, world.workspace_id, "0" * 32)
        assert jobs.list_jobs(session, other.workspace_id).items == []


def test_a_document_that_went_while_the_job_was_planned_is_a_gap(world: World) -> None:
    kept, gone = world.add(1), world.add(1)
    job_id = world.plan([kept, gone])
    with world.sessions.begin() as session:  # what a deletion leaves that ran beside the planning
        session.execute(delete(Document).where(Document.id == gone))
    world.finish("a", world.claim_one("a"))
    assert settle(world, job_id) is JobState.PARTIAL
    with world.sessions() as session:
        found = jobs.gaps(session, jobs.get_job(session, world.workspace_id, job_id))
    assert [(gap.document_id, gap.code) for gap in found] == [(gone, "document-not-found")]
