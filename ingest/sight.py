"""Which words of a text layer a reader of the page sees, told by how they are set and by the picture itself.

A layer may say more than the page shows: words that are not drawn, white on white, too small, covered or clipped away.
They say nothing of the page. One kind is kept apart: words that are not drawn, over something that is seen, as programs
put them under a scan. Another program read them there, so a page may be found by them; nobody has seen that they stand
there.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from PIL import Image, ImageChops

from ingest.words import PlacedWord, RawWord, place_words

Color: TypeAlias = tuple[int, int, int]

SMALLEST = 2.0  # points: nobody reads smaller type, and no model does at the resolutions of pages
FAINT = 24  # of 255: colours that differ less in every channel are the same to the eye
MOST_LIKE = 0.7  # of a word's box may have its colour; bold capitals fill half of theirs
FARTHEST = 192  # of 255: no stroke of seen type is so thin that all of the box is farther from its colour
ROW_LIKE = 0.5  # of one row of pixels through it may have it; more is looked at in the whole box
_LIGHT = 128  # of 255: paper may be as light, so that a row with some print in it tells nothing of text in this colour
_UNLIKE = [bytes(v for v in range(256) if abs(v - of) >= FAINT) for of in range(256)]  # by the value of a channel
_ROWS = (0.6, 0.5, 0.7)  # where letters stand in their box: from the top, of its height


class Sight(Enum):
    """How a word is seen."""

    SEEN = 1
    UNDER = 2  # not drawn, over something that is
    UNSEEN = 3


@dataclass(frozen=True, slots=True)
class Setting:
    """How a text is set; of one in several ways, by its worst part."""

    size: float  # points
    colors: tuple[Color | None, ...]  # None where that is not known
    drawn: bool = True


SetWord: TypeAlias = tuple[RawWord, Setting]


class Canvas:
    """A page's picture in mode RGB, asked by places in points."""

    def __init__(self, image: Image.Image, samples: bytes, zoom: float) -> None:
        """`samples` are the bytes of the image, `zoom` its pixels a point."""
        self._image, self._samples, self._zoom = image, samples, zoom
        self._width, self._height = image.size

    def shows(self, word: RawWord, color: Color | None) -> bool:
        """Whether something is to be seen where a word stands, and if its colour is known, whether that stands out."""
        _, x0, y0, x1, y1 = word
        zoom = self._zoom
        try:
            left, top = max(0, int(x0 * zoom)), max(0, int(y0 * zoom))
            right, bottom = min(self._width, math.ceil(x1 * zoom)), min(self._height, math.ceil(y1 * zoom))
        except (ValueError, OverflowError):  # no numbers
            return False
        if left >= right or top >= bottom:
            return False
        for down in _ROWS:
            if self._is_plain(left, right, top + int(down * (bottom - top)), color):
                return True
        return _stands_out(self._image.crop((left, top, right, bottom)), color)

    def _is_plain(self, left: int, right: int, row: int, color: Color | None) -> bool:
        """Whether a row of pixels tells by itself that text is to be seen, as nearly every row of dark print does."""
        channel = 1 if color is None else color.index(min(color))  # where ink is farthest from paper
        start = 3 * (row * self._width + left) + channel
        values = self._samples[start : start + 3 * (right - left) : 3]
        if color is None:
            return max(values) - min(values) >= FAINT
        like = len(values.translate(None, _UNLIKE[color[channel]]))
        return 0 < like <= ROW_LIKE * len(values) and color[channel] < _LIGHT


def sight_of(word: RawWord, setting: Setting, canvas: Canvas) -> Sight:
    """How a word is seen; one of which a part is not is not seen as that word."""
    if setting.size < SMALLEST:
        return Sight.UNSEEN
    if not setting.drawn:
        return Sight.UNDER if canvas.shows(word, None) else Sight.UNSEEN
    for color in setting.colors:
        if not canvas.shows(word, color):
            return Sight.UNSEEN
    return Sight.SEEN


def part_words(
    words: Iterable[SetWord], canvas: Canvas, width: float, height: float
) -> tuple[tuple[PlacedWord, ...], tuple[PlacedWord, ...]]:
    """The words that are seen, in page space, and those under a scan: none of these unless they are most of the two."""
    parted: dict[Sight, list[RawWord]] = {sight: [] for sight in Sight}
    for word, setting in words:
        parted[sight_of(word, setting, canvas)].append(word)
    seen = place_words(parted[Sight.SEEN], width, height)
    under = place_words(parted[Sight.UNDER], width, height)
    return seen, under if len(under) > len(seen) else ()


def settings_of(words: Sequence[str], pieces: Sequence[tuple[str, Setting]]) -> list[Setting]:
    """How each word of a line is set, by the pieces that make the line up; by all of them where it is not found."""
    whole = _joined([setting for _, setting in pieces])
    if len({setting for _, setting in pieces}) <= 1:
        return [whole] * len(words)
    text = "".join(piece for piece, _ in pieces)
    found, after = [], 0
    for word in words:
        at = text.find(word, after)
        after = after if at < 0 else at + len(word)
        found.append(whole if at < 0 else _joined(_between(pieces, at, after)))
    return found


def _between(pieces: Sequence[tuple[str, Setting]], start: int, end: int) -> list[Setting]:
    """How the letters from one place of a line to another are set."""
    some, at = [], 0
    for piece, setting in pieces:
        if at < end and at + len(piece) > start:
            some.append(setting)
        at += len(piece)
    return some


def _joined(some: Sequence[Setting]) -> Setting:
    if not some:
        return Setting(math.inf, (None,))
    if len(some) == 1:
        return some[0]
    colors = tuple(dict.fromkeys(color for setting in some for color in setting.colors))
    return Setting(min(setting.size for setting in some), colors, all(setting.drawn for setting in some))


def _stands_out(part: Image.Image, color: Color | None) -> bool:
    """Whether pixels differ, and some but not most are like the colour."""
    if all(high - low < FAINT for low, high in _extremes(part)):
        return False
    if color is None:
        return True
    red, green, blue = ImageChops.difference(part, Image.new("RGB", part.size, color)).split()
    away = ImageChops.lighter(ImageChops.lighter(red, green), blue).histogram()
    return sum(away[:FARTHEST]) > 0 and sum(away[:FAINT]) <= MOST_LIKE * part.width * part.height


def _extremes(part: Image.Image) -> Iterator[tuple[int, int]]:
    """The least and the most of each channel."""
    for side in part.getextrema():
        low, high = side if isinstance(side, tuple) else (0, 0)
        yield int(low), int(high)
