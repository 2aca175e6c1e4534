"""Questions overtake pages in bulk, which lose nothing by it but time, and are not put off for ever."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest

from core.errors import ModelUnavailable
from core.records import ItemState, JobState, Queue, StopReason
from storage import ledger, values
from tests.protocol_server import Body, Handler, says, served
from tests.scripted_model import ScriptedModel, number_of
from tests.workers.conftest import Bench
from tests.workers.test_models import remote
from workers import overtaking
from workers.vlm.interface import Capability, Generation, PageRequest, PromptKind
from workers.work import MODEL_QUEUES, work_once, work_until_idle

ASKED = 100  # from here on, pages that questions are asked of
PATIENCE = 30.0


@dataclass
class Eventful(ScriptedModel):
    """A scripted model that something happens to while it looks at pages, by their numbers.

    An event that returns True keeps it looking until it is told to stop; it ends by itself after a while, as no page
    takes for ever.
    """

    events: dict[int, Callable[[], bool]] = field(default_factory=dict)
    batches: bool = False
    stopped: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)  # pages shown at once

    @property
    def told(self) -> list[int]:
        """The pages that it answered about, in order."""
        return [number for number, _ in self.calls]

    def generate(
        self, requests: Sequence[PageRequest], cancelled: Callable[[], bool] = lambda: False
    ) -> list[list[Generation]]:
        self.sizes.append(len(requests))
        return super().generate(requests, cancelled)

    def _page(self, request: PageRequest, cancelled: Callable[[], bool]) -> list[Generation]:
        number = number_of(request.image)
        event = self.events.get(number)
        if event is not None and event() and self._is_stopped(cancelled):
            self.stopped.append(number)
            return [Generation(None, None, None, StopReason.CANCELLED, 0.0) for _ in request.prompts]
        return super()._page(request, cancelled)

    def _is_stopped(self, cancelled: Callable[[], bool]) -> bool:
        until = time.monotonic() + 10 * overtaking.LOOK_SECONDS
        while not cancelled() and time.monotonic() < until:
            time.sleep(0.01)
        return cancelled()


@pytest.fixture
def model(bench: Bench) -> Eventful:
    bench.model = Eventful()
    return bench.model


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often, and owe bulk its page soon."""
    monkeypatch.setattr(overtaking, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(overtaking, "MOST_AHEAD", 4)


def asking(bench: Bench, document: str, *, stay: bool = False, times: int = 1, **more: Any) -> Callable[[], bool]:
    """An event: somebody asks the document something, the first few times. It goes on looking where it is to `stay`."""
    asked = count()

    def ask() -> bool:
        number = next(asked)
        if number < times:
            bench.ask(f"What is {number}?", document, **more)
            time.sleep(2 * overtaking.LOOK_SECONDS)
        return stay and number < times

    return ask


def attempts(bench: Bench, job: str) -> set[tuple[ItemState, int]]:
    return {(ItemState(item.state), item.attempt) for item in bench.items(job).values()}


def test_a_question_is_answered_before_the_rest_of_a_claim_in_bulk(bench: Bench, model: Eventful) -> None:
    schema = bench.schema(total="total amount")
    document, asked = bench.document(1, 2, 3, 4), bench.document(ASKED, name="b.pdf")
    model.events[2] = asking(bench, asked)
    job = bench.extract(schema, document)
    bench.run()
    assert model.told == [1, 2, ASKED, 3, 4]
    assert (bench.state(job), attempts(bench, job)) == (JobState.SUCCEEDED, {(ItemState.DONE, 1)})


def test_a_page_that_takes_long_is_broken_off_for_a_question_and_read_later(bench: Bench, model: Eventful) -> None:
    schema = bench.schema(total="total amount")
    document, asked = bench.document(1, 2), bench.document(ASKED, name="b.pdf")
    model.events[1] = asking(bench, asked, stay=True)
    job = bench.extract(schema, document)
    bench.run()
    assert (model.stopped, model.told) == ([1], [ASKED, 1, 2])
    assert (bench.state(job), attempts(bench, job)) == (JobState.SUCCEEDED, {(ItemState.DONE, 1)})
    with bench.sessions() as session:
        assert [value.raw for _, value in values.values_of(session, document, schema)] == [
            "total amount 1",
            "total amount 2",
        ]


def test_pages_looked_at_as_one_batch_are_broken_off_too_and_batched_again(bench: Bench, model: Eventful) -> None:
    model.batches = True
    document, asked = bench.document(1, 2, 3, 4), bench.document(ASKED, name="b.pdf")
    model.events[3] = asking(bench, asked, stay=True)
    job = bench.extract(bench.schema(total="total amount"), document)
    bench.run()
    assert (model.sizes, model.stopped) == ([4, 1, 4], [3])
    assert (bench.state(job), attempts(bench, job)) == (JobState.SUCCEEDED, {(ItemState.DONE, 1)})


def test_a_worker_that_serves_no_questions_gives_way_to_none(bench: Bench, model: Eventful) -> None:
    asked = bench.document(ASKED, name="b.pdf")
    model.events[1] = asking(bench, asked, stay=True)
    job = bench.extract(bench.schema(total="total amount"), bench.document(1, 2))
    work_until_idle(bench.desk(), (Queue.BULK,))
    assert (model.stopped, model.told, bench.state(job)) == ([], [1, 2], JobState.SUCCEEDED)


def test_questions_that_never_end_do_not_keep_a_job_from_its_end(bench: Bench, model: Eventful) -> None:
    """Whoever is answered asks again at once."""
    asked = bench.document(ASKED, name="b.pdf")
    model.events[ASKED] = asking(bench, asked, times=10**6)
    job = bench.extract(bench.schema(total="total amount"), bench.document(1, 2))
    bench.ask("What?", asked)
    desk = bench.desk()
    for _ in range(3 * overtaking.MOST_AHEAD):
        work_once(desk, MODEL_QUEUES)
    assert (bench.state(job), attempts(bench, job)) == (JobState.SUCCEEDED, {(ItemState.DONE, 1)})
    assert model.told.count(ASKED) > 2 * overtaking.MOST_AHEAD


def test_a_page_that_every_question_breaks_off_comes_to_its_end(bench: Bench, model: Eventful) -> None:
    """Somebody asks whenever one of the pages is looked at, and the page takes longer than that."""
    asked = bench.document(ASKED, name="b.pdf")
    for number in (1, 2):
        model.events[number] = asking(bench, asked, stay=True, times=10**6)
    job = bench.extract(bench.schema(total="total amount"), bench.document(1, 2))
    desk = bench.desk()
    for _ in range(6 * overtaking.MOST_BROKEN):
        work_once(desk, MODEL_QUEUES)
    assert (bench.state(job), attempts(bench, job)) == (JobState.SUCCEEDED, {(ItemState.DONE, 1)})
    assert model.stopped == [1] * overtaking.MOST_BROKEN + [2] * overtaking.MOST_BROKEN


def test_a_question_whose_model_is_away_does_not_break_off_page_after_page(bench: Bench, model: Eventful) -> None:
    """All pages but the first of that question could be claimed, as far as their rows tell."""

    @dataclass
    class Away(ScriptedModel):
        def generate(self, requests: Any, _cancelled: Any = None) -> Any:
            self.calls += [(0, ()) for _ in requests]
            raise ModelUnavailable(wait=3600)

    away = bench.models["away"] = Away()
    waiting = bench.ask("What is it?", bench.document(ASKED, ASKED + 1, name="b.pdf"), model="away")
    model.events = dict.fromkeys(range(1, 4), lambda: True)
    job = bench.extract(bench.schema(total="total amount"), bench.document(1, 2, 3))
    bench.run()
    assert (len(away.calls), model.stopped, bench.state(job)) == (1, [], JobState.SUCCEEDED)
    assert attempts(bench, waiting) == {(ItemState.WAITING, 0)}


def test_what_was_said_before_a_break_is_not_asked_again(bench: Bench, model: Eventful) -> None:
    """A model that tells what it has so far when it is stopped is asked for the rest alone."""
    asked = bench.document(ASKED, name="b.pdf")
    rounds: list[tuple[str, ...]] = []

    def page(request: PageRequest, cancelled: Callable[[], bool]) -> list[Generation]:
        keys = tuple(prompt.key for prompt in request.prompts)
        if number_of(request.image) == ASKED:
            return ScriptedModel._page(model, request, cancelled)
        rounds.append(keys)
        made = ScriptedModel._page(model, request, cancelled)
        if len(rounds) > 1:
            return made
        bench.ask("What?", asked)
        assert model._is_stopped(cancelled)
        return [made[0], *(Generation(None, None, None, StopReason.CANCELLED, 0.0) for _ in made[1:])]

    model._page = page  # type: ignore[method-assign]
    schema, document = bench.schema(total="total amount", iban="IBAN"), bench.document(1)
    job = bench.extract(schema, document)
    bench.run()
    assert rounds == [("total", "iban"), ("iban",)]
    with bench.sessions() as session:
        assert [value.raw for _, value in values.values_of(session, document, schema)] == ["total amount 1", "IBAN 1"]
    assert bench.state(job) is JobState.SUCCEEDED


def test_what_a_page_said_is_kept_where_its_check_is_broken_off(bench: Bench, model: Eventful) -> None:
    """Values are read again from their boxes, and a question comes meanwhile."""
    asked = bench.document(ASKED, name="b.pdf")
    model.capabilities |= {Capability.READ}
    model.sheets = True  # type: ignore[attr-defined]
    kinds: list[PromptKind] = []

    def page(request: PageRequest, cancelled: Callable[[], bool]) -> list[Generation]:
        kind = request.prompts[0].kind
        kinds.append(kind)
        if kind is PromptKind.READ and PromptKind.QUESTION not in kinds:
            bench.ask("What?", asked)
            assert model._is_stopped(cancelled)
            return [Generation(None, None, None, StopReason.CANCELLED, 0.0) for _ in request.prompts]
        return ScriptedModel._page(model, request, cancelled)

    model._page = page  # type: ignore[method-assign]
    job = bench.extract(bench.schema(total="total amount"), bench.document(1))
    bench.run()
    assert (bench.state(job), kinds.count(PromptKind.FIELD)) == (JobState.SUCCEEDED, 1)
    assert kinds[:4] == [PromptKind.FIELD, PromptKind.READ, PromptKind.QUESTION, PromptKind.READ]


def test_a_question_is_answered_beside_requests_that_are_under_way(bench: Bench) -> None:
    """A server that keeps every page of the bulk until the question is answered."""
    answered, shown = threading.Event(), threading.Barrier(3)

    def act(handler: Handler, body: Body) -> None:
        if "response_format" not in body:
            answered.set()
            says("a thing")(handler, body)
            return
        if not answered.is_set():
            shown.wait(PATIENCE)
            assert answered.wait(PATIENCE)
        says('{"total": "12.00"}')(handler, body)

    with served() as server:
        server.plays(act)
        bench.models["big"] = remote(server.url, concurrency=3)
        job = bench.extract(bench.schema(total="total amount"), bench.document(*range(1, 7)), model="big")
        asked = bench.document(ASKED, name="b.pdf")
        working = threading.Thread(target=work_until_idle, args=(bench.desk(model_batch=2), MODEL_QUEUES))
        working.start()
        shown.wait(PATIENCE)  # two pages are under way: the third party is this test
        question = bench.ask("What is it?", asked, model="big")
        working.join(2 * PATIENCE)
        assert not working.is_alive()
    assert [bench.state(one) for one in (question, job)] == [JobState.SUCCEEDED] * 2
    assert attempts(bench, job) == {(ItemState.DONE, 1)}
    forms = ["response_format" in body for body in server.requests]
    assert forms.index(False) == 2  # no page was begun between


def test_workers_share_the_pages_of_a_question(bench: Bench, model: Eventful) -> None:
    asked = bench.document(ASKED, ASKED + 1, ASKED + 2)
    question = bench.ask("What is it?", asked)
    assert work_once(bench.desk(), MODEL_QUEUES) == (Queue.INTERACTIVE,)
    assert [state for state in bench.states(question) if state is ItemState.WAITING] == [ItemState.WAITING] * 2


def test_only_what_can_be_claimed_waits(bench: Bench) -> None:
    def waits() -> bool:
        with bench.sessions() as session:
            return ledger.waits(session, Queue.INTERACTIVE)

    assert not waits()
    bench.extract(bench.schema(total="total amount"), bench.document(1))
    bench.ask("What is it?", bench.waiting_document(1, name="b.pdf"))  # not drawn yet
    assert not waits()
    bench.ask("What is it?", bench.document(ASKED, name="c.pdf"))
    assert waits()
    work_once(bench.desk(), MODEL_QUEUES)
    assert not waits()
