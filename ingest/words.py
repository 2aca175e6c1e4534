"""The words of a text layer, cleaned and put into page space."""

import math
import unicodedata
from collections.abc import Iterable
from typing import TypeAlias

from core.records import Box, Word
from ingest.engines import MAX_WORDS

RawWord: TypeAlias = tuple[str, float, float, float, float]  # text, x0, y0, x1, y1 in points of the upright page

_MAX_LETTERS = 1_000


def place_words(words: Iterable[RawWord], width: float, height: float) -> tuple[Word, ...]:
    """Words with boxes 0..1. What lies outside the page, has no area or no letters is left out; at most MAX_WORDS stay."""
    placed: list[Word] = []
    for text, x0, y0, x1, y1 in words:
        box = _page_box(x0 / width, y0 / height, x1 / width, y1 / height)
        letters = clean_text(text)
        if box and letters:
            placed.append(Word(letters, box))
        if len(placed) == MAX_WORDS:
            break
    return tuple(placed)


def clean_text(text: str) -> str:
    """Text without what no database takes: NUL and other control characters, and halves of surrogate pairs."""
    if text.isprintable():
        return text[:_MAX_LETTERS].strip()
    return "".join(c for c in text[:_MAX_LETTERS] if unicodedata.category(c) not in {"Cc", "Cs"}).strip()


def _page_box(x0: float, y0: float, x1: float, y1: float) -> Box | None:
    if not all(math.isfinite(v) for v in (x0, y0, x1, y1)):
        return None
    left, right = sorted((min(max(x0, 0.0), 1.0), min(max(x1, 0.0), 1.0)))
    top, bottom = sorted((min(max(y0, 0.0), 1.0), min(max(y1, 0.0), 1.0)))
    if right <= left or bottom <= top:
        return None
    return Box(left, top, right, bottom)
