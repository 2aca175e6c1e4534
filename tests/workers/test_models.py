"""Each job is read by the model that it names; one that is away makes its own jobs wait and no other."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.errors import ModelUnavailable
from core.records import ItemState, JobState
from core.settings import Settings
from storage import jobs, values
from tests.protocol_server import Act, ProtocolServer, cuts, fails, hangs, refuses, says, says_json, served, slowly
from tests.scripted_model import ScriptedModel
from tests.workers.conftest import Bench
from workers.resting import Resting
from workers.shelf import Shelf
from workers.vlm.catalog import Catalog, Entry, Kind, read_catalog
from workers.vlm.interface import Model, ModelIdentity
from workers.vlm.remote.line import Patience
from workers.vlm.remote.model import RemoteModel
from workers.vlm.remote.openai import connect
from workers.work import MODEL_QUEUES, work_once, work_until_idle

SECRET = "sk-never-in-a-row-4711"
QUICK = Patience(first_pause=0.01, first_rest=0.1, longest_rest=0.2, longest_pause=0.3)
FORM = says('{"total": "12.00"}', [('{"total": "', 1.0), ("12", 0.9), (".00", 0.8), ('"}', 1.0)])
POLITE: dict[str, Act] = {
    "well": FORM,
    "without probabilities": says_json({"total": "12.00"}),
    "without a schema": refuses("response_format", FORM),
}


@pytest.fixture
def server() -> Iterator[ProtocolServer]:
    with served() as server:
        server.plays(FORM)
        yield server


@pytest.fixture
def big(bench: Bench, server: ProtocolServer) -> RemoteModel:
    """A model behind an API, which jobs may name."""
    model = remote(server.url)
    bench.models["big"] = model
    return model


def remote(url: str, **more: Any) -> RemoteModel:
    entry = Entry.model_validate({"kind": Kind.OPENAI, "name": "big-vl", "base_url": url, "key": SECRET, **more})
    return connect("big", entry, QUICK)


def poll(bench: Bench, reached: Callable[[], bool]) -> None:
    """Look for work now and then, as an idle worker does."""
    desk = bench.desks[0] if bench.desks else bench.desk()
    deadline = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < deadline
        if not work_once(desk, MODEL_QUEUES):
            threading.Event().wait(0.02)


def ended(bench: Bench, *job_ids: str) -> Callable[[], bool]:
    final = {JobState.SUCCEEDED, JobState.PARTIAL, JobState.FAILED}
    return lambda: all(bench.state(job) in final for job in job_ids)


def why(bench: Bench, job_id: str) -> str | None:
    """What a job waits for, as its owner is told."""
    with bench.sessions() as session:
        found = jobs.waiting_for(session, job_id)
    return None if found is None else found[0]


def read_by(bench: Bench, document: str, schema: str) -> str | None:
    with bench.sessions() as session:
        return values.model_of(session, document, schema)


def test_a_job_is_read_by_the_model_that_it_names(bench: Bench) -> None:
    bench.models["other"] = ScriptedModel({"2": {"total": "by the other"}}, revision="2")
    schema = bench.schema(total="total amount")
    one, two = bench.document(1), bench.document(2, name="b.pdf")
    first, second = bench.extract(schema, one), bench.extract(schema, two, model="other")
    question = bench.ask("What?", two, model="other")
    bench.run()
    assert [bench.state(job) for job in (first, second, question)] == [JobState.SUCCEEDED] * 3
    assert [number for number, _ in bench.model.calls] == [1]
    assert (bench.job(first).params, bench.job(second).params) == ({}, {"model": "other"})


@pytest.mark.parametrize("how", POLITE)
def test_a_job_is_read_over_an_api_whatever_the_server_can_do(
    bench: Bench, big: RemoteModel, server: ProtocolServer, how: str
) -> None:
    server.plays(POLITE[how])
    schema, document = bench.schema(total="total amount"), bench.document(1, 2)
    job = bench.extract(schema, document, model="big")
    bench.run()
    assert (bench.state(job), read_by(bench, document, schema)) == (JobState.SUCCEEDED, "big-vl")
    with bench.sessions() as session:
        found = [(page, v.raw, v.confidence) for page, v in values.values_of(session, document, schema)]
    sure = None if how == "without probabilities" else pytest.approx(0.72)
    assert found == [(1, "12.00", sure), (2, "12.00", sure)]


def test_a_model_that_is_away_makes_its_jobs_wait_and_no_other(bench: Bench) -> None:
    with served() as gone:
        pass
    bench.models["big"] = remote(gone.url)
    schema = bench.schema(total="total amount")
    waiting = bench.extract(schema, bench.document(1, 2, 3, 4, 5), model="big")
    asked = bench.ask("What is it?", bench.document(6, name="b.pdf"), model="big")
    others = [
        bench.extract(schema, bench.document(7, 8, name="c.pdf")),
        bench.ask("What?", bench.document(9, name="d.pdf")),
    ]
    poll(bench, ended(bench, *others))
    assert [bench.state(job) for job in others] == [JobState.SUCCEEDED] * 2
    states = {(item.state, item.attempt) for job in (waiting, asked) for item in bench.items(job).values()}
    assert states == {(ItemState.WAITING, 0)}
    assert why(bench, waiting) == "model-busy"

    with served(int(gone.url.split(":")[2].partition("/")[0])) as back:
        back.plays(lambda handler, body: (FORM if "response_format" in body else says("a thing"))(handler, body))
        poll(bench, ended(bench, waiting, asked))
    assert (bench.state(waiting), bench.state(asked)) == (JobState.SUCCEEDED, JobState.SUCCEEDED)
    assert {item.attempt for job in (waiting, asked) for item in bench.items(job).values()} == {1}
    assert why(bench, waiting) is None


@dataclass
class Away(ScriptedModel):
    """A model that is away for an hour each time it is asked."""

    def generate(self, requests: Any, _cancelled: Any = None) -> Any:
        self.calls += [(0, ()) for _ in requests]
        raise ModelUnavailable(wait=3600)


def test_many_jobs_of_a_model_that_stays_away_hold_up_no_other(bench: Bench) -> None:
    away = bench.models["big"] = Away()
    document, schema = bench.document(1), bench.schema(total="total amount")
    waiting = [bench.ask("What is it?", document, model="big") for _ in range(11)]
    waiting += [bench.extract(schema, document, model="big")]
    bench.run()
    assert {why(bench, job) for job in waiting} == {"model-unavailable"}  # each was told
    assert len(away.calls) == len(waiting)

    bench.desks[0].resting = Resting()  # the hour is over
    other = bench.ask("What?", bench.document(7, name="b.pdf"))
    bench.run()
    assert bench.state(other) == JobState.SUCCEEDED
    assert len(away.calls) == len(waiting) + 1  # one claim was enough to know it again


@pytest.mark.parametrize("act", [fails(429), fails(503), cuts], ids=["429", "503", "cut"])
def test_an_overloaded_server_costs_no_attempt(
    bench: Bench, big: RemoteModel, server: ProtocolServer, act: Act
) -> None:
    server.plays(act)
    server.probed = act
    job = bench.extract(bench.schema(total="total amount"), bench.document(1, 2), model="big")
    poll(bench, lambda: len(server.requests) > 6)
    assert {(item.state, item.attempt) for item in bench.items(job).values()} == {(ItemState.WAITING, 0)}
    server.plays(FORM)
    poll(bench, ended(bench, job))
    assert (bench.state(job), bench.gaps(job)) == (JobState.SUCCEEDED, [])


def test_a_page_on_which_a_server_always_fails_is_given_up_and_stops_no_other(
    bench: Bench, big: RemoteModel, server: ProtocolServer
) -> None:
    failed: set[str] = set()

    def act(handler: Any, body: Any) -> None:
        picture = body["messages"][0]["content"][0]["image_url"]["url"]
        if not failed:
            failed.add(picture)
        (fails(500, "CUDA error") if picture in failed else FORM)(handler, body)

    server.plays(act)
    job = bench.extract(bench.schema(total="total amount"), bench.document(1, 2, 3), model="big")
    poll(bench, ended(bench, job))
    assert (bench.state(job), [code for _, code in bench.gaps(job)]) == (JobState.PARTIAL, ["model-failed"])
    assert sorted(item.attempt for item in bench.items(job).values()) == [1, 1, 3]


def test_a_field_of_the_wrong_form_is_unreadable_with_its_reason_and_asked_again_by_the_next_job(
    bench: Bench, big: RemoteModel, server: ProtocolServer
) -> None:
    server.plays(says("I see a page."))
    schema, document = bench.schema(total="total amount"), bench.document(1)
    for expected in (("unreadable", None, "invalid-output"), ("found", "12.00", None)):
        bench.extract(schema, document, model="big")
        bench.run()
        with bench.sessions() as session:
            ((_, value),) = values.values_of(session, document, schema)
        assert (value.state.value, value.raw, value.reason) == expected
        server.plays(FORM)


def test_pages_are_shown_side_by_side_to_a_model_that_takes_several(bench: Bench, server: ProtocolServer) -> None:
    server.plays(slowly(FORM, 0.2))
    bench.models["big"] = remote(server.url, concurrency=3)
    job = bench.extract(bench.schema(total="total amount"), bench.document(*range(1, 7)), model="big")
    desk = bench.desk(model_batch=6)
    work_until_idle(desk, MODEL_QUEUES)
    assert (bench.state(job), server.most_busy) == (JobState.SUCCEEDED, 3)


def test_a_cancelled_job_leaves_a_hanging_server_alone(bench: Bench, server: ProtocolServer) -> None:
    server.plays(hangs)
    bench.models["big"] = remote(server.url)
    job = bench.extract(bench.schema(total="total amount"), bench.document(1, 2), model="big")
    thread = threading.Thread(target=work_once, args=(bench.desk(), MODEL_QUEUES), daemon=True)
    thread.start()
    while not server.requests:
        threading.Event().wait(0.02)
    with bench.sessions.begin() as session:
        jobs.cancel(session, jobs.get_job(session, bench.workspace_id, job))
    thread.join(20)
    assert not thread.is_alive()
    assert bench.state(job) is JobState.CANCELLED


def test_a_model_that_this_worker_does_not_know_is_left_to_another(bench: Bench) -> None:
    job = bench.extract(bench.schema(total="total amount"), bench.document(1), model="elsewhere")
    work_once(bench.desk(), MODEL_QUEUES)
    assert (bench.items(job)[1].state, bench.items(job)[1].attempt) == (ItemState.WAITING, 0)
    bench.models["elsewhere"] = ScriptedModel()
    work_until_idle(bench.desk(), MODEL_QUEUES)
    assert bench.state(job) is JobState.SUCCEEDED


def test_the_key_is_in_no_row(bench: Bench, big: RemoteModel, server: ProtocolServer, tmp_path: Path) -> None:
    job = bench.extract(bench.schema(total="total amount"), bench.document(1, 2, 3), model="big")
    server.plays(FORM, fails(400, f"the key {SECRET} is bad"), fails(401, f"no such key: {SECRET}"), FORM)
    poll(bench, ended(bench, job))
    if not str(bench.settings.database_url).startswith("sqlite"):
        return
    with sqlite3.connect(tmp_path / "folioscope.db") as rows:
        dump = "\n".join(rows.iterdump())
    rows.close()
    assert "big-vl" in dump
    assert "***" in dump
    assert SECRET not in dump


# -- the shelf


class Named:
    """A model that is no more than its name."""

    def __init__(self, name: str) -> None:
        self.identity = ModelIdentity(name, "1", "none")
        self.closed = False

    def close(self) -> None:
        self.closed = True


def shelf(tmp_path: Path, loaded: list[str], *, most: int, default: str = "a", broken: str = "") -> Shelf[Any]:
    """A shelf for the local models a to d and the remote one r, which writes down what it loads."""
    local = "".join(f'[models.{name}]\nkind = "local"\nname = "/models/{name}"\n' for name in "abcd")
    api = '[models.r]\nkind = "openai"\nname = "r"\nbase_url = "http://127.0.0.1:9/v1"\n'
    (tmp_path / "models.toml").write_text(f'default = "{default}"\n{local}{api}')
    settings = Settings(data_dir=tmp_path, models_loaded=most)

    def load(_settings: Settings, name: str, _catalog: Catalog) -> Model:
        loaded.append(name)
        if name == broken:
            raise ModelUnavailable("It does not fit.")
        return Named(name)  # type: ignore[return-value]

    return Shelf(settings, read_catalog(settings), load)


@pytest.mark.parametrize(
    ("most", "default", "asked", "loaded"),
    [
        (2, "a", "abab", "ab"),  # the default and one other
        (2, "a", "abcabc", "abcbc"),  # the other one changes
        (3, "a", "abcabc", "abc"),
        (3, "a", "abcbdb", "abcd"),  # c was used least recently
        (1, "a", "aba", "ab"),  # one beside the default there must be
        (2, "r", "rabrcb", "rabc"),  # what lies behind an API takes no room
        (1, "a", "arbr", "arb"),
    ],
)
def test_of_local_models_no_more_are_held_than_may_be(
    tmp_path: Path, most: int, default: str, asked: str, loaded: str
) -> None:
    seen: list[str] = []
    held = shelf(tmp_path, seen, most=most, default=default)
    for name in asked:
        assert held.get(name).identity.name == name
    assert "".join(seen) == loaded


def test_a_model_that_is_let_go_is_closed(tmp_path: Path) -> None:
    held = shelf(tmp_path, [], most=2)
    models = [held.get(name) for name in "abc"]
    assert [m.closed for m in models] == [False, True, False]
    held.close()
    assert all(m.closed for m in models)


def test_a_model_that_could_not_be_loaded_is_not_tried_with_every_page(tmp_path: Path) -> None:
    seen: list[str] = []
    held = shelf(tmp_path, seen, most=2, broken="b")
    for _ in range(3):
        with pytest.raises(ModelUnavailable, match="does not fit"):
            held.get("b")
    assert held.get("a").identity.name == "a"
    assert seen == ["b", "a"]
