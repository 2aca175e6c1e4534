"""When what was pointed at is no value: the model hardly believes it, or the page's print cannot be made out.

Print that shines through from behind, noise and scripts that the model does not know are found as lines and read as
something, one character as unsure as the next. Figures: docs/log.md.
"""

from collections.abc import Sequence
from dataclasses import replace

from core.errors import IllegiblePage
from workers.vlm.bundled.words import Word
from workers.vlm.interface import Generation

LEAST = 0.1  # confidence under which a value is none: 3 of 44 such were right
# The mean probability of a page's characters: noise has 0.4 at most, print from behind 0.4 to 0.87, bad photographs 0.7
# to 0.9. On a page that is less legible a value needs a confidence of SURE, on one that is hardly legible of SURER.
LEGIBLE, SURE = 0.88, 0.7
HARDLY, SURER = 0.8, 0.9


def legibility(words: Sequence[Word]) -> float:
    """The mean probability of the characters of a page; 1 of a page without any."""
    shares = [glyph.probabilities[0] for word in words for glyph in word.glyphs]
    return sum(shares) / len(shares) if shares else 1.0


def doubted(said: Generation, absent: float, legible: float) -> Generation:
    """A value as it is, or that there is none, or that it cannot be made out. `absent` is how likely there is none."""
    if said.text is None or said.confidence is None:
        return said
    if said.confidence < LEAST:
        return replace(said, text=None, box=None, probabilities=None, confidence=absent)
    if (legible < LEGIBLE and said.confidence < SURE) or (legible < HARDLY and said.confidence < SURER):
        return replace(said, text=None, box=None, probabilities=None, confidence=None, error=IllegiblePage.code)
    return said
