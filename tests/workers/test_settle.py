"""When the last item is final, what follows is done whole, whoever finishes last and whoever dies on the way."""

import threading

import pytest

from core.records import DocumentState, ItemState, JobKind, JobState, PageState, Queue
from storage import documents, jobs, ledger
from tests.workers.conftest import Bench
from workers.receipt import receipt_of_page
from workers.settle import settle_item, settle_job, settle_record
from workers.sweep import sweep
from workers.work import MODEL_QUEUES, work_once


def test_a_record_waits_for_the_last_page_of_its_document(bench: Bench) -> None:
    schema, document = bench.schema(total="total amount"), bench.document(1, 2)
    job = bench.extract(schema, document)
    desk = bench.desk(model_batch=1)
    work_once(desk, MODEL_QUEUES)
    assert bench.record(document, schema) is None
    assert bench.state(job) is JobState.RUNNING
    work_once(desk, MODEL_QUEUES)
    assert bench.record(document, schema) is not None
    assert bench.state(job) is JobState.SUCCEEDED


def test_a_record_is_there_as_soon_as_its_own_document_is_through(bench: Bench) -> None:
    schema = bench.schema(total="total amount")
    first, second = bench.document(1, name="one.pdf"), bench.document(2, name="two.pdf")
    bench.extract(schema, first, second)
    work_once(bench.desk(model_batch=1), MODEL_QUEUES)
    assert [bench.record(document, schema) is not None for document in (first, second)] == [True, False]


def _finish_all_without_settling(bench: Bench) -> None:
    """What a worker leaves that is killed between its two transactions."""
    with bench.sessions.begin() as session:
        while claim := ledger.claim(session, "killed", tuple(Queue), 100, 60):
            for item in claim.items:
                asked = item.job_kind is JobKind.ASK
                said = {"text": "9 May", "confidence": 0.9, "box": None} if asked else receipt_of_page([])
                ledger.finish(session, "killed", item.id, item.attempt, said)


def test_what_a_killed_worker_left_unsettled_the_sweeper_settles(bench: Bench) -> None:
    schema = bench.schema(total="total amount")
    one, two = bench.document(1, name="one.pdf"), bench.document(2, name="two.pdf")
    job, question = bench.extract(schema, one, two), bench.ask("When?", one)
    _finish_all_without_settling(bench)
    assert bench.state(job) is not JobState.SUCCEEDED
    sweep(bench.desk())
    assert (bench.state(job), bench.state(question)) == (JobState.SUCCEEDED, JobState.SUCCEEDED)
    assert [bench.record(document, schema) is not None for document in (one, two)] == [True, True]
    result = bench.job(question).result
    assert result is not None
    assert result["text"] == "9 May"


def test_a_document_that_a_killed_worker_left_is_merged_by_whoever_ends_the_job(bench: Bench) -> None:
    schema = bench.schema(total="total amount")
    one, two = bench.document(1, name="one.pdf"), bench.document(2, name="two.pdf")
    job = bench.extract(schema, one, two)
    with bench.sessions.begin() as session:
        claim = ledger.claim(session, "killed", [Queue.BULK], 1, 60)
        assert claim is not None
        ledger.finish(session, "killed", claim.items[0].id, claim.items[0].attempt)
    bench.run()
    assert bench.state(job) is JobState.SUCCEEDED
    assert [bench.record(document, schema) is not None for document in (one, two)] == [True, True]


@pytest.mark.parametrize("older_fails", [True, False])
def test_a_page_that_failed_is_missing_unless_a_job_planned_later_has_read_it(
    bench: Bench, *, older_fails: bool
) -> None:
    schema, document = bench.schema(total="total amount"), bench.document(1, 2)
    older = bench.extract(schema, document)
    desk = bench.desk()
    if not older_fails:
        bench.run()
        bench.extract(schema, document)
    with bench.sessions.begin() as session:
        claim = ledger.claim(session, "slow", [Queue.BULK], 2, 60)
    assert claim is not None
    assert {item.job_id == older for item in claim.items} == {older_fails}
    if older_fails:
        bench.extract(schema, document)
        bench.run()
    first, second = claim.items
    with bench.sessions.begin() as session:
        ledger.finish(session, "slow", first.id, first.attempt)
        told = ("poison-page", "It killed.")
        ledger.fail(session, "slow", second.id, second.attempt, *told, retry=False, max_attempts=3)
    settle_item(desk, second)
    record = bench.record(document, schema)
    assert record is not None
    gaps = [] if older_fails else [{"page": 2, "code": "poison-page", "detail": "It killed."}]
    assert (record.complete, record.gaps) == (older_fails, gaps)


def test_settling_twice_or_at_once_changes_nothing(bench: Bench) -> None:
    schema, document = bench.schema(total="total amount"), bench.document(1, 2)
    job = bench.extract(schema, document)
    bench.run()
    before, ended = bench.record(document, schema), bench.job(job).finished_at
    threads = [
        threading.Thread(target=settle, args=arguments)
        for settle, arguments in (
            (settle_record, (bench.sessions, bench.workspace_id, job, document)),
            (settle_record, (bench.sessions, bench.workspace_id, job, document)),
            (settle_job, (bench.sessions, bench.settings, bench.workspace_id, job)),
        )
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    after = bench.record(document, schema)
    assert before is not None
    assert after is not None
    assert (after.id, after.values, after.complete) == (before.id, before.values, True)
    assert bench.job(job).finished_at == ended


def test_a_document_deleted_on_the_way_is_a_gap_of_its_job(bench: Bench) -> None:
    schema = bench.schema(total="total amount")
    kept, deleted = bench.document(1, name="one.pdf"), bench.document(2, name="two.pdf")
    job = bench.extract(schema, kept, deleted)
    with bench.sessions.begin() as session:
        documents.delete_document(session, bench.workspace_id, deleted)
    bench.run()
    assert bench.state(job) is JobState.PARTIAL
    assert bench.gaps(job) == [(None, "document-not-found")]


def test_a_job_whose_only_document_was_deleted_ends(bench: Bench) -> None:
    document = bench.document(1)
    job = bench.extract(bench.schema(total="total amount"), document)
    with bench.sessions.begin() as session:
        documents.delete_document(session, bench.workspace_id, document)
    sweep(bench.desk())
    assert bench.state(job) is JobState.FAILED


def test_pages_whose_window_was_given_up_fail_with_its_reason_and_so_do_the_jobs_over_them(bench: Bench) -> None:
    document = bench.waiting_document(3)
    job = bench.extract(bench.schema(total="total amount"), document)
    desk = bench.desk()
    with bench.sessions.begin() as session:
        claim = ledger.claim(session, desk.owner, [Queue.RASTERIZE], 1, 60)
        assert claim is not None
        item = claim.items[0]
        ledger.fail(
            session, desk.owner, item.id, item.attempt, "poison-page", "It killed.", retry=False, max_attempts=3
        )
    settle_item(desk, item)
    assert bench.page_states(document) == [PageState.FAILED] * 3
    with bench.sessions() as session:
        failed = documents.get_document(session, bench.workspace_id, document)
    assert (failed.state, failed.error_code) == (DocumentState.FAILED, "poison-page")
    bench.run()
    assert bench.states(job) == [ItemState.FAILED] * 3
    assert (bench.state(job), bench.gaps(job)) == (JobState.FAILED, [(n, "poison-page") for n in (1, 2, 3)])
    assert bench.model.calls == []


def test_a_document_whose_job_was_cancelled_half_way_gets_no_record(bench: Bench) -> None:
    schema, document = bench.schema(total="total amount"), bench.document(1, 2)
    job = bench.extract(schema, document)
    work_once(bench.desk(model_batch=1), MODEL_QUEUES)
    with bench.sessions.begin() as session:
        jobs.cancel(session, jobs.get_job(session, bench.workspace_id, job))
    settle_record(bench.sessions, bench.workspace_id, job, document)
    assert bench.record(document, schema) is None


def test_a_cancelled_job_stays_cancelled(bench: Bench) -> None:
    job = bench.extract(bench.schema(total="total amount"), bench.document(1))
    with bench.sessions.begin() as session:
        jobs.cancel(session, jobs.get_job(session, bench.workspace_id, job))
    settle_job(bench.sessions, bench.settings, bench.workspace_id, job)
    assert bench.state(job) is JobState.CANCELLED
