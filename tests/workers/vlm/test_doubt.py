"""What the bundled model hardly believes, or cannot make out, is no value."""

import pytest

from core.records import Box, StopReason
from workers.vlm.bundled.doubt import LEAST, LEGIBLE, SURE, doubted, legibility
from workers.vlm.bundled.words import Glyph, Word
from workers.vlm.interface import Generation

BOX = Box(0.1, 0.1, 0.2, 0.2)


def said(confidence: float, text: str | None = "12.00") -> Generation:
    return Generation(text, (confidence,), BOX, StopReason.END, 0.1, confidence)


def word(*shares: float) -> Word:
    return Word(tuple(Glyph((1,), (share,), 0.0) for share in shares), (0.0, 0.0, 1.0, 1.0), 0)


def test_a_page_is_as_legible_as_its_characters_are_sure() -> None:
    assert legibility([word(1.0, 0.5), word(0.9)]) == pytest.approx(0.8)
    assert legibility([]) == 1.0


def test_a_value_on_a_legible_page_stays_as_it_is() -> None:
    assert doubted(said(0.4), 0.2, LEGIBLE) == said(0.4)


def test_a_value_that_the_model_hardly_believes_is_not_there() -> None:
    none = doubted(said(LEAST / 2), 0.3, 1.0)
    assert (none.text, none.box, none.error, none.confidence) == (None, None, None, 0.3)


def test_on_a_page_that_cannot_be_made_out_only_what_is_sure_is_a_value() -> None:
    unsure = doubted(said(SURE - 0.01), 0.2, LEGIBLE - 0.01)
    assert (unsure.text, unsure.box, unsure.error) == (None, None, "illegible-page")
    assert doubted(said(SURE), 0.2, LEGIBLE - 0.01) == said(SURE)
    assert doubted(said(0.5, None), 0.5, LEGIBLE - 0.01) == said(0.5, None)
