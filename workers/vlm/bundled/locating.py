"""Where a given text stands on a page, though some of it was read wrong: edits weighed by the reader's doubts."""

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from workers.vlm.bundled.reading import Passage, PixelBox, box_of
from workers.vlm.bundled.words import BLANK, SPACE, Word

LONGEST = 200  # characters of a text that is looked for
MOST = 20  # places of one text that are told
# Costs in nats. An edit is a character that is missing, too many, or another one though the reader was sure.
EDIT_LETTER, EDIT_DIGIT, EDIT_MARK, EDIT_SPACE = 7.0, 14.0, 2.0, 1.0
OTHER_CASE, OTHER_ACCENT = 0.1, 0.7
INSIDE_WORD = 4.0  # for each end of a match that stands inside a word or a number
GAIN_LETTER, GAIN_DIGIT, GAIN_MARK = 2.0, 1.5, 0.5  # what a right character is worth against chance
LEAST_SHARE = 0.01  # a likeness that the reader thinks less of is an edit
BARRIER = 1e6  # no match crosses from line to line
_INSIDE = re.compile(r"(?<=\w)(?=\w)|(?<=\d)(?=[.,/'-]\d)|(?<=\d[.,/'-])(?=\d)")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Stream:
    """A page's characters in a row, spaces between words and a barrier after each line."""

    ids: NDArray[np.int64]  # (n, alternatives); a barrier is all blank
    doubts: Floats  # (n, alternatives) the cost of each alternative
    said: str  # the likeliest characters, barriers as line feeds
    at: tuple[tuple[int, int] | None, ...]  # word and glyph of each; None for spaces and barriers
    skip: Floats  # (n,) what it costs to pass over each
    edge: Floats  # (n + 1,) what it costs to begin or end before each


def locate(lines: Sequence[Sequence[Word]], wanted: str, alphabet: str) -> tuple[list[Passage], float]:
    """The places where a text stands, the surest first, and the confidence of the surest, also where none is sure.

    A place's confidence is the chance that the text stands there: either it was read there as it is wanted, or it
    was read so like it that chance does not explain it.
    """
    words = [word for line in lines for word in line]
    text = " ".join(wanted.split())[:LONGEST]
    if not text or not words:
        return [], 0.0
    stream = _stream_of(lines, alphabet)
    costs = _costs(stream, text, alphabet)
    ends = costs[-1] + stream.edge
    found: list[Passage] = []
    taken = np.zeros(len(stream.said) + 1, bool)
    for end in np.argsort(ends, kind="stable")[: 8 * MOST].tolist():
        confidence = _confidence(text, float(ends[end]), len(stream.said))
        if confidence < 0.5 or len(found) == MOST:  # noqa: PLR2004 - likelier than not
            break
        start = _start_of(stream, text, costs, end)
        if not taken[start:end].any():
            found += _passages(stream, words, (start, end), confidence)
            taken[start:end] = True
    return found, _confidence(text, float(ends.min()), len(stream.said))


def _stream_of(lines: Sequence[Sequence[Word]], alphabet: str) -> _Stream:
    rows: list[tuple[tuple[int, ...], tuple[float, ...]]] = []
    at: list[tuple[int, int] | None] = []
    number = 0
    for line in lines:
        for place, word in enumerate(line):
            if place and word.spaced:
                rows.append(((SPACE,), (1.0,)))
                at.append(None)
            rows += [(glyph.ids, glyph.probabilities) for glyph in word.glyphs]
            at += [(number, index) for index in range(len(word.glyphs))]
            number += 1
        rows.append(((BLANK,), (1.0,)))
        at.append(None)
    width = max(len(ids) for ids, _ in rows)
    ids = np.array([[*row, *[BLANK] * (width - len(row))] for row, _ in rows])
    shares = np.array([[*row, *[1.0] * (width - len(row))] for _, row in rows])
    said = "".join(alphabet[i - 1] if i != BLANK else "\n" for i in ids[:, 0])
    edge = np.zeros(len(said) + 1)
    edge[[match.start() for match in _INSIDE.finditer(said)]] = INSIDE_WORD
    skip = np.array([BARRIER if c == "\n" else _edit(c) for c in said])
    doubts = -np.log(shares.clip(LEAST_SHARE, 1.0))
    doubts[:, 1:][shares[:, 1:] < LEAST_SHARE] = math.inf
    return _Stream(ids, doubts, said, tuple(at), skip, edge)


def _edit(character: str) -> float:
    """What an edit of a character costs."""
    if character == " ":
        return EDIT_SPACE
    return EDIT_DIGIT if character.isdigit() else EDIT_LETTER if character.isalpha() else EDIT_MARK


@lru_cache(maxsize=1024)
def _unlike(wanted: str, alphabet: str) -> Floats:
    """What it costs (1 + characters,) that a wanted character is printed as another: case, accent, or inf."""
    bare = unicodedata.normalize("NFD", wanted)[0].casefold()
    costs = [math.inf]  # no character
    for character in alphabet:
        if character == wanted:
            costs.append(0.0)
        elif character.casefold() == wanted.casefold():
            costs.append(OTHER_CASE)
        else:
            same = unicodedata.normalize("NFD", character)[0].casefold() == bare
            costs.append(OTHER_ACCENT if same else math.inf)
    return np.array(costs)


def _as_wanted(stream: _Stream, wanted: str, alphabet: str) -> Floats:
    """What it costs (n,) that each character of the stream is the wanted one: its own doubt, or an edit."""
    known = (stream.doubts + _unlike(wanted, alphabet)[stream.ids]).min(1)
    return np.where(stream.skip >= BARRIER, BARRIER, np.minimum(known, np.maximum(stream.skip, _edit(wanted))))


def _costs(stream: _Stream, text: str, alphabet: str) -> Floats:
    """Costs (m + 1, n + 1) of the text's first i characters ending before the stream's character j."""
    table = {c: _as_wanted(stream, c, alphabet) for c in set(text)}
    passed = np.concatenate([[0.0], np.cumsum(stream.skip)])
    rows = [stream.edge]
    for character in text:
        row = rows[-1] + _edit(character)  # it is missing on the page
        row[1:] = np.minimum(row[1:], rows[-1][:-1] + table[character])
        rows.append(passed + np.minimum.accumulate(row - passed))  # what is too many on the page is passed over
    return np.array(rows)


def _start_of(stream: _Stream, text: str, costs: Floats, end: int) -> int:
    """Where the cheapest match that ends before `end` begins."""
    row, column = len(text), end
    while row:
        here, above = costs[row, column], costs[row - 1]
        if math.isclose(here, above[column] + _edit(text[row - 1]), abs_tol=1e-4):
            row -= 1
        elif column and math.isclose(here, costs[row, column - 1] + stream.skip[column - 1], abs_tol=1e-4):
            column -= 1
        else:
            row, column = row - 1, column - 1
    return column


def _confidence(text: str, cost: float, places: int) -> float:
    """The chance that the text stands where it matches at this cost."""
    gains = sum(GAIN_DIGIT if c.isdigit() else GAIN_LETTER if c.isalpha() else GAIN_MARK for c in text if c != " ")
    odds = max(-50.0, min(50.0, gains - cost - math.log(places)))
    return max(math.exp(-cost), 1 / (1 + math.exp(-odds)))


def _passages(stream: _Stream, words: Sequence[Word], span: tuple[int, int], confidence: float) -> list[Passage]:
    """What was read between two places of the stream, its box cut where it ends inside a word; nothing of nothing."""
    parts: dict[int, list[int]] = {}
    for place in stream.at[span[0] : span[1]]:
        if place is not None:
            parts.setdefault(place[0], []).append(place[1])
    if not parts:
        return []
    boxes = [_box_between(words[number], indices[0], indices[-1]) for number, indices in parts.items()]
    letters = [words[number].glyphs[i].probabilities[0] for number, indices in parts.items() for i in indices]
    return [Passage(stream.said[span[0] : span[1]].strip(), box_of(boxes), tuple(letters), confidence)]


def _box_between(word: Word, first: int, last: int) -> PixelBox:
    """A word's box from one of its glyphs to another."""
    x0, y0, x1, y1 = word.box
    if first:
        x0 = (word.glyphs[first - 1].x + word.glyphs[first].x) / 2
    if last + 1 < len(word.glyphs):
        x1 = (word.glyphs[last].x + word.glyphs[last + 1].x) / 2
    return x0, y0, x1, y1
