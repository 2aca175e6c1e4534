"""What comes from documents stays text: a page that is a script, a file whose name is markup."""

from pathlib import Path

import pymupdf
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE, Service

expect.set_options(timeout=PATIENCE)

SCRIPT = "<script>alert(1)</script>"
NAME = "<img src=x onerror=alert(2)>.pdf"


@pytest.fixture
def hostile(service: Service, tmp_path: Path) -> str:
    """The id of a document that is markup from its name to its values."""
    path = tmp_path / NAME
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((72, 72), f"Invoice number: {SCRIPT}", fontsize=14)
        page.insert_text((72, 110), "Total: 12.00 EUR", fontsize=14)
        document.save(path)
    with service.client() as folioscope:
        (taken,) = folioscope.upload([path]).documents
        folioscope.wait(folioscope.extract("invoice", documents=[taken.id]))
        folioscope.correct("invoice", taken.id, "invoice_number", SCRIPT)
        return str(taken.id)


def test_markup_in_names_pages_and_values_is_shown_and_never_run(visit: Page, service: Service, hostile: str) -> None:
    for place in ("/", f"/documents/{hostile}", "/records/invoice", f"/ask?documents={hostile}"):
        visit.goto(place)
        expect(visit.get_by_text(NAME).first).to_be_visible()
        assert visit.locator("img[src=x]").count() == 0
    visit.goto(f"/documents/{hostile}")
    expect(visit.get_by_text(SCRIPT).first).to_be_visible()
    visit.goto("/records/invoice")
    expect(visit.get_by_text(SCRIPT).first).to_be_visible()
    visit.goto(f"/ask?documents={hostile}")
    visit.get_by_label("Question").fill(f"What is the number? {SCRIPT}")
    visit.keyboard.press("Enter")
    expect(visit.locator("#turn-1 .answer")).to_be_visible()
    expect(visit.get_by_role("heading", name=SCRIPT)).to_be_visible()
    assert "script" in visit.content()
    scripts = visit.evaluate("[...document.scripts].map((one) => one.getAttribute('src'))")
    assert all(src and src.startswith("/assets/") for src in scripts)
