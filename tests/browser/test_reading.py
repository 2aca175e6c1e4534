"""From files to a corrected value in an export; the queue of values by the keyboard alone; an answer with its box."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.records import Decision
from tests.browser.conftest import PATIENCE, SAMPLES, Service

expect.set_options(timeout=PATIENCE)


@pytest.fixture
def unsure(service: Service) -> tuple[str, int]:
    """The id of a form, and how many values the model is unsure of in it."""
    with service.client() as folioscope:
        (form,) = folioscope.upload([SAMPLES / "form-01.pdf"]).documents
        folioscope.wait(folioscope.extract("form", documents=[form.id]))
        (record,) = (one for one in folioscope.records("form") if one.document_id == form.id)
    decisions = [value.decision for value in record.values.values()]
    return form.id, decisions.count(Decision.NEEDS_REVIEW)


def test_a_sample_is_uploaded_extracted_corrected_and_exported(visit: Page, service: Service) -> None:
    visit.goto("/")
    visit.set_input_files("input[data-upload] >> nth=0", [SAMPLES / "receipt-01.pdf"])
    row = visit.locator("tr", has_text="receipt-01.pdf")
    expect(row.locator(".state")).to_have_text("ready")

    row.get_by_role("checkbox").check()
    visit.get_by_label("Schema to extract under").select_option("receipt")
    visit.get_by_role("button", name="Extract", exact=True).click()
    expect(visit.locator("#live .state")).to_have_text("succeeded")

    visit.goto("/")
    row.get_by_role("link", name="receipt-01.pdf").click()
    value = visit.locator("tr[data-value='value-total']")
    value.focus()
    visit.keyboard.press("e")
    expect(value.locator("input[type=text]")).to_be_focused()
    visit.keyboard.type("123.45")
    visit.keyboard.press("Enter")
    expect(value).to_contain_text("corrected")

    visit.goto("/records/receipt")
    with visit.expect_download() as downloading:
        visit.get_by_role("link", name="csv").click()
    (record,) = csv.DictReader(Path(downloading.value.path()).read_text().splitlines())
    assert "123.45" in record.values()


def test_the_queue_of_unsure_values_is_gone_through_by_the_keyboard_alone(
    visit: Page, service: Service, unsure: tuple[str, int]
) -> None:
    form, count = unsure
    assert count > 1
    visit.goto("/review?schema=form")
    left = visit.locator("#review .left")
    expect(left).to_contain_text(f"{count} values left")
    visit.keyboard.press("a")
    expect(left).to_contain_text(f"{count - 1} value")
    visit.keyboard.press("u")
    expect(left).to_contain_text(f"{count} values left")
    shown = visit.url
    visit.keyboard.press("s")
    expect(visit).not_to_have_url(shown)  # keys pressed before the next value stands there would be lost
    for number in range(count, 0, -1):
        expect(left).to_contain_text(f"{number} value")
        visit.keyboard.press("Enter")
    expect(visit.locator("#review .nothing")).to_be_visible()
    with service.client() as folioscope:
        (record,) = (one for one in folioscope.records("form") if one.document_id == form)
    assert Decision.NEEDS_REVIEW not in {value.decision for value in record.values.values()}


def test_an_answer_shows_its_page_with_its_box_lit_and_leads_there(visit: Page, invoice: str) -> None:
    visit.goto(f"/ask?documents={invoice}")
    expect(visit.get_by_role("checkbox", name="invoice-02.pdf")).to_be_checked()
    visit.keyboard.type("What is the invoice number?")
    visit.keyboard.press("Enter")
    turn = visit.locator("#turn-1")
    expect(turn.locator(".said")).to_have_text("69404055")
    box = turn.locator(".excerpt rect.lit")
    expect(box).to_be_visible()
    picture = turn.locator(".excerpt image")
    within, of = box.bounding_box(), picture.bounding_box()
    assert within is not None
    assert of is not None
    assert of["x"] < within["x"] < of["x"] + of["width"]
    assert of["y"] < within["y"] < of["y"] + of["height"]

    visit.keyboard.type("and the due date?")
    visit.keyboard.press("Enter")
    expect(visit.locator("#turn-2 .said")).to_have_text("03.09.2006")
    visit.locator("#turn-2 .excerpt a").click()
    expect(visit).to_have_url(re.compile(rf"/documents/{invoice}\?page=1.*&box="))
    expect(visit.locator("#paper rect.cited")).to_be_visible()


def test_what_no_page_knows_is_refused_with_what_was_searched(visit: Page, invoice: str) -> None:
    visit.goto("/ask")
    visit.keyboard.type("What is the IBAN of Zwirngarn?")
    visit.keyboard.press("Enter")
    turn = visit.locator("#turn-1")
    expect(turn.locator(".said")).to_have_text("Not in these documents.")
    expect(turn).to_contain_text("zwirngarn")
