"""The header of a table: the strip, or the few strips, whose pieces are titles of columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from core.records import FieldKind
from workers.vlm.bundled.tables.sheet import Strip, Token, pieces_of, text_in
from workers.vlm.figures import Look, look_of
from workers.vlm.interface import Column
from workers.vlm.titles import (
    ALIKE,
    Means,
    alike,
    fold,
    is_exact,
    meanings,
    names_currency,
    side_of,
    strictly,
)

MOST_STRIPS = 3  # of a header
CLOSE = 1.7  # in line heights: strips of one header stand no farther apart
LONGEST_PIECE = 8  # tokens of a piece in which titles may stand side by side
KNOWN, OTHER, STRANGE, FIGURE, MORE = 1.0, 0.6, -0.3, -1.5, -0.15  # what makes a header likely
LEAST = 1.5
APART = 0.4  # in line heights: how far titles stand apart that might be one
_NO_TITLES = frozenset({Look.MONEY, Look.INTEGER, Look.NUMBER, Look.DATE})
_OF_KIND = {FieldKind.DATE: (Means.DATE,), FieldKind.MONEY: (Means.AMOUNT,), FieldKind.INTEGER: (Means.QUANTITY,)}


@dataclass(frozen=True, slots=True)
class Target:
    """A column that is wanted, the texts that would name it, and what it may mean in a table."""

    column: Column
    names: tuple[str, ...]  # folded
    means: tuple[Means, ...]

    def is_named(self, title: str) -> bool:
        """Whether a title says its name."""
        folded = fold(title)
        return any(alike(folded, name) >= ALIKE for name in self.names)


@dataclass(frozen=True, slots=True)
class Head:
    """A cell of a header."""

    tokens: tuple[Token, ...]
    text: str

    @property
    def x0(self) -> float:
        """Its left edge."""
        return min(token.x0 for token in self.tokens)

    @property
    def x1(self) -> float:
        """Its right edge."""
        return max(token.x1 for token in self.tokens)

    @property
    def centre(self) -> float:
        """Half way along."""
        return (self.x0 + self.x1) / 2


@dataclass(frozen=True, slots=True)
class Header:
    """Strips `first` to `last` of a page as titles, left to right."""

    first: int
    last: int
    heads: tuple[Head, ...]
    score: float


def target_of(column: Column) -> Target:
    """What would name a wanted column: its title, its key, and what these usually mean."""
    names = tuple(dict.fromkeys(filter(None, (fold(column.title), fold(column.key.replace("_", " "))))))
    said = (column.title, column.key.replace("_", " "), *_words_of(column.description))
    means = next((found for text in said if (found := meanings(text))), ()) or _OF_KIND.get(column.kind, ())
    return Target(column, names, (*means, Means.VALUE_DATE) if means[:1] == (Means.DATE,) else means)


def headers_of(strips: Sequence[Strip], targets: Sequence[Target]) -> list[Header]:
    """Bands of strips that may be the header of a table with these columns, the likeliest first."""
    found = []
    for first in range(len(strips)):
        for last in range(first, min(first + MOST_STRIPS, len(strips))):
            if last > first and _gap(strips[last - 1], strips[last]) > CLOSE:
                break
            heads = _heads(strips[first : last + 1], targets)
            score = _score(heads, targets) + MORE * (last - first)
            if score >= (LEAST if len(targets) > 1 else KNOWN):
                found.append(Header(first, last, heads, score))
    return sorted(found, key=lambda header: -header.score)


def is_again(header: Header, strip: Strip) -> bool:
    """Whether a strip repeats a header, or a line of it."""
    titles = {fold(head.text) for head in header.heads} | {fold(t.text) for h in header.heads for t in h.tokens}
    pieces = [fold(text_in(piece)) for piece in pieces_of(strip.tokens)]
    known = [any(alike(piece, title) >= ALIKE for title in titles) for piece in pieces if piece]
    return len(known) > 1 and sum(known) >= 0.7 * len(known)


def _words_of(description: str | None) -> tuple[str, ...]:
    return tuple((description or "").split(".")[0].split(","))[:1]


def _gap(above: Strip, below: Strip) -> float:
    return (below.middle - above.middle) / max(1e-6, min(above.height, below.height))


def _heads(strips: Sequence[Strip], targets: Sequence[Target]) -> tuple[Head, ...]:
    """Titles of one strip, or of several one below the other."""
    cells: list[list[tuple[Token, ...]]] = []
    for strip in strips:
        taken: set[int] = set()
        for piece in (p for whole in pieces_of(strip.tokens) for p in _titles_in(whole, targets)):
            index = _under(cells, piece)
            if index is None or index in taken:
                cells.append([piece])
                taken.add(len(cells) - 1)
            else:
                cells[index].append(piece)
                taken.add(index)
    heads = [Head(tuple(t for piece in cell for t in piece), " ".join(map(text_in, cell))) for cell in cells]
    return tuple(sorted(heads, key=lambda head: head.centre))


def _under(cells: Sequence[Sequence[tuple[Token, ...]]], piece: tuple[Token, ...]) -> int | None:
    """The cell above a piece: the one that it stands under most."""
    best, most = None, 0.0
    for index, cell in enumerate(cells):
        x0, x1 = min(p[0].x0 for p in cell), max(p[-1].x1 for p in cell)
        shared = min(x1, piece[-1].x1) - max(x0, piece[0].x0)
        if shared > most:
            best, most = index, shared
    return best


def _titles_in(piece: tuple[Token, ...], targets: Sequence[Target]) -> list[tuple[Token, ...]]:
    """A piece as it is, or as several titles where its gaps are narrow and it is none by itself."""
    whole = text_in(piece)
    if len(piece) == 1 or len(piece) > LONGEST_PIECE or is_exact(whole) or any(t.is_named(whole) for t in targets):
        return [piece]
    ways = [way for way in _ways(piece, targets) if len(way) > 1 and _are_others(way)]
    ways = [way for way in ways if not any(text_in(part)[:1] in "/&-" or text_in(part)[-1:] in "/&-" for part in way)]
    if side_of(whole) is not None:
        return [piece]
    if meanings(whole):  # with its currency or its tax said beside it, or with another title a little away
        ways = [way for way in ways if all(is_exact(text_in(part)) for part in way) and _gap_in(way) > APART]
    return min(ways, key=lambda way: (len(way), -_gap_in(way)), default=[piece])


def _are_others(way: Sequence[tuple[Token, ...]]) -> bool:
    """Whether no two neighbours mean the same: `Quantity delivered` is one title."""
    return not any(meanings(text_in(a)) == meanings(text_in(b)) for a, b in pairwise(way))


def _gap_in(way: Sequence[tuple[Token, ...]]) -> float:
    """The narrowest gap between titles, in line heights."""
    return min((b[0].x0 - a[-1].x1) / b[0].height for a, b in pairwise(way))


def _ways(piece: tuple[Token, ...], targets: Sequence[Target]) -> list[list[tuple[Token, ...]]]:
    """All ways to part a piece into titles."""
    ways: list[list[tuple[Token, ...]]] = [[piece]] if _is_title(text_in(piece), targets) else []
    for cut in range(1, len(piece)):
        if _is_title(text_in(piece[:cut]), targets):
            ways += [[piece[:cut], *rest] for rest in _ways(piece[cut:], targets)]
    return ways


def _is_title(text: str, targets: Sequence[Target]) -> bool:
    return bool(meanings(text)) or any(target.is_named(text) for target in targets)


def _score(heads: Sequence[Head], targets: Sequence[Target]) -> float:
    """How likely these are the titles: those that are wanted count most, each once; figures are none."""
    wanted: set[int] = set()
    score = 0.0
    for head in heads:
        if ":" in head.text or any(look_of(token.text) in _NO_TITLES for token in head.tokens):
            score += FIGURE
            continue
        if names_currency(head.text):  # it stands in other lines as well
            score += OTHER
            continue
        means = meanings(head.text)
        mine = {n for n, t in enumerate(targets) if t.is_named(head.text) or _meets(means, t)} - wanted
        if mine:
            wanted.add(min(mine))
            score += KNOWN if strictly(head.text) or any(t.is_named(head.text) for t in targets) else OTHER
        elif means:
            score += OTHER
        else:
            score += _strangeness(head.text)
    return score if wanted else 0.0


@lru_cache(maxsize=4096)
def _strangeness(text: str) -> float:
    look = look_of(text)
    if look is Look.CURRENCY:
        return OTHER
    return STRANGE if look is Look.TEXT and len(text.split()) <= 4 else FIGURE  # noqa: PLR2004 - a title is short


def _meets(means: Sequence[Means], target: Target) -> bool:
    """Whether a title's meaning is one that is wanted; the two sides of an account make an amount."""
    if set(means) & set(target.means):
        return True
    return Means.AMOUNT in target.means and bool({Means.DEBIT, Means.CREDIT} & set(means))
