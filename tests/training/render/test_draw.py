"""What is drawn is what was composed: text, places and ink."""

import numpy as np
import pymupdf
import pytest

from training.render import Page, Split, compose, draw, rasterize
from training.render.compose import FAMILIES
from training.render.fonts import Fonts
from training.render.text_layer import TWINS


@pytest.fixture(params=sorted(FAMILIES))
def page(request: pytest.FixtureRequest, fonts: Fonts) -> Page:
    """A page of each family."""
    return compose(11, Split.TRAIN, str(request.param), fonts)


def letters(pdf: bytes) -> list[tuple[str, float, float]]:
    """Every character of the first page with its origin."""
    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        blocks = document[0].get_text("rawdict", flags=0)["blocks"]
        spans = (span for block in blocks for line in block["lines"] for span in line["spans"])
        return [(char["c"], *char["origin"]) for span in spans for char in span["chars"]]


def test_every_character_stands_within_a_point_of_where_the_page_says(page: Page) -> None:
    drawn: dict[str, list[tuple[float, float]]] = {}
    for char, x, y in letters(draw([page])):
        drawn.setdefault(TWINS.get(ord(char), char), []).append((x, y))  # only kept files get a true text layer
    for run in page.runs:
        for char, left in zip(run.text, (run.x, *run.edges), strict=False):
            near = any(abs(x - left) < 1 and abs(y - run.baseline) < 1 for x, y in drawn.get(char, ()))
            assert char == " " or near, (run.text, char, left)


def test_several_pages_become_one_file_and_subsetting_keeps_the_text(fonts: Fonts) -> None:
    pages = [compose(seed, Split.TRAIN, "invoice", fonts) for seed in range(3)]
    whole, small = draw(pages), draw(pages, subset=True)
    assert len(small) < len(whole)
    with pymupdf.open(stream=small, filetype="pdf") as document:
        assert document.page_count == len(pages)
        for page, paper in zip(pages, document, strict=True):
            text = " ".join(paper.get_text().split())
            assert all(" ".join(fact.value.split()) in text for fact in page.facts)


def test_there_is_ink_in_every_run_and_the_picture_has_the_size_asked(page: Page) -> None:
    picture = rasterize(page, 144)
    assert abs(picture.shape[0] - page.height * 2) <= 2
    assert abs(picture.shape[1] - page.width * 2) <= 2
    assert picture.dtype == np.uint8
    for run in page.runs:
        if run.text.strip(" .,-_"):
            part = picture[
                int((run.baseline - run.ascent) * 2) : int((run.baseline + run.descent) * 2),
                int(run.x * 2) : int(run.right * 2) + 1,
            ]
            assert np.ptp(part) > 40, run.text
