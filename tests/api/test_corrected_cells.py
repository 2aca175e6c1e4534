"""A person's word on a cell stays with its row, wherever that row comes to stand, and never goes to another."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from storage.database import Sessions
from storage.tables import Workspace
from tests.api.conftest import problem
from tests.api.table_rows import put_rows

Put = Callable[..., None]
FIRST = {1: [("Paper", "3.00"), ("Ink", "9.00")], 2: [("Glue", None)]}


@pytest.fixture
def read(client: TestClient, document: dict[str, Any], work: Callable[[], None]) -> str:
    """The id of a document of two pages with three rows."""
    client.post("/v1/jobs", json={"kind": "extract", "schema": "invoice"})
    work()
    return str(document["id"])


@pytest.fixture
def put(sessions: Sessions, workspace: Workspace, read: str) -> Put:
    """Read the pages again: now they have these rows."""

    def put(rows: dict[int, Any]) -> None:
        put_rows(sessions, workspace.id, read, rows)

    put(FIRST)
    return put


def path(document_id: str, cell: str) -> str:
    return f"/v1/records/invoice/{document_id}/values/line_items{cell}"


def amounts(client: TestClient) -> list[tuple[str | None, bool]]:
    """The amounts of all rows, and whether a person said them."""
    rows = client.get("/v1/records/invoice").json()["items"][0]["tables"]["line_items"]["rows"]
    cells = [row["cells"].get("amount", {"raw": None}) for row in rows]
    return [(cell["raw"], cell.get("corrected", False)) for cell in cells]


def test_a_cell_is_corrected_and_found_by_its_amount(client: TestClient, read: str, put: Put) -> None:
    said = client.patch(path(read, "[1].amount"), json={"raw": "9.50"}).json()
    assert (said["value"]["typed"], said["history"][0]["before"]["raw"]) == (
        {"amount": "9.50", "currency": None},
        "9.00",
    )
    assert client.patch(path(read, "[2].amount"), json={"raw": "7.00"}).status_code == 200
    assert amounts(client) == [("3.00", False), ("9.50", True), ("7.00", True)]
    found = client.get("/v1/records/invoice", params={"where": "line_items.amount = 9.50"}).json()["items"]
    assert len(found) == 1


def test_a_row_that_moves_takes_its_correction_and_history_along(client: TestClient, read: str, put: Put) -> None:
    client.patch(path(read, "[0].amount"), json={"raw": "3.33"})
    client.patch(path(read, "[2].amount"), json={"raw": "7.00"})
    put({1: [("Cover", "1.00"), ("Paper", "3.00"), ("Ink", "9.00")]})
    assert amounts(client) == [("1.00", False), ("3.33", True), ("9.00", False), ("7.00", True)]
    assert client.get(path(read, "[0].amount")).json()["history"] == []
    assert [said["raw"] for said in client.get(path(read, "[1].amount")).json()["history"]] == ["3.33"]
    client.patch(path(read, "[0].amount"), json={"raw": "1.11"})
    client.patch(path(read, "[1].amount"), json={"undo": True})
    assert amounts(client) == [("1.11", True), ("3.00", False), ("9.00", False), ("7.00", True)]


def test_a_row_that_is_not_there_any_more_leaves_its_correction_waiting(
    client: TestClient, read: str, put: Put
) -> None:
    client.patch(path(read, "[0].amount"), json={"raw": "3.33"})
    put({1: [("Ink", "9.00")]})
    assert amounts(client) == [("9.00", False), (None, False)]
    assert client.get("/v1/corrections").json()["items"][0]["raw"] == "3.33"
    put(FIRST)
    assert amounts(client)[0] == ("3.33", True)


def test_a_row_that_is_read_otherwise_in_every_cell_is_known_by_its_place(
    client: TestClient, read: str, put: Put
) -> None:
    client.patch(path(read, "[1].amount"), json={"raw": "9.50"})
    put({1: [("Paper", "3.00"), ("lnk", "9,00")]})
    assert amounts(client)[:2] == [("3.00", False), ("9.50", True)]


def test_equal_rows_keep_their_own_corrections(client: TestClient, read: str, put: Put) -> None:
    put({1: [("Ink", "9.00"), ("Ink", "9.00"), ("Ink", "9.00")]})
    client.patch(path(read, "[1].amount"), json={"raw": "9.50"})
    client.patch(path(read, "[002].amount"), json={"raw": "9.60"})
    assert amounts(client)[:3] == [("9.00", False), ("9.50", True), ("9.60", True)]
    assert problem(client.patch(path(read, "[4].amount"), json={"raw": "1"})) == (404, "field-not-found")
    assert problem(client.patch(path(read, "[-1].amount"), json={"raw": "1"})) == (404, "field-not-found")
