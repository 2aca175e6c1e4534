import numpy as np
import pytest

from training.exams import FAMILIES, SORTS, count_of
from training.outcomes import Origin
from training.render import Grade, Split, compose
from training.render.fonts import Fonts
from training.score import box_of, picture_of, spell_page
from training.truth import Shown, show

ORIGIN = Origin(1, "scan", "scan", "invoice", "en")


@pytest.fixture(scope="module")
def shown(fonts: Fonts) -> Shown:
    return show(compose(1, Split.TRAIN, "invoice", fonts), np.random.default_rng(1), grade=Grade.SCAN)


def test_a_picture_is_as_large_as_the_page(shown: Shown) -> None:
    assert picture_of(shown).size == shown.size


def test_an_unread_page_has_every_character_wrong(shown: Shown) -> None:
    lines = spell_page(None, shown, ORIGIN)
    assert len(lines) == len(shown.page.runs)
    assert sum(line.edits for line in lines) == sum(line.characters for line in lines) > 100


def test_the_true_box_of_a_value_holds_its_ink(shown: Shown) -> None:
    ink = shown.ink[0, 0].numpy()
    for fact in shown.page.facts:
        x0, y0, x1, y1 = (round(v) for v in box_of(fact, shown))
        assert ink[y0:y1, x0:x1].max() > 0.3


def test_an_exam_has_pages_of_every_sort_and_family() -> None:
    assert {sort.grade for sort in SORTS} == set(Grade)
    assert [count_of(sort, 320) for sort in SORTS] == [80, 60, 60, 40, 40, 40]
    assert all(count_of(sort, 1) == 1 for sort in SORTS)
    assert len(set(FAMILIES)) == 5
