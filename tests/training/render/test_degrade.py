"""Treated pictures keep their size and say where everything went."""

import numpy as np
import pytest
from numpy.typing import NDArray

from training.render import Grade, degrade


def dotted() -> NDArray[np.uint8]:
    """A white picture with one black square."""
    picture = np.full((800, 600), 255, np.uint8)
    picture[200:220, 400:420] = 0
    return picture


@pytest.mark.parametrize("grade", [Grade.PHOTO, Grade.FAINT, Grade.LOW])
def test_the_matrix_leads_to_where_the_ink_went(grade: Grade) -> None:
    for seed in range(5):
        treated, affine = degrade(dotted(), grade, np.random.default_rng(seed))
        x, y = affine @ (410.0, 210.0, 1.0)
        around = treated[int(y) - 40 : int(y) + 40, int(x) - 40 : int(x) + 40].astype(float)
        dark = np.clip(np.median(around) - around - 30, 0, None)
        rows, columns = np.mgrid[0:80, 0:80] + 0.5
        centre = np.array([(dark * columns).sum(), (dark * rows).sum()]) / dark.sum()
        assert np.abs(centre - 40).max() < 2


def test_clean_pictures_are_left_alone() -> None:
    treated, affine = degrade(dotted(), Grade.CLEAN, np.random.default_rng(0))
    assert np.array_equal(treated, dotted())
    assert np.array_equal(affine, np.eye(2, 3))


@pytest.mark.parametrize("grade", list(Grade))
def test_the_same_dice_give_the_same_picture_of_the_same_size(grade: Grade) -> None:
    first, affine = degrade(dotted(), grade, np.random.default_rng(3))
    second, _ = degrade(dotted(), grade, np.random.default_rng(3))
    assert first.shape == dotted().shape
    assert first.dtype == np.uint8
    assert affine.shape == (2, 3)
    assert np.array_equal(first, second)
