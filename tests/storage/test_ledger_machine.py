"""The ledger against chance: whatever workers, sweeper and callers do, in any order, no item is lost or done twice."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from enum import Enum, auto
from pathlib import Path
from shutil import copyfile
from typing import assert_never

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule
from hypothesis.strategies import integers, lists, sampled_from
from sqlalchemy import delete

from core.errors import LeaseLost
from core.records import FINAL_JOB_STATES, Claim, ClaimedItem, ItemState, JobKind, JobState, Queue
from storage import documents, jobs, ledger
from storage.database import make_engine, make_sessions
from storage.tables import Blob, Document, Item, Job
from tests.storage.world import World, world_of

MOST_ATTEMPTS = 3
MODEL_QUEUES = [Queue.INTERACTIVE, Queue.BULK]


class Fate(Enum):
    """What becomes of a leased item."""

    FINISH = auto()
    RAISE = auto()  # may be tried again
    FAIL = auto()
    RELEASE = auto()
    SLEEP = auto()  # its worker is paused or dead
    OVERSLEEP = auto()


class Ledger(RuleBasedStateMachine):
    """Rules are what can happen. The model of the ledger is `holders`: who may end an item now, at which attempt."""

    world: World  # set by the test that runs the machine

    planned = Bundle("planned")
    uploaded = Bundle("uploaded")

    def __init__(self) -> None:
        super().__init__()
        self.holders: dict[int, tuple[str, int]] = {}
        self.asleep: list[tuple[str, ClaimedItem]] = []
        self.done: Counter[int] = Counter()
        self.expected: dict[str, int] = {}  # items by job, less what went with deleted documents
        with self.world.sessions.begin() as session:
            for table in (Job, Document, Blob):
                session.execute(delete(table))

    @initialize(target=uploaded)
    def begin(self) -> str:
        document_id = self.world.add(8)
        self.plan(document_id, Queue.BULK)
        return document_id

    @rule(target=uploaded, pages=integers(1, 6), draw=sampled_from([True, True, False]))
    def upload(self, pages: int, draw: bool) -> str:  # noqa: FBT001 - hypothesis calls it
        return self.world.add(pages, draw=draw)

    @rule(target=planned, document_id=uploaded, queue=sampled_from(MODEL_QUEUES))
    def plan(self, document_id: str, queue: Queue) -> str:
        job_id = self.world.plan([document_id], JobKind.EXTRACT, queue)
        self.expected[job_id] = len(self.world.items(job_id))
        return job_id

    @rule()
    def draw(self) -> None:
        self.world.draw()

    @rule(owner=sampled_from(["a", "b"]), fates=lists(sampled_from(Fate), min_size=1, max_size=3))
    def work(self, owner: str, fates: list[Fate]) -> None:
        """Claim as many items as there are fates, and let each meet its own."""
        for item, fate in zip(self.claim(owner, len(fates)), fates, strict=False):
            self.meet(owner, item, fate)

    @rule(fate=sampled_from(Fate), which=integers(0, 20))
    def wake_up(self, fate: Fate, which: int) -> None:
        """Somebody who slept goes on with an item, whether it is still theirs or not."""
        if self.asleep:
            self.meet(*self.asleep.pop(which % len(self.asleep)), fate)

    def claim(self, owner: str, limit: int) -> tuple[ClaimedItem, ...]:
        claim = self.world.claim(owner, limit=limit)
        if claim is None:
            return ()
        assert all(item.attempt <= MOST_ATTEMPTS for item in claim.items)
        assert len(claim.items) == 1 or all(item.attempt == 1 for item in claim.items)
        self.holders |= {item.id: (owner, item.attempt) for item in claim.items}
        return claim.items

    def meet(self, owner: str, item: ClaimedItem, fate: Fate) -> None:
        match fate:
            case Fate.FINISH:
                self.finish(owner, item)
            case Fate.RAISE | Fate.FAIL:
                self.ends(owner, item, lambda: self.world.fail(owner, item, retry=fate is Fate.RAISE))
            case Fate.RELEASE:
                self.release(owner, item)
            case Fate.SLEEP:
                self.asleep.append((owner, item))
            case Fate.OVERSLEEP:
                self.oversleep(owner, item)
            case _:
                assert_never(fate)

    def finish(self, owner: str, item: ClaimedItem) -> None:
        if self.ends(owner, item, lambda: self.world.finish(owner, item)):
            self.done[item.id] += 1

    def release(self, owner: str, item: ClaimedItem) -> None:
        with self.world.sessions.begin() as session:
            ledger.release(session, Claim(owner, (item,)))
        if self.holders.get(item.id) == (owner, item.attempt):
            del self.holders[item.id]

    def oversleep(self, owner: str, item: ClaimedItem) -> None:
        """The lease runs out, the same owner claims what there is, and then goes on where it fell asleep."""
        self.time_passes()
        while item.id not in self.holders:
            again = self.claim(owner, 3)
            if not again:
                break
            self.asleep += [(owner, other) for other in again]
        self.finish(owner, item)

    @rule()
    def time_passes(self) -> None:
        self.world.let_leases_run_out()
        with self.world.sessions.begin() as session:
            ledger.expire(session, MOST_ATTEMPTS)
        self.holders.clear()

    @rule(job_id=planned)
    def cancel(self, job_id: str) -> None:
        with self.world.sessions.begin() as session:
            jobs.cancel(session, jobs.get_job(session, self.world.workspace_id, job_id))
        for item in self.world.items(job_id):
            self.holders.pop(item.id, None)

    @rule(document_id=consumes(uploaded))
    def delete(self, document_id: str) -> None:
        with self.world.sessions.begin() as session:
            gone = session.query(Item).where(Item.document_id == document_id, Item.job_kind == JobKind.EXTRACT)
            for item in gone:
                self.expected[item.job_id] -= 1
                self.done.pop(item.id, None)
                self.holders.pop(item.id, None)
            documents.delete_document(session, self.world.workspace_id, document_id)

    @rule()
    def settle(self) -> None:
        with self.world.sessions.begin() as session:
            for job in jobs.unsettled(session):
                assert jobs.settle(session, job.id) in FINAL_JOB_STATES

    def ends(self, owner: str, item: ClaimedItem, end: Callable[[], None]) -> bool:
        """End an item, which must work for its holder and for nobody else."""
        if self.holders.get(item.id) != (owner, item.attempt):
            with pytest.raises(LeaseLost):
                end()
            return False
        end()
        del self.holders[item.id]
        return True

    @invariant()
    def exactly_what_somebody_holds_is_leased(self) -> None:
        with self.world.sessions() as session:
            rows = session.query(Item).where(Item.state == ItemState.LEASED, Item.job_kind == JobKind.EXTRACT)
            assert {row.id: (row.owner, row.attempt) for row in rows} == self.holders

    @invariant()
    def the_sum_of_states_is_constant(self) -> None:
        with self.world.sessions() as session:
            assert {job_id: jobs.progress(session, job_id).total for job_id in self.expected} == self.expected

    @invariant()
    def what_was_done_stays_done_and_is_done_once(self) -> None:
        with self.world.sessions() as session:
            rows = session.query(Item.id).where(Item.state == ItemState.DONE, Item.job_kind == JobKind.EXTRACT)
            assert {row.id: 1 for row in rows} == self.done

    @invariant()
    def a_lease_has_an_owner_and_an_end_and_what_is_done_keeps_who_did_it(self) -> None:
        with self.world.sessions() as session:
            for item in session.query(Item):
                leased = item.state is ItemState.LEASED
                assert (item.owner is not None) == (leased or item.state is ItemState.DONE)
                assert (item.expires_at is not None) == leased
                assert item.attempt <= MOST_ATTEMPTS

    @invariant()
    def a_job_succeeded_only_if_every_page_gave_a_result(self) -> None:
        with self.world.sessions() as session:
            for job in session.query(Job).where(Job.kind == JobKind.EXTRACT):
                counts = jobs.progress(session, job.id)
                if job.state in FINAL_JOB_STATES:
                    assert counts.waiting == counts.leased == 0
                if job.state is JobState.SUCCEEDED:
                    assert counts.done == counts.total

    def teardown(self) -> None:
        """Whatever happened, the work comes to its end once workers work."""
        self.world.draw()
        for _ in range(MOST_ATTEMPTS + 1):
            self.time_passes()
            while claim := self.world.claim("last"):
                for item in claim.items:
                    self.world.finish("last", item)
                    self.done[item.id] += 1
        self.settle()
        self.what_was_done_stays_done_and_is_done_once()
        with self.world.sessions() as session:
            states = {job_id: jobs.get_job(session, self.world.workspace_id, job_id).state for job_id in self.expected}
        assert set(states.values()) <= FINAL_JOB_STATES


@pytest.fixture(params=["sqlite", "postgresql"])
def machine_world(request: pytest.FixtureRequest, sqlite_template: Path) -> Iterator[World]:
    """A database for a whole run of the machine; SQLite's lies in memory where there is such a folder."""
    memory = Path("/dev/shm")  # noqa: S108 - only speed hangs on it
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        url = f"sqlite:///{copyfile(sqlite_template, Path(folder) / 'machine.db')}"
        if request.param == "postgresql":
            url = request.getfixturevalue("postgresql_url")
        engine = make_engine(url)
        yield world_of(make_sessions(engine), "default")
        engine.dispose()


def test_no_item_is_lost_or_done_twice_whatever_happens(machine_world: World) -> None:
    class OnThisDatabase(Ledger):
        world = machine_world

    case = OnThisDatabase.TestCase
    case.settings = settings(
        max_examples=12,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    case("runTest").runTest()
