"""Search by looks over HTTP: pages are embedded by a job, found while a worker serves lookups, and by nobody else."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi.testclient import TestClient

from core.records import JobKind, Queue
from core.settings import Settings
from ingest.sandbox import Sandbox
from storage.database import Sessions
from storage.tables import Job
from tests.api.conftest import problem
from tests.scripted_eye import ScriptedEye
from tests.scripted_model import ScriptedModel
from workers.desk import Desk
from workers.work import work_until_idle


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With a model of visual search."""
    return settings.model_copy(update={"visual_model": "eye", "chat_seconds": 30.0})


@pytest.fixture
def eye() -> ScriptedEye:
    return ScriptedEye()


@contextmanager
def working(settings: Settings, sandbox: Sandbox, eye: ScriptedEye) -> Iterator[None]:
    """A worker beside the service."""
    desk = Desk(settings, model=ScriptedModel(), eye=eye)
    own, desk.sandbox = desk.sandbox, sandbox
    done = threading.Event()

    def work() -> None:
        while not done.wait(0.02):
            work_until_idle(desk, tuple(Queue))

    thread = threading.Thread(target=work)
    thread.start()
    yield
    done.set()
    thread.join()
    desk.sandbox = own
    desk.close()


def until_final(client: TestClient, job_id: str) -> dict[str, Any]:
    while (job := client.get(f"/v1/jobs/{job_id}").json())["state"] in {"queued", "running"}:
        threading.Event().wait(0.05)
    return job  # type: ignore[no-any-return]


def test_pages_are_found_by_what_they_look_like_and_by_words_and_looks_together(
    client: TestClient,
    document: dict[str, Any],
    settings: Settings,
    sandbox: Sandbox,
    eye: ScriptedEye,
    stranger: dict[str, str],
    sessions: Sessions,
) -> None:
    with working(settings, sandbox, eye):
        started = client.post("/v1/jobs", json={"kind": "embed"})
        assert started.status_code == 202, started.text
        job = until_final(client, started.json()["id"])
        assert (job["kind"], job["state"], job["model"]) == ("embed", "succeeded", "eye")
        assert job["result"] == {"pages": 2, "seen": 2, "blank": 0, "failed": 0}
        client.post("/v1/jobs", json={"kind": "read"})
        found = client.get("/v1/search", params={"q": "no such word", "mode": "visual"}).json()
        assert {(hit["document_id"], hit["page"]) for hit in found["items"]} == {
            (document["id"], 1),
            (document["id"], 2),
        }
        assert (found["total"], found["next_cursor"], found["items"][0]["boxes"]) == (2, None, [])
        both = client.get("/v1/search", params={"q": '"page 2"', "mode": "both", "documents": document["id"]}).json()
        assert both["items"][0]["page"] == 2
        assert both["items"][0]["boxes"]
        assert both["total"] == 2
        theirs = client.get("/v1/search", params={"q": "page", "mode": "visual"}, headers=stranger).json()
        assert theirs["items"] == []
    with sessions() as session:
        assert session.query(Job).filter(Job.kind == JobKind.FIND).count() == 0


def test_what_goes_wrong_with_a_lookup_is_told(
    client: TestClient, document: dict[str, Any], settings: Settings, sandbox: Sandbox, eye: ScriptedEye
) -> None:
    asked = {"q": "page", "mode": "visual"}
    with working(settings, sandbox, eye):
        until_final(client, client.post("/v1/jobs", json={"kind": "embed"}).json()["id"])
        eye.away = True
        assert problem(client.get("/v1/search", params=asked)) == (503, "model-unavailable")
        eye.away = False
        assert client.get("/v1/search", params=asked | {"q": "a\x00 page"}).status_code == 200
    for nothing in ("", " \x00 "):
        assert problem(client.get("/v1/search", params=asked | {"q": nothing})) == (422, "invalid-request")
    assert problem(client.get("/v1/search", params=asked | {"cursor": "x"})) == (422, "invalid-cursor")
    assert problem(client.get("/v1/search", params=asked | {"documents": "0" * 32})) == (404, "document-not-found")
    assert problem(client.get("/v1/search", params=asked | {"mode": "smell"})) == (422, "invalid-request")
    refused = client.post("/v1/jobs", json={"kind": "embed", "model": "bundled"})
    assert problem(refused) == (422, "invalid-request")


class TestWithoutAModel:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"visual_model": None})

    @pytest.mark.usefixtures("document")
    def test_visual_search_says_that_it_is_off(self, client: TestClient) -> None:
        for mode in ("visual", "both"):
            refused = client.get("/v1/search", params={"q": "page", "mode": mode})
            assert problem(refused) == (422, "visual-search-off")
        assert problem(client.post("/v1/jobs", json={"kind": "embed"})) == (422, "visual-search-off")
