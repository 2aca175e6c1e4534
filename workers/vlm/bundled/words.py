"""From the reader's frames to words with places: soft characters, boxes, and the marks that part them."""

import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from workers.vlm.bundled.finder import Segment
from workers.vlm.bundled.reader import FRAME, MARGIN

BLANK, SPACE = 0, 1  # ids of the reader: the alphabet begins with the space
SAME_LINE = 0.5  # in line heights: how far words of one line stand above or below each other
OPENING, CLOSING, SPLITTING = '(#:|_["“‘', '.,;:|_)!?]"”’', ":="


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character as read: its likely ids with probabilities, and its centre's place along the page, in pixels."""

    ids: tuple[int, ...]  # the likeliest first
    probabilities: tuple[float, ...]
    x: float


@dataclass(frozen=True, slots=True)
class Word:
    """What the answerer points at: glyphs in a row, their box in page pixels, and the segment they stand in."""

    glyphs: tuple[Glyph, ...]
    box: tuple[float, float, float, float]
    segment: int
    spaced: bool = field(default=True)  # whether a space stands before it


def glyphs_of(
    frames: NDArray[np.float32], segment: Segment, height: int, alternatives: int, lag: float = 0.0
) -> list[Glyph]:
    """Collapse one strip's log probabilities (frames, characters) to glyphs: CTC's greedy path.

    `lag` is how far behind a character's middle the reader says it, in heights of the line.
    """
    best = frames.argmax(1)
    step = segment.height / height * FRAME  # page pixels per frame
    left = segment.x0 - (MARGIN + lag) * segment.height
    starts = np.concatenate([[0], np.flatnonzero(np.diff(best)) + 1])  # of runs of frames that say the same
    stops = np.append(starts[1:], len(best))
    said = best[starts] != BLANK
    shares = np.exp(np.maximum.reduceat(frames, starts, axis=0)[said])  # (glyphs, characters)
    shares[:, BLANK] = 0.0
    top = np.argpartition(-shares, alternatives, axis=1)[:, :alternatives]
    top = np.take_along_axis(top, np.argsort(-np.take_along_axis(shares, top, 1), axis=1, kind="stable"), 1)
    rows = zip(top.tolist(), np.take_along_axis(shares, top, 1).tolist(), strict=True)
    places = left + (starts + stops)[said] / 2 * step
    return [Glyph(tuple(ids), tuple(likely), x) for (ids, likely), x in zip(rows, places.tolist(), strict=True)]


def words_of(glyphs: Sequence[Glyph], segment: Segment, number: int, alphabet: str) -> list[Word]:
    """Part a segment's glyphs at spaces, and marks from the words they cling to."""
    words: list[Word] = []
    for group in _parted(glyphs, lambda g: g.ids[0] == SPACE):
        text = "".join(alphabet[g.ids[0] - 1] for g in group)
        for position, (start, stop) in enumerate(split_marks(text)):
            words.append(_word(group[start:stop], segment, number, spaced=position == 0))
    return words


def _parted(glyphs: Sequence[Glyph], is_gap: Callable[[Glyph], bool]) -> list[list[Glyph]]:
    groups: list[list[Glyph]] = [[]]
    for glyph in glyphs:
        if is_gap(glyph):
            groups.append([])
        else:
            groups[-1].append(glyph)
    return [g for g in groups if g]


def split_marks(text: str) -> list[tuple[int, int]]:
    """Where a spaced word falls apart: opening marks, what they hold, closing marks; and after an inner colon."""
    start, stop = 0, len(text)
    pieces: list[tuple[int, int]] = []
    tail: list[tuple[int, int]] = []
    while start < stop - 1 and text[start] in OPENING:
        pieces.append((start, start + 1))
        start += 1
    while stop - 1 > start and text[stop - 1] in CLOSING:
        tail.append((stop - 1, stop))
        stop -= 1
    inner = start
    for index in range(start + 1, stop - 1):
        if text[index] in SPLITTING and text[index - 1] in string.ascii_letters + ".":
            pieces += [(inner, index), (index, index + 1)]
            inner = index + 1
    pieces.append((inner, stop))
    return pieces + tail[::-1]


def _word(glyphs: Sequence[Glyph], segment: Segment, number: int, *, spaced: bool) -> Word:
    """A word's box: half a letter round its outer glyphs, as tall as the line there."""
    reach = 0.25 * segment.height
    if len(glyphs) > 1:
        reach = min(reach, max(0.12 * segment.height, (glyphs[-1].x - glyphs[0].x) / (len(glyphs) - 1) / 2))
    x0, x1 = glyphs[0].x - reach, glyphs[-1].x + reach
    slope = (segment.y1 - segment.y0) / max(segment.x1 - segment.x0, 1.0)
    middle = segment.y0 + slope * ((x0 + x1) / 2 - segment.x0)
    return Word(tuple(glyphs), (x0, middle - segment.height / 2, x1, middle + segment.height / 2), number, spaced)


def text_of(words: Sequence[Word], alphabet: str) -> str:
    """The words as read, spaced as they stand on the page."""
    parts = []
    for index, word in enumerate(words):
        if index and word.spaced:
            parts.append(" ")
        parts += [alphabet[g.ids[0] - 1] for g in word.glyphs]
    return "".join(parts)


def between(words: Sequence[Word], first: int, last: int) -> list[int]:
    """Indices, left to right, of a line's words from one to another, though the line may be in several segments."""
    if words[first].segment == words[last].segment:
        return list(range(first, last + 1))
    a, b = words[first].box, words[last].box
    left, right = (a[0] + a[2]) / 2, (b[0] + b[2]) / 2
    reach = SAME_LINE * max(a[3] - a[1], b[3] - b[1])
    found = []
    for index, word in enumerate(words):
        x, y = (word.box[0] + word.box[2]) / 2, (word.box[1] + word.box[3]) / 2
        share = (x - left) / max(right - left, 1e-6)
        middle = (a[1] + a[3] + share * (b[1] + b[3] - a[1] - a[3])) / 2
        if 0 <= share <= 1 and abs(y - middle) < reach:
            found.append((x, index))
    return [index for _, index in sorted(found)]


def arrays_of(
    words: Sequence[Word], size: tuple[float, float], length: int, alternatives: int
) -> dict[str, NDArray[np.float32]]:
    """Words as the answerer takes them; `size` is the page's width and height in pixels.

    ids, probabilities: (words, length, alternatives); features: (words, 10); places: (words, 2), centre of the word in
    units of the page's usual line height.
    """
    count = len(words)
    ids = np.zeros((count, length, alternatives), np.float32)
    probabilities = np.zeros((count, length, alternatives), np.float32)
    for row, word in enumerate(words):
        for column, glyph in enumerate(word.glyphs[:length]):
            ids[row, column, : len(glyph.ids)] = glyph.ids
            probabilities[row, column, : len(glyph.ids)] = glyph.probabilities
    boxes = np.array([w.box for w in words], np.float32).reshape(count, 4)
    segments = np.array([w.segment for w in words])
    features, places = geometry_of(boxes, segments, size)
    features[:, 8] = [min(len(w.glyphs), 2 * length) / length for w in words]
    features[:, 9] = [np.mean([g.probabilities[0] for g in w.glyphs]) for w in words]
    return {"ids": ids, "probabilities": probabilities, "features": features, "places": places}


def geometry_of(
    boxes: NDArray[np.float32], segments: NDArray[np.int64], size: tuple[float, float]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Features (words, 10; the last two left 0 for the caller) and places (words, 2) of boxes in reading order."""
    count = len(boxes)
    heights = boxes[:, 3] - boxes[:, 1]
    unit = float(np.median(heights)) if count else 1.0
    same = segments[1:] == segments[:-1]
    gap = np.clip((boxes[1:, 0] - boxes[:-1, 2]) / unit, -1, 3)
    features = np.zeros((count, 10), np.float32)
    features[:, 0] = boxes[:, 0] / size[0]
    features[:, 1] = boxes[:, 2] / size[0]
    features[:, 2] = (boxes[:, 1] + boxes[:, 3]) / 2 / size[1]
    features[:, 3] = np.log(np.maximum(heights, 1e-3) / unit)
    features[1:, 4] = np.where(same, gap, 3) / 3
    features[:-1, 5] = np.where(same, gap, 3) / 3
    features[0, 6] = features[-1, 7] = 1.0
    features[1:, 6] = ~same
    features[:-1, 7] = ~same
    places = np.stack([(boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2], 1) / unit
    return features, places.astype(np.float32)
