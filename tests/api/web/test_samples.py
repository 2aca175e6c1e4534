"""A first visit: one click loads the samples and reads them, and the page shows what comes out."""

import re
from collections.abc import Callable

from fastapi.testclient import TestClient

from api.samples import FOLDER, first_samples
from tests.api.web.conftest import word_of
from tests.scripted_model import ScriptedModel


def test_the_samples_are_loaded_and_read_by_one_click(
    browser: TestClient, work: Callable[[], None], model: ScriptedModel
) -> None:
    assert 'action="/samples"' in browser.get("/").text
    begun = browser.post("/samples", data={"word": word_of(browser)}, follow_redirects=False)
    assert begun.status_code == 303
    place = begun.headers["location"]
    shown = browser.get(place).text
    assert "0 of 15 documents are read" in shown
    assert f'hx-get="{place.replace("&", "&amp;")}"' in shown  # it asks again by itself, for all of the jobs
    assert place.count("jobs=") == 5
    model.answers = {"0": {"total": "12.00", "vendor_name": "<b>Acme"}}
    work()
    shown = browser.get(place).text
    assert "15 of 15 documents are read" in shown
    assert 'hx-get="/samples' not in shown
    assert "12.00" in shown
    assert "&lt;b&gt;Acme" in shown
    for way in re.findall(r'<li><a href="([^"]+)" role="button"', shown):
        assert browser.get(way).status_code == 200
    assert 'action="/samples"' not in browser.get("/").text


def test_the_samples_are_loaded_with_the_word_alone(browser: TestClient) -> None:
    assert browser.post("/samples").status_code == 403
    assert "There is no document yet" in browser.get("/").text


def test_samples_of_others_and_jobs_of_others_are_not_shown(browser: TestClient, stranger: dict[str, str]) -> None:
    place = browser.post("/samples", data={"word": word_of(browser)}, follow_redirects=False).headers["location"]
    browser.get(browser.post("/v1/sign-in-links", headers=stranger).json()["path"])
    assert browser.get(place).status_code == 404
    assert "There is no sample here" in browser.get("/samples").text


def test_every_kind_of_sample_is_among_the_first() -> None:
    kinds = {truth.schema_name for truth in first_samples()}
    assert kinds == {"invoice", "receipt", "letter", "form", "statement"}
    assert all((FOLDER / truth.file).exists() for truth in first_samples())
