"""A page's words put together again: the lines that they stand in, in reading order, and passages of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from workers.vlm.bundled.words import Word, text_of

PARTING = 1.0  # in line heights: a wider gap parts columns
SAME_ROW = 0.5  # in heights of the lower of two: how far middles of one row stand apart
LEAST_SLOPED = 6.0  # in line heights: shorter runs tell no slope

PixelBox = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Passage:
    """Words in a row as they were read: a line, or a place that was found. The box is in pixels of the page."""

    text: str
    box: PixelBox
    probabilities: tuple[float, ...]  # of its characters
    confidence: float  # that all of it is right


@dataclass(frozen=True, slots=True)
class _Run:
    """Words of one segment without a wide gap, and where their middle stands once the page is straightened."""

    words: tuple[Word, ...]
    x0: float
    x1: float
    middle: float
    height: float


def lines_of(words: Sequence[Word]) -> list[list[Word]]:
    """Words of a page as lines: rows from top to bottom, and in a row from left to right.

    Pieces on one baseline are one line unless a wide gap parts them, so the cells of a table come one by one.
    """
    slope = slope_of(words)
    lines: list[list[Word]] = []
    for row in _rows(sorted(_runs(words, slope), key=lambda r: r.middle)):
        line: list[Word] = []
        edge, height = 0.0, 0.0
        for run in sorted(row, key=lambda r: r.x0):
            if line and run.x0 - edge > PARTING * max(height, run.height):
                lines.append(line)
                line, edge = [], run.x1
            line.extend(run.words)
            edge, height = max(edge, run.x1), run.height
        lines.append(line)
    return lines


def within(words: Sequence[Word], region: PixelBox) -> list[Word]:
    """The words whose middle stands in a region."""
    x0, y0, x1, y1 = region
    middles = [((w.box[0] + w.box[2]) / 2, (w.box[1] + w.box[3]) / 2) for w in words]
    return [w for w, (x, y) in zip(words, middles, strict=True) if x0 <= x <= x1 and y0 <= y <= y1]


def passage_of(words: Sequence[Word], alphabet: str) -> Passage:
    """Words of one line as text with its box; confident as far as all characters are."""
    letters = tuple(g.probabilities[0] for w in words for g in w.glyphs)
    return Passage(text_of(words, alphabet), box_of([w.box for w in words]), letters, float(np.prod(letters)))


def box_of(boxes: Sequence[PixelBox]) -> PixelBox:
    """The least box round others."""
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def slope_of(words: Sequence[Word]) -> float:
    """How much the page's lines fall from left to right: the usual slope of its long segments, longer ones first."""
    ends: dict[int, tuple[PixelBox, PixelBox]] = {}
    for word in words:
        ends[word.segment] = (ends.get(word.segment, (word.box, word.box))[0], word.box)
    slopes, lengths = [], []
    for first, last in ends.values():
        length = last[0] - first[0]
        if length > LEAST_SLOPED * (first[3] - first[1]):
            slopes.append((last[1] + last[3] - first[1] - first[3]) / (2 * length))
            lengths.append(length)
    if not slopes:
        return 0.0
    order = np.argsort(slopes)
    passed = np.cumsum(np.array(lengths)[order])
    return float(slopes[order[int(np.searchsorted(passed, passed[-1] / 2))]])


def _runs(words: Sequence[Word], slope: float) -> list[_Run]:
    """Words of each segment, parted at wide gaps."""
    groups: list[list[Word]] = [list(words[:1])] if words else []
    for before, word in pairwise(words):
        height = word.box[3] - word.box[1]
        if word.segment == before.segment and word.box[0] - before.box[2] <= PARTING * height:
            groups[-1].append(word)
        else:
            groups.append([word])
    return [_run(group, slope) for group in groups]


def _run(group: Sequence[Word], slope: float) -> _Run:
    x0, y0, x1, y1 = group[0].box
    middle = (y0 + y1) / 2 - slope * (x0 + x1) / 2
    return _Run(tuple(group), x0, group[-1].box[2], middle, y1 - y0)


def _rows(runs: Sequence[_Run]) -> list[list[_Run]]:
    """Runs from top to bottom as rows: those whose middles stand at one height."""
    rows: list[list[_Run]] = []
    for run in runs:
        reach = SAME_ROW * min(run.height, rows[-1][0].height) if rows else 0.0
        if rows and run.middle - rows[-1][0].middle <= reach:
            rows[-1].append(run)
        else:
            rows.append([run])
    return rows
