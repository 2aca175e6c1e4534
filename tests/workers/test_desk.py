"""What one process owns, and how it lets go of it."""

import threading

from core.records import JobState
from tests.workers.conftest import Bench
from workers.desk import get_desk, open_desk
from workers.every import Every
from workers.rounds import start_rounds
from workers.work import MODEL_QUEUES, work_once


def test_a_worker_without_hints_finds_its_work(bench: Bench) -> None:
    desk = bench.desk()
    start_rounds(desk)
    job = bench.extract(bench.schema(total="total amount"), bench.document(1, 2, 3))
    ended = threading.Event()

    def look_once() -> None:
        if bench.state(job) is JobState.SUCCEEDED:
            ended.set()

    look = Every(0.05, look_once, name="look")
    look.start()
    assert ended.wait(30)
    look.end()
    desk.close()
    assert not any(round_.is_alive() for round_ in desk.rounds)


def test_hints_and_polling_never_work_on_two_claims_at_once(bench: Bench) -> None:
    busy, most = 0, 0

    def generate(requests: object, cancelled: object = None) -> object:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        try:
            return original(requests, cancelled)  # type: ignore[arg-type]
        finally:
            busy -= 1

    original = bench.model.generate
    bench.model.seconds = 0.01
    bench.model.generate = generate  # type: ignore[method-assign,assignment]
    desk = bench.desk(model_batch=2)
    job = bench.extract(bench.schema(total="total amount"), bench.document(*range(1, 13)))

    def by_hints() -> None:
        while work_once(desk, MODEL_QUEUES):
            pass

    threads = [threading.Thread(target=by_hints) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, len(bench.model.calls), bench.state(job)) == (1, 12, JobState.SUCCEEDED)


def test_closing_twice_is_harmless(bench: Bench) -> None:
    desk = bench.desk()
    desk.close()
    desk.close()
    assert work_once(desk, MODEL_QUEUES) == ()


def test_a_process_has_one_desk_and_each_desk_a_name_of_its_own(bench: Bench) -> None:
    desk = open_desk(bench.settings, MODEL_QUEUES)
    assert get_desk() is desk
    other = bench.desk()
    assert other.owner != desk.owner
    desk.close()


def test_a_round_that_fails_does_not_end_the_rounds() -> None:
    rounds = []
    enough = threading.Event()

    def fail() -> None:
        rounds.append(1)
        if len(rounds) == 3:
            enough.set()
        raise ValueError("on purpose")

    every = Every(0.01, fail, name="failing")
    every.start()
    assert enough.wait(30)
    every.end()
    assert not every.is_alive()
