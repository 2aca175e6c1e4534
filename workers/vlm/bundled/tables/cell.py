"""A cell as it is told: its words as text, their box, and how sure all of it is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workers.vlm.bundled.reading import PixelBox, box_of
from workers.vlm.bundled.tables.sheet import Token, text_in
from workers.vlm.figures import FIGURES, Look, is_currency, is_figure, is_flag


@dataclass(frozen=True, slots=True)
class PageCell:
    """What stands in one row under one column; the box is in pixels of the page."""

    text: str
    tokens: tuple[Token, ...]

    @property
    def box(self) -> PixelBox:
        """Round all its words."""
        return box_of([word.box for token in self.tokens for word in token.words])

    @property
    def confidence(self) -> float:
        """The chance that all characters are right."""
        return float(np.prod([g.probabilities[0] for t in self.tokens for word in t.words for g in word.glyphs]))


def tidied(tokens: Sequence[Token], look: Look) -> tuple[Token, ...]:
    """The tokens of a cell that are its value: in a column of figures no letter or star behind one."""
    kept = list(tokens)
    if look in FIGURES:
        while (
            len(kept) > 1
            and is_flag(kept[-1].text)
            and not is_currency(kept[-1].text)
            and is_figure(text_in(kept[:-1]))
        ):
            kept.pop()
    return tuple(kept)
