"""Records on the web page: the same filters and files as everywhere."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import parts
from tests.api.web.conftest import word_of

WORD = "X-Folioscope-Word"


@pytest.fixture
def extracted(browser: TestClient, key: str, pdf: Path, work: Callable[[], None]) -> None:
    """A document that was read as an invoice: its total is 12.00."""
    browser.post("/upload", files=parts(pdf), headers={WORD: word_of(browser)})
    asked = {"kind": "extract", "schema": "invoice"}
    assert browser.post("/v1/jobs", json=asked, headers={"Authorization": f"Bearer {key}"}).status_code == 202
    work()


def test_every_schema_has_its_table_and_an_empty_one_says_what_to_do(browser: TestClient) -> None:
    assert 'href="/records/invoice"' in browser.get("/records").text
    assert "folioscope extract --schema invoice" in browser.get("/records/invoice").text


@pytest.mark.usefixtures("extracted")
def test_a_cell_leads_to_where_it_stands(browser: TestClient) -> None:
    shown = browser.get("/records/invoice").text
    assert "#value-total" in shown
    assert ">12.00</a>" in shown


@pytest.mark.usefixtures("extracted")
def test_a_filter_leaves_only_records_that_pass(browser: TestClient) -> None:
    assert ">12.00</a>" in browser.get("/records/invoice", params={"where": "total >= 12", "sort": "-total"}).text
    assert "No record passes" in browser.get("/records/invoice", params={"where": "total > 12"}).text


@pytest.mark.usefixtures("extracted")
@pytest.mark.parametrize("asked", [{"where": "total >="}, {"where": "nothing = 1"}, {"sort": "nothing"}])
def test_what_is_wrong_with_a_filter_stands_beside_it(asked: dict[str, str], browser: TestClient) -> None:
    answer = browser.get("/records/invoice", params=asked)
    assert answer.status_code == 422
    assert 'id="wrong"' in answer.text
    assert 'aria-invalid="true"' in answer.text


@pytest.mark.usefixtures("extracted")
def test_the_table_is_a_file_as_well(browser: TestClient) -> None:
    answer = browser.get("/records/invoice/export", params={"format": "csv", "where": "total >= 12"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert "12" in answer.text


def test_a_schema_that_is_not_there_is_told_on_a_page(browser: TestClient) -> None:
    answer = browser.get("/records/nothing")
    assert answer.status_code == 404
    assert "schema-not-found" in answer.text
