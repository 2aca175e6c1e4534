"""Nothing lost, nothing twice: whole workers are killed at random and Redis is flushed while 1,000 pages are read."""

import random
from functools import partial

import pytest
import redis
from sqlalchemy import text

from core.records import ItemState, JobState
from storage.database import Sessions
from storage.tables import Record, Value
from tests.integration.service import PATIENCE, Service, Worker, await_that

DOCUMENTS, PAGES = 25, 40
POISON = 517  # kills whoever looks at it
KILLS = 6
FIELDS = {"total": "total amount", "iban": "IBAN"}

_TRIGGERS = {
    "sqlite": """
        CREATE TRIGGER count_done AFTER UPDATE OF state ON items WHEN NEW.state = 'done'
        BEGIN INSERT INTO done_items VALUES (NEW.id); END
    """,
    "postgresql": """
        CREATE FUNCTION count_done() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO done_items VALUES (NEW.id); RETURN NEW; END $$;
        CREATE TRIGGER count_done AFTER UPDATE OF state ON items
        FOR EACH ROW WHEN (NEW.state = 'done') EXECUTE FUNCTION count_done();
    """,
}


def _count_every_done(sessions: Sessions) -> None:
    """Let the database itself write down each time that an item becomes done."""
    with sessions.begin() as session:
        session.execute(text("CREATE TABLE done_items (item_id BIGINT)"))
        session.execute(text(_TRIGGERS[session.get_bind().dialect.name]))


def _kill_at_random(service: Service, job: str, redis_url: str, dice: random.Random) -> None:
    """After every hundred pages or so, kill a whole worker in the midst of its work, flush Redis, start another."""
    for kill in range(KILLS):
        enough = int((kill + dice.random()) * DOCUMENTS * PAGES / (KILLS + 1))
        await_that(partial(_is_done, service, job, enough), "the next pages")
        victim: Worker = dice.choice([worker for worker in service.workers if worker.process.poll() is None])
        victim.kill()
        with redis.Redis.from_url(redis_url) as client:
            client.flushall()
        service.start()


def _is_done(service: Service, job: str, pages: int) -> bool:
    return service.done(job) > pages


@pytest.mark.timeout(2 * PATIENCE)
def test_killed_workers_and_a_flushed_redis_cost_time_and_never_pages(service: Service, redis_url: str) -> None:
    dice = random.Random(20)
    numbers = list(range(1, DOCUMENTS * PAGES + 1))
    service.script(acts={str(POISON): "kill"}, seconds=0.005)
    _count_every_done(service.sessions)
    names = [f"scan-{n:02}.tif" for n in range(DOCUMENTS)]
    uploaded = [service.upload(name, numbers[n * PAGES : (n + 1) * PAGES]) for n, name in enumerate(names)]
    schema = service.schema(**FIELDS)
    job = service.extract(schema, *uploaded)
    for _ in range(2):
        service.start()
    _kill_at_random(service, job, redis_url, dice)
    assert service.wait(job) is JobState.PARTIAL

    poisoned = (names[(POISON - 1) // PAGES], (POISON - 1) % PAGES + 1)
    assert service.gaps(job) == [(*poisoned, "poison-page")]
    items = service.items(job)
    assert [item.state for item in items].count(ItemState.DONE) == len(numbers) - 1
    with service.sessions() as session:
        done = [row.item_id for row in session.execute(text("SELECT item_id FROM done_items"))]
        values = session.query(Value).filter(Value.schema_id == schema).all()
        complete = [record.complete for record in session.query(Record).filter(Record.schema_id == schema)]
    assert len(done) == len(set(done))
    assert {item.id for item in items if item.state == ItemState.DONE} <= set(done)

    page_of = {(d, p): n * PAGES + p for n, d in enumerate(uploaded) for p in range(1, PAGES + 1)}
    read = sorted((page_of[value.document_id, value.page_number], value.field, value.raw) for value in values)
    assert read == sorted(
        (number, field, f"{title} {number}")
        for number in numbers
        if number != POISON
        for field, title in FIELDS.items()
    )
    assert sorted(complete) == [False, *[True] * (DOCUMENTS - 1)]

    written = {page_of[value.document_id, value.page_number]: value.created_at.timestamp() for value in values}
    asked_again = [number for number, _, when in service.journal() if when > written.get(number, when)]
    assert asked_again == []
