"""What waited too long is found, by one of all workers."""

import os
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from core.records import Claim, ItemState, JobState, Queue
from storage import ledger
from storage.database import now
from storage.tables import Item
from tests.workers.conftest import Bench
from workers.settle import settle_job
from workers.sweep import sweep, sweep_leftovers


def _claim(bench: Bench, lease_seconds: float = 0.001, limit: int = 1) -> Claim:
    with bench.sessions.begin() as session:
        claim = ledger.claim(session, "killed", [Queue.BULK], limit, lease_seconds)
    assert claim is not None
    time.sleep(0.05)
    return claim


def test_the_items_of_a_killed_worker_are_worked_on_by_another(bench: Bench) -> None:
    job = bench.extract(bench.schema(total="total amount"), bench.document(1, 2))
    _claim(bench, limit=2)
    sweep(bench.desk())
    assert [(item.state, item.owner) for item in bench.items(job).values()] == [(ItemState.WAITING, None)] * 2
    bench.run()
    assert bench.state(job) is JobState.SUCCEEDED


def test_a_lease_that_still_holds_is_left_alone(bench: Bench) -> None:
    job = bench.extract(bench.schema(total="total amount"), bench.document(1))
    _claim(bench, lease_seconds=60)
    sweep(bench.desk())
    assert bench.items(job)[1].state == ItemState.LEASED


def test_a_page_that_killed_its_worker_three_times_is_failed_and_its_job_ends(bench: Bench) -> None:
    schema, document = bench.schema(total="total amount"), bench.document(1, 2)
    job = bench.extract(schema, document)
    desk = bench.desk()
    for _ in range(3):
        assert _claim(bench).items[0].first_page == 1
        sweep(desk)
    assert (bench.items(job)[1].state, bench.items(job)[1].error_code) == (ItemState.FAILED, "poison-page")
    bench.run()
    assert (bench.state(job), bench.gaps(job)) == (JobState.PARTIAL, [(1, "poison-page")])
    record = bench.record(document, schema)
    assert record is not None
    assert (record.complete, record.values["total"]["page"]) == (False, 2)


def test_a_job_that_cannot_be_ended_does_not_keep_the_others_from_their_end(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema, document = bench.schema(total="total amount"), bench.document(1)
    jobs = [bench.extract(schema, document) for _ in range(2)]
    with bench.sessions.begin() as session:
        session.execute(update(Item).values(state=ItemState.DONE))  # their workers were killed before the end

    def settle(*given: Any) -> None:
        if jobs[0] in given:
            raise RuntimeError
        settle_job(*given)

    monkeypatch.setattr("workers.sweep.settle_job", settle)
    sweep(bench.desk())
    assert [bench.state(job) for job in jobs] == [JobState.QUEUED, JobState.SUCCEEDED]


def test_only_one_worker_sweeps_and_another_takes_over_when_it_is_gone(bench: Bench) -> None:
    job = bench.extract(bench.schema(total="total amount"), bench.document(1))
    sweep(bench.desk(sweep_seconds=0.2))  # takes the office, and is never seen again
    _claim(bench)
    successor = bench.desk(sweep_seconds=0.2)
    sweep(successor)
    assert bench.items(job)[1].state == ItemState.LEASED
    time.sleep(0.7)
    sweep(successor)
    assert bench.items(job)[1].state == ItemState.WAITING


def test_items_that_nobody_announced_lately_are_announced_again(bench: Bench) -> None:
    job = bench.extract(bench.schema(total="total amount"), bench.document(1))
    with bench.sessions.begin() as session:
        session.query(Item).filter(Item.job_id == job).update({"announced_at": now() - timedelta(hours=1)})
    sweep(bench.desk())
    announced_at = bench.items(job)[1].announced_at
    assert now() - announced_at < timedelta(minutes=1)


def test_bytes_that_nobody_names_are_swept_once_an_hour(bench: Bench) -> None:
    def plant(content: bytes) -> str:
        sha256 = bench.blobs.put(content).sha256
        with bench.blobs.local_path(sha256) as path:
            os.utime(path, (1, 1))
        return sha256

    desk = bench.desk()
    first = plant(b"left by a crash")
    sweep_leftovers(desk)
    assert not bench.blobs.exists(first)
    second = plant(b"left by another")
    sweep_leftovers(desk)
    assert bench.blobs.exists(second)
