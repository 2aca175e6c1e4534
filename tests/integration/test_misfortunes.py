"""What may befall workers, one thing at a time: a page that kills, a pause that is too long, a broker that is away."""

import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.embedded_redis import answers, command_for, find_program, url_of
from core.records import ItemState, JobState, Queue
from storage.tables import Value
from tests.integration.service import PATIENCE, Service, await_that
from tests.integration.test_pipeline import ONE_DATABASE


@ONE_DATABASE
@pytest.mark.timeout(2 * PATIENCE)
def test_a_page_that_kills_its_worker_three_times_fails_and_its_neighbours_are_read(service: Service) -> None:
    service.script(acts={"2": "kill"})
    document = service.upload("a.tif", [1, 2, 3, 4, 5])
    job = service.extract(service.schema(total="total amount"), document)
    service.start()
    assert service.wait(job) is JobState.PARTIAL
    assert service.gaps(job) == [("a.tif", 2, "poison-page")]
    assert [(item.state, item.attempt) for item in service.items(job) if item.first_page == 2] == [
        (ItemState.FAILED, 3)
    ]
    asked = [number for number, _, _ in service.journal()]
    assert {number: asked.count(number) for number in range(1, 6)} == {1: 1, 2: 3, 3: 1, 4: 1, 5: 1}


@pytest.mark.timeout(2 * PATIENCE)
def test_a_worker_that_was_paused_beyond_its_lease_writes_nothing_over_its_successor(service: Service) -> None:
    service.script(acts={"1": "sleep 2 once"})
    service.start([Queue.RASTERIZE])
    document = service.upload("a.tif", [1])
    job = service.extract(service.schema(total="total amount"), document)
    slow = service.start([Queue.BULK])
    await_that(lambda: bool(service.journal()), "the page in the first worker's hands")
    pid = slow.pause_model_at_peace(service.sessions)
    service.start([Queue.BULK])
    assert service.wait(job) is JobState.SUCCEEDED
    before = _written(service)
    slow.resume(pid)
    await_that(lambda: "somebody else has the item by now" in slow.events(), "the first worker's return")
    assert _written(service) == before
    assert len({pid for _, pid, _ in service.journal()}) == 2
    assert [(item.state, item.attempt) for item in service.items(job)] == [(ItemState.DONE, 2)]


@contextmanager
def _redis(folder: Path) -> Iterator[str]:
    """A Redis of the test's own; it dies at the end."""
    program, place = find_program(), folder / "redis.sock"
    assert program is not None
    server = subprocess.Popen(command_for(program, place))
    assert answers(place, patience=PATIENCE)
    yield url_of(place)
    server.kill()
    server.wait()


@ONE_DATABASE
@pytest.mark.timeout(2 * PATIENCE)
def test_hints_are_heard_again_after_redis_died_in_the_midst_of_work(service: Service) -> None:
    service.script(acts={"2": "sleep 2"})
    schema = service.schema(total="total amount")
    with tempfile.TemporaryDirectory(prefix="folioscope-") as folder:
        with _redis(Path(folder)) as url:
            service.settings = service.settings.model_copy(update={"redis_url": url})
            worker = service.start(poll_seconds=3600)
            await_that(lambda: worker.events().count("worker ready") == 2, "the worker's start")
            first = service.extract(schema, service.upload("a.tif", [1, 2]))
            await_that(lambda: any(number == 2 for number, _, _ in service.journal()), "the second page")
        assert service.wait(first) is JobState.SUCCEEDED
        with _redis(Path(folder)):
            second = service.extract(schema, service.upload("b.tif", [3]))
            assert service.wait(second) is JobState.SUCCEEDED
            assert worker.end() == 0
    assert [line for line in worker.said() if "raw" in line or "exception" in line] == []


def _nobody() -> str:
    """The URL of a Redis that is down."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"redis://127.0.0.1:{free.getsockname()[1]}/0"


@ONE_DATABASE
@pytest.mark.parametrize("redis_url_of_worker", [_nobody(), None], ids=["down", "absent"])
@pytest.mark.timeout(2 * PATIENCE)
def test_all_is_read_without_redis(service: Service, redis_url_of_worker: str | None) -> None:
    worker = service.start(redis_url=redis_url_of_worker)
    document = service.upload("a.tif", [1, 2, 3])
    job = service.extract(service.schema(total="total amount"), document)
    assert service.wait(job) is JobState.SUCCEEDED
    assert worker.end() == 0
    assert worker.process.returncode != -signal.SIGKILL
    assert [line for line in worker.said() if "raw" in line or "exception" in line] == []


def _written(service: Service) -> list[tuple[int, str | None]]:
    with service.sessions() as session:
        return [(value.id, value.raw) for value in session.query(Value).order_by(Value.id)]
