"""What goes wrong costs only what it must: a bad page itself, an absent model time, a lost lease nothing."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import LeaseLost
from core.records import Claim, ItemState, JobState, Queue
from storage import jobs, ledger, values
from storage.database import now
from storage.tables import Item
from tests.scripted_model import picture
from tests.workers.conftest import Bench
from workers.desk import Desk
from workers.extract import extract_page
from workers.work import MODEL_QUEUES, work_once, work_until_idle


def _until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _working(desk: Desk) -> threading.Thread:
    thread = threading.Thread(target=work_once, args=(desk, MODEL_QUEUES), daemon=True)
    thread.start()
    return thread


def test_a_page_that_fails_three_times_is_given_up_and_stops_no_other(bench: Bench) -> None:
    bench.model.acts = {"2": "raise"}
    schema, document = bench.schema(total="total amount"), bench.document(1, 2, 3, 4, 5)
    job = bench.extract(schema, document)
    bench.run()
    assert [number for number, _ in bench.model.calls] == [1, 2, 3, 4, 2, 5, 2] or bench.model.calls.count(
        (2, ("total",))
    ) == 3
    items = bench.items(job)
    assert {page: (item.state, item.attempt) for page, item in items.items()} == {
        page: (ItemState.FAILED, 3) if page == 2 else (ItemState.DONE, 1) for page in range(1, 6)
    }
    assert items[2].error_code == "poison-page"
    assert "ValueError" in str(items[2].error_detail)
    assert (bench.state(job), bench.gaps(job)) == (JobState.PARTIAL, [(2, "poison-page")])


def test_a_page_that_fails_once_is_done_at_the_second_attempt(bench: Bench) -> None:
    bench.model.acts = {"1": "raise once"}
    job = bench.extract(bench.schema(total="total amount"), bench.document(1))
    bench.run()
    assert bench.state(job) is JobState.SUCCEEDED
    assert bench.items(job)[1].attempt == 2


def test_a_model_that_is_away_costs_no_attempt(bench: Bench) -> None:
    bench.model.acts = {"1": "unavailable once"}
    job = bench.extract(bench.schema(total="total amount"), bench.document(1, 2))
    desk = bench.desk()
    work_once(desk, MODEL_QUEUES)
    assert {p: (i.state, i.attempt, i.owner) for p, i in bench.items(job).items()} == {
        1: (ItemState.WAITING, 0, None),
        2: (ItemState.WAITING, 0, None),
    }
    _until(lambda: not work_once(desk, MODEL_QUEUES) and bench.state(job) is JobState.SUCCEEDED)
    assert {item.attempt for item in bench.items(job).values()} == {1}


def test_a_store_that_is_away_costs_no_attempt(bench: Bench) -> None:
    job = bench.extract(bench.schema(total="total amount"), bench.document(1))
    desk = bench.desk()
    store = Path(bench.settings.blobs)
    aside = store.rename(store.with_suffix(".aside"))
    store.touch()  # a disk that answers with errors
    work_once(desk, MODEL_QUEUES)
    assert (bench.items(job)[1].state, bench.items(job)[1].attempt) == (ItemState.WAITING, 0)
    store.unlink()
    aside.rename(store)
    work_until_idle(desk, MODEL_QUEUES)
    assert bench.state(job) is JobState.SUCCEEDED


def test_a_picture_that_alone_cannot_be_had_is_given_up_and_stops_no_other(bench: Bench) -> None:
    job = bench.extract(bench.schema(total="total amount"), bench.document(1, 2))
    with bench.blobs.local_path(bench.blobs.put(picture(1)).sha256) as path:
        path.unlink()
        path.mkdir()  # a broken sector, say
    bench.run()
    assert (bench.state(job), bench.gaps(job)) == (JobState.PARTIAL, [(1, "service-unavailable")])
    assert bench.items(job)[1].attempt == 3


def test_a_picture_that_is_gone_fails_its_page_with_the_reason(bench: Bench) -> None:
    job = bench.extract(bench.schema(total="total amount"), bench.document(1, 2))
    bench.blobs.delete(bench.blobs.put(picture(1)).sha256)
    bench.run()
    assert (bench.state(job), bench.gaps(job)) == (JobState.PARTIAL, [(1, "blob-missing")])


def test_a_closing_worker_gives_back_what_it_has_not_done(bench: Bench) -> None:
    bench.model.acts = {"1": "wait"}
    job = bench.extract(bench.schema(total="total amount"), bench.document(1, 2))
    desk = bench.desk()
    thread = _working(desk)
    _until(lambda: bool(bench.model.calls))
    desk.close()
    thread.join(10)
    assert {p: (i.state, i.attempt, i.owner) for p, i in bench.items(job).items()} == {
        1: (ItemState.WAITING, 0, None),
        2: (ItemState.WAITING, 0, None),
    }
    assert work_once(desk, MODEL_QUEUES) == ()


def test_cancelling_a_job_ends_its_running_generation(bench: Bench) -> None:
    bench.model.acts = {"1": "wait"}
    schema, document = bench.schema(total="total amount"), bench.document(1, 2)
    job = bench.extract(schema, document)
    thread = _working(bench.desk())
    _until(lambda: bool(bench.model.calls))
    with bench.sessions.begin() as session:
        jobs.cancel(session, jobs.get_job(session, bench.workspace_id, job))
    thread.join(20)
    assert not thread.is_alive()
    assert (bench.state(job), bench.states(job)) == (JobState.CANCELLED, [ItemState.CANCELLED] * 2)
    assert bench.model.calls == [(1, ("total",))]
    assert bench.record(document, schema) is None


def test_a_worker_that_lost_its_lease_writes_nothing_over_its_successor(bench: Bench) -> None:
    schema, document = bench.schema(total="total amount"), bench.document(1)
    job = bench.extract(schema, document)
    slow, quick = bench.desk(), bench.desk()
    stale = _claim(bench, slow, lease_seconds=0.001)
    _until(lambda: _expired(bench, job))
    with bench.sessions.begin() as session:
        ledger.expire(session, 3)
    bench.model.answers = {"1": {"total": "by the successor"}}
    work_until_idle(quick, MODEL_QUEUES)
    bench.model.answers, bench.model.revision = {"1": {"total": "too late"}}, "2"
    with pytest.raises(LeaseLost):
        extract_page(slow.sessions, slow.blobs, bench.model, slow.owner, stale.items[0], lambda: False)
    with bench.sessions() as session:
        assert [value.raw for _, value in values.values_of(session, document, schema)] == ["by the successor"]
    assert (bench.items(job)[1].attempt, bench.state(job)) == (2, JobState.SUCCEEDED)


def test_a_claim_that_was_given_back_is_claimed_with_its_neighbours_again(bench: Bench) -> None:
    bench.extract(bench.schema(total="total amount"), bench.document(1, 2, 3))
    desk = bench.desk()
    claim = _claim(bench, desk)
    with bench.sessions.begin() as session:
        ledger.release(session, claim)
    again = _claim(bench, desk)
    assert [(item.first_page, item.attempt) for item in again.items] == [(1, 1), (2, 1), (3, 1)]


def _claim(bench: Bench, desk: Desk, lease_seconds: float = 30) -> Claim:
    with bench.sessions.begin() as session:
        claim = ledger.claim(session, desk.owner, [Queue.BULK], 4, lease_seconds)
    assert claim is not None
    return claim


def _expired(bench: Bench, job: str) -> bool:
    item: Item = bench.items(job)[1]
    return item.expires_at is not None and item.expires_at < now() - timedelta(seconds=0.05)
