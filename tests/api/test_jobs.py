import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from api.shapes import job_out
from api.watch import pause_after
from storage.database import Sessions
from storage.tables import Job
from tests.api.conftest import parts, problem, upload
from tests.ingest.files import encrypted
from tests.scripted_model import ScriptedModel

EXTRACT = {"kind": "extract", "schema": "invoice"}


@pytest.fixture
def job(client: TestClient, document: dict[str, Any]) -> dict[str, Any]:
    response = client.post("/v1/jobs", json=EXTRACT)
    assert response.status_code == 202
    return response.json()  # type: ignore[no-any-return]


def test_a_job_is_planned_over_all_pages_and_says_how_far_it_is(
    client: TestClient, job: dict[str, Any], work: Callable[[], None]
) -> None:
    assert (job["kind"], job["state"], job["schema"]) == ("extract", "queued", {"name": "invoice", "version": 1})
    assert (job["progress"]["total"], job["progress"]["waiting"], job["gaps"]) == (2, 2, [])
    work()
    done = client.get(f"/v1/jobs/{job['id']}").json()
    assert (done["state"], done["progress"]["done"], done["gaps"]) == ("succeeded", 2, [])
    assert done["finished_at"] > job["created_at"]
    assert client.get("/v1/jobs").json()["items"] == [done]


def test_a_job_lists_what_it_lacks_and_why(
    client: TestClient, document: dict[str, Any], tmp_path: Path, work: Callable[[], None], model: ScriptedModel
) -> None:
    locked = upload(client, encrypted(tmp_path / "secret.pdf", "sesame"))["documents"][0]
    job = client.post("/v1/jobs", json=EXTRACT).json()
    gap = {
        "document_id": locked["id"],
        "document_name": "secret.pdf",
        "page": None,
        "code": "password-needed",
        "detail": "The document is protected by a password.",
    }
    assert job["gaps"] == [gap]
    work()
    done = client.get(f"/v1/jobs/{job['id']}").json()
    assert (done["state"], done["gaps"], done["gaps_total"]) == ("partial", [gap], 1)


def test_a_job_says_how_many_gaps_it_has_where_it_names_the_first_alone(
    client: TestClient, tmp_path: Path, sessions: Sessions
) -> None:
    for number in range(3):
        upload(client, encrypted(tmp_path / f"{number}.pdf", "sesame"))
    made = client.post("/v1/jobs", json=EXTRACT).json()
    with sessions() as session:
        shown = job_out(session, session.get_one(Job, made["id"]), 2)
    assert (len(made["gaps"]), made["gaps_total"]) == (3, 3)
    assert (len(shown.gaps), shown.gaps_total) == (2, 3)


def test_a_job_compares_with_the_text_layer_unless_told_otherwise(
    client: TestClient, document: dict[str, Any], sessions: Sessions
) -> None:
    started = [client.post("/v1/jobs", json=EXTRACT | more).json() for more in ({}, {"text_layer": False})]
    with sessions() as session:
        params = [session.get_one(Job, job["id"]).params for job in started]
    assert [one.get("text_layer", True) for one in params] == [True, False]
    assert [job["text_layer"] for job in started] == [True, False]


def test_a_job_says_whether_it_uses_the_pdf_s_own_words_as_its_schema_wishes_it_to(
    client: TestClient, document: dict[str, Any]
) -> None:
    properties = {"total": {"type": "string"}}
    body = {"type": "object", "properties": properties, "folioscope": {"text_layer": False}}
    client.post("/v1/schemas", json={"name": "pixels", "body": body})
    for asked, uses in [
        (EXTRACT | {"schema": "pixels"}, False),
        ({"kind": "read"}, True),
        ({"kind": "read", "text_layer": False}, False),
    ]:
        job = client.post("/v1/jobs", json=asked).json()
        assert client.get(f"/v1/jobs/{job['id']}").json()["text_layer"] is uses
    assert client.post("/v1/ask", json={"question": "Who?", "wait": False}).json().get("text_layer") is None


def test_a_job_covers_only_the_documents_that_are_named(
    client: TestClient, document: dict[str, Any], tmp_path: Path
) -> None:
    upload(client, encrypted(tmp_path / "secret.pdf", "sesame"), password="sesame")
    job = client.post("/v1/jobs", json=EXTRACT | {"documents": [document["id"]], "queue": "interactive"}).json()
    assert job["progress"]["total"] == 2


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"schema": "unknown"}, (404, "schema-not-found")),
        ({"schema": "\x00"}, (422, "invalid-request")),
        ({"schema_version": 7}, (404, "schema-not-found")),
        ({"documents": ["0" * 32]}, (404, "document-not-found")),
        ({"documents": ["x"]}, (422, "invalid-request")),
        ({"documents": []}, (422, "invalid-request")),
        ({"kind": "rasterize"}, (422, "invalid-request")),
        ({"queue": "rasterize"}, (422, "invalid-request")),
    ],
)
def test_a_job_that_cannot_be_is_refused(
    change: dict[str, Any], expected: tuple[int, str], client: TestClient, document: dict[str, Any]
) -> None:
    assert problem(client.post("/v1/jobs", json=EXTRACT | change)) == expected
    assert client.get("/v1/jobs").json()["items"] == []


def test_a_job_without_a_document_is_refused(client: TestClient) -> None:
    assert problem(client.post("/v1/jobs", json=EXTRACT)) == (422, "invalid-request")


def test_a_cancelled_job_ends_at_once_and_cancelling_again_is_harmless(
    client: TestClient, job: dict[str, Any], work: Callable[[], None], model: ScriptedModel
) -> None:
    cancelled = client.post(f"/v1/jobs/{job['id']}/cancel").json()
    assert (cancelled["state"], cancelled["progress"]["cancelled"]) == ("cancelled", 2)
    work()
    assert model.calls == []
    assert client.post(f"/v1/jobs/{job['id']}/cancel").json() == cancelled


def test_jobs_are_listed_newest_first_part_by_part_without_the_drawing_of_pages(
    client: TestClient, document: dict[str, Any]
) -> None:
    ids = [client.post("/v1/jobs", json=EXTRACT).json()["id"] for _ in range(3)]
    first = client.get("/v1/jobs", params={"limit": 2}).json()
    rest = client.get("/v1/jobs", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [job["id"] for job in first["items"] + rest["items"]] == ids[::-1]
    assert rest["next_cursor"] is None


def test_the_events_of_a_job_begin_with_where_it_stands_and_end_with_its_final_state(
    client: TestClient, job: dict[str, Any], work: Callable[[], None]
) -> None:
    work()
    response = client.get(f"/v1/jobs/{job['id']}/events")
    assert response.headers["content-type"].startswith("text/event-stream")
    events = list(events_in(response.text.splitlines()))
    assert [name for name, _ in events] == ["progress", "end"]
    assert events[-1][1] == client.get(f"/v1/jobs/{job['id']}").json()


def test_an_unknown_job_has_no_events(client: TestClient) -> None:
    assert problem(client.get(f"/v1/jobs/{'0' * 32}/events")) == (404, "job-not-found")


def test_a_watcher_sees_the_job_move_and_one_that_goes_away_does_no_harm(
    server: str, key: str, pdf: Path, work: Callable[[], None]
) -> None:
    with httpx.Client(base_url=server, headers={"Authorization": f"Bearer {key}"}, trust_env=False) as http:
        http.post("/v1/documents", files=parts(pdf)).raise_for_status()
        job = http.post("/v1/jobs", json=EXTRACT).json()
        with http.stream("GET", f"/v1/jobs/{job['id']}/events") as gone:
            next(gone.iter_lines())
        with http.stream("GET", f"/v1/jobs/{job['id']}/events") as stream:
            events = events_in(stream.iter_lines())
            assert next(events)[1]["state"] == "queued"
            worker = threading.Thread(target=work)
            worker.start()
            *_, (name, last) = events
            worker.join()
        assert (name, last["state"], last["progress"]["done"]) == ("end", "succeeded", 2)


def test_a_stream_ends_when_the_service_does(client: TestClient, job: dict[str, Any]) -> None:
    client.app.state.closing.set()  # type: ignore[attr-defined]
    response = client.get(f"/v1/jobs/{job['id']}/events")
    assert [name for name, _ in events_in(response.text.splitlines())] == ["progress"]


def test_there_are_only_so_many_streams_at_once_and_one_that_ends_makes_room(
    client: TestClient, job: dict[str, Any], work: Callable[[], None]
) -> None:
    work()
    places = client.app.state.desk.streams  # type: ignore[attr-defined]
    while places.acquire(blocking=False):
        pass
    events = f"/v1/jobs/{job['id']}/events"
    assert problem(client.get(events)) == (503, "service-unavailable")
    places.release()
    assert [client.get(events).status_code for _ in range(2)] == [200, 200]


def test_the_longer_a_look_takes_the_rarer_it_is() -> None:
    assert [pause_after(cost) for cost in (0.0, 0.1, 60.0)] == [0.25, 1.0, 5.0]


def events_in(lines: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and data of each event."""
    name = ""
    for line in lines:
        kind, _, text = line.partition(": ")
        if kind == "event":
            name = text
        elif kind == "data":
            yield name, json.loads(text)
