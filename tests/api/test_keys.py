from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import make_app
from core.settings import Settings
from ingest.sandbox import Sandbox
from storage.database import Sessions
from storage.tables import Workspace
from storage.workspaces import add_key, revoke_key
from tests.api.conftest import problem, started, upload
from tests.ingest.files import encrypted

WITHOUT_KEY = {"/healthz", "/readyz", "/metrics"}
MODELS = {"/v1/models", "/v1/models/{model}"}  # the same for all callers
NO_ID = {"/v1/documents", "/v1/schemas", "/v1/jobs", "/v1/ask"}  # these show the caller's own things alone
NO_ID |= {"/v1/jobs/estimate", "/v1/corrections", "/v1/corrections/export", "/v1/search"}
NO_ID |= {"/v1/describe", "/v1/classify", "/v1/locate"}
NO_ID |= {"/v1/calibrations", "/v1/workspaces/temporary", "/v1/conversations", "/v1/sign-in-links"}
LOOKS: dict[str, dict[str, Any]] = {"describe": {}, "classify": {"labels": ["a"]}, "locate": {"text": "a"}}
OPENAI = MODELS | {"/v1/chat/completions"}  # their errors have a form of their own, tested in tests/api/chat


def operations(app: FastAPI) -> list[tuple[str, str]]:
    return [(method.upper(), path) for path, methods in app.openapi()["paths"].items() for method in methods]


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic {key}", "{key}", "Bearer {key}x"]
)
def test_without_a_right_key_no_route_is_open(header: str | None, client: TestClient, key: str) -> None:
    if header is None:
        del client.headers["Authorization"]
    else:
        client.headers["Authorization"] = header.format(key=key)
    for method, path in operations(client.app):  # type: ignore[arg-type]
        if path in WITHOUT_KEY:
            continue
        nobody = dict.fromkeys(("document_id", "job_id", "conversation_id"), "0" * 32)
        named = dict.fromkeys(("name", "schema", "model", "field"), "a")
        response = client.request(method, path.format(number=1, **nobody, **named))
        told = (response.status_code, response.json()["error"]["code"]) if path in OPENAI else problem(response)
        assert told == (401, "unauthorized"), (method, path)
        assert response.headers["www-authenticate"] == 'Bearer realm="folioscope"'


def test_a_revoked_key_opens_nothing(client: TestClient, key: str, sessions: Sessions, workspace: Workspace) -> None:
    assert client.get("/v1/jobs").status_code == 200
    with sessions.begin() as session:
        assert revoke_key(session, workspace.id, key)
    assert problem(client.get("/v1/jobs")) == (401, "unauthorized")


def test_a_key_is_read_whatever_the_case_of_its_scheme(client: TestClient, key: str) -> None:
    assert client.get("/v1/jobs", headers={"Authorization": f"bearer {key}"}).status_code == 200


@pytest.fixture
def ids(client: TestClient, document: dict[str, Any], tmp_path: Path, work: Callable[[], None]) -> dict[str, str]:
    """Things of a workspace: a document that was read, one that waits for a password, a job, a schema."""
    upload(client, encrypted(tmp_path / "secret.pdf", "sesame"))
    body = {"type": "object", "properties": {"a": {"type": "string"}}}
    client.post("/v1/schemas", json={"name": "ours", "body": body}).raise_for_status()
    job = client.post("/v1/jobs", json={"kind": "extract", "schema": "ours"}).json()
    work()
    conversation = client.post("/v1/conversations", json={}).json()["id"]
    given = {"number": "1", "name": "ours", "schema": "ours", "model": "a", "field": "a"}
    return {"document_id": document["id"], "job_id": job["id"], "conversation_id": conversation, **given}


def test_what_belongs_to_another_workspace_is_as_if_it_were_not_there(
    client: TestClient, ids: dict[str, str], stranger: dict[str, str]
) -> None:
    walked = 0
    for method, path in operations(client.app):  # type: ignore[arg-type]
        if path in OPENAI:
            continue
        if "{" not in path:
            assert path in NO_ID | WITHOUT_KEY
            continue
        told = {"unlock": {"password": "sesame"}, "tags": {"tags": ["a"]}, "ask": {"question": "Why?"}}
        bodies = {**told, **LOOKS}
        body = {"raw": "12.00"} if method == "PATCH" else bodies.get(path.rpartition("/")[2])
        response = client.request(method, path.format(**ids), json=body, headers=stranger)
        assert problem(response)[0] == 404, (method, path)
        walked += 1
    assert walked >= 11
    assert client.get(f"/v1/documents/{ids['document_id']}").json()["state"] == "ready"
    assert client.get(f"/v1/jobs/{ids['job_id']}").json()["state"] == "partial"


def test_a_list_shows_nothing_of_another_workspace(
    client: TestClient, ids: dict[str, str], stranger: dict[str, str]
) -> None:
    for path in ("/v1/documents", "/v1/jobs", "/v1/records/invoice"):
        assert client.get(path, headers=stranger).json()["items"] == []
    assert "ours" not in [schema["name"] for schema in client.get("/v1/schemas", headers=stranger).json()["items"]]


def test_a_job_or_a_question_cannot_be_about_a_document_of_another_workspace(
    client: TestClient, ids: dict[str, str], stranger: dict[str, str]
) -> None:
    documents = [ids["document_id"]]
    job = client.post(
        "/v1/jobs", json={"kind": "extract", "schema": "invoice", "documents": documents}, headers=stranger
    )
    assert problem(job) == (404, "document-not-found")
    answer = client.post("/v1/ask", json={"question": "Why?", "documents": documents}, headers=stranger)
    assert problem(answer) == (404, "document-not-found")
    for verb, body in LOOKS.items():
        looked = client.post(f"/v1/{verb}", json={**body, "documents": documents}, headers=stranger)
        assert problem(looked) == (404, "document-not-found")
    records = client.get("/v1/records/invoice", params={"document": documents[0]}, headers=stranger)
    assert problem(records) == (404, "document-not-found")


def test_the_same_bytes_in_two_workspaces_are_two_documents(
    client: TestClient, document: dict[str, Any], pdf: Path, stranger: dict[str, str]
) -> None:
    client.headers.update(stranger)
    theirs = upload(client, pdf)["documents"][0]
    assert theirs["created"]
    assert theirs["id"] != document["id"]


def test_where_no_key_is_asked_for_the_workspace_is_that_of_the_settings(
    settings: Settings, workspace: Workspace, sandbox: Sandbox
) -> None:
    with started(make_app(settings.model_copy(update={"require_key": False})), sandbox) as open_to_all:
        assert len(open_to_all.get("/v1/schemas").json()["items"]) == 5
    nowhere = settings.model_copy(update={"require_key": False, "workspace": "nowhere"})
    with started(make_app(nowhere), sandbox) as lost:
        assert problem(lost.get("/v1/schemas")) == (503, "service-unavailable")


def test_two_keys_open_the_same_workspace(
    client: TestClient, document: dict[str, Any], sessions: Sessions, workspace: Workspace
) -> None:
    with sessions.begin() as session:
        second = add_key(session, workspace.id, "second")
    response = client.get("/v1/documents", headers={"Authorization": f"Bearer {second}"})
    assert [d["id"] for d in response.json()["items"]] == [document["id"]]
