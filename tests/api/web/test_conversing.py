"""Conversations on the web page: questions that follow each other, what they are about, what they offer."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from core.records import JobKind, JobState, Queue
from storage import conversations
from storage.database import Sessions, new_id
from storage.tables import Job, Workspace
from tests.api.conftest import parts
from tests.api.web.conftest import word_of
from tests.ingest.files import born_digital
from tests.scripted_model import ScriptedModel

WORD = "X-Folioscope-Word"


@pytest.fixture
def model() -> ScriptedModel:
    """A model that answers every question on the first page with $12.00."""
    return ScriptedModel(answers={"0": {"answer": "$12.00 @0.9"}})


@pytest.fixture
def uploaded(browser: TestClient, tmp_path: Path, work: Callable[[], None]) -> list[str]:
    """The ids of two documents that are drawn, `a <b>.pdf` and `b.pdf`."""
    files = [born_digital(tmp_path / name, pages=1) for name in ("a <b>.pdf", "b.pdf")]
    ids = []
    for file in files:
        shown = browser.post("/upload", files=parts(file), headers={WORD: word_of(browser)}).text
        ids += re.findall(r"/documents/([0-9a-f]{32})", shown)
    work()
    return list(dict.fromkeys(ids))


def begin(browser: TestClient, question: str, **about: object) -> str:
    """Where the conversation of a first question is."""
    data = {"question": question, "word": word_of(browser), **about}
    answer = browser.post("/ask", data=data, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_a_follow_up_stands_below_its_question_and_says_how_it_was_understood(
    browser: TestClient, uploaded: list[str], work: Callable[[], None]
) -> None:
    place = begin(browser, "What is the total?")
    work()
    data = {"question": "and the due date?", "word": word_of(browser)}
    followed = browser.post(f"{place}/ask", data=data, follow_redirects=False)
    assert followed.headers["location"] == f"{place}#turn-2"
    part = browser.post(f"{place}/ask", data=data | {"question": "and the tax?"}, headers={"HX-Request": "true"})
    assert 'id="turn-3"' in part.text
    assert "<html" not in part.text
    work()
    shown = browser.get(place).text
    assert shown.index("What is the total?") < shown.index("and the due date?") < shown.index("and the tax?")
    assert "Understood as: What is the due date?" in shown
    assert browser.get(f"{place}?before=2").text.count("<article") == 1


def test_a_question_is_asked_of_the_documents_that_the_list_names_and_of_no_others(
    browser: TestClient, uploaded: list[str], work: Callable[[], None]
) -> None:
    first, second = uploaded
    form = browser.get("/ask", params={"documents": [first, second], "question": "What is the total?"}).text
    assert form.count('type="checkbox" name="documents"') == 2
    assert "a &lt;b&gt;.pdf" in form
    assert "a <b>.pdf" not in form
    place = begin(browser, "What is the total?", documents=[second])
    work()
    shown = browser.get(place).text
    assert "About one document" in shown
    assert f"/documents/{second}?page=1" in shown
    assert f"/documents/{first}" not in shown


def test_many_documents_are_named_by_a_few_chips(browser: TestClient, uploaded: list[str]) -> None:
    form = browser.get("/ask", params={"documents": ",".join([uploaded[0], "f" * 32])}).text
    assert form.count('type="checkbox" name="documents"') == 1  # what is not there is no part of it


def test_a_filter_that_makes_no_sense_is_told_beside_the_question(browser: TestClient, uploaded: list[str]) -> None:
    data = {"question": "Who signed?", "schema": "invoice", "where": "total >=", "word": word_of(browser)}
    answer = browser.post("/ask", data=data)
    assert answer.status_code == 422
    assert "Who signed?" in answer.text
    assert 'id="wrong"' in answer.text
    both = browser.get("/ask", params={"documents": uploaded[0], "schema": "invoice"}).text
    assert "and not both" in both


def test_what_an_answer_offers_to_extract_is_started_by_its_button(
    browser: TestClient, uploaded: list[str], work: Callable[[], None]
) -> None:
    place = begin(browser, "How many invoices are over 100 euros?")
    shown = browser.get(place).text
    assert "Nothing was read as invoices yet" in shown
    assert "folioscope extract" not in shown
    (action,) = re.findall(r'action="(/ask/[0-9a-f]{32}/extract)"', shown)
    assert browser.post(action).status_code == 403
    started = browser.post(action, data={"word": word_of(browser)}, follow_redirects=False)
    assert started.headers["location"].startswith("/jobs/")
    work()
    again = browser.post(action, data={"word": word_of(browser)}, follow_redirects=False)
    assert again.status_code == 422
    assert "read meanwhile" in again.text


def test_news_of_a_question_come_when_there_are_some(
    browser: TestClient, uploaded: list[str], work: Callable[[], None]
) -> None:
    shown = browser.get(begin(browser, "What is the total?")).text
    (part,) = re.findall(r'hx-get="(/ask/[^"]+)"', shown)
    work()
    news = browser.get(part).text
    assert "$12.00" in news
    assert "hx-get" not in news
    job = part.split("/")[2]
    assert "$12.00" in browser.get(f"/ask/{job}").text
    assert "To its conversation" in browser.get(f"/ask/{job}").text


def test_conversations_are_listed_and_deleted(browser: TestClient, uploaded: list[str]) -> None:
    place = begin(browser, "What is the <total>?")
    listed = browser.get("/ask").text
    assert f'href="{place}"' in listed
    assert "What is the &lt;total&gt;?" in listed
    assert browser.post(f"{place}/delete").status_code == 403
    assert f'href="{place}"' not in browser.post(f"{place}/delete", data={"word": word_of(browser)}).text
    assert browser.get(place).status_code == 404


def test_all_turns_of_a_long_conversation_can_be_reached(
    browser: TestClient, sessions: Sessions, workspace: Workspace
) -> None:
    with sessions.begin() as session:
        made = conversations.create(session, workspace.id, {}, None)
        for number in range(1, 31):
            job = Job(
                id=new_id(), workspace_id=workspace.id, kind=JobKind.ASK, state=JobState.SUCCEEDED,
                queue=Queue.INTERACTIVE, params={"question": f"Q{number}?", "scope": {}},
                result={"state": "not_found", "text": None, "confidence": None, "evidence": None, "alternatives": [],
                        "pages_looked_at": 0, "pages_unreadable": 0, "not_looked_at": 0},
            )  # fmt: skip
            session.add(job)
            session.flush()
            conversations.add_turn(session, made, f"Q{number}?", f"Q{number}?", job.id)
    last = browser.get(f"/conversations/{made.id}").text
    assert "Q30?" in last
    assert "Q11?" in last
    assert "Q10?" not in last
    earlier = browser.get(f"/conversations/{made.id}?before=11").text
    assert "Q10?" in earlier
    assert "Q1?" in earlier
