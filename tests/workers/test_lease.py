"""A claim stays ours while we work on it, and we hear when it does not."""

import time
from collections.abc import Callable

from core.records import Claim, Queue
from storage import jobs, ledger
from tests.workers.conftest import Bench
from workers.lease import Held


def _until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _claim(bench: Bench, owner: str, lease_seconds: float) -> Claim | None:
    with bench.sessions.begin() as session:
        return ledger.claim(session, owner, [Queue.BULK], 4, lease_seconds)


def _planned(bench: Bench) -> str:
    return bench.extract(bench.schema(total="total amount"), bench.document(1, 2))


def test_a_lease_is_renewed_before_it_runs_out(bench: Bench) -> None:
    job = _planned(bench)
    began = time.monotonic()
    claim = _claim(bench, "me", 3)
    assert claim is not None
    first = bench.items(job)[1].expires_at
    assert first is not None
    with Held(bench.sessions, claim, 3, began):
        _until(lambda: (bench.items(job)[1].expires_at or first) > first)


def test_items_that_are_put_down_are_not_renewed(bench: Bench) -> None:
    job = _planned(bench)
    claim = _claim(bench, "me", 3)
    assert claim is not None
    kept, put_down = claim.items
    before = bench.items(job)[put_down.first_page].expires_at
    with Held(bench.sessions, claim, 3, time.monotonic()) as held:
        held.put_down(put_down.id)
        _until(lambda: bench.items(job)[kept.first_page].expires_at != before)
        assert (held.gone(kept.id), held.gone(put_down.id)) == (False, True)
    assert bench.items(job)[put_down.first_page].expires_at == before


def test_a_cancel_is_heard_of_soon(bench: Bench) -> None:
    job = _planned(bench)
    claim = _claim(bench, "me", 300)
    assert claim is not None
    with Held(bench.sessions, claim, 300, time.monotonic()) as held:
        assert not held.gone(claim.items[0].id)
        with bench.sessions.begin() as session:
            jobs.cancel(session, jobs.get_job(session, bench.workspace_id, job))
        _until(lambda: held.gone(claim.items[0].id))


def test_an_item_that_somebody_else_took_over_is_gone(bench: Bench) -> None:
    _planned(bench)
    claim = _claim(bench, "me", 0.001)
    assert claim is not None
    time.sleep(0.05)
    with bench.sessions.begin() as session:
        ledger.expire(session, 3)
    assert _claim(bench, "other", 300) is not None
    with Held(bench.sessions, claim, 1, time.monotonic()) as held:
        _until(lambda: held.gone(claim.items[0].id))


def test_whoever_was_silent_longer_than_the_lease_has_lost_it(bench: Bench) -> None:
    _planned(bench)
    claim = _claim(bench, "me", 300)
    assert claim is not None
    with Held(bench.sessions, claim, 300, time.monotonic() - 301) as held:
        assert held.gone(claim.items[0].id)
