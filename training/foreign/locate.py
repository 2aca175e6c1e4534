"""Where a value stands in a PDF's text layer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pymupdf

Rect = tuple[float, float, float, float]
JOINTS = ".,-/:"  # between digits they make one number, date or time of them
LIGATURE = 0.01  # points
ASCENT, DESCENT = 0.78, 0.22  # of the type's size, the same for every font: fonts differ in what they claim


@dataclass(frozen=True, slots=True)
class Place:
    """A page and a box in fractions of the page, origin top left."""

    page: int
    box: Rect


@dataclass(frozen=True, slots=True)
class _Glyph:
    sign: str
    x0: float
    x1: float
    baseline: float
    size: float


@dataclass(frozen=True, slots=True)
class Layer:
    """A page's characters by their baseline, each line from left to right, white space left out; and its size."""

    lines: list[list[_Glyph]]
    width: float
    height: float

    @property
    def text(self) -> str:
        """The lines, words parted where there is a gap: what a person would read."""
        return "\n".join(_spaced(line) for line in self.lines)


def layers_of(document: pymupdf.Document) -> list[Layer]:
    """The text of every page."""
    pages = [document[number] for number in range(len(document))]
    return [Layer(_lines(page), page.rect.width, page.rect.height) for page in pages]


def _lines(page: pymupdf.Page) -> list[list[_Glyph]]:
    glyphs = sorted(_glyphs(page), key=lambda g: g.baseline)
    lines: list[list[_Glyph]] = []
    for glyph in glyphs:
        if lines and glyph.baseline - lines[-1][-1].baseline < 0.6:
            lines[-1].append(glyph)
        else:
            lines.append([glyph])
    return [sorted(line, key=lambda g: g.x0) for line in lines]


def _glyphs(page: pymupdf.Page) -> Iterator[_Glyph]:
    content: dict[str, Any] = page.get_text("rawdict", flags=0)
    lines = (line for block in content["blocks"] for line in block.get("lines", ()))
    for span in (span for line in lines for span in line["spans"]):
        last = None
        for char in span["chars"]:
            x0, _, x1, _ = char["bbox"]
            if last and x1 - x0 < LIGATURE:  # its later letters stand without width at its end
                x0, x1 = last.x0 + LIGATURE, last.x1
            last = _Glyph(char["c"], x0, x1, char["origin"][1], span["size"])
            if not last.sign.isspace():
                yield last


def _spaced(line: list[_Glyph]) -> str:
    out = line[0].sign
    for left, right in pairwise(line):
        out += (" " if _apart(left, right) else "") + right.sign
    return out


def _apart(left: _Glyph, right: _Glyph) -> bool:
    return right.x0 - left.x1 > 0.12 * left.size


def places_of(value: str, layers: Sequence[Layer]) -> list[Place]:
    """Every place where the value stands by itself on one line, from the top of the first page on."""
    wanted = "".join(value.split())
    found = []
    for number, layer in enumerate(layers):
        spans = [span for line in layer.lines for span in _spans(line, wanted)]
        found += [Place(number, _box(span, layer)) for span in spans]
    return found


def _spans(line: list[_Glyph], wanted: str) -> Iterator[list[_Glyph]]:
    """The stretches of a line that are the wanted signs by themselves."""
    for start in _starts("".join(g.sign for g in line), wanted):
        span = line[start : start + len(wanted)]
        if _alone(line, start, start + len(wanted)) and _tight(span):
            yield span


def _starts(text: str, wanted: str) -> Iterator[int]:
    start = text.find(wanted)
    while start >= 0:
        yield start
        start = text.find(wanted, start + 1)


def _alone(line: list[_Glyph], start: int, stop: int) -> bool:
    """Whether no letter, digit or sign of a number touches either end."""
    before = start and not _apart(line[start - 1], line[start]) and _joins(line[start - 1].sign, line[start].sign)
    after = stop < len(line) and not _apart(line[stop - 1], line[stop]) and line[stop].sign.isalnum()
    if stop + 1 < len(line) and line[stop].sign in JOINTS and not _apart(line[stop], line[stop + 1]):
        after = after or (line[stop + 1].sign.isalnum() and not _apart(line[stop - 1], line[stop]))
    return not before and not after


def _joins(left: str, right: str) -> bool:
    return left.isalnum() or (left in JOINTS and right.isalnum())


def _tight(glyphs: list[_Glyph]) -> bool:
    """Whether no gap inside is wider than a few spaces: what spans two columns is no value."""
    return all(right.x0 - left.x1 < 1.6 * left.size for left, right in pairwise(glyphs))


def _box(glyphs: list[_Glyph], page: Layer) -> Rect:
    top = min(g.baseline - ASCENT * g.size for g in glyphs)
    bottom = max(g.baseline + DESCENT * g.size for g in glyphs)
    edges = (glyphs[0].x0 / page.width, top / page.height, glyphs[-1].x1 / page.width, bottom / page.height)
    x0, y0, x1, y1 = (round(e, 5) for e in edges)
    return (x0, y0, x1, y1)
