"""Jobs on the web page: begun after a look at what they take, watched live, run again, and told what they found."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from api.web.pace import Pacer, duration
from api.wire.jobs import JobOut
from core.records import JobState
from tests.api.conftest import parts
from tests.api.web.conftest import Browser, sign_in, word_of
from tests.scripted_model import ScriptedModel

WORD = "X-Folioscope-Word"


@pytest.fixture
def uploaded(browser: TestClient, pdf: Path, work: Callable[[], None]) -> str:
    """The id of a document of two pages that is drawn."""
    answer = browser.post("/upload", files=parts(pdf), headers={WORD: word_of(browser)})
    work()
    return answer.text.partition('href="/documents/')[2][:32]


def start(browser: Browser, **chosen: str) -> str:
    """Start a job by its form; where it is watched."""
    data = {"word": word_of(browser), **chosen}
    answer = browser.post("/jobs", data=data, follow_redirects=False)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def test_without_a_job_the_page_leads_to_the_first_one(browser: TestClient) -> None:
    assert 'href="/jobs/new"' in browser.get("/jobs").text
    assert "Upload some" in browser.get("/jobs/new", params={"schema": "invoice"}).text


def test_what_a_job_takes_is_told_before_it_is_started(
    browser: TestClient, uploaded: str, model: ScriptedModel
) -> None:
    shown = browser.get("/jobs/new", params={"schema": "invoice", "documents": uploaded}).text
    assert "Over 1 chosen document" in shown
    assert "<strong>2 to read</strong>" in shown
    assert "invoice.pdf" in shown
    assert model.calls == []
    assert "There is no job yet" in browser.get("/jobs").text


def test_a_job_is_started_over_chosen_documents_and_leads_to_what_it_read(
    browser: TestClient, uploaded: str, work: Callable[[], None]
) -> None:
    place = start(browser, kind="extract", schema="invoice", documents=uploaded)
    assert "0 of 2 pages done" in browser.get(place).text
    work()
    shown = browser.get(place).text
    assert "2 of 2 pages done" in shown
    assert 'href="/records/invoice"' in shown


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"kind": "extract", "schema": ""}, 422),
        ({"kind": "classify", "said": "a, A"}, 422),
        ({"kind": "locate", "said": ""}, 422),
        ({"kind": "extract", "schema": "nothing"}, 404),
        ({"kind": "read", "documents": "0" * 32}, 404),
    ],
)
@pytest.mark.usefixtures("uploaded")
def test_a_job_that_cannot_be_is_refused_on_a_page(chosen: dict[str, str], expected: int, browser: TestClient) -> None:
    answer = browser.post("/jobs", data={"word": word_of(browser), **chosen})
    assert answer.status_code == expected
    assert answer.headers["content-type"].startswith("text/html")
    assert "There is no job yet" in browser.get("/jobs").text


@pytest.mark.usefixtures("uploaded")
def test_pages_that_were_sorted_are_listed_on_their_job(browser: TestClient, work: Callable[[], None]) -> None:
    place = start(browser, kind="classify", said="invoice, letter")
    work()
    shown = browser.get(place).text
    assert "Documents and their labels" in shown
    assert "invoice.pdf" in shown


def test_jobs_are_listed_by_where_they_stand(browser: TestClient, uploaded: str, work: Callable[[], None]) -> None:
    place = start(browser, kind="read")
    assert place in browser.get("/jobs", params={"state": "open"}).text
    work()
    assert place in browser.get("/jobs", params={"state": "succeeded"}).text
    assert "No such job" in browser.get("/jobs", params={"state": "lacking"}).text


def test_what_failed_says_why_and_is_run_again(
    browser: TestClient, uploaded: str, work: Callable[[], None], model: ScriptedModel
) -> None:
    model.acts = {"0": "raise"}
    place = start(browser, kind="extract", schema="invoice")
    work()
    shown = browser.get(place).text
    assert "invoice.pdf, page 2</a>: The page made its worker fail" in shown
    assert "Run again what is missing" in shown
    assert browser.post(f"{place}/retry").status_code == 403
    model.acts = {}
    again = browser.post(f"{place}/retry", data={"word": word_of(browser)}, follow_redirects=False).headers["location"]
    work()
    shown = browser.get(again).text
    assert "2 of 2 pages done" in shown
    assert f'href="{place}"' in shown
    assert "Run again" not in shown


def test_a_job_is_watched_under_the_cookie_until_it_ends(
    server: str, key: str, pdf: Path, work: Callable[[], None]
) -> None:
    with httpx.Client(base_url=server, trust_env=False) as http:
        assert http.get(f"/jobs/{'0' * 32}/events").headers["location"].startswith("/sign-in")
        sign_in(http, key)
        http.post("/v1/documents", files=parts(pdf), headers={"Authorization": f"Bearer {key}"}).raise_for_status()
        work()
        place = start(http, kind="extract", schema="invoice")
        told = []
        with http.stream("GET", f"{place}/events") as events:
            assert events.headers["content-type"].startswith("text/event-stream")
            for line in events.iter_lines():
                told += [line] if line else []
                if len(told) == 2:
                    work()
    assert told[0] == "event: progress"
    assert "0 of 2 pages done" in told[1]
    assert told[-2] == "event: end"
    assert "2 of 2 pages done" in told[-1]


@pytest.mark.usefixtures("uploaded")
def test_a_stranger_sees_and_ends_no_job(browser: TestClient, stranger: dict[str, str]) -> None:
    place = start(browser, kind="read")
    browser.get(browser.post("/v1/sign-in-links", headers=stranger).json()["path"])
    for part in ("", "/live", "/events"):
        assert browser.get(place + part).status_code == 404
    for part in ("/cancel", "/retry"):
        assert browser.post(place + part, data={"word": word_of(browser)}).status_code == 404
    assert "There is no job yet" in browser.get("/jobs").text


def job_at(done: int, state: JobState = JobState.RUNNING) -> JobOut:
    """A job of 100 pages that was begun at noon."""
    counts: dict[str, Any] = {"total": 100, "waiting": 100 - done, "leased": 0, "done": done, "failed": 0}
    said: dict[str, Any] = {"id": "0" * 32, "kind": "read", "state": state, "schema": None, "question": None}
    said |= {"model": None, "progress": {**counts, "cancelled": 0}, "waiting_for": None, "gaps": [], "result": None}
    return JobOut.model_validate(said | {"created_at": datetime(2026, 1, 1, 12, tzinfo=UTC), "finished_at": None})


def test_the_time_that_is_left_goes_by_the_last_minute() -> None:
    pacer, noon = Pacer(), datetime(2026, 1, 1, 12, tzinfo=UTC)
    seen = [pacer.pace_of(job_at(done), noon + timedelta(seconds=at)) for at, done in ((0, 0), (100, 10), (110, 40))]
    assert seen[0].left == ""
    assert (seen[1].speed, seen[1].left) == ("6.0 pages a minute", "15 min")
    assert (seen[2].speed, seen[2].left) == ("3.0 pages a second", "20 s")
    assert pacer.pace_of(job_at(100, JobState.SUCCEEDED), noon).seconds_left is None
    assert [duration(one) for one in (0.2, 5400, 200_000)] == ["1 s", "1 h 30 min", "2 d 7 h"]
