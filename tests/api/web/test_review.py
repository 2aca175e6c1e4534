"""The queue of reviews: one value after another, decided, taken back, and never overwritten unseen."""

import html
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import parts
from tests.api.web.conftest import word_of
from tests.scripted_model import ScriptedModel

WORD = "X-Folioscope-Word"
HIDDEN = re.compile(r'name="(at|mark|steps|schema)" value="([^"]*)"')
BODY = {
    "type": "object",
    "properties": {
        "total": {"type": "string", "format": "money"},
        "iban": {"type": "string", "format": "iban"},
        "note": {"type": "string"},
    },
    "folioscope": {"target": 0.99},
}


@pytest.fixture
def read(browser: TestClient, key: str, pdf: Path, model: ScriptedModel, work: Callable[[], None]) -> str:
    """The id of a document in which three values need a review."""
    model.answers = {"0": {"total": "12.00", "iban": "DE00", "note": "<script>alert(1)</script>"}}
    with_key = {"Authorization": f"Bearer {key}"}
    assert browser.post("/v1/schemas", json={"name": "bill", "body": BODY}, headers=with_key).status_code == 201
    answer = browser.post("/upload", files=parts(pdf), headers={WORD: word_of(browser)})
    browser.post("/v1/jobs", json={"kind": "extract", "schema": "bill"}, headers=with_key)
    work()
    return answer.text.partition('href="/documents/')[2][:32]


class Queue:
    """What a person does in the queue, and sees."""

    def __init__(self, browser: TestClient) -> None:
        self.browser = browser
        self.open("/review")

    @property
    def field(self) -> str:
        return self.text.partition('<h2 id="field">')[2].partition("<")[0]

    @property
    def left(self) -> str:
        return re.sub(r"<[^>]+>", "", self.text.partition('<p class="left">')[2].partition("</p>")[0])

    def open(self, address: str) -> None:
        self._see(self.browser.get(address))

    def follow(self, what: str) -> None:
        """Go where a link leads."""
        link = re.search(rf'href="([^"]+)"[^>]*>{what} <kbd>', self.text)
        assert link is not None, what
        self.open(link[1])

    def go_to(self, field: str) -> None:
        """Skip until a field is seen."""
        for _ in range(3):
            if self.field == field:
                return
            self.follow("Skip")
        raise AssertionError(field)

    def decide(self, done: str, raw: str = "") -> int:
        """Send the form of what is seen; the status."""
        asked = dict(HIDDEN.findall(self.text)) | {"done": done, "raw": raw, "word": word_of(self.browser)}
        return self._see(self.browser.post("/review", data=asked))

    def undo(self) -> int:
        """Take the last one back; the status."""
        asked = dict(HIDDEN.findall(self.text)) | {"word": word_of(self.browser)}
        return self._see(self.browser.post("/review/undo", data=asked))

    def _see(self, answer: Any) -> int:
        self.raw, self.text = answer.text, html.unescape(answer.text)
        return int(answer.status_code)


@pytest.fixture
def queue(browser: TestClient, read: str) -> Queue:
    """The queue with three values."""
    return Queue(browser)


def values(browser: TestClient, key: str, read: str) -> dict[str, Any]:
    """What stands in the record."""
    answer = browser.get("/v1/records/bill", headers={"Authorization": f"Bearer {key}"}).json()
    found: dict[str, Any] = answer["items"][0]["values"]
    return found


def test_an_empty_queue_says_what_to_do_next(browser: TestClient) -> None:
    shown = browser.get("/review").text
    assert "Nothing needs a review yet" in shown
    assert '<a href="/" role="button">To the documents</a>' in shown


def test_money_and_codes_come_before_free_text_and_the_count_goes_down(queue: Queue) -> None:
    assert queue.left == "3 values left"
    seen = []
    while queue.field:
        seen.append(queue.field)
        queue.decide("accept")
    assert seen[-1] == "note"
    assert {*seen[:-1]} == {"total", "iban"}
    assert "Nothing needs a review" in queue.text
    assert "You are through" in queue.text


def test_a_value_is_shown_enlarged_beside_its_page_and_says_why_it_is_unsure(queue: Queue, read: str) -> None:
    queue.open("/review")
    queue.go_to("iban")
    assert f'<image href="/documents/{read}/pages/1/image"' in queue.text
    assert "Its text is not an IBAN." in queue.text
    assert "data-ahead=" in queue.text


def test_values_are_accepted_typed_and_said_to_be_absent(
    queue: Queue, browser: TestClient, key: str, read: str
) -> None:
    said: dict[str, str] = {}
    for done, raw in (("accept", ""), ("keep", "typed"), ("absent", "")):
        said[queue.field] = done
        assert queue.decide(done, raw) == 200
    found = values(browser, key, read)
    for field, done in said.items():
        expected = {"accept": (True, "found"), "keep": (False, "found"), "absent": (False, "absent")}[done]
        assert (found[field]["confirmed"], found[field]["state"]) == expected
        assert found[field]["by"] == "tests"


def test_several_steps_are_undone_and_leave_exactly_what_was_there(
    queue: Queue, browser: TestClient, key: str, read: str
) -> None:
    before = values(browser, key, read)
    order = []
    for done in ("accept", "absent", "keep"):
        order.append(queue.field)
        queue.decide(done, "typed")
    assert "Undo the last" in queue.text
    for field in reversed(order):
        assert queue.undo() == 200
        assert queue.field == field
    assert values(browser, key, read) == before
    assert "Undo the last" not in queue.text
    assert queue.left == "3 values left"


def test_skipping_goes_on_back_and_around(queue: Queue) -> None:
    first = queue.field
    queue.follow("Skip")
    second = queue.field
    assert second != first
    queue.follow("Back")
    assert queue.field == first
    for _ in range(3):
        queue.follow("Skip")
    assert queue.field == first
    assert "What you skipped comes again" in queue.text


def test_of_two_people_the_later_one_sees_what_the_other_decided(
    queue: Queue, browser: TestClient, key: str, read: str
) -> None:
    field = queue.field
    other = Queue(browser)
    other.decide("keep", "13.00")
    assert queue.decide("keep", "14.00") == 409
    assert "Somebody decided it while you looked at it." in queue.text
    assert "You had typed: <strong>14.00</strong>" in queue.text
    assert "<strong>tests</strong> decided this value" in queue.text
    assert values(browser, key, read)[field]["raw"] == "13.00"
    queue.follow("Go on")
    assert queue.field != field


def test_nobody_undoes_what_was_decided_again_since(queue: Queue, browser: TestClient, key: str, read: str) -> None:
    field = queue.field
    queue.decide("keep", "13.00")
    browser.patch(
        f"/v1/records/bill/{read}/values/{field}", json={"raw": "15.00"}, headers={"Authorization": f"Bearer {key}"}
    )
    assert queue.undo() == 409
    assert "It was decided again since" in queue.text
    assert values(browser, key, read)[field]["raw"] == "15.00"


def test_a_schema_alone_is_reviewed(queue: Queue) -> None:
    queue.open("/review?schema=bill")
    assert queue.left == "3 values left"
    queue.open("/review?schema=letter")
    assert "Nothing that was read under letter needs a review" in queue.text
    assert "Review all" in queue.text
    assert queue.browser.get("/review?schema=nothing").status_code == 404
    assert queue.browser.get("/review?schema=a%00b").status_code == 404


def test_forms_without_their_word_change_nothing(queue: Queue, browser: TestClient, key: str, read: str) -> None:
    before = values(browser, key, read)
    asked = dict(HIDDEN.findall(queue.text)) | {"done": "absent"}
    for word in ({}, {"word": "0" * 64}):
        assert browser.post("/review", data=asked | word).status_code == 403
        assert browser.post("/review/undo", data={"steps": "0" * 32} | word).status_code == 403
    assert values(browser, key, read) == before


def test_a_stranger_reviews_nothing_of_it(queue: Queue, browser: TestClient, stranger: dict[str, str]) -> None:
    place = dict(HIDDEN.findall(queue.text))
    queue.decide("absent")
    step = dict(HIDDEN.findall(queue.text))["steps"]
    browser.get(browser.post("/v1/sign-in-links", headers=stranger).json()["path"])
    word = {"word": word_of(browser)}
    assert "Nothing needs a review yet" in browser.get("/review").text
    assert browser.get("/review", params={"at": place["at"]}).status_code == 404
    assert browser.post("/review", data=place | word | {"done": "absent"}).status_code == 404
    assert browser.post("/review/undo", data={"steps": step} | word).status_code == 404
    assert browser.get("/review?at=nonsense").status_code == 422


def test_what_is_read_from_a_page_is_never_run(queue: Queue) -> None:
    queue.go_to("note")
    assert "<script>alert(1)</script>" not in queue.raw
    assert "&lt;script&gt;" in queue.raw
