"""A question whose way to its answer is told in events, and one that is answered later at an address."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from fastapi.testclient import TestClient

from api.client import Client
from api.listening import Searching
from tests.api.conftest import problem
from tests.api.test_jobs import events_in
from tests.scripted_model import ScriptedModel

ASKED = {"question": "What is the total?"}
EVENTS = {"Accept": "text/event-stream"}
PATIENCE = 60.0


@contextmanager
def working(work: Callable[[], None]) -> Iterator[None]:
    """A worker beside us."""
    ended = threading.Event()

    def go() -> None:
        while not ended.wait(0.05):
            work()

    thread = threading.Thread(target=go)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def told(response: Any) -> list[tuple[str, dict[str, Any]]]:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/event-stream")
    return list(events_in(response.text.splitlines()))


def test_events_tell_what_is_searched_which_pages_are_looked_at_and_the_answer(
    client: TestClient, document: dict[str, Any], work: Callable[[], None], model: ScriptedModel
) -> None:
    model.answers["0"]["answer"] = "$12.00 @0.9"
    work()
    with working(work):
        events = told(client.post("/v1/ask", json=ASKED, headers=EVENTS))
    names = [name for name, _ in events]
    assert (names[0], set(names[1:-1]), names[-1]) == ("searching", {"looking"}, "answer")
    job_id = events[0][1]["job_id"]
    assert {said["job_id"] for _, said in events} == {job_id}
    assert (events[0][1]["to_look_at"], events[-2][1]["looked_at"], events[-2][1]["to_look_at"]) == (2, 2, 2)
    pages = [page for name, said in events if name == "looking" for page in said["pages"]]
    place = {"document": document["id"], "document_name": "invoice.pdf"}
    assert sorted(pages, key=lambda page: page["page"]) == [place | {"page": n} for n in (1, 2)]
    assert (events[-1][1]["state"], events[-1][1]["text"]) == ("found", "$12.00")


def test_what_is_searched_is_told_again_once_a_worker_has_found_the_pages(
    server: str, key: str, client: TestClient, document: dict[str, Any], work: Callable[[], None]
) -> None:
    desk = client.app.state.desk  # type: ignore[attr-defined]
    desk.settings = desk.settings.model_copy(update={"plan_with_model": True})
    work()
    with Client(server, key) as folioscope:
        heard = folioscope.ask_events(ASKED["question"])
        events = [next(heard)]
        with working(work):
            events += heard
    searching = [event for event in events if isinstance(event, Searching)]
    assert [(bool(event.searched.words), event.to_look_at) for event in searching] == [(False, 0), (True, 2)]
    assert events[:2] == searching


def test_a_question_in_a_conversation_tells_first_how_it_was_understood(
    client: TestClient, document: dict[str, Any], work: Callable[[], None], model: ScriptedModel
) -> None:
    model.answers["0"]["answer"] = "$12.00 @0.9"
    work()
    path = f"/v1/conversations/{client.post('/v1/conversations', json={}).json()['id']}/ask"
    with working(work):
        first, second = (
            told(client.post(path, json={"question": question}, headers=EVENTS))
            for question in ("What is the total?", "and the tax?")
        )
    for events in (first, second):
        names = [name for name, _ in events]
        assert (names[:2], set(names[2:-1]), names[-1]) == (["turn", "searching"], {"looking"}, "turn")
        assert events[0][1]["answer"] is None
        assert {said["job_id"] for _, said in events} == {events[0][1]["job_id"]}
    assert [(said["number"], said["meant"]) for said in (second[0][1], second[-1][1])] == [(2, "What is the tax?")] * 2
    assert (second[-1][1]["state"], second[-1][1]["answer"]["text"]) == ("succeeded", "$12.00")


def test_a_conversation_that_is_deleted_meanwhile_ends_its_stream_in_an_error(
    client: TestClient, document: dict[str, Any], work: Callable[[], None]
) -> None:
    conversation = client.post("/v1/conversations", json={}).json()["id"]
    path, key = f"/v1/conversations/{conversation}/ask", {"Idempotency-Key": "q"}
    assert problem(client.post(f"/v1/conversations/{'0' * 32}/ask", json=ASKED, headers=EVENTS))[0] == 404
    assert client.post(path, json={**ASKED, "wait": 0}, headers=key).status_code == 202
    client.delete(f"/v1/conversations/{conversation}")
    work()
    assert problem(client.post(path, json={**ASKED, "wait": 0}, headers=EVENTS | key))[0] == 404


def test_a_question_whose_job_is_cancelled_ends_in_an_error(
    client: TestClient, document: dict[str, Any], work: Callable[[], None]
) -> None:
    work()
    job_id = client.post("/v1/ask", json=ASKED | {"wait": 0}, headers={"Idempotency-Key": "q"}).json()["id"]
    client.post(f"/v1/jobs/{job_id}/cancel")
    events = told(client.post("/v1/ask", json=ASKED | {"wait": 0}, headers=EVENTS | {"Idempotency-Key": "q"}))
    assert [name for name, _ in events] == ["searching", "error"]
    assert (events[-1][1]["job"], events[-1][1]["status"]) == (job_id, 500)
    assert "cancelled" in events[-1][1]["detail"]


def test_who_goes_away_ends_the_stream_and_not_the_question(
    server: str, key: str, client: TestClient, document: dict[str, Any], work: Callable[[], None], model: ScriptedModel
) -> None:
    work()
    headers = EVENTS | {"Authorization": f"Bearer {key}"}
    with (
        httpx.Client(base_url=server, headers=headers, trust_env=False, timeout=PATIENCE) as http,
        http.stream("POST", "/v1/ask", json=ASKED) as stream,
    ):
        name, said = next(events_in(stream.iter_lines()))
        assert name == "searching"
    work()
    job = client.get(f"/v1/jobs/{said['job_id']}").json()
    assert (job["state"], job["progress"]["done"]) == ("succeeded", 2)


def test_the_same_request_under_the_same_key_goes_on_with_the_same_question(
    client: TestClient, document: dict[str, Any], work: Callable[[], None]
) -> None:
    work()
    asked: dict[str, Any] = {"json": ASKED, "headers": {"Idempotency-Key": "q1"}}
    closing = client.app.state.closing  # type: ignore[attr-defined]
    closing.set()  # the service ends: the stream breaks off
    broken = told(client.post("/v1/ask", json=ASKED, headers=EVENTS | asked["headers"]))
    assert [name for name, _ in broken] == ["searching"]
    closing.clear()
    work()
    events = told(client.post("/v1/ask", json=ASKED, headers=EVENTS | asked["headers"]))
    assert [name for name, _ in events] == ["searching", "looking", "answer"]
    assert events[-1][1]["job_id"] == broken[0][1]["job_id"]


def test_where_too_many_listen_nothing_is_started(client: TestClient, document: dict[str, Any]) -> None:
    desk = client.app.state.desk  # type: ignore[attr-defined]
    desk.streams = threading.BoundedSemaphore(1)
    desk.streams.acquire()
    assert problem(client.post("/v1/ask", json=ASKED, headers=EVENTS)) == (503, "service-unavailable")
    assert client.get("/v1/jobs").json()["items"] == []
    desk.streams.release()
    wrong = ASKED | {"documents": ["0" * 32]}
    assert [problem(client.post("/v1/ask", json=wrong, headers=EVENTS))[0] for _ in range(2)] == [
        404,
        404,
    ]  # given back


def test_an_answer_that_takes_longer_has_an_address(
    client: TestClient, document: dict[str, Any], work: Callable[[], None]
) -> None:
    response = client.post("/v1/ask", json=ASKED | {"wait": 0})
    assert (response.status_code, response.headers["location"]) == (202, f"/v1/jobs/{response.json()['id']}")
    work()
    assert client.get(response.headers["location"]).json()["state"] == "succeeded"
