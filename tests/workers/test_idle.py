"""Pages that nobody has read are read while nothing else is to be done, and in nobody's way."""

import pytest

from core.records import JobState, Queue
from core.settings import Settings
from storage import jobs
from storage.tables import Item
from tests.workers.conftest import Bench
from tests.workers.test_transcribe import found
from workers.desk import Desk
from workers.idle import PAGES, Idle
from workers.vlm.interface import Capability


@pytest.fixture
def idle(bench: Bench) -> Idle:
    """A worker with nothing to do, whose model reads pages."""
    bench.model.capabilities |= {Capability.READ}
    return Idle(bench.desk())


def planned(bench: Bench) -> int:
    """How many pages were given to be read so far."""
    with bench.sessions() as session:
        return session.query(Item).filter(Item.queue == Queue.BULK).count()


def test_scans_are_found_though_nobody_had_them_read(bench: Bench, idle: Idle) -> None:
    bench.document(*range(1, PAGES + 3))
    idle.look()  # first to see whether anything is wanted
    assert planned(bench) == 0
    idle.look()
    idle.look()  # what was planned is still being done
    assert planned(bench) == PAGES
    for _ in range(3):
        bench.run()
        idle.look()
    assert planned(bench) == PAGES + 2
    assert len(found(bench, f"{PAGES + 2}")) == 1


def test_it_waits_while_anything_is_wanted_and_a_while_after_that(bench: Bench, idle: Idle) -> None:
    document = bench.document(1)
    idle.look()
    job = bench.extract(bench.schema(total="total"), document)
    for _ in range(3):
        idle.look()
    bench.run()
    idle.look()
    assert planned(bench) == 1  # the extraction's own page
    assert bench.state(job) is JobState.SUCCEEDED
    idle.look()
    assert planned(bench) == 2


def test_a_page_that_could_not_be_read_is_not_tried_for_ever(bench: Bench, idle: Idle) -> None:
    bench.model.acts = {"2": "loop"}
    bench.document(1, 2)
    for _ in range(6):
        idle.look()
        bench.run()
    assert planned(bench) == 2


def test_nobody_is_shown_a_job_that_nobody_asked_for(bench: Bench, idle: Idle) -> None:
    bench.document(1)
    for _ in range(2):
        idle.look()
    bench.run()
    with bench.sessions() as session:
        assert jobs.list_jobs(session, bench.workspace_id).items == []


@pytest.mark.parametrize(
    ("changed", "queues", "wanted"),
    [
        ({}, tuple(Queue), True),
        ({"read_when_idle": False}, tuple(Queue), False),
        ({"model": "tests.scripted_model:load"}, tuple(Queue), False),
        ({}, (Queue.RASTERIZE,), False),
    ],
)
def test_only_the_bundled_model_reads_unasked(
    bench: Bench, changed: dict[str, object], queues: tuple[Queue, ...], *, wanted: bool
) -> None:
    desk = Desk(Settings(**{**bench.settings.model_dump(), **changed}), queues)
    assert Idle.is_wanted(desk) is wanted
    desk.close()
