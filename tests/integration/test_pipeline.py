"""Uploads to records and answers, by real workers; and how these begin and end."""

import pytest

from core.records import ItemState, JobState, Queue
from storage import records
from tests.integration.service import PATIENCE, Service, await_that

ONE_DATABASE = pytest.mark.parametrize("each_database_url", ["sqlite"], indirect=True)


@pytest.mark.timeout(2 * PATIENCE)
def test_uploads_become_records_and_answers_by_hints_alone(service: Service) -> None:
    service.script(answers={"2": {"total": "12.00"}, "1": {"total": None}, "3": {"total": None}})
    worker = service.start(concurrency=2, poll_seconds=3600)
    await_that(lambda: worker.events().count("worker ready") == 2, "the worker's start")
    schema = service.schema(total="total amount")
    document = service.upload("a.tif", [1, 2, 3])
    job = service.extract(schema, document)
    question = service.ask("What is due?", document)
    assert (service.wait(job), service.wait(question)) == (JobState.SUCCEEDED, JobState.SUCCEEDED)
    with service.sessions() as session:
        record = records.find_record(session, document, schema)
    assert record is not None
    assert (record.values["total"]["raw"], record.values["total"]["page"]) == ("12.00", 2)
    result = service.job(question).result
    assert result is not None
    assert (result["state"], result["evidence"]["document_name"]) == ("found", "a.tif")
    assert worker.end() == 0
    assert worker.events().count("worker ended") == 2
    assert [line for line in worker.said() if "raw" in line or line["level"] != "info"] == []


@ONE_DATABASE
@pytest.mark.timeout(2 * PATIENCE)
def test_a_worker_that_is_asked_to_end_gives_its_pages_back_at_once(service: Service) -> None:
    service.script(acts={"1": "wait"})
    document = service.upload("a.tif", [1, 2])
    job = service.extract(service.schema(total="total amount"), document)
    worker = service.start(lease_seconds=3600)
    await_that(lambda: bool(service.journal()), "the first page")
    assert worker.end() == 0
    assert [(i.state, i.attempt, i.owner) for i in service.items(job)] == [(ItemState.WAITING, 0, None)] * 2
    assert [line for line in worker.said() if "raw" in line or line["level"] != "info"] == []


@ONE_DATABASE
@pytest.mark.timeout(2 * PATIENCE)
def test_a_worker_whose_model_cannot_be_loaded_ends_and_says_why(service: Service) -> None:
    (service.folder / "script.json").unlink()
    worker = service.start([Queue.BULK])
    assert worker.process.wait(PATIENCE) == 2
    (line,) = worker.said()
    assert (line["level"], line["code"]) == ("error", "model-unavailable")
    assert "script.json" in line["detail"]
