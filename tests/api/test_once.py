import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from storage import idempotency
from storage.database import Sessions
from storage.tables import Workspace
from tests.api.conftest import parts, problem
from tests.ingest.files import born_digital

BODY = {"type": "object", "properties": {"a": {"type": "string"}}}
OTHER = {"type": "object", "properties": {"b": {"type": "string"}}}


@pytest.fixture
def database_url(each_database_url: str) -> str:
    """Both kinds: what is asked here is said in SQL, or holds because of locks."""
    return each_database_url


@pytest.fixture
def requests(document: dict[str, Any], pdf: Path, tmp_path: Path) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """For each route that creates: a request, and another one."""
    other = born_digital(tmp_path / "other.pdf", pages=1)
    third = born_digital(tmp_path / "third.pdf", pages=3)
    extract = {"kind": "extract", "schema": "invoice"}
    return {
        "/v1/documents": ({"files": parts(other)}, {"files": parts(third)}),
        "/v1/schemas": ({"json": {"name": "a", "body": BODY}}, {"json": {"name": "a", "body": OTHER}}),
        "/v1/jobs": ({"json": extract}, {"json": extract | {"schema": "letter"}}),
        "/v1/ask": ({"json": {"question": "Why?", "wait": 0}}, {"json": {"question": "How?", "wait": 0}}),
    }


@pytest.mark.parametrize("path", ["/v1/documents", "/v1/schemas", "/v1/jobs", "/v1/ask"])
def test_the_same_request_under_the_same_key_has_the_same_answer_and_another_is_refused(
    path: str, client: TestClient, requests: dict[str, tuple[dict[str, Any], dict[str, Any]]]
) -> None:
    one, other = requests[path]
    headers = {"Idempotency-Key": "k-1"}
    first = client.post(path, **one, headers=headers)
    assert first.is_success
    again = client.post(path, **one, headers=headers)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert problem(client.post(path, **other, headers=headers)) == (409, "idempotency-mismatch")
    assert client.post(path, **other, headers={"Idempotency-Key": "k-2"}).is_success


def test_nothing_is_made_twice(client: TestClient, document: dict[str, Any]) -> None:
    for _ in range(3):
        client.post("/v1/jobs", json={"kind": "extract", "schema": "invoice"}, headers={"Idempotency-Key": "k"})
    assert len(client.get("/v1/jobs").json()["items"]) == 1


def test_requests_that_arrive_at_once_make_one_thing_and_get_one_answer(server: str, key: str, pdf: Path) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=server, headers=headers, trust_env=False, timeout=60) as http:
        http.post("/v1/documents", files=parts(pdf)).raise_for_status()

        def start(_: int) -> httpx.Response:
            body = {"kind": "extract", "schema": "invoice"}
            return http.post("/v1/jobs", json=body, headers={"Idempotency-Key": "at-once"})

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(start, range(6)))
        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.text for answer in answers}) == 1
        assert len(http.get("/v1/jobs").json()["items"]) == 1


def test_a_request_whose_twin_does_not_end_is_told_to_come_back(
    client: TestClient,
    document: dict[str, Any],
    sessions: Sessions,
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: dict[str, Any] = {
        "json": {"kind": "extract", "schema": "invoice"},
        "headers": {"Idempotency-Key": "slow"},
    }
    first = client.post("/v1/jobs", **asked)
    with sessions.begin() as session:  # as it was before the first one ended
        idempotency.finish(session, workspace.id, "slow", None, None)  # type: ignore[arg-type]
    closing = vars(client.app)["state"].closing
    closing.set()
    response = client.post("/v1/jobs", **asked)
    assert problem(response) == (409, "idempotency-in-flight")
    assert response.headers["retry-after"] == "1"
    assert [job["id"] for job in client.get("/v1/jobs").json()["items"]] == [first.json()["id"]]


def test_a_request_that_failed_can_be_sent_again_under_its_key(
    client: TestClient, pdf: Path, work: Callable[[], None]
) -> None:
    asked: dict[str, Any] = {"json": {"kind": "extract", "schema": "invoice"}, "headers": {"Idempotency-Key": "k"}}
    assert problem(client.post("/v1/jobs", **asked)) == (422, "invalid-request")
    client.post("/v1/documents", files=parts(pdf))
    assert client.post("/v1/jobs", **asked).status_code == 202


def test_an_upload_that_the_end_of_the_service_cuts_short_is_not_its_keys_answer(
    client: TestClient, pdf: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as packing:
        packing.write(pdf, "a.pdf")
        packing.writestr("b.pdf", b"no document")
    asked: dict[str, Any] = {"files": parts(archive), "headers": {"Idempotency-Key": "cut"}}
    closing = vars(client.app)["state"].closing
    closing.set()
    assert problem(client.post("/v1/documents", **asked)) == (503, "service-unavailable")
    closing.clear()  # as after a new start
    again = client.post("/v1/documents", **asked)
    assert "idempotency-replayed" not in again.headers
    assert [d["name"] for d in again.json()["documents"]] == ["all.zip/a.pdf"]
    assert [r["code"] for r in again.json()["refused"]] == ["unsupported-file"]


def test_a_key_of_one_workspace_says_nothing_in_another(client: TestClient, stranger: dict[str, str]) -> None:
    headers = {"Idempotency-Key": "same"}
    client.post("/v1/schemas", json={"name": "a", "body": BODY}, headers=headers).raise_for_status()
    theirs = client.post("/v1/schemas", json={"name": "b", "body": OTHER}, headers=headers | stranger)
    assert (theirs.status_code, theirs.json()["name"]) == (201, "b")


def test_the_same_files_in_another_form_are_the_same_request(client: TestClient, pdf: Path) -> None:
    headers = {"Idempotency-Key": "form"}
    first = client.post("/v1/documents", files=parts(pdf), headers=headers)
    again = client.post("/v1/documents", files=parts(pdf), headers=headers)  # with another boundary
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    named = client.post("/v1/documents", files=[("files", ("x.pdf", pdf.read_bytes()))], headers=headers)
    assert problem(named) == (409, "idempotency-mismatch")


@pytest.mark.parametrize("given", ["", " ", "a b", "x" * 256])
def test_what_cannot_be_a_key_is_refused(given: str, client: TestClient) -> None:
    response = client.post("/v1/schemas", json={"name": "a", "body": BODY}, headers={"Idempotency-Key": given})
    assert problem(response) == (422, "invalid-request")
