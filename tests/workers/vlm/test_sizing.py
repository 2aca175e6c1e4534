"""Small type is read enlarged, and its boxes stand where the type does."""

import numpy as np
import pymupdf
import pytest
import torch
from PIL import Image

from workers.vlm.bundled.backend import BundledModel
from workers.vlm.bundled.finder import SIDE, Segment
from workers.vlm.bundled.sizing import MOST, MOST_PIXELS, WANTED, usual_height, zoom_for, zoomed
from workers.vlm.interface import PageRequest, Prompt, PromptKind

A4 = (1240.0, 1754.0)


def line(height: float, length: float = 300.0) -> Segment:
    """A line of text of this height."""
    return Segment(0.0, length, 50.0, 50.0, height)


@pytest.mark.parametrize("height", [18.0, 22.0, 33.0])
def test_type_of_the_usual_height_is_read_as_it_is(height: float) -> None:
    assert zoom_for([line(height)] * 3, A4) == 1.0


@pytest.mark.parametrize("height", [6.0, 13.0, 17.0])
def test_small_type_is_brought_towards_the_usual_height(height: float) -> None:
    zoom = zoom_for([line(height)], (827.0, 1169.0))
    assert zoom == min(MOST, WANTED / height)


def test_large_type_is_read_from_a_smaller_page() -> None:
    assert zoom_for([line(60.0)], A4) == WANTED / 60.0


def test_a_page_without_text_stays_as_it_is() -> None:
    assert zoom_for([], A4) == 1.0


def test_what_most_of_the_text_has_counts_and_not_what_most_lines_have() -> None:
    assert usual_height([line(20.0, 900.0), line(9.0, 20.0), line(9.0, 20.0)]) == 20.0


def test_no_page_grows_past_the_most_pixels() -> None:
    size = (2_400.0, 2_400.0)
    zoom = zoom_for([line(10.0)], size)
    assert zoom >= 1.0
    assert zoom * zoom * size[0] * size[1] <= MOST_PIXELS * 1.001


@pytest.mark.parametrize("zoom", [0.5, 1.37, 2.0])
def test_a_zoomed_page_keeps_its_ink_and_its_sides_are_whole(zoom: float) -> None:
    ink = torch.zeros(1, 1, 320, 256)
    ink[:, :, 100:200, 50:150] = 1.0
    page, (width, height) = zoomed(ink, (250.0, 310.0), zoom)
    assert (width, height) == (round(250 * zoom), round(310 * zoom))
    assert page.shape[2] % SIDE == page.shape[3] % SIDE == 0
    assert float(page.sum()) == pytest.approx(100 * 100 * zoom * zoom, rel=0.05)
    assert 0.0 <= float(page.min()) <= float(page.max()) <= 1.0


def test_small_print_at_a_low_resolution_is_read_to_the_letter_and_boxed(model: BundledModel) -> None:
    with pymupdf.open() as document:
        page = document.new_page(width=595, height=842)
        for row in range(12):
            page.insert_text((60, 120 + 14 * row), f"Item {row + 1} of the order was sent with the parcel", fontsize=7)
        page.insert_text((60, 80), "Invoice number", fontsize=7)
        page.insert_text((160, 80), "KR-48213", fontsize=7)
        pixmap = page.get_pixmap(dpi=100, colorspace=pymupdf.csGRAY)
    gray = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.stride)[:, : pixmap.width]
    asked = (Prompt("number", PromptKind.FIELD, "invoice number"),)
    said = model.generate([PageRequest(Image.fromarray(gray), asked)])[0][0]
    assert said.text == "KR-48213"
    assert said.box is not None
    assert said.box.x0 == pytest.approx(160 / 595, abs=0.01)
    assert said.box.y0 < 78 / 842 < said.box.y1
