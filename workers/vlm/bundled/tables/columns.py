"""The columns of a table: where they part, what stands in them, and which of them are wanted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from workers.vlm.bundled.tables.sheet import Strip, Token, pieces_of, text_in
from workers.vlm.figures import FIGURES, Look, is_currency, look_of

MOST_GAP = 1.2  # in line heights: a wider gap parts columns no better
CROSSED = -1.2  # what a place inside a word counts
HEADS = 0.5  # of the strips: so much do the heads count


@dataclass(frozen=True, slots=True)
class Span:
    """A column: tokens whose middle lies in it are its cells."""

    x0: float
    x1: float
    title: str  # as printed; empty where the table has no header

    def holds(self, token: Token) -> bool:
        """Whether a token stands in it."""
        return self.x0 <= token.centre < self.x1


Cells = dict[int, tuple[Token, ...]]  # by the column's place


def parted(edges: Sequence[tuple[float, float, str]], strips: Sequence[Strip]) -> list[Span]:
    """Columns from the edges and titles of their heads: they part where the strips are emptiest between two heads."""
    cuts = [float("-inf")]
    for (a0, a1, _), (b0, b1, _) in pairwise(edges):
        low, high = max((a0 + a1) / 2, cuts[-1]), (b0 + b1) / 2
        cuts.append(_emptiest(low, high, strips, (a1, b0)))
    cuts.append(float("inf"))
    return [Span(x0, x1, title) for (x0, x1), (_, _, title) in zip(pairwise(cuts), edges, strict=True)]


def unjoined(spans: Sequence[Span], heads: Sequence[Token], strips: Sequence[Strip]) -> list[Span]:
    """Columns of which none holds two amounts side by side: such a one is two, the title of one of them missing."""
    found: list[Span] = []
    for span in spans:
        cut = _cut_of(span, strips)
        if cut is None:
            found.append(span)
            continue
        mine = [token for token in heads if span.holds(token)]
        left, right = (text_in(t for t in mine if (t.centre < cut) is first) for first in (True, False))
        parts = [Span(span.x0, cut, left), Span(cut, span.x1, right)]
        found += unjoined(parts, heads, strips)
    return found


def _cut_of(span: Span, strips: Sequence[Strip]) -> float | None:
    """Where the amounts that stand side by side in most strips of a column part; None where they do not."""
    amounts = [some for s in strips if (some := _amounts_in([t for t in s.tokens if span.holds(t)]))]
    pairs = [(some[-2][-1].x1, some[-1][0].x0) for some in amounts if len(some) > 1]
    if not pairs or 2 * len(pairs) <= len(amounts):
        return None
    low, high = max(left for left, _ in pairs), min(right for _, right in pairs)
    return (low + high) / 2 if low < high else median((left + right) / 2 for left, right in pairs)


def _amounts_in(tokens: Sequence[Token]) -> list[tuple[Token, ...]]:
    """The amounts among the tokens of a cell, also where no more than a space parts them."""
    found: list[tuple[Token, ...]] = []
    for piece in pieces_of(tokens):
        cuts = range(1, len(piece)) if look_of(text_in(piece)) not in FIGURES else ()
        both = ((piece[:cut], piece[cut:]) for cut in cuts)
        two = next((pair for pair in both if all(look_of(text_in(part)) is Look.MONEY for part in pair)), None)
        found += two or ((piece,) if look_of(text_in(piece)) is Look.MONEY else ())
    return found


def cells_of(tokens: Sequence[Token], spans: Sequence[Span], looks: Sequence[Look] = ()) -> Cells:
    """A strip's tokens by column. A currency at the end of a cell goes with the figures right of it."""
    cells: dict[int, list[Token]] = {}
    for token in tokens:
        index = next((i for i, span in enumerate(spans) if span.holds(token)), len(spans) - 1)
        cells.setdefault(index, []).append(token)
    for index, look in enumerate(looks):
        mine, right = cells.get(index, []), cells.get(index + 1, [])
        if len(mine) > 1 and is_currency(mine[-1].text) and _is_bare(right) and _is_foreign(mine, look):
            cells[index + 1] = [mine.pop(), *right]
    return {index: tuple(some) for index, some in sorted(cells.items())}


def _is_bare(tokens: Sequence[Token]) -> bool:
    """Whether it is an amount without a currency."""
    return bool(tokens) and look_of(text_in(tokens)) in FIGURES and not any(is_currency(t.text) for t in tokens)


def _is_foreign(tokens: Sequence[Token], look: Look) -> bool:
    """Whether a currency at the end of a cell is none of its own: behind words, or behind a count."""
    return look not in FIGURES or look_of(text_in(tokens[:-1])) is Look.INTEGER


def look_of_column(texts: Sequence[str]) -> Look:
    """What most of a column's cells look like: amounts, counts and numbers together are money or numbers."""
    looks = Counter(look_of(text) for text in texts)
    looks.pop(Look.NOTHING, None)
    if not looks:
        return Look.NOTHING
    figures = sum(count for look, count in looks.items() if look in FIGURES)
    if 2 * figures >= looks.total():
        of = {look: count for look, count in looks.items() if look in FIGURES}
        return max(of, key=lambda look: (of[look], look is Look.MONEY))
    return looks.most_common(1)[0][0]


def _emptiest(low: float, high: float, strips: Sequence[Strip], heads: tuple[float, float]) -> float:
    """The place between two heads through which most of the white runs; the middle of the widest such place."""
    edges = {x for s in strips for t in s.tokens for x in (t.x0, t.x1) if low < x < high}
    stops = sorted(edges | {low, high} | {x for x in heads if low < x < high})
    height = median(strip.height for strip in strips) if strips else 1.0
    between = min(MOST_GAP, (heads[1] - heads[0]) / height)
    weight = 1 + HEADS * len(strips)
    best: tuple[float, float, float] | None = None
    run: tuple[float, float, float] | None = None  # the score of places side by side, and their ends
    for x0, x1 in pairwise(stops):
        if x1 - x0 < 1e-6:  # noqa: PLR2004 - nothing between
            continue
        x = (x0 + x1) / 2
        score = sum(_white(strip, x) for strip in strips) + weight * (between if heads[0] < x < heads[1] else CROSSED)
        run = (score, run[1], x1) if run and abs(run[0] - score) < 1e-6 else (score, x0, x1)  # noqa: PLR2004 - the same
        if best is None or _rank(run) > _rank(best):
            best = run
    if best is None:
        return min(max((heads[0] + heads[1]) / 2, low), high)
    return (best[1] + best[2]) / 2


def _rank(place: tuple[float, float, float]) -> tuple[float, float]:
    return round(place[0], 6), place[2] - place[1]


def _white(strip: Strip, x: float) -> float:
    """How wide a strip's gap is at a place, in line heights and up to a limit; less than nothing inside a word."""
    left, right = float("-inf"), float("inf")
    for token in strip.tokens:
        if token.x1 <= x:
            left = max(left, token.x1)
        elif token.x0 >= x:
            right = min(right, token.x0)
        else:
            return CROSSED
    return min(MOST_GAP, (right - left) / strip.height)


def texts_of(lines: Sequence[Cells], index: int) -> list[str]:
    """What stands in a column, line by line."""
    return [text_in(cells[index]) for cells in lines if index in cells]
