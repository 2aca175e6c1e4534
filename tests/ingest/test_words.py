"""The words of a text layer stand where the eye sees them, whatever the page's rotation, crop and unit."""

import io
from pathlib import Path

import pymupdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from ingest.answers import PageImage
from ingest.limits import Limits
from ingest.sandbox import Sandbox
from ingest.words import MAX_WORDS, clean_text, place_words
from tests.ingest import files
from tests.ingest.test_poppler import needs_poppler


def _page(path: Path, engine: str, rotation: int, crop: tuple[int, int, int, int] | None) -> PageImage:
    document = pymupdf.open()
    page = document.new_page(width=400, height=600)
    page.insert_text((150, 260), "Rechnung", fontsize=20)
    if crop:
        page.set_cropbox(pymupdf.Rect(crop))
    page.set_rotation(rotation)
    document.save(path)
    with Sandbox(Limits(engines=(engine,))) as sandbox:
        (drawn,) = sandbox.draw(path, None, 1, 1)
    assert isinstance(drawn, PageImage)
    return drawn


@pytest.mark.parametrize("engine", ["mupdf", pytest.param("poppler", marks=needs_poppler)])
@pytest.mark.parametrize("crop", [None, (100, 200, 380, 500)])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_words_box_holds_its_ink(
    tmp_path: Path, engine: str, rotation: int, crop: tuple[int, int, int, int] | None
) -> None:
    page = _page(tmp_path / "a.pdf", engine, rotation, crop)
    width, height = (280, 300) if crop else (400, 600)
    assert (round(page.width), round(page.height)) == ((height, width) if rotation % 180 else (width, height))
    picture = Image.open(io.BytesIO(page.image))
    assert abs(picture.width / picture.height - page.width / page.height) < 0.01
    ((text, x0, y0, x1, y1),) = page.words
    assert text == "Rechnung"
    ink = ImageOps.invert(picture.convert("L")).getbbox()
    assert ink is not None
    assert x0 * picture.width - 3 <= ink[0] < ink[2] <= x1 * picture.width + 3
    assert y0 * picture.height - 3 <= ink[1] < ink[3] <= y1 * picture.height + 3
    assert (x1 - x0) * picture.width < 1.6 * (ink[2] - ink[0]) + 10


def test_what_a_form_field_shows_is_text_of_the_page(sandbox: Sandbox, tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    field = pymupdf.Widget()
    field.field_name, field.field_type, field.rect = (
        "city",
        pymupdf.mupdf.PDF_WIDGET_TYPE_TEXT,
        pymupdf.Rect(50, 50, 300, 80),
    )
    field.field_value = "Bremen"
    page.add_widget(field)
    document.save(tmp_path / "a.pdf")
    (drawn,) = sandbox.draw(tmp_path / "a.pdf", None, 1, 1)
    assert isinstance(drawn, PageImage)
    assert [word[0] for word in drawn.words] == ["Bremen"]


def test_a_scan_has_no_words(sandbox: Sandbox, tmp_path: Path) -> None:
    (page,) = sandbox.draw(files.scanned(tmp_path / "a.pdf"), None, 1, 1)
    assert isinstance(page, PageImage)
    assert page.words == ()


def test_letters_that_no_database_takes_are_left_out() -> None:
    assert clean_text("a\x00b\ud800c\x1b\u200b") == "abc\u200b"


@given(
    st.lists(
        st.tuples(st.text(max_size=5), *[st.floats(width=32)] * 4).map(lambda t: (str(t[0]), t[1], t[2], t[3], t[4])),
        max_size=20,
    )
)
def test_whatever_a_file_claims_every_box_lies_on_the_page(words: list[tuple[str, float, float, float, float]]) -> None:
    for text, x0, y0, x1, y1 in place_words(words, 612, 792):
        assert text
        assert 0 <= x0 < x1 <= 1
        assert 0 <= y0 < y1 <= 1


def test_a_page_of_a_million_words_keeps_the_first_of_them() -> None:
    assert len(place_words((("a", 0, 0, 1, 1) for _ in range(1_000_000)), 10, 10)) == MAX_WORDS
