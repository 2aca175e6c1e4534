"""What a person sees of documents, and that nothing in them is believed."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from tests.api.conftest import parts
from tests.api.web.conftest import word_of
from tests.ingest.files import born_digital
from tests.scripted_model import ScriptedModel

WORD = "X-Folioscope-Word"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def uploaded(browser: TestClient, pdf: Path, work: Callable[[], None]) -> str:
    """The id of a document of two pages that was sent by the page, and is drawn."""
    answer = browser.post("/upload", files=parts(pdf), headers={WORD: word_of(browser)})
    assert answer.status_code == 200
    work()
    return answer.text.partition('href="/documents/')[2][:32]


def extract(browser: TestClient, key: str, work: Callable[[], None]) -> dict[str, Any]:
    """Read all documents as invoices."""
    asked = {"kind": "extract", "schema": "invoice"}
    job: dict[str, Any] = browser.post("/v1/jobs", json=asked, headers={"Authorization": f"Bearer {key}"}).json()
    work()
    return job


def test_without_documents_the_page_says_what_to_do(browser: TestClient) -> None:
    shown = browser.get("/").text
    assert "There is no document yet" in shown
    assert "Try it with 15 sample documents" in shown
    assert 'type="file"' in shown


def test_a_file_that_is_sent_is_listed_with_its_pages(browser: TestClient, uploaded: str) -> None:
    shown = browser.get("/").text
    assert f'href="/documents/{uploaded}"' in shown
    assert "invoice.pdf" in shown
    assert 'class="number">2</td>' in shown


def test_files_are_taken_with_the_word_alone(browser: TestClient, pdf: Path) -> None:
    assert browser.post("/upload", files=parts(pdf)).status_code == 403
    assert "There is no document yet" in browser.get("/").text


def test_refused_files_say_why_beside_those_that_were_taken(browser: TestClient, pdf: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a page")
    headers = {WORD: word_of(browser)}
    both = browser.post("/upload", files=parts(pdf, tmp_path / "notes.txt"), headers=headers).text
    assert "taken" in both
    assert "<strong>notes.txt</strong> was refused" in both
    alone = browser.post("/upload", files=parts(tmp_path / "notes.txt"), headers=headers)
    assert alone.status_code == 200
    assert "<strong>notes.txt</strong> was refused" in alone.text


def test_a_document_shows_its_page_and_what_to_do_next(browser: TestClient, uploaded: str) -> None:
    shown = browser.get(f"/documents/{uploaded}?page=2").text
    assert f'<image href="/documents/{uploaded}/pages/2/image"' in shown
    assert 'aria-current="page" aria-label="Page 2"' in shown
    assert f'action="/documents/{uploaded}/extract"' in shown


def test_values_stand_beside_the_page_with_their_boxes_over_it(
    browser: TestClient, key: str, uploaded: str, work: Callable[[], None]
) -> None:
    extract(browser, key, work)
    shown = browser.get(f"/documents/{uploaded}").text
    assert "12.00" in shown
    assert 'data-value="value-total"' in shown
    assert "<rect " in shown
    assert "<meter " in shown


def test_nothing_that_is_read_from_a_page_runs(
    browser: TestClient, key: str, uploaded: str, work: Callable[[], None], model: ScriptedModel
) -> None:
    model.answers = {"0": {"total": SCRIPT, "vendor_name": '"><img src=x onerror=alert(1)>'}}
    extract(browser, key, work)
    answer = browser.get(f"/documents/{uploaded}")
    assert SCRIPT not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "<img src=x" not in answer.text
    assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_nothing_that_a_file_is_called_runs(browser: TestClient, tmp_path: Path, work: Callable[[], None]) -> None:
    file = born_digital(tmp_path / "plain.pdf", pages=1)
    sent = [("files", ("<img src=x onerror=alert(1)>.pdf", file.read_bytes()))]
    for shown in (browser.post("/upload", files=sent, headers={WORD: word_of(browser)}), browser.get("/")):
        assert "<img src=x" not in shown.text
        assert "&lt;img src=x" in shown.text


def test_pictures_come_small_for_lists(browser: TestClient, uploaded: str) -> None:
    whole, small = (browser.get(f"/documents/{uploaded}/pages/1/{name}") for name in ("image", "thumbnail"))
    assert whole.status_code == small.status_code == 200
    with Image.open(io.BytesIO(small.content)) as image:
        assert max(image.size) <= 226
    assert len(small.content) < 20_000


def test_pictures_come_whole_in_few_bytes_and_once(browser: TestClient, uploaded: str, key: str) -> None:
    drawn = browser.get(f"/v1/documents/{uploaded}/pages/1/image", headers={"Authorization": f"Bearer {key}"})
    shown = browser.get(f"/documents/{uploaded}/pages/1/image")
    with Image.open(io.BytesIO(drawn.content)) as one, Image.open(io.BytesIO(shown.content)) as other:
        assert one.size == other.size
        assert other.format == "WEBP"
    again = browser.get(f"/documents/{uploaded}/pages/1/image", headers={"If-None-Match": shown.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_document_is_deleted_by_its_form(browser: TestClient, uploaded: str) -> None:
    place = f"/documents/{uploaded}/delete"
    assert browser.post(place).status_code == 403
    assert browser.post(place, data={"word": word_of(browser)}, follow_redirects=False).status_code == 303
    assert browser.get(f"/documents/{uploaded}").status_code == 404


def test_what_is_not_there_is_told_on_a_page(browser: TestClient) -> None:
    answer = browser.get(f"/documents/{'0' * 32}")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "document-not-found" in answer.text
    assert answer.headers["x-request-id"] in answer.text


def test_a_stranger_sees_none_of_it(browser: TestClient, stranger: dict[str, str], uploaded: str, pdf: Path) -> None:
    other = browser.post("/v1/sign-in-links", headers=stranger).json()["path"]
    browser.get(other)
    assert "There is no document yet" in browser.get("/").text
    for place in ("", "/pages/1/image", "/pages/1/thumbnail"):
        assert browser.get(f"/documents/{uploaded}{place}").status_code == 404
    assert browser.post(f"/documents/{uploaded}/delete", data={"word": word_of(browser)}).status_code == 404


def test_a_value_is_put_right_where_it_is_looked_at(
    browser: TestClient, key: str, uploaded: str, work: Callable[[], None]
) -> None:
    extract(browser, key, work)
    place, headers = f"/documents/{uploaded}/values/invoice/total", {WORD: word_of(browser)}
    assert 'value="12.00"' in browser.get(place).text
    assert browser.post(place, data={"done": "keep", "raw": "13.50"}).status_code == 403
    kept = browser.post(place, data={"done": "keep", "raw": " 13.50 "}, headers=headers).text
    assert "13.50" in kept
    assert "corrected" in kept
    assert "<em>absent</em>" in browser.post(place, data={"done": "absent", "raw": "13.50"}, headers=headers).text
    assert "12.00" in browser.post(place, data={"done": "undo"}, headers=headers).text
    record = browser.get("/v1/records/invoice", headers={"Authorization": f"Bearer {key}"}).json()["items"][0]
    assert record["values"]["total"]["raw"] == "12.00"


def test_leaving_a_form_changes_nothing(browser: TestClient, key: str, uploaded: str, work: Callable[[], None]) -> None:
    extract(browser, key, work)
    place, headers = f"/documents/{uploaded}/values/invoice/total", {WORD: word_of(browser)}
    shown = browser.post(place, data={"done": "leave", "raw": "99"}, headers=headers).text
    assert "12.00" in shown
    assert "corrected" not in shown


def test_a_field_that_is_not_there_has_no_form(
    browser: TestClient, key: str, uploaded: str, work: Callable[[], None]
) -> None:
    assert browser.get(f"/documents/{uploaded}/values/invoice/total").status_code == 404
    extract(browser, key, work)
    assert browser.get(f"/documents/{uploaded}/values/invoice/nothing").status_code == 404
