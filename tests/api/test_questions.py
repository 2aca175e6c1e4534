import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import problem
from tests.scripted_model import ScriptedModel

QUESTION = "What is the total?"


def ask(client: TestClient, **more: Any) -> Any:
    return client.post("/v1/ask", json={"question": QUESTION, **more})


def test_a_question_is_answered_with_its_evidence(
    client: TestClient, document: dict[str, Any], work: Callable[[], None], model: ScriptedModel
) -> None:
    model.answers["0"]["answer"] = "$12.00 @0.9"
    work()
    answered: list[Any] = []
    asking = threading.Thread(target=lambda: answered.append(ask(client, wait=60)))
    asking.start()
    while asking.is_alive():
        work()
        asking.join(0.05)
    (response,) = answered
    assert response.status_code == 200
    answer = response.json()
    assert (answer["state"], answer["text"], answer["pages_looked_at"]) == ("found", "$12.00", 2)
    assert answer["evidence"] == {
        "document": document["id"],
        "document_name": "invoice.pdf",
        "page": 1,
        "box": [0.1, 0.2, 0.3, 0.4],
    }
    job = client.get(f"/v1/jobs/{answer['job_id']}").json()
    assert (job["kind"], job["question"], job["result"]["text"]) == ("ask", QUESTION, "$12.00")


def test_an_answer_that_takes_longer_is_found_in_its_job(
    client: TestClient, document: dict[str, Any], work: Callable[[], None], model: ScriptedModel
) -> None:
    model.answers["0"]["answer"] = None
    response = ask(client, wait=0)
    assert response.status_code == 202
    job = response.json()
    assert (job["state"], job["result"], job["progress"]["waiting"]) == ("queued", None, 2)
    work()
    result = client.get(f"/v1/jobs/{job['id']}").json()["result"]
    assert (result["state"], result["text"], result["evidence"]) == ("not_found", None, None)


def test_a_question_goes_to_no_more_pages_than_the_settings_allow(
    client: TestClient, document: dict[str, Any], work: Callable[[], None]
) -> None:
    desk = client.app.state.desk  # type: ignore[attr-defined]
    desk.settings = desk.settings.model_copy(update={"ask_max_pages": 1})
    job = ask(client, wait=0).json()
    assert job["progress"]["total"] == 1
    work()
    assert client.get(f"/v1/jobs/{job['id']}").json()["result"]["not_looked_at"] == 1


def test_the_same_question_under_the_same_key_waits_for_the_same_answer(
    client: TestClient, document: dict[str, Any], work: Callable[[], None]
) -> None:
    asked = {"headers": {"Idempotency-Key": "q1"}, "json": {"question": QUESTION, "wait": 0}}
    job = client.post("/v1/ask", **asked).json()  # type: ignore[arg-type]
    work()
    again = client.post("/v1/ask", **asked)  # type: ignore[arg-type]
    assert (again.status_code, again.json()["job_id"]) == (200, job["id"])
    assert len(client.get("/v1/jobs").json()["items"]) == 1


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"question": " "}, (422, "invalid-request")),
        ({"question": "a\x00b"}, (422, "invalid-request")),
        ({"question": "x" * 1001}, (422, "invalid-request")),
        ({"question": "why", "wait": 61}, (422, "invalid-request")),
        ({"question": "why", "documents": ["0" * 32]}, (404, "document-not-found")),
        ({"question": "why", "documents": []}, (422, "invalid-request")),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(
    body: dict[str, Any], expected: tuple[int, str], client: TestClient, document: dict[str, Any]
) -> None:
    assert problem(client.post("/v1/ask", json=body)) == expected


def test_a_question_may_be_asked_of_the_documents_of_records(
    client: TestClient, document: dict[str, Any], work: Callable[[], None], model: ScriptedModel
) -> None:
    model.answers["0"] |= {"answer": "blue @0.9"}
    client.post("/v1/jobs", json={"kind": "extract", "schema": "invoice"})
    work()
    colour = {"question": "Which colour has it?", "wait": 0}
    passes, fails = ({"schema": "invoice", "where": where} for where in ("total = 12", "total = 13"))
    job = client.post("/v1/ask", json=colour | {"records": passes}).json()
    work()
    assert client.get(f"/v1/jobs/{job['id']}").json()["result"]["text"] == "blue"
    answer = client.post("/v1/ask", json=colour | {"records": fails})
    assert (answer.status_code, answer.json()["state"]) == (200, "not_found")
    assert answer.json()["searched"]["pages"] == 0


@pytest.mark.parametrize(
    ("scope", "expected", "pointer"),
    [
        ({"records": {"schema": "nothing"}}, (404, "schema-not-found"), None),
        ({"records": {"schema": "invoice", "where": "totl > 1"}}, (422, "invalid-filter"), "/records/where"),
        ({"records": {"schema": "invoice"}, "documents": ["0" * 32]}, (422, "invalid-request"), "/records"),
        ({"records": {}}, (422, "invalid-request"), None),
    ],
)
def test_a_scope_that_makes_no_sense_is_refused_and_says_where(
    scope: dict[str, Any], expected: tuple[int, str], pointer: str | None, client: TestClient, document: dict[str, Any]
) -> None:
    response = ask(client, **scope)
    assert problem(response) == expected
    assert response.json().get("pointer") == pointer


def test_only_an_answer_that_was_worked_out_has_rows_behind_it(
    client: TestClient, document: dict[str, Any], work: Callable[[], None], stranger: dict[str, str]
) -> None:
    client.post("/v1/jobs", json={"kind": "extract", "schema": "invoice"})
    work()
    counted = client.post("/v1/ask", json={"question": "How many invoices are there?"}).json()
    assert (counted["state"], counted["kind"], counted["plan"]["number"]) == ("found", "exact", 1)
    rows = client.get(f"/v1/ask/{counted['job_id']}/citations").json()
    assert [row["document"] for row in rows["items"]] == [document["id"]]
    assert rows["next_cursor"] is None
    assert client.get(f"/v1/ask/{counted['job_id']}/citations", headers=stranger).status_code == 404
    read = ask(client, question="Which colour has it?", wait=0).json()
    assert problem(client.get(f"/v1/ask/{read['job_id']}/citations")) == (422, "invalid-request")


def test_many_waiting_questions_do_not_hold_up_other_requests(client: TestClient, document: dict[str, Any]) -> None:
    answered: list[int] = []
    many = 45  # more than there are threads
    asking = [threading.Thread(target=lambda: answered.append(ask(client, wait=60).status_code)) for _ in range(many)]
    for thread in asking:
        thread.start()
    while f"folioscope_http_requests_under_way {many + 1}.0" not in client.get("/metrics").text:
        time.sleep(0.05)
    assert client.get("/v1/jobs", params={"limit": 1}).status_code == 200
    assert answered == []
    client.app.state.closing.set()  # type: ignore[attr-defined]
    for thread in asking:
        thread.join()
    assert answered == [202] * many
