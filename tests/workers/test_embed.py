"""What pages look like: seen once, kept, found again; and lookups, which workers answer."""

from typing import Any

import pytest

from core.errors import JobNotFound, ModelUnavailable, TooManyPagesToCompare
from core.records import JobKind, JobState, Queue
from storage import documents, jobs, lookups, planning, vector_scan
from storage.lookups import Lookup, SeenPage
from storage.planning import NewJob
from storage.tables import Job, PageEmbedding
from tests.scripted_eye import ScriptedEye
from tests.workers.conftest import Bench
from workers.desk import Desk
from workers.sweep import sweep_chats
from workers.work import MODEL_QUEUES, work_until_idle


def worker(bench: Bench, eye: ScriptedEye | None, **changes: Any) -> Desk:
    desk = Desk(
        bench.settings.model_copy(update={"visual_model": "eye", **changes}), MODEL_QUEUES, bench.model, eye=eye
    )
    bench.desks.append(desk)
    return desk


def embed(bench: Bench, desk: Desk, *document_ids: str) -> str:
    """A job that embeds pages, worked on; its id."""
    with bench.sessions.begin() as session:
        new = NewJob(JobKind.EMBED, Queue.BULK, model="eye")
        job_id = planning.plan(session, bench.workspace_id, new, list(document_ids)).id
    work_until_idle(desk, MODEL_QUEUES)
    return job_id


def look_up(bench: Bench, text: str, *document_ids: str, limit: int = 10) -> str:
    with bench.sessions.begin() as session:
        lookup = Lookup(text, "eye", document_ids or None, limit)
        return lookups.plan(session, bench.workspace_id, lookup)


def seen(bench: Bench, job_id: str) -> list[SeenPage] | None:
    with bench.sessions() as session:
        return lookups.find_seen(session, bench.workspace_id, job_id)


def kept(bench: Bench) -> int:
    with bench.sessions() as session:
        return session.query(PageEmbedding).count()


def test_pages_are_seen_in_batches_and_what_became_of_them_is_told(bench: Bench) -> None:
    eye = ScriptedEye()
    document = bench.document(1, 2, 3, 4, 5, blank=[2], failed=[3])
    job_id = embed(bench, worker(bench, eye), document)
    assert eye.batches == [[1, 4], [5]]
    assert bench.state(job_id) is JobState.PARTIAL
    assert bench.gaps(job_id) == [(3, "unreadable-page")]
    assert bench.job(job_id).result == {"pages": 5, "seen": 3, "blank": 1, "failed": 1}


def test_nobody_pays_twice_for_the_same_picture_under_the_same_revision(bench: Bench) -> None:
    eye = ScriptedEye()
    desk = worker(bench, eye)
    one, two = bench.document(1, 2, 2), bench.document(2, 3, name="b.pdf")
    embed(bench, desk, one)
    embed(bench, desk, two)
    job_id = embed(bench, desk, one, two)
    assert sorted(number for batch in eye.batches for number in batch) == [1, 2, 3]
    assert kept(bench) == 5
    assert bench.job(job_id).result == {"pages": 5, "seen": 5, "blank": 0, "failed": 0}
    eye.revision = "r2"
    embed(bench, desk, one)
    assert eye.batches[-1] == [1, 2]
    assert kept(bench) == 5


def test_a_page_that_gives_no_numbers_fails_and_costs_no_other(bench: Bench) -> None:
    eye = ScriptedEye(blind_to=frozenset({2}))
    job_id = embed(bench, worker(bench, eye), bench.document(1, 2, 3))
    assert bench.gaps(job_id) == [(2, "invalid-output")]
    assert kept(bench) == 2


def test_pages_wait_for_a_model_that_is_away_and_other_jobs_go_on(bench: Bench) -> None:
    eye = ScriptedEye(away=True)
    desk = worker(bench, eye, poll_seconds=60.0)
    document = bench.document(1)
    job_id = embed(bench, desk, document)
    question = bench.ask("How much?", document)
    work_until_idle(desk, MODEL_QUEUES)
    assert bench.state(question) is JobState.SUCCEEDED
    with bench.sessions() as session:
        assert jobs.waiting_for(session, job_id) == ("model-unavailable", ModelUnavailable.title + ".")


def test_a_worker_with_another_model_or_none_leaves_the_pages_to_others(bench: Bench) -> None:
    job_id = embed(bench, worker(bench, None, visual_model=None), bench.document(1))
    assert bench.state(job_id) is JobState.RUNNING
    with bench.sessions() as session:
        waiting = jobs.waiting_for(session, job_id)
    assert waiting is not None
    assert "has not been told" in waiting[1]


def test_the_page_that_looks_like_the_text_is_found_first(bench: Bench) -> None:
    eye = ScriptedEye()
    desk = worker(bench, eye)
    one, two = bench.document(1, 2, 3), bench.document(4, 5, name="b.pdf")
    embed(bench, desk, one, two)
    job_id, within = look_up(bench, "page 5", limit=3), look_up(bench, "page 5", one)
    assert seen(bench, job_id) is None
    work_until_idle(desk, MODEL_QUEUES)
    found = seen(bench, job_id) or []
    assert len(found) == 3
    assert (found[0].document_id, found[0].page) == (two, 2)
    assert {page.document_id for page in seen(bench, within) or []} == {one}


def test_a_lookup_is_no_job_to_be_seen_and_leaves_nothing_behind(bench: Bench) -> None:
    desk = worker(bench, ScriptedEye())
    embed(bench, desk, bench.document(1))
    job_id = look_up(bench, "page 1")
    with bench.sessions() as session:
        assert [job.kind for job in jobs.list_jobs(session, bench.workspace_id).items] == [JobKind.EMBED]
        with pytest.raises(JobNotFound):
            jobs.get_job(session, bench.workspace_id, job_id)
    with bench.sessions.begin() as session:
        lookups.forget(session, job_id)
        lookups.forget(session, job_id)
    with pytest.raises(JobNotFound):
        seen(bench, job_id)
    look_up(bench, "page 1")
    desk.settings = desk.settings.model_copy(update={"chat_seconds": -120.0})
    sweep_chats(desk)
    with bench.sessions() as session:
        assert session.query(Job).filter(Job.kind == JobKind.FIND).count() == 0


def test_who_looks_up_hears_at_once_why_that_cannot_be_done(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    eye = ScriptedEye()
    desk = worker(bench, eye)
    embed(bench, desk, bench.document(1, 2))
    eye.away = True
    away = look_up(bench, "page 1")
    work_until_idle(desk, MODEL_QUEUES)
    with pytest.raises(ModelUnavailable):
        seen(bench, away)
    bench.desks.clear()
    desk.close()
    monkeypatch.setattr(vector_scan, "MOST_COMPARED", 1)
    other = look_up(bench, "page 1")
    work_until_idle(worker(bench, ScriptedEye()), MODEL_QUEUES)
    with bench.sessions() as session:
        on_sqlite = session.get_bind().dialect.name == "sqlite"
    if on_sqlite:
        with pytest.raises(TooManyPagesToCompare):
            seen(bench, other)
    else:
        assert len(seen(bench, other) or []) == 2


def test_a_document_that_goes_while_its_page_is_seen_is_no_trouble(bench: Bench) -> None:
    document = bench.document(1)

    class Deleting(ScriptedEye):
        def embed_pages(self, images: Any) -> Any:
            with bench.sessions.begin() as session:
                documents.delete_document(session, bench.workspace_id, document)
            return super().embed_pages(images)

    job_id = embed(bench, worker(bench, Deleting()), document)
    assert kept(bench) == 0
    assert bench.state(job_id) in {JobState.FAILED, JobState.RUNNING}  # the sweeper ends it
