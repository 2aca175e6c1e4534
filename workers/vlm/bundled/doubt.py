"""When what was pointed at is no value: the model hardly believes it, or the page's print cannot be made out.

Print that shines through from behind, noise and scripts that the model does not know are found as lines and read as
something, one character as unsure as the next. Figures: docs/log.md. What is not found on such a page may stand in what
could not be read: that a field is absent is never surer than the page's letters are, and unsure where these are not
legible.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from core.errors import IllegiblePage
from workers.vlm.bundled.words import Glyph, Word
from workers.vlm.interface import Generation

LEAST = 0.1  # confidence under which a value is none: 3 of 44 such were right
# The mean probability of a page's characters: noise has 0.4 at most, print from behind 0.4 to 0.87, bad photographs 0.7
# to 0.9. On a page that is less legible a value needs a confidence of SURE, on one that is hardly legible of SURER.
LEGIBLE, SURE = 0.88, 0.7
HARDLY, SURER = 0.8, 0.9


@dataclass(frozen=True, slots=True)
class Legibility:
    """The mean probability of the characters of a page, and of its letters; 1 of a page without any.

    Digits are much the same in scripts whose letters are not known.
    """

    all: float = 1.0
    letters: float = 1.0

    @classmethod
    def of(cls, words: Sequence[Word], alphabet: str) -> Self:
        """That of a page's words, read with this alphabet."""
        glyphs = [glyph for word in words for glyph in word.glyphs]
        letters = [glyph for glyph in glyphs if alphabet[glyph.ids[0] - 1].isalpha()]
        return cls(_mean(glyphs), _mean(letters))

    @property
    def most(self) -> float:
        """How sure it may be at most that something does not stand on the page."""
        least = min(self.all, self.letters)
        return least if least >= LEGIBLE else min(least, 1 - SURE)


def _mean(glyphs: Sequence[Glyph]) -> float:
    return sum(glyph.probabilities[0] for glyph in glyphs) / len(glyphs) if glyphs else 1.0


def doubted(said: Generation, absent: float, page: Legibility) -> Generation:
    """A value as it is, or that there is none, or that it cannot be made out. `absent` is how likely there is none."""
    legible = page.all
    if said.confidence is None:
        return said
    if said.text is None:
        return replace(said, confidence=min(said.confidence, page.most))
    if said.confidence < LEAST:
        return replace(said, text=None, box=None, probabilities=None, confidence=min(absent, page.most))
    if (legible < LEGIBLE and said.confidence < SURE) or (legible < HARDLY and said.confidence < SURER):
        return replace(said, text=None, box=None, probabilities=None, confidence=None, error=IllegiblePage.code)
    return said
