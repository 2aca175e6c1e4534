"""A page's lines as what they look like: their words folded, how large they are set, and how far down they stand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workers.vlm.bundled.reading import PixelBox, box_of, lines_of, passage_of
from workers.vlm.bundled.words import Word
from workers.vlm.titles import fold

LONGEST_PHRASE = 5  # words
LARGE = 1.15  # in usual heights: set larger than most of the page


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """A line."""

    text: str
    words: tuple[str, ...]  # folded
    box: PixelBox
    confidence: float
    size: float  # its height, in usual heights of the page's lines
    place: float  # 0 at the top of what is printed to 1 at its end

    @property
    def large(self) -> bool:
        """Whether it is set larger than most."""
        return self.size >= LARGE

    def phrases(self) -> Iterator[str]:
        """Its words in a row, one to five of them at a time."""
        for start in range(len(self.words)):
            for end in range(start + 1, min(start + LONGEST_PHRASE, len(self.words)) + 1):
                yield " ".join(self.words[start:end])


def lines_on(words: Sequence[Word], alphabet: str) -> list[PrintedLine]:
    """The lines of a page, top to bottom."""
    rows = [row for row in lines_of(words) if row]
    passages = [passage_of(row, alphabet) for row in rows]
    heights = [_height(row) for row in rows]
    usual = _usual(heights, [len(passage.text) for passage in passages])
    area = box_of([passage.box for passage in passages]) if passages else (0.0, 0.0, 1.0, 1.0)
    tall = max(1.0, area[3] - area[1])
    return [
        PrintedLine(
            passage.text,
            tuple(fold(passage.text).split()),
            passage.box,
            passage.confidence,
            height / usual,
            (passage.box[1] - area[1]) / tall,
        )
        for passage, height in zip(passages, heights, strict=True)
    ]


def usual_height(lines: Sequence[PrintedLine]) -> float:
    """The usual height of a page's lines, in pixels."""
    heights = sorted((line.box[3] - line.box[1]) / line.size for line in lines)
    return heights[len(heights) // 2]


def _height(row: Sequence[Word]) -> float:
    heights = sorted(word.box[3] - word.box[1] for word in row)
    return heights[len(heights) // 2]


def _usual(heights: Sequence[float], lengths: Sequence[int]) -> float:
    """The height that half of the page's characters are set in, or less."""
    passed, half = 0, sum(lengths) / 2
    for height, length in sorted(zip(heights, lengths, strict=True)):
        passed += length
        if passed >= half:
            return max(height, 1.0)
    return 1.0
