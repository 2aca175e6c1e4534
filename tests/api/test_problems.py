from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import make_app
from core.settings import Settings
from ingest.sandbox import Sandbox
from tests.api.conftest import problem, started


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/v1/nothing", (404, "not-found")),
        ("GET", "/nothing", (404, "not-found")),
        ("GET", "/v1/documents/", (404, "not-found")),
        ("PUT", "/v1/documents", (405, "method-not-allowed")),
        ("POST", "/healthz", (405, "method-not-allowed")),
        ("GET", "/v1/ask", (405, "method-not-allowed")),
        ("GET", "/v1/documents?limit=many", (422, "invalid-request")),
        ("GET", "/v1/documents/x", (404, "document-not-found")),
        ("GET", "/v1/documents/%00", (404, "document-not-found")),
        ("GET", "/v1/jobs/%F0%9F%98%80", (404, "job-not-found")),
        ("DELETE", "/v1/documents/" + "0" * 32, (404, "document-not-found")),
    ],
)
def test_whatever_is_wrong_is_a_problem_with_a_code(
    method: str, path: str, expected: tuple[int, str], client: TestClient
) -> None:
    response = client.request(method, path)
    assert problem(response) == expected
    assert (response.status_code == 405) == ("allow" in response.headers)


def test_a_request_that_is_too_large_is_refused_by_its_header_alone(client: TestClient) -> None:
    desk = client.app.state.desk  # type: ignore[attr-defined]
    desk.settings = desk.settings.model_copy(update={"max_request_bytes": 1000})
    assert problem(client.post("/v1/documents", files=[("files", ("a", bytes(2000)))])) == (413, "request-too-large")


def test_a_request_that_hides_its_size_is_cut_off_at_the_limit(client: TestClient) -> None:
    desk = client.app.state.desk  # type: ignore[attr-defined]
    desk.settings = desk.settings.model_copy(update={"max_request_bytes": 100_000})
    head = b'--x\r\nContent-Disposition: form-data; name=files; filename="a"\r\n\r\n'
    response = client.post(
        "/v1/documents",
        content=iter([head, *[bytes(10_000)] * 11, b"\r\n--x--\r\n"]),
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    assert problem(response) == (413, "request-too-large")


def test_json_is_not_read_without_end(client: TestClient) -> None:
    body = b'{"name": "a", "body": {"x": "' + b"y" * 17_000_000 + b'"}}'
    headers = {"Content-Type": "application/json"}
    assert problem(client.post("/v1/schemas", content=body, headers=headers)) == (413, "request-too-large")
    assert problem(client.post("/v1/schemas", content=iter([body]), headers=headers)) == (413, "request-too-large")


def test_an_error_that_nobody_foresaw_has_an_id_and_leaks_nothing(
    app: FastAPI, settings: Settings, sandbox: Sandbox
) -> None:
    @app.get("/broken")
    def broken() -> None:
        raise ZeroDivisionError("the secret is 42")

    with started(app, sandbox) as client:
        response = client.get("/broken", headers={"X-Request-ID": "mine-1"})
        assert problem(response) == (500, "internal-error")
        assert response.headers["x-request-id"] == "mine-1"
        assert "42" not in response.text
        assert "ZeroDivision" not in response.text


def test_every_request_has_an_id_which_the_caller_may_choose_within_reason(client: TestClient) -> None:
    given = client.get("/v1/jobs", headers={"X-Request-ID": "trace-7"})
    assert given.headers["x-request-id"] == "trace-7"
    made = client.get("/v1/jobs", headers={"X-Request-ID": "not one\tid" + "x" * 100})
    assert len(made.headers["x-request-id"]) == 32


def test_a_database_that_is_away_is_a_service_that_is_unavailable(settings: Settings, sandbox: Sandbox) -> None:
    away = settings.model_copy(update={"database_url": "postgresql://nobody@127.0.0.1:9/none"})
    with started(make_app(away), sandbox) as client:
        response = client.get("/v1/documents", headers={"Authorization": "Bearer any"})
        assert problem(response) == (503, "service-unavailable")
        assert response.headers["retry-after"] == "5"
        ready = client.get("/readyz")
        assert problem(ready) == (503, "service-unavailable")
        assert ready.json()["parts"]["database"] == "The database does not answer."
        assert client.get("/healthz").status_code == 200
        figures = client.get("/metrics")
        assert figures.status_code == 200
        assert "folioscope_database_up 0.0" in figures.text


def test_answers_tell_browsers_to_run_nothing_and_guess_nothing(client: TestClient, document: dict[str, Any]) -> None:
    response = client.get("/v1/documents")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-frame-options"] == "DENY"
