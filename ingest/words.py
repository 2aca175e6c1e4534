"""The words of a text layer, cleaned and put into page space."""

import math
import unicodedata
from collections.abc import Iterable
from typing import TypeAlias

RawWord: TypeAlias = tuple[str, float, float, float, float]  # text, x0, y0, x1, y1 in points of the upright page
PlacedWord: TypeAlias = tuple[
    str, float, float, float, float
]  # the same with 0..1 of the page: the form of rows and of the wire

MAX_WORDS = 20_000  # of one page
_MAX_LETTERS = 1_000


def place_words(words: Iterable[RawWord], width: float, height: float) -> tuple[PlacedWord, ...]:
    """Words with boxes 0..1, at most MAX_WORDS. What lies off the page, has no area or no letters is left out."""
    placed: list[PlacedWord] = []
    for text, x0, y0, x1, y1 in words:
        left, right = _share(x0, x1, width)
        top, bottom = _share(y0, y1, height)
        letters = clean_text(text)
        if left < right and top < bottom and letters:
            placed.append((letters, left, top, right, bottom))
            if len(placed) == MAX_WORDS:
                break
    return tuple(placed)


def clean_text(text: str) -> str:
    """Text without what no database takes: NUL and other control characters, and halves of surrogate pairs."""
    if text.isprintable():
        return text[:_MAX_LETTERS].strip()
    return "".join(c for c in text[:_MAX_LETTERS] if unicodedata.category(c) not in {"Cc", "Cs"}).strip()


def _share(start: float, end: float, length: float) -> tuple[float, float]:
    """A stretch of a side as shares of it, to five places; an empty one where there is no such stretch."""
    if not 0 <= start < end <= length:
        if not (math.isfinite(start) and math.isfinite(end)):
            return 0.0, 0.0
        start, end = sorted((min(max(start, 0.0), length), min(max(end, 0.0), length)))
    return round(start / length, 5), round(end / length, 5)
