"""What is cut out of a page shows its box, on white, and where it stands is known."""

import numpy as np
import pytest
from PIL import Image

from core.records import Box
from workers.crops import MOST_PIXELS, Crop, crop_of, sheets_of

BOX = Box(0.25, 0.4, 0.45, 0.42)


def page(paper: int = 255, ink: int = 0, size: tuple[int, int] = (1000, 1500)) -> Image.Image:
    """A page with a bar of ink that fills BOX."""
    levels = np.full((size[1], size[0]), paper, np.uint8)
    levels[round(0.4 * size[1]) : round(0.42 * size[1]), round(0.25 * size[0]) : round(0.45 * size[0])] = ink
    return Image.fromarray(levels)


def inked(image: Image.Image) -> list[float]:
    """Where the ink of a picture stands, in shares of it."""
    rows, columns = np.nonzero(np.asarray(image) < 128)
    high, wide = image.height, image.width
    return [columns.min() / wide, rows.min() / high, (columns.max() + 1) / wide, (rows.max() + 1) / high]


@pytest.mark.parametrize("height", [None, 24, 60])
def test_the_place_of_a_box_in_its_crop_is_known_at_every_size(height: int | None) -> None:
    crop = crop_of(page(), BOX, height)
    place = crop.place
    assert inked(crop.image) == pytest.approx([place.x0, place.y0, place.x1, place.y1], abs=0.03)
    if height is not None:
        assert (place.y1 - place.y0) * crop.image.height == pytest.approx(height, abs=1)


def test_gray_paper_becomes_white_and_dark_ground_stays_dark() -> None:
    assert np.asarray(crop_of(page(paper=180), BOX).image)[0, 0] == 255
    assert np.asarray(crop_of(page(paper=30, ink=255), Box(0.2, 0.35, 0.8, 0.6)).image)[0, 0] == 30


@pytest.mark.parametrize(
    "box", [Box(0, 0, 1, 1), Box(0.999, 0.999, 1, 1), Box(0.5, 0.5, 0.5, 0.5), Box(1, 1, 1, 1), Box(0.9, 0.1, 0.8, 0)]
)
def test_a_box_at_the_edge_or_of_no_size_gives_a_crop_all_the_same(box: Box) -> None:
    crop = crop_of(page(), box, 24)
    assert min(crop.image.size) >= 1
    (sheet,) = sheets_of([crop])
    assert len(sheet.places) == 1


def test_every_crop_is_on_a_sheet_apart_from_the_others_and_in_order() -> None:
    dark, light = crop_of(page(), BOX, 24), crop_of(page(ink=100), BOX, 24)
    crops = [dark if number % 3 else light for number in range(400)]
    sheets = list(sheets_of(crops))
    assert len(sheets) > 1
    assert all(sheet.image.width * sheet.image.height <= MOST_PIXELS for sheet in sheets)
    shown = [_level(sheet.image, place) for sheet in sheets for place in sheet.places]
    assert [level < 50 for level in shown] == [bool(number % 3) for number in range(400)]


def test_a_crop_that_is_wider_than_a_sheet_has_one_that_is_wide_enough() -> None:
    wide = Crop(Image.new("L", (5000, 40), 0), Box(0, 0, 1, 1))
    narrow = Crop(Image.new("L", (50, 40), 0), Box(0, 0, 1, 1))
    sheets = list(sheets_of([narrow, wide, narrow]))
    assert sum(len(sheet.places) for sheet in sheets) == 3
    assert all(_level(sheet.image, place) == 0 for sheet in sheets for place in sheet.places)


def _level(image: Image.Image, place: Box) -> float:
    """How light the middle of a place is."""
    x, y = (place.x0 + place.x1) / 2 * image.width, (place.y0 + place.y1) / 2 * image.height
    return float(np.asarray(image)[int(y), int(x)])
