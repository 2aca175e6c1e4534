"""The list of documents: found, ordered, tagged, and acted on together; by nobody but those who may."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import parts
from tests.api.web.conftest import word_of
from tests.api.web.test_documents import WORD
from tests.ingest.files import born_digital
from tests.scripted_model import ScriptedModel

ROW = re.compile(
    r'<input type="checkbox" form="chosen" name="documents" value="(\w{32})"[^>]*aria-label="Choose ([^"]+)"'
)


@pytest.fixture
def three(browser: TestClient, tmp_path: Path) -> dict[str, str]:
    """The ids of three documents of one, two and three pages, by their names; none is drawn yet."""
    paths = [
        born_digital(tmp_path / f"{name}.pdf", pages=pages) for name, pages in (("rent", 1), ("Bill", 2), ("act", 3))
    ]
    assert browser.post("/upload", files=parts(*paths), headers={WORD: word_of(browser)}).status_code == 200
    return {name: document_id for document_id, name in ROW.findall(browser.get("/").text)}


def listed(browser: TestClient, query: str = "") -> list[str]:
    return [name for _, name in ROW.findall(browser.get(f"/{query}").text)]


def act(browser: TestClient, ids: list[str], do: str, **fields: str) -> Any:
    sent = {"word": word_of(browser), "documents": ids, "do": do, **fields}
    return browser.post("/documents/chosen", data=sent, follow_redirects=False)


def test_the_list_is_ordered_by_name_or_pages_or_time(browser: TestClient, three: dict[str, str]) -> None:
    assert listed(browser, "?order=name") == ["act.pdf", "Bill.pdf", "rent.pdf"]
    assert listed(browser, "?order=pages") == ["act.pdf", "Bill.pdf", "rent.pdf"]
    assert listed(browser) == listed(browser, "?order=oldest")[::-1]
    assert listed(browser, "?order=nonsense&state=nonsense") == listed(browser)
    assert 'aria-sort="ascending"' in browser.get("/?order=name").text
    assert set(three) == {"rent.pdf", "Bill.pdf", "act.pdf"}


def test_the_list_is_narrowed_and_says_how_many_of_all_there_are(browser: TestClient, three: dict[str, str]) -> None:
    shown = browser.get("/?q=BILL").text
    assert "1 of 3 documents" in shown
    assert [name for _, name in ROW.findall(shown)] == ["Bill.pdf"]
    assert "3 documents" in browser.get("/").text
    nothing = browser.get("/?q=nowhere").text
    assert "None of 3 documents" in nothing
    assert '<a href="/" role="button">Show all documents</a>' in nothing
    assert listed(browser, "?state=ready") == []
    assert three


def test_documents_are_found_by_what_stands_on_their_pages(
    browser: TestClient, key: str, three: dict[str, str], work: Callable[[], None], model: ScriptedModel
) -> None:
    work()
    asked = {"kind": "extract", "schema": "invoice", "documents": [three["act.pdf"]]}
    model.answers = {"0": {"total": "4711.00"}}
    browser.post("/v1/jobs", json=asked, headers={"Authorization": f"Bearer {key}"})
    work()
    shown = browser.get("/?q=4711.00").text
    assert [name for _, name in ROW.findall(shown)] == ["act.pdf"]
    assert f'<a href="/documents/{three["act.pdf"]}?page=1">on page 1</a>' in shown


def test_a_long_list_goes_on_where_it_ended(browser: TestClient, tmp_path: Path) -> None:
    paths = [born_digital(tmp_path / f"{number:02}.pdf", pages=1) for number in range(51)]
    browser.post("/upload", files=parts(*paths), headers={WORD: word_of(browser)})
    first = browser.get("/?order=name").text
    onward = re.search(r'<a href="(/\?[^"]+)" rel="next">', first)
    assert onward is not None
    rest = browser.get(onward[1].replace("&amp;", "&")).text
    names = [name for page in (first, rest) for _, name in ROW.findall(page)]
    assert names == [path.name for path in paths]
    assert "Back to the beginning" in rest


def test_the_page_gets_the_list_alone_where_it_asks_for_it(browser: TestClient, three: dict[str, str]) -> None:
    part = browser.get("/?q=&state=&order=name", headers={"HX-Target": "documents"})
    assert "<html" not in part.text
    assert part.headers["hx-replace-url"] == "/?order=name"
    assert "data-waiting" in part.text  # nothing is drawn yet: the page looks again
    assert three


def test_tags_are_given_to_one_document_and_lead_to_all_that_have_them(
    browser: TestClient, three: dict[str, str]
) -> None:
    place, headers = f"/documents/{three['rent.pdf']}/tags", {WORD: word_of(browser), "HX-Request": "true"}
    assert 'name="tags"' in browser.get(f"{place}?edit=true").text
    assert browser.post(place, data={"tags": "x"}).status_code == 403
    kept = browser.post(place, data={"tags": "To pay, <b>"}, headers=headers).text
    assert '<a class="tag" href="/?tag=to%20pay">to pay</a>' in kept
    assert "<b>" not in kept
    assert listed(browser, "?tag=to%20pay") == ["rent.pdf"]
    wrong = browser.post(place, data={"tags": "x" * 60}, headers=headers).text
    assert 'aria-invalid="true"' in wrong
    assert "x" * 60 in wrong
    browser.post(place, data={"tags": ""}, headers=headers)
    assert listed(browser, "?tag=to%20pay") == []


def test_chosen_documents_are_tagged_together(browser: TestClient, three: dict[str, str]) -> None:
    back = "/?order=name"
    answer = act(browser, [three["rent.pdf"], three["act.pdf"]], "tag", tag="Done", back=back)
    assert (answer.status_code, answer.headers["location"]) == (303, back)
    assert listed(browser, "?tag=done&order=name") == ["act.pdf", "rent.pdf"]
    assert act(browser, [three["rent.pdf"]], "tag", tag="x", back="https://elsewhere/").headers["location"] == "/"


def test_chosen_documents_are_deleted_after_a_page_that_says_how_many(
    browser: TestClient, three: dict[str, str]
) -> None:
    ids = [three["rent.pdf"], three["act.pdf"]]
    asked = act(browser, ids, "delete")
    assert asked.status_code == 200
    assert "Delete 2 documents?" in asked.text
    assert "act.pdf" in asked.text
    assert len(listed(browser)) == 3
    assert act(browser, ids, "delete-surely").status_code == 303
    assert listed(browser) == ["Bill.pdf"]


def test_chosen_documents_are_read_again_under_a_schema(
    browser: TestClient, key: str, three: dict[str, str], work: Callable[[], None]
) -> None:
    answer = act(browser, [three["Bill.pdf"]], "extract", schema="invoice")
    assert answer.status_code == 303
    assert re.fullmatch(r"/jobs/\w{32}", answer.headers["location"])
    work()
    job = browser.get(f"/v1{answer.headers['location']}", headers={"Authorization": f"Bearer {key}"}).json()
    assert (job["state"], job["progress"]["done"]) == ("succeeded", 2)
    assert act(browser, [three["Bill.pdf"]], "extract", schema="nothing").status_code == 404


def test_a_question_goes_to_the_chosen_documents(browser: TestClient, three: dict[str, str]) -> None:
    ids = [three["Bill.pdf"], three["act.pdf"]]
    answer = act(browser, [*ids, ids[0]], "ask")
    assert answer.headers["location"] == f"/ask?documents={ids[0]}&documents={ids[1]}"


def test_nothing_is_done_without_the_word_without_a_choice_or_for_what_does_not_exist(
    browser: TestClient, three: dict[str, str]
) -> None:
    ids = list(three.values())
    for do in ("delete-surely", "extract", "tag"):
        forged = {"documents": ids, "do": do, "tag": "x", "schema": "invoice", "word": "0" * 64}
        assert browser.post("/documents/chosen", data=forged).status_code == 403
    assert act(browser, [], "delete-surely").status_code == 422
    assert act(browser, ids, "nonsense").status_code == 422
    assert act(browser, [*ids, "0" * 32], "delete-surely").status_code == 404
    assert act(browser, [*ids, "../x"], "delete-surely").status_code == 404
    assert len(listed(browser)) == 3
    assert listed(browser, "?tag=x") == []


def test_a_stranger_can_do_nothing_with_the_documents_of_others(
    browser: TestClient, stranger: dict[str, str], three: dict[str, str]
) -> None:
    browser.get(browser.post("/v1/sign-in-links", headers=stranger).json()["path"])
    ids = list(three.values())
    for do in ("delete", "delete-surely", "extract", "tag", "ask"):
        assert act(browser, ids, do, tag="x", schema="invoice").status_code == 404
    place = f"/documents/{ids[0]}/tags"
    assert browser.get(place).status_code == 404
    assert browser.post(place, data={"tags": "x", "word": word_of(browser)}).status_code == 404
    assert "There is no document yet" in browser.get("/?q=rent").text
