import random
from pathlib import Path

import numpy as np

from training import readings
from training.questions import simulate
from training.readings import kept_sheets, stored, words_from
from training.render import Split, compose
from training.render.fonts import Fonts
from workers.vlm.bundled.words import Word


def same(one: Word, other: Word) -> bool:
    glyphs = zip(one.glyphs, other.glyphs, strict=True)
    return (
        np.allclose(one.box, other.box, atol=1e-3)
        and (one.segment, one.spaced) == (other.segment, other.spaced)
        and all(a.ids[0] == b.ids[0] and abs(a.probabilities[0] - b.probabilities[0]) < 1e-3 for a, b in glyphs)
    )


def test_a_kept_reading_comes_back_as_it_was(fonts: Fonts) -> None:
    words = simulate(compose(1, Split.TRAIN, "receipt", fonts), random.Random(1)).words
    again = words_from(stored(words))
    assert all(same(a, b) for a, b in zip(words, again, strict=True))


def test_readings_are_found_as_soon_as_they_are_kept(tmp_path: Path, fonts: Fonts) -> None:
    sheets = kept_sheets(tmp_path, random.Random(0), fonts)
    assert next(sheets) is None

    page = compose(8, Split.TRAIN, readings.family_of(8), fonts)
    words = simulate(page, random.Random(1)).words
    arrays = {**stored(words), "size": np.array([page.width, page.height]), "affine": np.eye(2, 3)}
    np.savez(tmp_path / "8.npz", allow_pickle=False, **arrays)

    sheet = next(sheets)
    assert sheet is not None
    assert len(sheet.words) == len(words)
    assert sheet.size == (page.width, page.height)
