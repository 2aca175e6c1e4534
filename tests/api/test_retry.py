"""What a job has no result for, run again as a job of its own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from core.records import JobKind
from storage.database import Sessions
from storage.tables import Job
from tests.api.conftest import problem, upload
from tests.ingest.files import encrypted
from tests.scripted_model import ScriptedModel

EXTRACT = {"kind": "extract", "schema": "invoice"}


def test_only_what_failed_is_run_again(
    client: TestClient, document: dict[str, Any], tmp_path: Path, work: Callable[[], None], model: ScriptedModel
) -> None:
    locked = upload(client, encrypted(tmp_path / "secret.pdf", "sesame"))["documents"][0]
    job = client.post("/v1/jobs", json=EXTRACT).json()
    work()
    assert client.get(f"/v1/jobs/{job['id']}").json()["state"] == "partial"
    client.post(f"/v1/documents/{locked['id']}/unlock", json={"password": "sesame"}).raise_for_status()
    work()
    answer = client.post(f"/v1/jobs/{job['id']}/retry")
    assert answer.status_code == 202
    again = answer.json()
    assert (again["retry_of"], again["schema"], again["progress"]["total"]) == (job["id"], job["schema"], 2)
    work()
    done = client.get(f"/v1/jobs/{again['id']}").json()
    assert (done["state"], done["gaps"]) == ("succeeded", [])
    assert len(client.get("/v1/records/invoice").json()["items"]) == 2


def test_pages_that_made_the_model_fail_are_read_at_another_try(
    client: TestClient, document: dict[str, Any], work: Callable[[], None], model: ScriptedModel
) -> None:
    model.acts = {"0": "raise"}
    job = client.post("/v1/jobs", json=EXTRACT).json()
    work()
    assert client.get(f"/v1/jobs/{job['id']}").json()["state"] == "failed"
    model.acts = {}
    client.post(f"/v1/jobs/{job['id']}/retry").raise_for_status()
    work()
    (record,) = client.get("/v1/records/invoice").json()["items"]
    assert (record["complete"], record["gaps"], record["values"]["total"]["raw"]) == (True, [], "12.00")


def test_a_cancelled_job_goes_on_where_it_was_ended(
    client: TestClient, document: dict[str, Any], work: Callable[[], None]
) -> None:
    job = client.post("/v1/jobs", json=EXTRACT).json()
    client.post(f"/v1/jobs/{job['id']}/cancel").raise_for_status()
    first, second = (client.post(f"/v1/jobs/{job['id']}/retry").json() for _ in range(2))
    assert first["id"] == second["id"]
    assert first["progress"]["total"] == 2
    work()
    assert client.get(f"/v1/jobs/{first['id']}").json()["state"] == "succeeded"
    assert [one["id"] for one in client.get("/v1/jobs", params={"state": "cancelled"}).json()["items"]] == [job["id"]]


@pytest.mark.parametrize(("kind", "advice"), [(JobKind.ASK, "ask it anew"), (JobKind.RASTERIZE, "upload it anew")])
def test_a_question_and_the_drawing_of_an_upload_are_not_run_again_and_it_is_said_what_to_do(
    kind: JobKind, advice: str, client: TestClient, document: dict[str, Any], sessions: Sessions
) -> None:
    client.post("/v1/ask", json={"question": "What is the total?", "wait": 0})
    with sessions() as session:
        job_id = session.scalars(select(Job.id).where(Job.kind == kind)).one()
    answer = client.post(f"/v1/jobs/{job_id}/retry")
    assert (answer.status_code, advice in answer.json()["detail"]) == (422, True)


def test_what_lacks_nothing_or_still_runs_is_not_run_again(
    client: TestClient, document: dict[str, Any], work: Callable[[], None], stranger: dict[str, str]
) -> None:
    job = client.post("/v1/jobs", json=EXTRACT).json()
    place = f"/v1/jobs/{job['id']}/retry"
    assert problem(client.post(place)) == (422, "invalid-request")
    work()
    assert problem(client.post(place)) == (422, "invalid-request")
    assert problem(client.post(place, headers=stranger)) == (404, "job-not-found")
