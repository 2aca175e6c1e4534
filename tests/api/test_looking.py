"""Describing, classifying and locating over HTTP: jobs, single pages, and what they found."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import problem, upload
from tests.ingest.files import born_digital
from tests.scripted_model import ScriptedModel
from workers.vlm.interface import Capability

LABELS = {"labels": ["invoice", "letter"]}
ASKED: dict[str, dict[str, Any]] = {"describe": {}, "classify": LABELS, "locate": {"text": "Total"}}
Work = Callable[[], None]


@pytest.fixture(autouse=True)
def able(model: ScriptedModel) -> None:
    """The model can do all three, and says so about every page."""
    model.capabilities = frozenset({Capability.DESCRIBE, Capability.CLASSIFY, Capability.LOCATE})
    model.answers["0"] = {"description": "A plan. @0.9", "label": "letter @0.8", "place": "Total @0.7"}


def run(client: TestClient, verb: str, work: Work, **more: Any) -> str:
    """A job that is done; its id."""
    started = client.post(f"/v1/{verb}", json={**ASKED[verb], **more})
    assert started.status_code == 202, started.text
    work()
    return str(started.json()["id"])


def answered(client: TestClient, path: str, body: dict[str, Any], work: Work) -> Any:
    """The answer to a request that waits for work."""
    answers: list[Any] = []
    asking = threading.Thread(target=lambda: answers.append(client.post(path, json=body)))
    asking.start()
    while asking.is_alive():
        work()
        asking.join(0.05)
    return answers[0]


@pytest.mark.parametrize(
    ("verb", "text", "sure"),
    [("describe", "A plan.", 0.9), ("classify", "letter", 0.8), ("locate", "Total", 0.7)],
)
def test_a_job_lists_what_each_page_and_each_document_said(
    verb: str, text: str, sure: float, client: TestClient, document: dict[str, Any], work: Work
) -> None:
    job = run(client, verb, work)
    pages = client.get(f"/v1/jobs/{job}/findings").json()["items"]
    assert [(p["document"], p["page"], p["state"], p["text"]) for p in pages] == [
        (document["id"], number, "found", text) for number in (1, 2)
    ]
    assert (pages[0]["confidence"], pages[0]["model"], pages[0]["box"]) == (
        sure,
        "scripted",
        [0.1, 0.2, 0.3, 0.4],
    )
    (of_document,) = client.get(f"/v1/jobs/{job}/findings/documents").json()["items"]
    told = (of_document["text"], of_document["page"], of_document["pages"], of_document["pages_with_it"])
    assert told == (text, 1, 2, 2)
    assert client.get(f"/v1/jobs/{job}").json()["state"] == "succeeded"


def test_pages_that_differ_from_their_document_are_named(
    client: TestClient, tmp_path: Path, work: Work, model: ScriptedModel
) -> None:
    upload(client, born_digital(tmp_path / "a.pdf", pages=3))
    said = iter(["invoice @0.9", "letter @0.6", None])
    model._answer = lambda number, prompt: ScriptedModel(  # type: ignore[method-assign]
        answers={str(number): {"label": next(said)}}
    )._answer(number, prompt)
    job = run(client, "classify", work)
    (found,) = client.get(f"/v1/jobs/{job}/findings/documents").json()["items"]
    assert (found["text"], found["page"], found["differing_count"]) == ("invoice", 1, 2)
    assert [(page["page"], page["text"]) for page in found["differing"]] == [(2, "letter"), (3, None)]
    assert found["confidence"] == pytest.approx(0.9 * 0.9 / 1.5)


@pytest.mark.parametrize("verb", ASKED)
def test_findings_come_in_parts_and_as_lines(
    verb: str, client: TestClient, tmp_path: Path, work: Work, document: dict[str, Any]
) -> None:
    upload(client, born_digital(tmp_path / "more.pdf", pages=3))
    job = run(client, verb, work)
    for path, count in ((f"/v1/jobs/{job}/findings", 5), (f"/v1/jobs/{job}/findings/documents", 2)):
        whole = client.get(path).json()["items"]
        parts: list[Any] = []
        cursor = None
        while True:
            part = client.get(path, params={"limit": 1, **({"cursor": cursor} if cursor else {})}).json()
            parts += part["items"]
            if (cursor := part["next_cursor"]) is None:
                break
        assert parts == whole
        assert len(whole) == count
        of = "documents" if path.endswith("documents") else "pages"
        lines = client.get(f"/v1/jobs/{job}/findings/export", params={"of": of}).text.splitlines()
        assert [json.loads(line) for line in lines] == whole
    only = client.get(f"/v1/jobs/{job}/findings", params={"document": document["id"]}).json()["items"]
    assert [page["page"] for page in only] == [1, 2]


def test_pages_without_what_was_looked_for_can_be_left_out(
    client: TestClient, document: dict[str, Any], work: Work, model: ScriptedModel
) -> None:
    model.answers["0"]["place"] = None
    job = run(client, "locate", work)
    shown = client.get(f"/v1/jobs/{job}/findings").json()["items"]
    assert [(page["state"], page["text"], page["places"]) for page in shown] == [("nothing", None, [])] * 2
    assert client.get(f"/v1/jobs/{job}/findings", params={"found": True}).json()["items"] == []


@pytest.mark.parametrize(("verb", "text"), [("describe", "A plan."), ("classify", "letter"), ("locate", "Total")])
def test_one_page_is_looked_at_while_the_caller_waits(
    verb: str, text: str, client: TestClient, document: dict[str, Any], work: Work
) -> None:
    work()
    path = f"/v1/documents/{document['id']}/pages/2/{verb}"
    said = answered(client, path, {**ASKED[verb], "wait": 60}, work)
    assert said.status_code == 200, said.text
    assert (said.json()["page"], said.json()["text"], said.json()["state"]) == (2, text, "found")


def test_a_page_that_takes_longer_is_found_in_its_job(client: TestClient, document: dict[str, Any], work: Work) -> None:
    path, body = f"/v1/documents/{document['id']}/pages/1/describe", {"wait": 0, "region": [0, 0, 1, 0.5]}
    later = client.post(path, json=body, headers={"Idempotency-Key": "d1"})
    assert (later.status_code, later.json()["progress"]["total"]) == (202, 1)
    work()
    said = client.post(path, json=body, headers={"Idempotency-Key": "d1"})
    assert (said.status_code, said.json()["box"]) == (200, [0, 0, 1, 0.5])
    assert len(client.get("/v1/jobs").json()["items"]) == 1


def test_a_page_that_cannot_be_described_says_why(
    client: TestClient, document: dict[str, Any], work: Work, model: ScriptedModel
) -> None:
    model.acts = {"0": "loop"}
    work()
    path = f"/v1/documents/{document['id']}/pages/1/describe"
    assert problem(answered(client, path, {"wait": 60}, work))[1] == "generation-loops"


@pytest.mark.parametrize("verb", ASKED)
def test_a_worker_s_model_that_is_none_for_it_is_named(
    verb: str, client: TestClient, document: dict[str, Any], work: Work, model: ScriptedModel
) -> None:
    model.capabilities = frozenset({Capability.EXTRACT})
    work()
    path = f"/v1/documents/{document['id']}/pages/1/{verb}"
    assert problem(answered(client, path, {**ASKED[verb], "wait": 60}, work)) == (422, "model-cannot")


@pytest.mark.parametrize(
    ("verb", "body", "expected"),
    [
        ("classify", {}, (422, "invalid-request")),
        ("classify", {"labels": []}, (422, "invalid-request")),
        ("classify", {"labels": ["Invoice", " invoice "]}, (422, "invalid-request")),
        ("classify", {"labels": ["invoice", "None of these"]}, (422, "invalid-request")),
        ("classify", {"labels": [" "]}, (422, "invalid-request")),
        ("locate", {"text": " "}, (422, "invalid-request")),
        ("locate", {"text": "a\x00"}, (422, "invalid-request")),
        ("describe", {"model": "nobody"}, (422, "unknown-model")),
        ("describe", {"documents": ["0" * 32]}, (404, "document-not-found")),
    ],
)
def test_a_job_that_cannot_be_done_is_refused(
    verb: str, body: dict[str, Any], expected: tuple[int, str], client: TestClient, document: dict[str, Any]
) -> None:
    assert problem(client.post(f"/v1/{verb}", json=body)) == expected
    assert client.get("/v1/jobs").json()["items"] == []


def test_a_page_or_region_that_is_not_there_is_refused(client: TestClient, document: dict[str, Any]) -> None:
    pages = f"/v1/documents/{document['id']}/pages"
    assert problem(client.post(f"{pages}/3/describe", json={})) == (404, "page-not-found")
    for region in ([0.5, 0, 0.5, 1], [0, 0, 1, 1.1], [0, 0, 1]):
        body = {"region": region, "wait": 0}
        assert problem(client.post(f"{pages}/1/describe", json=body)) == (422, "invalid-request")
        assert problem(client.post(f"{pages}/1/locate", json=body | {"text": "Total"})) == (422, "invalid-request")


def test_findings_are_those_of_jobs_that_have_some_and_nobody_else_s(
    client: TestClient, document: dict[str, Any], work: Work, stranger: dict[str, str]
) -> None:
    job = run(client, "describe", work)
    other = client.post("/v1/jobs", json={"kind": "extract", "schema": "invoice"}).json()["id"]
    for path in ("findings", "findings/documents", "findings/export"):
        assert problem(client.get(f"/v1/jobs/{other}/{path}")) == (422, "invalid-request")
        assert problem(client.get(f"/v1/jobs/{job}/{path}", headers=stranger)) == (404, "job-not-found")
    assert problem(client.get(f"/v1/jobs/{job}/findings", params={"cursor": "x"})) == (422, "invalid-cursor")
    page = f"/v1/documents/{document['id']}/pages/1/describe"
    assert problem(client.post(page, json={}, headers=stranger)) == (404, "document-not-found")


def test_a_deleted_document_leaves_its_name_in_the_job(
    client: TestClient, document: dict[str, Any], work: Work
) -> None:
    job = run(client, "classify", work)
    client.delete(f"/v1/documents/{document['id']}")
    assert client.get(f"/v1/jobs/{job}/findings").json()["items"] == []
    (left,) = client.get(f"/v1/jobs/{job}/findings/documents").json()["items"]
    assert (left["document_name"], left["pages"], left["text"]) == ("invoice.pdf", 0, None)


def test_a_job_says_what_it_looks_for(client: TestClient, document: dict[str, Any]) -> None:
    for verb, body in ASKED.items():
        client.post(f"/v1/{verb}", json=body)
    jobs = client.get("/v1/jobs").json()["items"]
    assert {job["kind"]: job["question"] for job in jobs} == {
        "describe": None,
        "classify": "invoice, letter",
        "locate": "Total",
    }
