"""A page's words set straight: tokens without a space inside, and the strips of them that stand at one height."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from workers.vlm.bundled.reading import slope_of
from workers.vlm.bundled.words import Word, text_of

SAME_HEIGHT = 0.5  # in heights of the lower of two: how far middles of one strip stand apart
RULES = frozenset("|¦_")  # what a drawn line is read as
JOINED = 0.55  # in line heights: a wider gap parts the cells of a strip
WIDE = 1.4  # in widths of a character: no narrower one does, for some faces have wide spaces


@dataclass(frozen=True, slots=True)
class Token:
    """Words with no space between them, where they stand once the page is straightened."""

    text: str
    x0: float
    x1: float
    middle: float
    height: float
    words: tuple[Word, ...]

    @property
    def centre(self) -> float:
        """Half way along."""
        return (self.x0 + self.x1) / 2


@dataclass(frozen=True, slots=True)
class Strip:
    """Tokens at one height, left to right."""

    tokens: tuple[Token, ...]

    @property
    def middle(self) -> float:
        """Where it stands."""
        return sum(token.middle for token in self.tokens) / len(self.tokens)

    @property
    def height(self) -> float:
        """Of its line, by its tallest tokens' usual."""
        heights = sorted(token.height for token in self.tokens)
        return heights[len(heights) // 2]

    @property
    def text(self) -> str:
        """All it says."""
        return text_in(self.tokens)


def text_in(tokens: Iterable[Token]) -> str:
    """Tokens with a space between."""
    return " ".join(token.text for token in tokens)


def strips_of(words: Sequence[Word], alphabet: str) -> list[Strip]:
    """The page's strips, top to bottom."""
    turn = math.atan(slope_of(words))
    tokens = sorted(_tokens(words, alphabet, turn), key=lambda t: t.middle)
    rows: list[list[Token]] = []
    for token in tokens:
        near = [row for row in rows[-3:] if _is_level(row, token)]
        if near:
            min(near, key=lambda row: abs(_nearest(row, token).middle - token.middle)).append(token)
        else:
            rows.append([token])
    strips = [Strip(tuple(sorted(row, key=lambda t: t.x0))) for row in rows]
    return sorted(strips, key=lambda strip: strip.middle)


def pieces_of(tokens: Sequence[Token]) -> list[tuple[Token, ...]]:
    """Tokens of a strip parted at gaps that are wider than a space."""
    groups: list[list[Token]] = [[tokens[0]]] if tokens else []
    for before, token in pairwise(tokens):
        if is_parted(before, token):
            groups.append([token])
        else:
            groups[-1].append(token)
    return [tuple(group) for group in groups]


def is_parted(before: Token, token: Token) -> bool:
    """Whether the gap between two neighbours is wider than a space."""
    pitch = (before.x1 - before.x0 + token.x1 - token.x0) / max(1, len(before.text) + len(token.text))
    return token.x0 - before.x1 > max(JOINED * min(before.height, token.height), WIDE * pitch)


def _is_level(row: Sequence[Token], token: Token) -> bool:
    """Whether a token stands at a row's height, by the part of the row that is nearest to it."""
    near = _nearest(row, token)
    apart = abs(near.middle - token.middle) <= SAME_HEIGHT * min(near.height, token.height)
    return apart and all(min(t.x1, token.x1) - max(t.x0, token.x0) < 0.5 * token.height for t in row)


def _nearest(row: Sequence[Token], token: Token) -> Token:
    return min(row, key=lambda t: max(t.x0 - token.x1, token.x0 - t.x1))


def _tokens(words: Sequence[Word], alphabet: str, turn: float) -> list[Token]:
    groups: list[list[Word]] = []
    for word in words:
        if text_of([word], alphabet) in RULES:
            continue
        clings = groups and not word.spaced and groups[-1][-1].segment == word.segment
        if clings:
            groups[-1].append(word)
        else:
            groups.append([word])
    return [_token(group, alphabet, turn) for group in groups]


def _token(group: Sequence[Word], alphabet: str, turn: float) -> Token:
    """Turned back by the angle at which the page's lines fall."""
    sine, cosine = math.sin(turn), math.cos(turn)
    x0, top, _, bottom = group[0].box
    x1, y = group[-1].box[2], (top + bottom) / 2
    last = (group[-1].box[1] + group[-1].box[3]) / 2
    middle = (cosine * (y + last) - sine * (x0 + x1)) / 2
    left, right = cosine * x0 + sine * y, cosine * x1 + sine * last
    return Token(text_of(group, alphabet), left, right, middle, bottom - top, tuple(group))
