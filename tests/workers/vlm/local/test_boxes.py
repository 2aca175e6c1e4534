"""Boxes as families write them stand where the page has them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers.models.kosmos2.processing_kosmos2 import coordinate_to_patch_index, patch_index_to_coordinate

from core.records import Box
from workers.vlm.local import boxes
from workers.vlm.local.boxes import BoxFormat

SIZE = (644, 868)
FORMATS = {
    "paligemma": boxes.PALIGEMMA,
    "florence": boxes.FLORENCE,
    "quads": boxes.FLORENCE_QUADS,
    "kosmos": boxes.KOSMOS,
    "qwen2": boxes.QWEN2,
    "qwen2.5": boxes.QWEN25,
    "qwen3": boxes.QWEN3,
    "llava": boxes.LLAVA,
    "shares": boxes.SHARES,
    "thousandths": boxes.THOUSANDTHS,
}
IN_WORDS = {name: form for name, form in FORMATS.items() if form.schema is None}


def corners(box: Box) -> list[float]:
    return [box.x0, box.y0, box.x1, box.y1]


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
@given(st.tuples(*[st.floats(0, 1)] * 4))
def test_a_box_comes_back_within_its_bins(form: BoxFormat, sides: tuple[float, float, float, float]) -> None:
    box = Box(min(sides[0], sides[2]), min(sides[1], sides[3]), max(sides[0], sides[2]), max(sides[1], sides[3]))
    (found,) = form.read(form.write("total due", box, SIZE), SIZE)
    assert found.text == "total due"
    steps = (form.bins, form.bins) if form.bins else SIZE
    for back, true, bins in zip(corners(found.box), corners(box), (*steps, *steps), strict=True):
        assert abs(back - true) <= 1 / bins + 1e-9


@given(st.integers(0, 1023), st.integers(0, 1023))
def test_kosmos_cells_are_the_librarys(first: int, last: int) -> None:
    text = f"<phrase>it</phrase><object><patch_index_{first:04}><patch_index_{last:04}></object>"
    (found,) = boxes.KOSMOS.read(text, SIZE)
    x0, y0, x1, y1 = patch_index_to_coordinate(first, last, 32)
    assert corners(found.box) == pytest.approx([min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)])


def test_kosmos_cells_are_written_as_the_library_writes_them() -> None:
    box = (0.1, 0.2, 0.55, 0.8)
    first, last = coordinate_to_patch_index(box, 32)
    assert f"<patch_index_{first:04}><patch_index_{last:04}>" in boxes.KOSMOS.write("it", Box(*box), SIZE)


@pytest.mark.parametrize(
    ("form", "text", "places"),
    [
        (
            boxes.PALIGEMMA,
            "<loc0100><loc0200><loc0300><loc0400> total ; <loc0500><loc0600><loc0700><loc0800> date",
            [("total", [0.196, 0.098, 0.391, 0.293]), ("date", [0.586, 0.489, 0.782, 0.684])],
        ),
        (
            boxes.FLORENCE,
            "the total<loc_10><loc_20><loc_90><loc_40><loc_10><loc_60><loc_90><loc_80>date<loc_1><loc_2><loc_3><loc_4>",
            [
                ("the total", [0.0105, 0.0205, 0.0905, 0.0405]),
                ("the total", [0.0105, 0.0605, 0.0905, 0.0805]),
                ("date", [0.0015, 0.0025, 0.0035, 0.0045]),
            ],
        ),
        (
            boxes.FLORENCE_QUADS,
            "Invoice 12<loc_10><loc_20><loc_90><loc_21><loc_91><loc_41><loc_11><loc_40>",
            [("Invoice 12", [0.0105, 0.0205, 0.0915, 0.0415])],
        ),
        (
            boxes.KOSMOS,
            "<object><patch_index_00><patch_index_33></delimiter_of_multi_objects/><patch_index_32><patch_index_34></object>",
            [("", [0.5 / 32, 0.5 / 32, 1.5 / 32, 1.5 / 32]), ("", [0, 1 / 32, 3 / 32, 2 / 32])],
        ),
        (
            boxes.QWEN25,
            '```json\n[{"bbox_2d": [322, 434, 644, 868], "label": "a \\"total\\""}, {"bbox_2d": [0, 0, 161, 217]}]```',
            [('a "total"', [0.5, 0.5, 1, 1]), ("", [0, 0, 0.25, 0.25])],
        ),
        (boxes.QWEN3, '[{"bbox_2d": [100, 200, 1020, 400], "label": "x"}]', [("x", [0.1, 0.2, 1, 0.4])]),
        (boxes.QWEN3, '[{"bbox_2d": [100, 200, 2000, 400], "label": "it lies outside of the page"}]', []),
        (boxes.QWEN2, "<|box_start|>(500,100),(250,300)<|box_end|>", [("", [0.25, 0.1, 0.5, 0.3])]),
        (boxes.LLAVA, "It is at [0.1, 0.25, .5, 1].", [("It is at", [0.1, 0.25, 0.5, 1])]),
    ],
)
def test_what_families_say_is_found(form: BoxFormat, text: str, places: list[tuple[str, list[float]]]) -> None:
    found = form.read(text, SIZE)
    assert [place.text for place in found] == [label for label, _ in places]
    for place, (_, sides) in zip(found, places, strict=True):
        assert corners(place.box) == pytest.approx(sides, abs=1e-3)


@pytest.mark.parametrize("form", IN_WORDS.values(), ids=IN_WORDS)
@pytest.mark.parametrize(
    "text", ["", "none", "[]", "There is no total on this page.", "<loc_1><loc_2>", '"bbox_2d": [1, 2]']
)
def test_words_without_a_box_are_no_place(form: BoxFormat, text: str) -> None:
    assert form.read(text, SIZE) == []
