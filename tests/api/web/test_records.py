"""Records on the web page: the same filters and files as everywhere."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.web.filter_form import form_of, said_by, sorted_by
from storage.filter_texts import written
from storage.filters import parse_filter
from storage.schemas import wanted_of
from storage.wanted import Wanted
from tests.api.conftest import parts
from tests.api.web.conftest import word_of

WORD = "X-Folioscope-Word"
BODY = {
    "type": "object",
    "properties": {
        "total": {"type": "string", "format": "money"},
        "day": {"type": "string", "format": "date"},
        "vendor": {"type": "string"},
        "paid": {"type": "boolean"},
        "way": {"enum": ["Yearly", "by month"]},
        "order number": {"type": "integer"},
        "pages": {"type": "integer"},
        "lines": {
            "type": "array",
            "items": {"type": "object", "properties": {"amount": {"type": "string", "format": "money"}}},
        },
    },
}
FILTERS = [
    "total >= 1000 and vendor ~ acme and day >= 2024-01-01",
    "total = 1204.50 EUR or total between 10 and 20",
    'vendor = "Acme \\"Ltd\\" \\\\" and not (total < 100)',
    'vendor in (acme, "Other Ltd") and day != 2024-03-01',
    "lines.amount > 500 and total is not found",
    "confidence(total) < 0.9 and complete",
    "document ~ march and @pages > 1 and pages = 3 and updated_at >= 2026-01-01",
    "updated_at < 2026-01-01T12:00:00Z and unsure > 0",
    "`order number` between 7 and 9 and paid",
    "(total < 1 or total > 5) and (paid or not paid)",
    "total not between -1e3 and 0.000001 and way = yearly",
    "total between 1 and 2 and total between 3 EUR and 4 EUR and way ~ month",
]


@pytest.fixture(scope="module")
def wanted() -> Wanted:
    """A schema with a field of each kind of control."""
    return wanted_of(BODY)


@pytest.fixture
def extracted(browser: TestClient, key: str, pdf: Path, work: Callable[[], None]) -> None:
    """A document that was read as an invoice: its total is 12.00."""
    browser.post("/upload", files=parts(pdf), headers={WORD: word_of(browser)})
    asked = {"kind": "extract", "schema": "invoice"}
    assert browser.post("/v1/jobs", json=asked, headers={"Authorization": f"Bearer {key}"}).status_code == 202
    work()


def test_every_schema_has_its_table_and_an_empty_one_says_what_to_do(browser: TestClient) -> None:
    assert 'href="/records/invoice"' in browser.get("/records").text
    assert 'href="/jobs/new?schema=invoice"' in browser.get("/records/invoice").text


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


@pytest.mark.parametrize("text", FILTERS)
def test_a_filter_written_out_again_is_the_same_filter(text: str, wanted: Wanted) -> None:
    node = parse_filter(text, wanted).node
    assert parse_filter(written(node, wanted), wanted).node == node


@pytest.mark.parametrize("text", FILTERS)
def test_a_form_says_all_that_its_filter_says(text: str, wanted: Wanted) -> None:
    form = form_of(parse_filter(text, wanted).node, wanted)
    said = {"complete": form.complete, "review": "yes" * form.review, "document": form.document, "also": form.also}
    for one in form.controls:
        said |= {f"min.{one.path}": one.low, f"max.{one.path}": one.high, f"cur.{one.path}": one.currency}
        said |= {f"has.{one.path}": one.text}
    assert form.used
    assert form_of(parse_filter(said_by(said, wanted), wanted).node, wanted) == form


def test_controls_become_one_readable_condition(wanted: Wanted) -> None:
    said = {"min.total": "10", "max.total": "20.5", "cur.total": "eur", "has.vendor": 'Acme "Ltd"', "review": "yes"}
    text = said_by(said | {"also": "paid or pages = 1"}, wanted)
    assert text == (
        'total >= 10 EUR and total <= 20.5 EUR and vendor ~ "Acme \\"Ltd\\"" and unsure > 0 and (paid or pages = 1)'
    )
    assert form_of(parse_filter(text, wanted).node, wanted).used == 4


def test_a_click_on_a_column_turns_its_order_around(wanted: Wanted) -> None:
    assert sorted_by([], "total") == "total"
    assert sorted_by(["total", "day"], "total") == "-total,day"
    assert sorted_by(["-total", "day"], "total") == "day"
    assert sorted_by(["day"], "total") == "total,day"


@pytest.mark.usefixtures("extracted")
def test_the_form_leads_to_an_address_that_says_it(browser: TestClient) -> None:
    said = {"min.total": "12", "max.total": "", "column": ["total", "vendor_name"], "sort": "-total", "nothing": "1"}
    answer = browser.get("/records/invoice/filter", params=said, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == (
        "/records/invoice?where=total+%3E%3D+12&sort=-total&columns=vendor_name%2Ctotal"
    )
    shown = browser.get(answer.headers["location"]).text
    assert 'name="min.total" value="12"' in shown
    assert "<th" in shown
    assert 'title="iban"' not in shown
    assert 'aria-sort="descending"' in shown
    wrong = browser.get("/records/invoice/filter", params={"min.total": "much money"})
    assert wrong.status_code == 422
    assert "is no number" in wrong.text


@pytest.mark.usefixtures("extracted")
def test_the_records_of_strangers_are_not_told_of(browser: TestClient, stranger: dict[str, str]) -> None:
    assert "1 record passes" in browser.get("/records/invoice/totals").text
    browser.get(browser.post("/v1/sign-in-links", headers=stranger).json()["path"])
    assert "0 records pass" in browser.get("/records/invoice/totals").text
    assert "Nothing was read" in browser.get("/records/invoice").text
