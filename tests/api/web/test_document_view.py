"""A document looked at closely: its pages, its values with their doubts, and every way to decide one."""

import html
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import parts
from tests.api.web.conftest import word_of
from tests.ingest.files import born_digital
from tests.scripted_model import ScriptedModel
from workers.vlm.interface import Capability

WORD = "X-Folioscope-Word"


@pytest.fixture
def read(browser: TestClient, key: str, pdf: Path, work: Callable[[], None]) -> str:
    """The id of a document of two pages that was read as an invoice."""
    answer = browser.post("/upload", files=parts(pdf), headers={WORD: word_of(browser)})
    browser.post("/v1/jobs", json={"kind": "extract", "schema": "invoice"}, headers={"Authorization": f"Bearer {key}"})
    work()
    return answer.text.partition('href="/documents/')[2][:32]


def shown(browser: TestClient, read: str, **query: Any) -> str:
    """The page of the document, as a person reads it."""
    return html.unescape(browser.get(f"/documents/{read}", params=query).text)


def mark_in(text: str) -> str:
    """The mark of the value that a form shows."""
    return text.partition('name="mark" value="')[2][:16]


def test_pages_have_thumbnails_and_lead_to_each_other(browser: TestClient, read: str) -> None:
    first, second = shown(browser, read), shown(browser, read, page=2)
    assert f'src="/documents/{read}/pages/2/thumbnail"' in first
    assert f'href="/documents/{read}?page=2&schema=invoice" role="button" class="secondary outline" rel="next"' in first
    assert 'rel="prev"' not in first
    assert 'rel="prev"' in second
    assert 'rel="next"' not in second


def test_a_long_document_shows_the_pages_around_the_one_that_is_looked_at(
    browser: TestClient, tmp_path: Path, work: Callable[[], None]
) -> None:
    file = born_digital(tmp_path / "long.pdf", pages=70)
    answer = browser.post("/upload", files=parts(file), headers={WORD: word_of(browser)})
    document = answer.text.partition('href="/documents/')[2][:32]
    work()
    seen = shown(browser, document, page=69)
    assert seen.count("/thumbnail") == 60
    assert f"/documents/{document}/pages/70/thumbnail" in seen
    assert 'name="page" min="1" max="70" value="69"' in seen


def test_a_document_without_a_record_is_extracted_by_a_button(
    browser: TestClient, pdf: Path, work: Callable[[], None]
) -> None:
    answer = browser.post("/upload", files=parts(pdf), headers={WORD: word_of(browser)})
    document = answer.text.partition('href="/documents/')[2][:32]
    work()
    place, asked = f"/documents/{document}/extract", {"schema": "receipt", "word": word_of(browser)}
    assert browser.post(place, data={"schema": "receipt"}).status_code == 403
    assert browser.post(place, data=asked | {"schema": "nothing"}).status_code == 404
    started = browser.post(place, data=asked, follow_redirects=False)
    assert started.status_code == 303
    assert "The model reads 2 pages under receipt" in browser.get(started.headers["location"]).text
    work()
    seen = browser.get(started.headers["location"]).text
    assert "<h2>receipt" in seen
    assert "The model reads" not in seen


def test_a_value_that_needs_a_review_says_why_and_is_accepted(
    browser: TestClient, read: str, model: ScriptedModel
) -> None:
    assert "data-accept" in shown(browser, read)
    place, headers = f"/documents/{read}/values/invoice/total", {WORD: word_of(browser)}
    mark = mark_in(browser.get(place).text)
    row = browser.post(place, data={"done": "accept", "mark": mark}, headers=headers).text
    assert "confirmed" in row
    assert "data-accept" not in row
    assert 'class="unsure"' not in row


def test_what_somebody_else_decided_meanwhile_is_shown_with_what_was_typed(browser: TestClient, read: str) -> None:
    place, headers = f"/documents/{read}/values/invoice/total", {WORD: word_of(browser)}
    mark = mark_in(browser.get(place).text)
    browser.post(place, data={"done": "keep", "raw": "13.00", "mark": mark}, headers=headers)
    late = browser.post(place, data={"done": "keep", "raw": "14.00", "mark": mark}, headers=headers)
    assert late.status_code == 409
    assert "Somebody decided it while you looked at it." in late.text
    assert "<strong>13.00</strong>" in late.text
    assert 'value="14.00"' in late.text
    assert "13.00" in shown(browser, read)
    kept = browser.post(place, data={"done": "keep", "raw": "14.00", "mark": mark_in(late.text)}, headers=headers)
    assert "14.00" in kept.text


def test_another_reading_of_a_value_is_chosen(
    browser: TestClient, key: str, read: str, model: ScriptedModel, work: Callable[[], None]
) -> None:
    model.answers = {"0": {"total": "12.00"}, "1": {"total": "99.00"}}
    with_key = {"Authorization": f"Bearer {key}"}
    job = {"kind": "extract", "schema": "invoice", "model": None}
    browser.patch(f"/v1/records/invoice/{read}/values/total", json={"raw": "15.00"}, headers=with_key)
    browser.post("/v1/jobs", json=job, headers=with_key)
    work()
    place = f"/documents/{read}/values/invoice/total"
    form = browser.get(place).text
    assert 'name="done" value="other-0"' in form
    chosen = browser.post(place, data={"done": "other-0", "mark": mark_in(form)}, headers={WORD: word_of(browser)}).text
    assert "12.00" in chosen
    bad = browser.post(place, data={"done": "other-9"}, headers={WORD: word_of(browser)})
    assert bad.status_code == 422


def test_a_box_that_is_drawn_is_read_by_the_model_and_kept_with_its_place(
    browser: TestClient, key: str, read: str, model: ScriptedModel, work: Callable[[], None]
) -> None:
    model.capabilities = frozenset({Capability.EXTRACT, Capability.READ})
    drawn = {"page": "2", "box": "[0.1, 0.1, 0.4, 0.2]"}
    headers = {WORD: word_of(browser)}
    assert browser.post(f"/documents/{read}/read", data=drawn).status_code == 403
    for box in ("", "[1]", "[0.4, 0.1, 0.1, 0.2]", "nonsense", "[NaN, 0, 1, 1]"):
        assert (
            browser.post(f"/documents/{read}/read", data={"page": "2", "box": box}, headers=headers).status_code == 422
        )
    told: list[Any] = []
    asking = threading.Thread(
        target=lambda: told.append(browser.post(f"/documents/{read}/read", data=drawn, headers=headers))
    )
    asking.start()
    while asking.is_alive():
        work()
        asking.join(0.05)
    assert told[0].status_code == 200, told[0].text
    text = told[0].json()["text"]
    assert text
    browser.post(
        f"/documents/{read}/values/invoice/total", data={"done": "keep", "raw": text, **drawn}, headers=headers
    )
    total = browser.get(f"/v1/records/invoice/{read}/values/total", headers={"Authorization": f"Bearer {key}"}).json()[
        "value"
    ]
    assert (total["raw"], total["page"], total["box"]) == (text, 2, json.loads(drawn["box"]))


def test_a_misread_value_keeps_its_place_and_another_one_does_not(browser: TestClient, key: str, read: str) -> None:
    place, headers = f"/documents/{read}/values/invoice/total", {WORD: word_of(browser)}
    with_key = {"Authorization": f"Bearer {key}"}
    pages = []
    for raw in ("12.60", "seven pounds"):
        browser.post(place, data={"done": "keep", "raw": raw}, headers=headers)
        pages.append(browser.get(f"/v1/records/invoice/{read}/values/total", headers=with_key).json()["value"]["page"])
    assert pages == [1, None]


def test_nobody_decides_behind_the_wall(browser: TestClient, stranger: dict[str, str], read: str) -> None:
    browser.get(browser.post("/v1/sign-in-links", headers=stranger).json()["path"])
    headers = {WORD: word_of(browser)}
    assert browser.get(f"/documents/{read}/values/invoice/total").status_code == 404
    decided = browser.post(f"/documents/{read}/values/invoice/total", data={"done": "accept"}, headers=headers)
    assert decided.status_code == 404
    drawn = {"page": "1", "box": "[0.1, 0.1, 0.4, 0.2]"}
    assert browser.post(f"/documents/{read}/read", data=drawn, headers=headers).status_code == 404
    assert browser.post(f"/documents/{read}/extract", data={"schema": "invoice"}, headers=headers).status_code == 404


@pytest.mark.parametrize(("box", "lit"), [("0.1,0.2,0.4,0.25", 1), ("", 0), ("0,0", 0), ("x,y,z,a", 0), ("1,1,0,0", 0)])
def test_the_place_of_an_answer_is_lit(browser: TestClient, read: str, box: str, lit: int) -> None:
    assert shown(browser, read, box=box).count('class="cited"') == lit
