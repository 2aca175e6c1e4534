from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import problem, upload
from tests.ingest.files import born_digital


@pytest.fixture
def read(client: TestClient, document: dict[str, Any], tmp_path: Path, work: Callable[[], None]) -> list[str]:
    """The ids of two documents that were read, the older first."""
    other = upload(client, born_digital(tmp_path / "other.pdf", pages=1))["documents"][0]
    client.post("/v1/jobs", json={"kind": "extract", "schema": "invoice"})
    work()
    return [document["id"], other["id"]]


def test_a_record_has_every_field_with_its_page_box_and_confidence(client: TestClient, read: list[str]) -> None:
    record = client.get("/v1/records/invoice").json()["items"][0]
    assert (record["document_id"], record["document_name"], record["complete"]) == (read[0], "invoice.pdf", True)
    assert record["schema"] == {"name": "invoice", "version": 1}
    total = record["values"]["total"]
    assert (total["state"], total["raw"], total["page"], total["also_on"]) == ("found", "12.00", 1, [2])
    assert total["box"] == [0.1, 0.2, 0.3, 0.4]
    assert 0 < total["confidence"] <= 1
    assert record["values"]["iban"]["state"] == "absent"
    assert record["values"]["iban"]["raw"] is None
    assert record["gaps"] == []
    assert record["model"]


def test_records_are_listed_oldest_first_part_by_part(client: TestClient, read: list[str]) -> None:
    first = client.get("/v1/records/invoice", params={"limit": 1}).json()
    rest = client.get("/v1/records/invoice", params={"limit": 1, "cursor": first["next_cursor"]}).json()
    listed = [record["document_id"] for record in first["items"] + rest["items"]]
    assert sorted(listed) == sorted(read)
    assert rest["next_cursor"] is None


def test_records_of_one_document_can_be_asked_for(client: TestClient, read: list[str]) -> None:
    items = client.get("/v1/records/invoice", params={"document": read[1]}).json()["items"]
    assert [record["document_id"] for record in items] == [read[1]]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("unknown", (404, "schema-not-found")),
        ("invoice?version=2", (404, "schema-not-found")),
        (f"invoice?document={'0' * 32}", (404, "document-not-found")),
        ("invoice?document=x", (404, "document-not-found")),
        ("invoice?cursor=x", (422, "invalid-cursor")),
        ("invoice?limit=0", (422, "invalid-request")),
        ("invoice?limit=501", (422, "invalid-request")),
    ],
)
def test_records_that_cannot_be_listed_are_a_problem(path: str, expected: tuple[int, str], client: TestClient) -> None:
    assert problem(client.get(f"/v1/records/{path}")) == expected


def test_a_schema_under_which_nothing_was_read_has_no_records(client: TestClient, read: list[str]) -> None:
    assert client.get("/v1/records/receipt").json() == {"items": [], "next_cursor": None, "older_versions": []}


def test_the_same_bytes_under_two_names_are_one_record_with_both(
    client: TestClient, document: dict[str, Any], pdf: Path, tmp_path: Path, work: Callable[[], None]
) -> None:
    twin = tmp_path / "twin.pdf"
    twin.write_bytes(pdf.read_bytes())
    assert upload(client, twin)["documents"][0]["id"] == document["id"]
    client.post("/v1/jobs", json={"kind": "extract", "schema": "invoice"})
    work()
    (record,) = client.get("/v1/records/invoice").json()["items"]
    assert sorted(record["document_names"]) == ["invoice.pdf", "twin.pdf"]
