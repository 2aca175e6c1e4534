"""What a job covers when it is planned, and what it cannot look at."""

import pytest

from core.errors import DocumentNotFound, InvalidRequest
from core.records import JobKind, JobState, Progress, Queue
from storage import documents, jobs, planning
from storage.planning import NewJob
from storage.tables import Item
from tests.storage.test_jobs import claim_all, settle
from tests.storage.world import World, covered, drawn

EXTRACT = NewJob(JobKind.EXTRACT, Queue.BULK)
ASK = NewJob(JobKind.ASK, Queue.INTERACTIVE, params={"question": "What is the total?"})


def test_a_job_has_an_item_for_each_page_in_order(world: World) -> None:
    first, second = world.add(2), world.add(3)
    job_id = world.plan([second, first])
    found = [(item.document_id, item.first_page, item.last_page, item.ready) for item in world.items(job_id)]
    assert found == [(first, n, n, True) for n in (1, 2)] + [(second, n, n, True) for n in (1, 2, 3)]
    with world.sessions() as session:
        assert jobs.progress(session, job_id) == Progress(5, waiting=5, leased=0, done=0, failed=0, cancelled=0)


def test_pages_that_are_not_drawn_yet_are_planned_and_wait(world: World) -> None:
    document_id = world.add(3, draw=False)
    with world.sessions.begin() as session:
        documents.finish_page(session, document_id, drawn(1))
        documents.fail_page(session, document_id, 2, "unreadable-page", "No.")
    job_id = world.plan([document_id])
    assert [item.ready for item in world.items(job_id)] == [True, True, False]
    assert world.job(job_id).state is JobState.QUEUED


def test_without_a_choice_all_documents_are_covered_and_those_that_failed_are_gaps(world: World, other: World) -> None:
    other.add(1)
    ready, waiting, locked = world.add(1), world.add(1, draw=False), world.add(None)
    failed = world.add(1, draw=False)
    with world.sessions.begin() as session:
        documents.fail_page(session, failed, 1, "unreadable-page", "No.")
        documents.settle_document(session, failed)
    job_id = world.plan(None)
    with world.sessions() as session:
        found = {row.document_id: row.error_code for row in covered(session, job_id)}
    assert found == {ready: None, waiting: None, locked: "password-needed", failed: "unreadable-page"}
    assert {item.document_id for item in world.items(job_id)} == {ready, waiting}


def test_a_document_that_cannot_be_looked_at_is_a_gap_from_the_start(world: World) -> None:
    good, locked, failed = world.add(1), world.add(None, name="locked.pdf"), world.add(1, draw=False, name="bad.pdf")
    with world.sessions.begin() as session:
        documents.fail_page(session, failed, 1, "page-took-too-long", "Too long.")
        documents.settle_document(session, failed)
    job_id = world.plan([locked, failed, good])
    world.finish("a", claim_all(world).items[0])
    assert settle(world, job_id) is JobState.PARTIAL
    with world.sessions() as session:
        found = jobs.gaps(session, jobs.get_job(session, world.workspace_id, job_id))
    assert [(gap.document_name, gap.page, gap.code) for gap in found] == [
        ("locked.pdf", None, "password-needed"),
        ("bad.pdf", None, "page-took-too-long"),
    ]
    assert all(gap.detail for gap in found)


def test_a_job_with_nothing_to_do_is_final_at_once(world: World) -> None:
    job = world.job(world.plan([world.add(None)]))
    assert job.state is JobState.FAILED
    assert job.finished_at is not None


@pytest.mark.parametrize("strange", ["0" * 32, "theirs"])
def test_a_job_over_an_unknown_document_leaves_nothing(world: World, other: World, strange: str) -> None:
    ids = [world.add(1), other.add(1) if strange == "theirs" else strange]
    with pytest.raises(DocumentNotFound):
        world.plan(ids)
    with world.sessions() as session:
        assert jobs.list_jobs(session, world.workspace_id).items == []
        assert session.query(Item).where(Item.job_kind == JobKind.EXTRACT).count() == 0


@pytest.mark.parametrize("document_ids", [None, []])
def test_a_job_over_no_document_is_refused(world: World, document_ids: list[str] | None) -> None:
    with pytest.raises(InvalidRequest, match="no document"):
        world.plan(document_ids)


def test_a_document_that_is_named_twice_is_looked_at_once(world: World) -> None:
    document_id = world.add(2)
    assert len(world.items(world.plan([document_id, document_id]))) == 2


def test_a_question_looks_at_so_many_pages_and_says_how_many_it_left_out(world: World) -> None:
    first, second = world.add(2), world.add(3)
    with world.sessions.begin() as session:
        job = planning.plan(session, world.workspace_id, ASK, None, max_pages=3)
        params = job.params
    assert params == {"question": "What is the total?", "not_looked_at": 2}
    pages = [(item.document_id, item.first_page) for item in world.items(job.id)]
    assert pages == [(first, 1), (first, 2), (second, 1)]


def test_a_big_archive_is_planned_whole(world: World) -> None:
    ids = [world.add(5, draw=False) for _ in range(20)]
    job_id = world.plan(ids)
    assert len(world.items(job_id)) == 100
