"""Pages that a worker was asked about are left to it for a moment, and never for longer."""

import threading
from typing import TypeAlias

import pytest

from core.records import ItemState, JobState
from storage.ledger import Shown
from tests.scripted_model import ScriptedModel
from tests.workers.conftest import Bench
from workers import leaving
from workers.desk import Desk
from workers.leaving import Leaving
from workers.work import MODEL_QUEUES, work_once, work_until_idle

PAGES = (1, 2, 3, 4)


Worker: TypeAlias = tuple[Desk, ScriptedModel]


def worker(bench: Bench, *, keeps: bool = True) -> Worker:
    """A worker with a model of its own, which may know the pages that it was asked about."""
    bench.model = ScriptedModel(keeps=keeps)
    return bench.desk(), bench.model


def told(model: ScriptedModel) -> list[int]:
    return [number for number, _ in model.calls]


def asked_before(bench: Bench, *, keeps: bool = True) -> tuple[str, Worker, Worker]:
    """A document all of whose pages the first of two workers was asked about."""
    document = bench.document(*PAGES)
    holder, other = worker(bench, keeps=keeps), worker(bench, keeps=keeps)
    bench.ask("What is the total?", document)
    work_until_idle(holder[0], MODEL_QUEUES)
    return document, holder, other


@pytest.fixture
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "PATIENCE_SECONDS", 60.0)


@pytest.fixture
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "PATIENCE_SECONDS", 0.0)


@pytest.mark.usefixtures("_patient")
def test_a_page_that_another_worker_knows_is_left_to_it(bench: Bench) -> None:
    document, (holder, known), (other, anew) = asked_before(bench)
    question = bench.ask("What is the tax?", document)
    waiting = threading.Thread(target=work_once, args=(other, MODEL_QUEUES))
    waiting.start()
    work_until_idle(holder, MODEL_QUEUES)
    waiting.join(30)
    assert not waiting.is_alive()
    assert (told(known), told(anew)) == ([*PAGES, *PAGES], [])
    assert bench.state(question) is JobState.SUCCEEDED


@pytest.mark.usefixtures("_patient")
def test_pages_that_nobody_knows_are_shared_at_once(bench: Bench) -> None:
    document, _, (other, anew) = asked_before(bench)
    fresh = bench.document(5, 6, name="b.pdf")
    bench.ask("What is the tax?", fresh)
    bench.ask("What is the tax?", document)
    for _ in range(2):
        work_once(other, MODEL_QUEUES)
    assert told(anew) == [5, 6]


@pytest.mark.usefixtures("_patient")
def test_another_question_is_served_while_pages_are_left(bench: Bench) -> None:
    document, _, (other, anew) = asked_before(bench)
    bench.ask("What is the tax?", document)
    bench.ask("What is the tax?", bench.document(5, name="b.pdf"))
    work_once(other, MODEL_QUEUES)
    assert told(anew) == [5]


def test_pages_of_a_dead_worker_are_taken_after_a_moment_and_at_once_from_then_on(bench: Bench) -> None:
    document, (holder, known), (other, anew) = asked_before(bench)
    holder.close()  # it will never come
    first = bench.ask("What is the tax?", document)
    work_until_idle(other, MODEL_QUEUES)
    assert {(item.state, item.attempt) for item in bench.items(first).values()} == {(ItemState.DONE, 1)}
    assert (told(known), told(anew)) == ([*PAGES], [*PAGES])


def test_who_let_a_page_wait_is_left_none_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Shown("job", {("a", 1): frozenset({"dead"}), ("a", 2): frozenset({"dead", "alive"})})
    mine = Leaving("me")
    with monkeypatch.context() as patched:
        patched.setattr(leaving, "PATIENCE_SECONDS", 0.0)
        assert mine.pages(shown, ()) == []
    assert mine.pages(Shown("next", {("b", 1): frozenset({"dead"}), ("b", 2): frozenset({"new"})}), ()) == [("b", 2)]


def test_what_is_known_here_too_is_left_to_nobody() -> None:
    shown = Shown("job", {("a", 1): frozenset({"me", "other"}), ("a", 2): frozenset({"other"})})
    assert Leaving("me").pages(shown, [("a", 2)]) == []


@pytest.mark.usefixtures("_hasty")
def test_a_worker_that_is_not_left_its_pages_loses_none(bench: Bench) -> None:
    document, (holder, _), (other, _) = asked_before(bench)
    question = bench.ask("What is the tax?", document)
    for desk in (other, holder, other, holder):
        work_once(desk, MODEL_QUEUES)
    assert {(item.state, item.attempt) for item in bench.items(question).values()} == {(ItemState.DONE, 1)}


@pytest.mark.usefixtures("_patient")
def test_nothing_is_left_to_others_where_the_model_keeps_no_page(bench: Bench) -> None:
    document, _, (other, anew) = asked_before(bench, keeps=False)
    bench.ask("What is the tax?", document)
    work_once(other, MODEL_QUEUES)
    assert told(anew) == [1]


@pytest.mark.usefixtures("_patient")
def test_a_page_that_met_trouble_is_left_to_nobody(bench: Bench) -> None:
    """Whoever it failed with may fail again."""
    document, (holder, known), (other, anew) = asked_before(bench)
    known.acts = {"1": "raise"}
    question = bench.ask("What is the tax?", document)
    work_once(holder, MODEL_QUEUES)
    work_once(other, MODEL_QUEUES)
    assert told(anew) == [1]
    assert bench.items(question)[1].state is ItemState.DONE
