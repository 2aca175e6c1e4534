"""Questions among whole workers that read in bulk: served first, and neither side loses a page, whoever is killed."""

import random
import time

import pytest
from sqlalchemy import text

from core.records import ItemState, JobState, Queue
from tests.integration.service import PATIENCE, Service, await_that
from tests.integration.test_kill_loop import _count_every_done
from tests.integration.test_pipeline import ONE_DATABASE

READERS = (Queue.INTERACTIVE, Queue.BULK)
ASKED = 1_000  # the number of the first page that questions are asked of
QUESTION = "What is it?"


@ONE_DATABASE
@pytest.mark.timeout(2 * PATIENCE)
def test_a_question_is_served_by_all_workers_before_the_rest_of_their_claims(service: Service) -> None:
    service.script(seconds=0.3)
    service.start([Queue.RASTERIZE])
    bulk, asked = service.upload("a.tif", list(range(1, 61))), service.upload("b.tif", [ASKED, ASKED + 1])
    job = service.extract(service.schema(total="total amount"), bulk)
    await_that(lambda: not service.waiting_to_be_drawn(), "pages to read")
    for _ in range(2):
        service.start(READERS, model_batch=30)  # all of the job is in their hands
    await_that(lambda: len({pid for _, pid, _ in service.journal()}) == 2, "two workers at work")
    before = time.time()
    question = service.ask(QUESTION, asked)
    assert service.wait(question) is JobState.SUCCEEDED
    begun = [(number, when) for number, _, when in service.journal() if when > before]
    last = max(when for number, when in begun if number >= ASKED)
    assert len([number for number, when in begun if number < ASKED and when < last]) <= 4  # two each, of thirty
    assert service.wait(job) is JobState.SUCCEEDED
    assert {(item.state, item.attempt) for item in service.items(job)} == {(ItemState.DONE, 1)}


@ONE_DATABASE
@pytest.mark.timeout(2 * PATIENCE)
def test_pages_that_a_killed_worker_knew_are_asked_of_others(service: Service) -> None:
    service.script(seconds=0.02, keeps=True)
    service.start([Queue.RASTERIZE])
    asked = service.upload("b.tif", [ASKED, ASKED + 1, ASKED + 2])
    holder = service.start(READERS)
    assert service.wait(service.ask(QUESTION, asked)) is JobState.SUCCEEDED
    other = service.start(READERS)
    await_that(lambda: "worker ready" in other.events(), "another worker")
    holder.kill()
    before = time.time()
    question = service.ask("What then?", asked)
    assert service.wait(question) is JobState.SUCCEEDED
    assert {(item.state, item.attempt) for item in service.items(question)} == {(ItemState.DONE, 1)}
    assert sorted(number for number, _, when in service.journal() if when > before) == [ASKED, ASKED + 1, ASKED + 2]


@pytest.mark.timeout(2 * PATIENCE)
def test_questions_without_end_and_killed_workers_cost_neither_side_a_page(service: Service) -> None:
    dice, questions, kills = random.Random(6), 12, {3, 8}
    service.script(seconds=0.02, acts={str(number): "sleep 0.4" for number in range(1, 60, 7)})
    _count_every_done(service.sessions)
    bulk, asked = service.upload("a.tif", list(range(1, 61))), service.upload("b.tif", [ASKED, ASKED + 1])
    workers = [service.start() for _ in range(3)]
    job = service.extract(service.schema(total="total amount"), bulk)
    await_that(lambda: service.done(job) > 0, "the first pages")
    asking = []
    for number in range(questions):
        asking.append(service.ask(f"{QUESTION} {number}", asked))
        if number in kills:
            workers.pop(dice.randrange(len(workers))).kill()
            workers.append(service.start())
        assert service.wait(asking[-1]) is JobState.SUCCEEDED
    assert service.wait(job) is JobState.SUCCEEDED
    with service.sessions() as session:
        done = [row.item_id for row in session.execute(text("SELECT item_id FROM done_items"))]
    items = [item for one in (job, *asking) for item in service.items(one)]
    assert {item.state for item in items} == {ItemState.DONE}
    assert len(items) == 60 + 2 * questions
    assert len(done) == len(set(done))
    assert {item.id for item in items} <= set(done)
