import html
import random
from functools import cache
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from PIL import Image

from core.records import Box
from training.foreign import truth
from training.foreign.draft import Draft
from training.foreign.filling import fill
from training.foreign.locate import Layer, Place, layers_of, places_of
from training.foreign.looks import LOOKS
from training.foreign.proof import faults_of
from training.foreign.score import Sheet, sheets_of, union_share
from training.foreign.world import World, check_digits, money
from training.render.page import Grade

FOLDER = Path(__file__).parents[1] / "data" / "foreign"
LINES = truth.read(FOLDER)
EACH = pytest.mark.parametrize("line", LINES, ids=lambda line: line.file)


@cache
def layers(file: str) -> list[Layer]:
    with pymupdf.open(FOLDER / file) as document:
        return layers_of(document)


def test_there_are_sixty_pages_of_many_looks_tools_and_languages() -> None:
    assert len(LINES) >= 60
    assert {line.look for line in LINES} == set(LOOKS)
    assert {line.tool for line in LINES} == {"weasyprint", "writer", "calc", "latex"}
    assert {line.language for line in LINES} == {"en", "de", "fr", "es", "it", "nl"}
    english = sum(line.language == "en" for line in LINES) / len(LINES)
    assert 0.6 < english < 0.8


def test_every_pdf_has_its_truth_and_the_folder_is_small() -> None:
    sizes = {path.name: path.stat().st_size for path in FOLDER.glob("*.pdf")}
    assert set(sizes) == {line.file for line in LINES}
    assert max(sizes.values()) < 100_000
    assert sum(sizes.values()) < 3_000_000


@EACH
def test_every_value_stands_on_its_page_in_its_box(line: truth.Line) -> None:
    for field, value in line.fields.items():
        found = places_of(value, layers(line.file))
        assert set(line.places[field]) <= set(found), field
        assert all(0 <= edge <= 1 for place in line.places[field] for edge in place.box), field


@EACH
def test_what_a_page_lacks_stands_there_under_no_wording(line: truth.Line) -> None:
    assert [(f, found) for f in line.absent if (found := truth.stated(f, layers(line.file)))] == []


@EACH
def test_a_page_asks_for_enough_and_for_nothing_twice(line: truth.Line) -> None:
    assert 6 <= len(line.fields) <= 16
    assert 3 <= len(line.absent) <= 6
    assert not set(line.fields) & set(line.absent)
    assert set(line.places) == set(line.fields)
    assert set(line.asked) <= set(line.fields)


def test_a_field_is_asked_by_its_name_or_by_its_own_words() -> None:
    hotel = next(line for line in LINES if line.look == "hotel")
    energy = next(line for line in LINES if line.look == "energy")
    assert hotel.prompt("room_number") == "room number"
    assert energy.prompt("meter_reading") == "new meter reading"


def test_every_account_number_has_right_check_digits() -> None:
    numbers = [line.fields["iban"].replace(" ", "") for line in LINES if "iban" in line.fields]
    assert len(numbers) >= 15
    assert [n for n in numbers if n[2:4] != check_digits(n[:2], n[4:])] == []
    assert check_digits("GB", "WEST12345698765432") == "82"  # the standard's own example


def test_amounts_are_written_as_a_country_writes_them() -> None:
    assert money(123456789, before="£") == "£1,234,567.89"
    assert money(123456, marks=".,", after=" €") == "1.234,56 €"
    assert money(-5) == "-0.05"


@pytest.mark.parametrize("look", LOOKS)
def test_a_look_says_the_same_for_the_same_seed_and_other_things_for_another(look: str) -> None:
    draw, countries = LOOKS[look]
    one, again, other = (draw(World(random.Random(seed), countries[0])) for seed in (1, 1, 2))
    assert one == again
    assert one.fields != other.fields


@pytest.mark.parametrize("look", LOOKS)
def test_a_template_prints_every_value_of_its_draft(look: str) -> None:
    draw, countries = LOOKS[look]
    draft = draw(World(random.Random(3), countries[0]))
    page = html.unescape(fill(draft)).replace("\u00a0", " ")
    signs = [
        value for value in draft.fields.values() if not set(value) & set("&%#_$€£")
    ]  # LaTeX writes these otherwise
    assert [value for value in signs if value not in page] == []


def test_signs_that_mean_something_to_latex_are_escaped() -> None:
    draw, countries = LOOKS["notice"]
    page = fill(draw(World(random.Random(3), countries[0])))
    assert r" \& " in page
    assert r"\pounds{}" in page


def test_a_value_is_found_only_where_it_stands_by_itself() -> None:
    with pymupdf.open() as document:
        page = document.new_page(width=200, height=100)
        page.insert_text((20, 30), "Total 41.50, paid 141.50 on 41.50.2")
        page.insert_text((20, 60), "(41.50)")
        found = places_of("41.50", layers_of(document))
    assert len(found) == 2
    assert [round(place.box[1] * 100 + 0.78 * 11) for place in found] == [30, 60]


def test_a_print_that_does_not_say_what_its_draft_promises_is_refused() -> None:
    draft = Draft("a.html", "en", {}, {"total": "12.00", "date": "1 May"}, ("iban", "email"))
    with pymupdf.open() as document:
        document.new_page().insert_text((20, 30), "12.00 and 12.00, write to a@b.example")
        faults = list(faults_of(draft, layers_of(document)))
    assert faults == [
        "total '12.00' stands 2 times",
        "date '1 May' stands 0 times",
        "email is called absent, but there stands '@'",
    ]


def test_the_public_readme_forbids_training_on_the_pages() -> None:
    assert "Nobody trains on these pages" in (FOLDER / "README.md").read_text()


def test_a_scanned_page_is_another_picture_of_the_same_size() -> None:
    path = FOLDER / "receipt-1.pdf"
    (clean,), (scan,) = (sheets_of(path, grade, 72, 11) for grade in (Grade.CLEAN, Grade.SCAN))
    assert clean.picture.size == scan.picture.size
    assert not np.allclose(np.asarray(clean.picture.convert("L"), float), np.asarray(scan.picture, float), atol=30)


def test_the_true_box_moves_along_with_a_turned_page() -> None:
    sheet = Sheet(Image.new("L", (100, 200)), np.array([[1.0, 0.0, 10.0], [0.0, 1.0, 20.0]]))
    place = Place(0, (0.1, 0.2, 0.5, 0.3))
    assert sheet.overlap(Box(0.2, 0.3, 0.6, 0.4), place) == pytest.approx(1)
    assert sheet.overlap(Box(0.1, 0.2, 0.5, 0.3), place) < 0.1


def test_a_box_is_compared_in_page_space() -> None:
    (sheet,) = sheets_of(FOLDER / "receipt-1.pdf", Grade.CLEAN, 72, 0)
    place = Place(0, (0.1, 0.2, 0.5, 0.3))
    assert sheet.overlap(Box(0.1, 0.2, 0.5, 0.3), place) == pytest.approx(1)
    assert sheet.overlap(Box(0.1, 0.2, 0.3, 0.3), place) == pytest.approx(0.5)
    assert union_share((0, 0, 1, 1), (2, 2, 3, 3)) == 0
