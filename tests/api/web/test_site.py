"""What pages are made of: files of ours alone, few bytes, and addresses that change with them."""

import re

import pytest
from fastapi.testclient import TestClient

LOADED = re.compile(r'(?:href|src)="(/assets/[^"]+)"')
ANY = re.compile(r'(?:href|src|action)="([^"]*)"')
MOST_BYTES = 150_000
PAGES = ("/", "/review", "/records", "/records/invoice", "/schemas", "/schemas/invoice", "/ask", "/jobs", "/sign-in")


def test_all_that_a_page_loads_is_ours_and_there(browser: TestClient) -> None:
    shown = browser.get("/").text
    assert all(place.startswith(("/", "#")) for place in ANY.findall(shown))
    for place in LOADED.findall(shown):
        answer = browser.get(place)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]


def test_a_first_visit_loads_less_than_150_kilobytes(browser: TestClient) -> None:
    sent = {}
    for page in PAGES:
        answer = browser.get(page)
        files = [browser.get(place, headers={"Accept-Encoding": "gzip"}) for place in LOADED.findall(answer.text)]
        sent[page] = len(answer.content) + sum(int(file.headers["content-length"]) for file in files)
    assert {page: size for page, size in sent.items() if size >= MOST_BYTES} == {}


def test_browsers_that_take_it_get_files_pressed(browser: TestClient) -> None:
    (place,) = (p for p in LOADED.findall(browser.get("/").text) if "htmx" in p)
    pressed = browser.get(place, headers={"Accept-Encoding": "gzip"})
    plain = browser.get(place, headers={"Accept-Encoding": "identity"})
    assert pressed.headers["content-encoding"] == "gzip"
    assert pressed.content == plain.content
    assert int(pressed.headers["content-length"]) < len(plain.content) / 2


@pytest.mark.parametrize("name", ["nothing.css", "", "../site.py", "kept", "kept/../../site.py", "%2e%2e/site.py"])
def test_no_other_file_is_given_out(name: str, browser: TestClient) -> None:
    assert browser.get(f"/assets/{name}").status_code == 404


def test_no_page_has_a_script_or_a_style_within(browser: TestClient) -> None:
    for place in PAGES:
        answer = browser.get(place)
        assert answer.status_code == 200
        shown = answer.text
        assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=", shown)
