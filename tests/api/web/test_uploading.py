"""Files sent by the page: what is refused says what to do, and what is locked asks for its password where it stands."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.web.uploading import REMEDIES
from core.errors import RejectedFile
from tests.api.conftest import parts
from tests.api.web.conftest import word_of
from tests.api.web.test_documents import WORD
from tests.ingest.files import born_digital, encrypted

PASSWORD = "open sesame"


@pytest.fixture
def waiting(browser: TestClient, tmp_path: Path) -> str:
    """The id of a document that waits for its password."""
    file = encrypted(tmp_path / "locked.pdf", PASSWORD)
    answer = browser.post("/upload", files=parts(file), headers={WORD: word_of(browser)})
    assert "data-locked" in answer.text
    return answer.text.partition('href="/documents/')[2][:32]


def test_every_file_that_is_refused_comes_with_what_to_do(browser: TestClient, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a page")
    (tmp_path / "empty.pdf").touch()
    files = parts(born_digital(tmp_path / "good.pdf", pages=1), tmp_path / "notes.txt", tmp_path / "empty.pdf")
    told = browser.post("/upload", files=files, headers={WORD: word_of(browser)}).text
    assert told.count("data-taken") == 1
    assert told.count("data-refused") == 2
    assert REMEDIES["unsupported-file"] in told
    assert REMEDIES["empty-file"] in told


def test_no_refusal_leaves_a_person_without_a_way_on() -> None:
    waits_instead = {"password-needed"}  # such a document is taken
    general = {"rejected-file"}  # where several are refused, each with a code of its own
    kinds = [RejectedFile]
    for kind in kinds:
        kinds += kind.__subclasses__()
    assert {kind.code for kind in kinds} - waits_instead - general <= set(REMEDIES)


def test_the_same_file_twice_is_known_again(browser: TestClient, pdf: Path) -> None:
    headers = {WORD: word_of(browser)}
    assert "data-known" not in browser.post("/upload", files=parts(pdf), headers=headers).text
    assert "data-known" in browser.post("/upload", files=parts(pdf), headers=headers).text


def test_a_locked_document_is_opened_where_it_is_listed(
    browser: TestClient, waiting: str, work: Callable[[], None]
) -> None:
    place, headers = f"/documents/{waiting}/unlock", {WORD: word_of(browser), "HX-Request": "true"}
    assert place in browser.get("/").text
    assert browser.post(place, data={"password": PASSWORD}).status_code == 403
    wrong = browser.post(place, data={"password": "sesame"}, headers=headers)
    assert wrong.status_code == 200
    assert 'aria-invalid="true"' in wrong.text
    assert "sesame" not in wrong.text
    assert "It opens" in browser.post(place, data={"password": PASSWORD}, headers=headers).text
    work()
    assert 'class="state ready"' in browser.get("/").text


def test_every_page_takes_files(browser: TestClient) -> None:
    for place in ("/", "/jobs", "/records"):
        shown = browser.get(place).text
        assert 'id="uploads-panel"' in shown
        assert "/assets/uploads.js?" in shown
    browser.cookies.clear()
    assert 'id="uploads-panel"' not in browser.get("/sign-in").text
