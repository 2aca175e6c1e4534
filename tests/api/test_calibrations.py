"""A workspace calibrates a model on values whose truth it knows; a workspace for a while leaves nothing behind."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import inspect

from api.app import make_app
from core.settings import Settings
from ingest.sandbox import Sandbox
from storage import workspaces
from storage.database import Sessions
from storage.tables import Calibration, Document, Page, Record, Schema, Value, Workspace
from tests.api.conftest import problem, started, upload
from workers.calibrate import FEWEST

RIGHT = {"kind": "text", "confidence": 0.9, "right": True}
WRONG = {"kind": "text", "confidence": 0.4, "right": False}
HALF = [RIGHT, WRONG] * (FEWEST // 2)


def _calibrate(client: TestClient, values: list[dict[str, Any]], model: str = "scripted", **more: Any) -> Any:
    return client.post("/v1/calibrations", json={"model": model, "values": values}, **more)


@pytest.fixture
def read(client: TestClient, document: dict[str, Any], work: Callable[[], None]) -> str:
    """The id of a document that was read as an invoice."""
    client.post("/v1/jobs", json={"kind": "extract", "schema": "invoice"})
    work()
    return str(document["id"])


def _total(client: TestClient) -> dict[str, Any]:
    return client.get("/v1/records/invoice").json()["items"][0]["values"]["total"]  # type: ignore[no-any-return]


def test_a_calibration_tells_from_now_on_what_confidence_means_and_goes_when_it_is_deleted(
    client: TestClient, read: str
) -> None:
    before = _total(client)
    said = _calibrate(client, HALF).json()
    assert (said["model"], said["records"], said["curves"]["any"]["values"]) == ("scripted", 1, FEWEST)
    after = _total(client)
    assert after["model_confidence"] == before["model_confidence"]
    assert after["confidence"] != before["confidence"]
    assert [one["model"] for one in client.get("/v1/calibrations").json()["items"]] == ["scripted"]
    assert client.delete("/v1/calibrations/scripted").status_code == 204
    assert _total(client)["confidence"] == before["confidence"]
    assert problem(client.delete("/v1/calibrations/scripted")) == (404, "calibration-not-found")


def test_a_calibration_stays_within_the_walls_of_its_workspace(
    client: TestClient, read: str, stranger: dict[str, str]
) -> None:
    before = _total(client)
    assert _calibrate(client, HALF, headers=stranger).json()["records"] == 0
    assert client.get("/v1/calibrations").json()["items"] == []
    assert problem(client.delete("/v1/calibrations/scripted")) == (404, "calibration-not-found")
    assert _total(client) == before


def test_a_calibration_says_of_which_kinds_the_packaged_curves_go_on_to_tell(client: TestClient) -> None:
    assert _calibrate(client, HALF).json()["packaged"] == []
    beside = _calibrate(client, HALF, "bundled").json()["packaged"]
    assert {"absent", "money", "date"} <= set(beside)
    assert not {"any", "text"} & set(beside)
    assert client.get("/v1/calibrations").json()["items"][0]["packaged"] == beside


def test_too_little_truth_is_refused_with_what_is_there_and_what_is_needed(client: TestClient) -> None:
    absent = {"kind": None, "confidence": 0.9, "right": True}
    response = _calibrate(client, [*HALF[1:], *[absent] * 100])
    assert problem(response) == (422, "too-little-truth")
    assert f"at least {FEWEST} values" in response.json()["detail"]
    assert (response.json()["values"], response.json()["needed"]) == (FEWEST - 1, FEWEST)
    assert client.get("/v1/calibrations").json()["items"] == []


def test_what_people_corrected_counts_in_a_calibration(client: TestClient, read: str) -> None:
    assert problem(_calibrate(client, HALF[2:])) == (422, "too-little-truth")
    for field, raw in (("total", "12.00"), ("vendor_name", "Somebody else")):
        client.patch(f"/v1/records/invoice/{read}/values/{field}", json={"raw": raw})
    curves = _calibrate(client, HALF[2:]).json()["curves"]
    assert curves["any"]["values"] == FEWEST


@pytest.mark.parametrize("wrong", [{"confidence": 1.2}, {"kind": "colour"}, {"right": None}, {"surely": True}])
def test_values_of_another_form_are_refused(client: TestClient, wrong: dict[str, Any]) -> None:
    assert problem(_calibrate(client, [RIGHT | wrong])) == (422, "invalid-request")


def _temporary(client: TestClient) -> dict[str, str]:
    made = client.post("/v1/workspaces/temporary")
    assert made.status_code == 201
    return {"Authorization": f"Bearer {made.json()['key']}"}


def test_a_workspace_for_a_while_has_the_schemas_and_calibrations_and_no_documents(
    client: TestClient, read: str, work: Callable[[], None]
) -> None:
    body = {"type": "object", "properties": {"a": {"type": "string"}}}
    client.post("/v1/schemas", json={"name": "ours", "body": body})
    _calibrate(client, HALF)
    inside = _temporary(client)
    names = [schema["name"] for schema in client.get("/v1/schemas", headers=inside).json()["items"]]
    assert names == [schema["name"] for schema in client.get("/v1/schemas").json()["items"]]
    assert [one["model"] for one in client.get("/v1/calibrations", headers=inside).json()["items"]] == ["scripted"]
    assert client.get("/v1/documents", headers=inside).json()["items"] == []
    assert problem(client.get(f"/v1/documents/{read}", headers=inside)) == (404, "document-not-found")
    assert problem(client.post("/v1/workspaces/temporary", headers=inside)) == (409, "conflict")


def test_a_workspace_for_a_while_is_deleted_with_all_that_it_holds(
    client: TestClient, read: str, pdf: Any, work: Callable[[], None], sessions: Sessions
) -> None:
    def rows() -> list[int]:
        with sessions() as session:
            tables = (Workspace, Document, Page, Schema, Value, Record, Calibration)
            views = inspect(session.connection()).get_view_names()
            return [*(session.query(table).count() for table in tables), len(views)]

    before = rows()
    inside = _temporary(client)
    own = client.headers["Authorization"]
    client.headers.update(inside)
    upload(client, pdf)
    body = {"type": "object", "properties": {"total": {"type": "string"}}}
    client.post("/v1/schemas", json={"name": "tried", "body": body}).raise_for_status()
    client.post("/v1/jobs", json={"kind": "extract", "schema": "tried"}).raise_for_status()
    work()
    assert len(client.get("/v1/records/tried").json()["items"]) == 1
    assert client.delete("/v1/workspaces/temporary").status_code == 204
    assert problem(client.get("/v1/schemas")) == (401, "unauthorized")
    client.headers["Authorization"] = own
    assert rows() == before


def test_a_workspace_that_was_not_made_for_a_while_is_never_deleted(client: TestClient, read: str) -> None:
    assert problem(client.delete("/v1/workspaces/temporary")) == (409, "conflict")
    assert client.get(f"/v1/documents/{read}").status_code == 200


def test_workspaces_whose_time_is_over_are_deleted_and_no_others(sessions: Sessions, workspace: Workspace) -> None:
    with sessions.begin() as session:
        over, _ = workspaces.add_temporary(session, workspace.id, timedelta(hours=-1))
        still, _ = workspaces.add_temporary(session, workspace.id, timedelta(hours=1))
        gone, kept = over.id, still.id
    with sessions.begin() as session:
        assert workspaces.delete_expired(session) == 1
    with sessions() as session:
        assert session.get(Workspace, gone) is None
        assert session.get(Workspace, kept) is not None
        assert session.get(Workspace, workspace.id) is not None


def test_where_no_key_is_asked_for_that_of_a_workspace_for_a_while_opens_it(
    settings: Settings, workspace: Workspace, sandbox: Sandbox
) -> None:
    with started(make_app(settings.model_copy(update={"require_key": False})), sandbox) as open_to_all:
        inside = _temporary(open_to_all)
        assert open_to_all.delete("/v1/workspaces/temporary", headers=inside).status_code == 204
        assert problem(open_to_all.delete("/v1/workspaces/temporary", headers=inside)) == (409, "conflict")
