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
LEGIBLE = 0.85  # the mean probability of a page's characters; noise has 0.4 at most, print from behind 0.4 to 0.84
SURE = 0.7  # confidence that a value needs on a page that is less legible: bad photographs are as well


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
    if legible < LEGIBLE and said.confidence < SURE:
        return replace(said, text=None, box=None, probabilities=None, confidence=None, error=IllegiblePage.code)
    return said
