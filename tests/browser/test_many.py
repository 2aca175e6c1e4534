"""Many files at once with a bad one among them, and a job that is ended before its time."""

from pathlib import Path

import pymupdf
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE, SAMPLES, Service

expect.set_options(timeout=PATIENCE)

MANY = 200


def test_a_job_is_cancelled_by_its_button(visit: Page, service: Service) -> None:
    with service.client() as folioscope:
        (long,) = folioscope.upload([SAMPLES / "statement-40-pages.pdf"]).documents
        job = folioscope.extract("statement", documents=[long.id])
    visit.goto(f"/jobs/{job.id}")
    expect(visit.locator("#live .state")).to_have_text("running")
    visit.get_by_role("button", name="Cancel").click()
    expect(visit.locator("#live .state")).to_have_text("cancelled")
    expect(visit.get_by_role("button", name="Cancel")).to_have_count(0)


@pytest.mark.timeout(600)
def test_one_bad_file_among_two_hundred_is_named_and_costs_the_others_nothing(
    visit: Page, service: Service, tmp_path: Path
) -> None:
    files = [small(tmp_path / f"small-{number:03}.pdf", number) for number in range(MANY - 1)]
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(b"%PDF-1.7\nthis is no document")
    visit.goto("/")
    visit.set_input_files("input[data-upload] >> nth=0", [*files[:100], bad, *files[100:]])
    panel = visit.get_by_role("complementary", name="Uploads")
    expect(panel.locator("[data-told]")).to_contain_text("bad.pdf")
    expect(panel.locator("[data-done]")).to_contain_text("199 of 200 files are in; 1 was refused", timeout=4 * PATIENCE)
    with service.client() as folioscope:
        names = {one.name for one in folioscope.documents()}
    assert {file.name for file in files} <= names
    assert "bad.pdf" not in names


def small(path: Path, number: int) -> Path:
    """A PDF of one small page of its own."""
    with pymupdf.open() as document:
        document.new_page(width=200, height=100).insert_text((20, 50), f"Note {number}", fontsize=12)
        document.save(path)
    return path


DROP = """name => {
    const held = new DataTransfer();
    held.items.add(new File(["not a document"], name));
    for (const kind of ["dragover", "drop"]) {
        document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: held, bubbles: true, cancelable: true }));
    }
}"""


def test_a_file_may_be_dropped_on_any_page(visit: Page) -> None:
    visit.goto("/jobs")
    visit.evaluate(DROP, "dropped.pdf")
    expect(visit.get_by_text("dropped.pdf").first).to_be_visible()
