"""Two people at once, a request sent twice, a process killed: a correction is whole, or it is not there."""

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from core.errors import ServiceUnavailable
from core.records import JobKind
from core.settings import Settings
from storage.database import Sessions
from storage.tables import Job, Workspace
from storage.workspaces import add_key
from tests.api.conftest import problem
from workers import correct
from workers.settle import settle_job

INVOICE = {"kind": "extract", "schema": "invoice"}
PATIENCE = 60.0


@pytest.fixture
def database_url(each_database_url: str) -> str:
    """Both kinds: what is asked here is said in SQL, or holds because of locks."""
    return each_database_url


@pytest.fixture
def read(client: TestClient, document: dict[str, Any], work: Callable[[], None]) -> str:
    """The id of a document that was read as an invoice."""
    client.post("/v1/jobs", json=INVOICE)
    work()
    return str(document["id"])


def _path(document_id: str) -> str:
    return f"/v1/records/invoice/{document_id}/values/total"


def _state(client: TestClient, document_id: str) -> tuple[Any, list[Any]]:
    """What counts, and all that was said."""
    body = client.get(_path(document_id)).json()
    return body["value"]["raw"], [said["raw"] for said in body["history"]]


def test_the_same_request_sent_again_is_one_correction(client: TestClient, read: str) -> None:
    headers = {"Idempotency-Key": "k-1"}
    first = client.patch(_path(read), json={"raw": "13.00"}, headers=headers)
    client.patch(_path(read), json={"raw": "14.00"})
    again = client.patch(_path(read), json={"raw": "13.00"}, headers=headers)
    assert (again.status_code, again.json()) == (200, first.json())
    assert _state(client, read) == ("14.00", ["13.00", "14.00"])  # the late copy has changed nothing
    other = client.patch(_path(read), json={"raw": "15.00"}, headers=headers)
    assert problem(other) == (409, "idempotency-mismatch")


def test_of_two_people_at_once_the_last_one_counts_and_both_are_kept(
    client: TestClient, read: str, process: tuple[str, int], key: str, sessions: Sessions, workspace: Workspace
) -> None:
    with sessions.begin() as session:
        keys = {"tests": key, "second": add_key(session, workspace.id, "second")}

    def say(name: str) -> None:
        headers = {"Authorization": f"Bearer {keys[name]}"}
        with httpx.Client(base_url=process[0], headers=headers, trust_env=False, timeout=PATIENCE) as http:
            for number in range(5):
                http.patch(_path(read), json={"raw": f"{name} {number}"}).raise_for_status()

    people = [threading.Thread(target=say, args=[name]) for name in keys]
    for person in people:
        person.start()
    for person in people:
        person.join()
    counts, said = _state(client, read)
    assert counts == said[-1]
    for name in keys:
        assert [raw for raw in said if raw.startswith(name)] == [f"{name} {number}" for number in range(5)]


def test_a_document_that_is_deleted_while_its_box_is_read_has_no_correction(
    client: TestClient, read: str, sessions: Sessions, workspace: Workspace, settings: Settings
) -> None:
    answers: list[Any] = []

    def ask() -> None:
        answers.append(client.patch(_path(read), json={"page": 1, "box": [0.1, 0.1, 0.9, 0.9]}))

    asking = threading.Thread(target=ask)
    asking.start()
    until = time.monotonic() + PATIENCE
    planned: list[str] = []
    while not planned and asking.is_alive() and time.monotonic() < until:
        time.sleep(0.05)
        with sessions() as session:
            planned = list(session.scalars(select(Job.id).where(Job.kind == JobKind.READ)))
    assert client.delete(f"/v1/documents/{read}").status_code == 204
    settle_job(sessions, settings, workspace.id, planned[0])  # as the sweeper does
    asking.join(PATIENCE)
    assert problem(answers[0]) == (404, "document-not-found")
    assert client.get("/v1/corrections").json()["items"] == []


def test_a_correction_that_fails_half_way_leaves_nothing_and_may_be_sent_again(
    client: TestClient, read: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ServiceUnavailable

    headers = {"Idempotency-Key": "k-1"}
    with monkeypatch.context() as broken:
        broken.setattr(correct, "merge_again", fail)
        assert problem(client.patch(_path(read), json={"raw": "13.00"}, headers=headers))[0] == 503
    assert _state(client, read) == ("12.00", [])
    assert client.patch(_path(read), json={"raw": "13.00"}, headers=headers).status_code == 200
    assert _state(client, read) == ("13.00", ["13.00"])


@pytest.mark.parametrize("after", [1, 3])
def test_a_service_that_is_killed_has_written_a_correction_whole_or_not_at_all(
    client: TestClient, read: str, process: tuple[str, int], key: str, after: int
) -> None:
    url, running = process
    told: list[str] = []

    def say() -> None:
        with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, trust_env=False) as http:
            for number in range(1_000):
                http.patch(_path(read), json={"raw": f"{number}.00"}, timeout=PATIENCE).raise_for_status()
                told.append(f"{number}.00")

    def say_until_killed() -> None:
        with suppress(httpx.TransportError):
            say()

    saying = threading.Thread(target=say_until_killed)
    saying.start()
    until = time.monotonic() + PATIENCE
    while len(told) < after and saying.is_alive() and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(running, signal.SIGKILL)
    saying.join(PATIENCE)
    counts, said = _state(client, read)
    assert counts == said[-1]
    assert said[: len(told)] == told  # what was answered is kept; one more may be written and not answered
    assert len(said) <= len(told) + 1
