"""The OpenAPI description is complete, and the service keeps to it whatever it is sent."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import make_app
from core.errors import FolioscopeError
from core.settings import Settings
from tests.api.conftest import parts
from tests.docs.test_reference import kinds_of

OPERATIONS = [
    (method, path, operation)
    for path, methods in make_app(Settings()).openapi()["paths"].items()
    for method, operation in methods.items()
]
CODES = {kind.code: kind for kind in kinds_of(FolioscopeError)}
FORMS = {("application/problem+json", "Problem"), ("application/json", "ChatProblem")}
NAMED = [f"{method.upper()} {path}" for method, path, _ in OPERATIONS]
FEW = settings(  # of each operation; more find little more and cost the suite its time
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(params=OPERATIONS, ids=NAMED)
def operation(request: pytest.FixtureRequest) -> dict[str, Any]:
    _, _, operation = request.param
    return operation  # type: ignore[no-any-return]


def test_an_operation_says_what_it_does_and_names_its_errors_by_status(operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["description"]
    statuses = operation["responses"]
    assert any(status.startswith("2") for status in statuses)
    assert "500" in statuses
    for status, response in statuses.items():
        assert response["description"]
        if int(status) < 400:
            continue
        ((media_type, described),) = response["content"].items()
        assert (media_type, described["schema"]["$ref"].rpartition("/")[2]) in FORMS
        for code, example in described["examples"].items():
            assert f"`{code}`" in response["description"]
            body = example["value"].get("error", example["value"])
            assert (CODES[code].status, body["code"]) == (int(status), code)


def test_routes_of_the_openai_protocol_show_errors_in_its_form_and_all_others_as_problems() -> None:
    forms = {
        path: set(operation["responses"]["500"]["content"])
        for _, path, operation in OPERATIONS
        if path.startswith("/v1/")
    }
    chats = {path for path, form in forms.items() if form == {"application/json"}}
    assert chats == {"/v1/chat/completions", "/v1/models", "/v1/models/{model}"}


def test_an_operation_under_a_key_says_so(operation: dict[str, Any]) -> None:
    assert ("401" in operation["responses"]) == ("security" in operation)


PAGE = "/v1/documents/{document_id}/pages/{number}"


def test_every_post_that_creates_takes_an_idempotency_key() -> None:
    taking = {
        path
        for method, path, operation in OPERATIONS
        if method == "post" and "Idempotency-Key" in {p["name"].title() for p in operation.get("parameters", [])}
    }
    looking = {f"{where}/{what}" for where in ("/v1", PAGE) for what in ("describe", "classify", "locate")}
    asking = {"/v1/ask", "/v1/conversations", "/v1/conversations/{conversation_id}/ask"}
    assert taking == {"/v1/documents", "/v1/schemas", "/v1/jobs", *asking, *looking}


@pytest.fixture
def things(server: str, key: str, pdf: Path) -> dict[str, Any]:
    """What there is to find: a document, a job that is final, a page, a schema."""
    with httpx.Client(base_url=server, headers={"Authorization": f"Bearer {key}"}, trust_env=False) as http:
        document = http.post("/v1/documents", files=parts(pdf)).json()["documents"][0]
        job = http.post("/v1/jobs", json={"kind": "extract", "schema": "invoice"}).json()
        http.post(f"/v1/jobs/{job['id']}/cancel").raise_for_status()
        conversation = http.post("/v1/conversations", json={}).json()
    known = {"document_id": document["id"], "job_id": job["id"], "number": 1, "name": "invoice", "schema": "invoice"}
    return known | {"model": "bundled", "field": "total", "conversation_id": conversation["id"]}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # the stricter one about what it keeps
def test_whatever_is_sent_the_answer_is_one_that_is_described(
    server: str, app: FastAPI, key: str, things: dict[str, Any]
) -> None:
    described = schemathesis.openapi.from_dict(app.openapi())
    for method, path, _ in OPERATIONS:
        operation = described[path][method]
        known = {name: things[name] for name in re.findall(r"{(\w+)}", path)}
        cases = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]
        if known:
            cases.append(operation.as_strategy(path_parameters=known))

        @FEW
        @given(st.one_of(cases))
        def send(case: schemathesis.Case[Any]) -> None:
            headers = {"Authorization": f"Bearer {key}"} if "/v1" in case.path else {}
            case.call_and_validate(base_url=server, headers=headers, checks=CHECKS)

        send()
