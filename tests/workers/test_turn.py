"""A poll that works claim after claim gives way to a hint."""

import threading
import time

from core.records import ItemState
from storage.tables import Item
from tests.workers.conftest import Bench
from workers.turn import Turn
from workers.work import MODEL_QUEUES, work_until_idle


def _waiting_for(turn: Turn) -> threading.Thread:
    def take() -> None:
        with turn:
            pass

    thread = threading.Thread(target=take)
    thread.start()
    deadline = time.monotonic() + 30
    while not turn.wanted:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return thread


def test_a_turn_is_wanted_while_somebody_waits_for_it() -> None:
    turn = Turn()
    with turn:
        assert not turn.wanted
        thread = _waiting_for(turn)
    thread.join(30)
    assert not turn.wanted


def test_polling_ends_after_a_claim_when_a_hint_wants_its_turn(bench: Bench) -> None:
    desk = bench.desk(model_batch=1)
    job = bench.extract(bench.schema(total="total amount"), bench.document(1, 2, 3))
    bench.model.acts = {"1": "wait"}
    polling = threading.Thread(target=work_until_idle, args=(desk, MODEL_QUEUES))
    polling.start()
    deadline = time.monotonic() + 30
    while not bench.model.calls:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    hint = _waiting_for(desk.turn)
    with bench.sessions.begin() as session:
        session.query(Item).filter(Item.job_id == job, Item.first_page == 1).update({"state": ItemState.CANCELLED})
    polling.join(30)
    hint.join(30)
    assert not polling.is_alive()
    assert bench.states(job) == [ItemState.CANCELLED, ItemState.WAITING, ItemState.WAITING]
