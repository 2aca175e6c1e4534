"""Questions asked on the web page, and the jobs that answer them."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import parts
from tests.api.web.conftest import word_of
from tests.scripted_model import ScriptedModel

WORD = "X-Folioscope-Word"
PART = re.compile(r'hx-get="/ask/([0-9a-f]{32})/part')


@pytest.fixture
def model() -> ScriptedModel:
    """A model that answers one question on the first page."""
    return ScriptedModel(answers={"0": {"answer": "12.00", "total": "12.00"}})


@pytest.fixture
def uploaded(browser: TestClient, pdf: Path, work: Callable[[], None]) -> None:
    """A document that is drawn."""
    browser.post("/upload", files=parts(pdf), headers={WORD: word_of(browser)})
    work()


def ask(browser: TestClient, question: str) -> str:
    """Ask, and where the answer will be."""
    data = {"question": question, "word": word_of(browser)}
    return browser.post("/ask", data=data, follow_redirects=False).headers["location"]


def job_in(browser: TestClient, place: str) -> str:
    """The job of the question that a page waits for."""
    found = PART.search(browser.get(place).text)
    assert found is not None
    return found[1]


@pytest.mark.usefixtures("uploaded")
def test_a_question_waits_for_its_answer_and_shows_where_it_stands(
    browser: TestClient, work: Callable[[], None]
) -> None:
    place = ask(browser, "What is the total?")
    waiting = browser.get(place).text
    assert "pages to look at" in waiting
    assert "Searched 2 pages for" in waiting
    work()
    shown = browser.get(place).text
    assert "12.00" in shown
    assert "invoice.pdf, page" in shown
    assert 'class="lit"' in shown
    assert "pages to look at" not in shown


@pytest.mark.usefixtures("uploaded")
def test_a_question_that_nothing_answers_says_what_was_searched(
    browser: TestClient, work: Callable[[], None], model: ScriptedModel
) -> None:
    model.answers = {}
    place = ask(browser, "What is the IBAN of Zwirngarn GmbH?")
    work()
    shown = browser.get(place).text
    assert "Not in these documents." in shown
    assert "zwirngarn" in shown


def test_without_documents_a_question_is_refused_with_what_to_do(browser: TestClient) -> None:
    answer = browser.post("/ask", data={"question": "What is the total?", "word": word_of(browser)})
    assert answer.status_code == 422
    assert "upload one first" in answer.text


def test_a_question_needs_the_word(browser: TestClient) -> None:
    assert browser.post("/ask", data={"question": "What is the total?"}).status_code == 403


@pytest.mark.usefixtures("uploaded")
def test_jobs_are_listed_and_can_be_ended(browser: TestClient) -> None:
    assert "There is no job yet" in browser.get("/jobs").text
    job = job_in(browser, ask(browser, "What is the total?"))
    assert f'href="/ask/{job}"' in browser.get("/jobs").text
    assert browser.post(f"/jobs/{job}/cancel").status_code == 403
    ended = browser.post(f"/jobs/{job}/cancel", data={"word": word_of(browser)})
    assert ended.status_code == 200
    assert "cancelled" in ended.text
    assert "Cancel</button>" not in ended.text


@pytest.mark.parametrize("place", [f"/jobs/{'0' * 32}", f"/ask/{'0' * 32}"])
def test_a_job_that_is_not_there_is_told_on_a_page(place: str, browser: TestClient) -> None:
    answer = browser.get(place)
    assert answer.status_code == 404
    assert "job-not-found" in answer.text
