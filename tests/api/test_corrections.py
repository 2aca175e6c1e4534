"""What a person says counts at once and for good, and what the model said is kept beside it."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import problem
from tests.scripted_model import ScriptedModel
from workers.vlm.interface import Capability

INVOICE = {"kind": "extract", "schema": "invoice"}


@pytest.fixture
def read(client: TestClient, document: dict[str, Any], work: Callable[[], None]) -> str:
    """The id of a document that was read as an invoice."""
    client.post("/v1/jobs", json=INVOICE)
    work()
    return str(document["id"])


def _path(document_id: str, field: str = "total") -> str:
    return f"/v1/records/invoice/{document_id}/values/{field}"


def _total(client: TestClient) -> dict[str, Any]:
    return client.get("/v1/records/invoice").json()["items"][0]["values"]["total"]  # type: ignore[no-any-return]


def test_a_corrected_value_counts_at_once_and_the_model_s_stays_beside_it(client: TestClient, read: str) -> None:
    said = client.patch(_path(read), json={"raw": "$1,204.00", "page": 2, "box": [0.1, 0.1, 0.2, 0.2]}).json()
    assert (said["value"]["raw"], said["value"]["corrected"]) == ("$1,204.00", True)
    total = _total(client)
    assert total["typed"] == {"amount": "1204.00", "currency": "USD"}
    assert (total["page"], total["box"], total["alternatives"][0]["raw"]) == (2, [0.1, 0.1, 0.2, 0.2], "12.00")
    (entry,) = client.get(_path(read)).json()["history"]
    assert (entry["before"]["raw"], entry["before"]["model"], entry["made_by"]) == ("12.00", "scripted", "tests")


def test_a_correction_survives_another_reading_and_a_new_version_of_the_schema(
    client: TestClient, read: str, work: Callable[[], None]
) -> None:
    client.patch(_path(read), json={"raw": "13.00"})
    client.post("/v1/jobs", json=INVOICE)
    work()
    assert _total(client)["raw"] == "13.00"
    body = {"type": "object", "properties": {"total": {"type": "string"}, "note": {"type": "string"}}}
    assert client.post("/v1/schemas", json={"name": "invoice", "body": body}).json()["version"] > 1
    client.post("/v1/jobs", json=INVOICE)
    work()
    assert _total(client)["raw"] == "13.00"


def test_what_a_document_does_not_have_is_absent_and_an_undone_correction_lets_the_model_count(
    client: TestClient, read: str
) -> None:
    client.patch(_path(read), json={"absent": True})
    assert (_total(client)["state"], _total(client)["raw"]) == ("absent", None)
    client.patch(_path(read), json={"undo": True})
    assert (_total(client)["state"], _total(client)["raw"], _total(client)["corrected"]) == ("found", "12.00", False)
    history = client.get(_path(read)).json()["history"]
    assert [(entry["state"], entry["undone"]) for entry in history] == [("absent", False), ("absent", True)]


def test_a_value_that_is_right_as_read_is_confirmed_and_keeps_its_place(client: TestClient, read: str) -> None:
    before = _total(client)
    said = client.patch(_path(read), json={"confirm": True}).json()
    assert (said["value"]["raw"], said["value"]["confirmed"], said["value"]["by"]) == ("12.00", True, "tests")
    assert (said["value"]["page"], said["value"]["decision"]) == (before["page"], "accepted")
    assert said["value"]["at"] == said["history"][-1]["created_at"]
    assert client.patch(_path(read), json={"raw": "13.00"}).json()["value"]["confirmed"] is False
    assert problem(client.patch(_path(read), json={"confirm": True, "raw": "12.00"})) == (422, "invalid-request")


def test_all_corrections_are_listed_the_newest_first(client: TestClient, read: str) -> None:
    for raw in ("13.00", "14.00"):
        client.patch(_path(read), json={"raw": raw})
    first = client.get("/v1/corrections", params={"limit": 1}).json()
    rest = client.get("/v1/corrections", params={"cursor": first["next_cursor"]}).json()
    assert [c["raw"] for c in first["items"] + rest["items"]] == ["14.00", "13.00"]
    assert client.get("/v1/corrections", params={"schema": "receipt"}).json()["items"] == []


def test_a_box_alone_is_read_by_the_model(
    client: TestClient, read: str, model: ScriptedModel, work: Callable[[], None]
) -> None:
    model.capabilities = frozenset({Capability.EXTRACT, Capability.READ})
    model.answers["0"][""] = "99.00"
    done = threading.Event()

    def work_on() -> None:
        while not done.wait(0.1):
            work()

    worker = threading.Thread(target=work_on)
    worker.start()
    try:
        said = client.patch(_path(read), json={"page": 1, "box": [0.0, 0.0, 0.9, 0.5]})
    finally:
        done.set()
        worker.join()
    assert said.status_code == 200, said.text
    assert (said.json()["value"]["raw"], _total(client)["box"]) == ("99.00", [0.0, 0.0, 0.9, 0.5])
    assert "read" not in {job["kind"] for job in client.get("/v1/jobs").json()["items"]}


def test_a_model_that_reads_no_boxes_says_so_and_nothing_changes(
    client: TestClient, read: str, work: Callable[[], None]
) -> None:
    worker = threading.Timer(0.5, work)
    worker.start()
    response = client.patch(_path(read), json={"page": 1, "box": [0.1, 0.1, 0.9, 0.5]})
    worker.join()
    assert problem(response)[1] == "model-cannot"
    assert _total(client)["corrected"] is False


REFUSED: tuple[tuple[str, dict[str, Any], tuple[int, str]], ...] = (
    ("nothing", {"raw": "1"}, (404, "field-not-found")),
    ("line_items.amount", {"raw": "1"}, (404, "field-not-found")),
    ("line_items[0].amount", {"raw": "1"}, (404, "field-not-found")),
    ("total", {}, (422, "invalid-request")),
    ("total", {"raw": " "}, (422, "invalid-request")),
    ("total", {"raw": "1", "absent": True}, (422, "invalid-request")),
    ("total", {"raw": "a\0b"}, (422, "invalid-request")),
    ("total", {"raw": "x" * 10_001}, (422, "invalid-request")),
    ("total", {"absent": True, "page": 1}, (422, "invalid-request")),
    ("total", {"raw": "1", "box": [0, 0, 1, 1]}, (422, "invalid-request")),
    ("total", {"raw": "1", "page": 1, "box": [0.5, 0, 0.1, 1]}, (422, "invalid-request")),
    ("total", {"raw": "1", "page": 9}, (404, "page-not-found")),
)


def test_what_cannot_be_a_correction_is_refused(client: TestClient, read: str) -> None:
    answers = [problem(client.patch(_path(read, field), json=said)) for field, said, _ in REFUSED]
    assert answers == [expected for _, _, expected in REFUSED]
    assert client.get("/v1/corrections").json()["items"] == []


def test_a_stranger_neither_corrects_nor_sees(client: TestClient, read: str, stranger: dict[str, str]) -> None:
    client.patch(_path(read), json={"raw": "13.00"})
    assert problem(client.patch(_path(read), json={"raw": "0"}, headers=stranger))[0] == 404
    assert problem(client.get(_path(read), headers=stranger))[0] == 404
    assert client.get("/v1/corrections", headers=stranger).json()["items"] == []
    assert _total(client)["raw"] == "13.00"


def test_a_document_that_was_never_read_has_nothing_to_correct(client: TestClient, document: dict[str, Any]) -> None:
    assert problem(client.patch(_path(document["id"]), json={"raw": "1"})) == (404, "record-not-found")
