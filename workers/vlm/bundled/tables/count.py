"""How many rows a page shows, counted generously from where amounts stand: also those whose amount was misread."""

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from workers.vlm.bundled.tables.dated import date_in, dated, seen_dated
from workers.vlm.bundled.tables.garbled import is_garbled, is_telling_sum
from workers.vlm.bundled.tables.header import Target
from workers.vlm.bundled.tables.sheet import Strip, pieces_of, text_in
from workers.vlm.figures import FIGURES, Look, look_of
from workers.vlm.titles import Means

FLUSH = 1.0  # in line heights: how far right edges of amounts stand apart
NEXT = 1.5  # in usual distances: a row above the first one, or below the last one, stands no farther
NARROW = 34  # line heights: wider paper has no list of a single amount
LEAST_FLUSH = 2  # amounts at one edge that make a till's list
_DECIMALS = re.compile(r"\d ?[.,] ?\w\w(?!\w*\d{3})")


def seen_beside(strips: Sequence[Strip], rows: Sequence[Strip]) -> int:
    """Strips that are no rows but stand among them, right above or right below, and end as they do."""
    if not rows:
        return 0
    steps = [b.middle - a.middle for a, b in pairwise(rows)]
    usual = median(steps) if steps else 2 * rows[0].height
    edges, height = [row.tokens[-1].x1 for row in rows], median(row.height for row in rows)
    taken = {row.middle for row in rows}
    others = [s for s in strips if s.middle not in taken and _ends(s, edges, height)]
    between = [s for s in others if rows[0].middle < s.middle < rows[-1].middle and not is_telling_sum(s)]
    if all(date_in(row.tokens) for row in rows):
        others = [s for s in others if any(c.isdigit() for c in text_in(pieces_of(s.tokens)[0]))]
    above = _run([s for s in reversed(others) if s.middle < rows[0].middle], rows[0], NEXT * usual)
    below = _run([s for s in others if s.middle > rows[-1].middle], rows[-1], NEXT * usual)
    return len(between) + above + below


def _run(strips: Sequence[Strip], start: Strip, most: float) -> int:
    """How many strips follow each other at no more than a distance, up to a sum."""
    count, at = 0, start
    for strip in strips:
        if abs(strip.middle - at.middle) > most or is_telling_sum(strip) or ":" in strip.text:
            break
        count, at = count + 1, strip
    return count


def _ends(strip: Strip, edges: Sequence[float], height: float) -> bool:
    """Whether a strip has words, and ends in an amount at one of some edges."""
    pieces = pieces_of(strip.tokens)
    worded = any(c.isalpha() for piece in pieces[:-1] for c in text_in(piece))
    flush = any(abs(strip.tokens[-1].x1 - edge) <= FLUSH * height for edge in edges)
    return worded and len(pieces) > 1 and flush and any(is_garbled(piece) for piece in pieces[-2:][-len(pieces) + 1 :])


def seen_on_page(strips: Sequence[Strip], rows: Sequence[Strip], targets: Sequence[Target]) -> int:
    """How many rows a page has where dates and amounts are wanted: those that are read, and strips that look so."""
    if not {Means.DATE, Means.AMOUNT} <= {means for target in targets for means in target.means}:
        return len(rows)
    taken, found = {row.middle for row in rows}, {strip.middle for strip in dated(strips)}
    return len(taken | found) if taken & found else max(len(rows), seen_dated(strips))


def is_narrow(strips: Sequence[Strip]) -> bool:
    """Whether it is the paper of a till."""
    width = max(s.tokens[-1].x1 for s in strips) - min(s.tokens[0].x0 for s in strips)
    return width < NARROW * median(s.height for s in strips)


def seen_without_rows(strips: Sequence[Strip], targets: Sequence[Target]) -> int:
    """How many rows a page seems to have of which none could be read: a till's list, or dated amounts."""
    if not strips or not any(Means.AMOUNT in target.means for target in targets):
        return 0
    if any(Means.DATE in target.means for target in targets):
        return seen_dated(strips)
    return _seen_on_till(strips) if is_narrow(strips) else _seen_open(strips)


def _seen_on_till(strips: Sequence[Strip]) -> int:
    """How many strips of a till's list end in amounts."""
    ended: list[float] = []
    for strip in strips:
        if is_telling_sum(strip) and ended:
            break
        pieces = pieces_of(strip.tokens)
        tail = text_in(token for piece in pieces[1:] for token in piece)
        if len(pieces) > 1 and ":" not in strip.text and _DECIMALS.search(tail):
            ended.append(strip.tokens[-1].x1)
    reach = FLUSH * median(strip.height for strip in strips)
    flush = max((sum(abs(x - edge) <= reach for x in ended) for edge in ended), default=0)
    return len(ended) if flush >= LEAST_FLUSH else 0


def _seen_open(strips: Sequence[Strip]) -> int:
    """How many strips have words and two figures, the last one money, at one right edge; or one that multiplies."""
    found = [strip for strip in strips if _is_open(strip)]
    near = [[s for s in found if abs(s.tokens[-1].x1 - one.tokens[-1].x1) <= FLUSH * one.height] for one in found]
    best = max(near, key=len, default=[])
    return len(best) if len(best) > 1 else sum(_multiplies(strip) for strip in found)


def _is_open(strip: Strip) -> bool:
    pieces = pieces_of(strip.tokens)
    figures = [piece for piece in pieces[1:] if is_garbled(piece)]
    worded = any(look_of(text_in(piece)) is Look.TEXT for piece in pieces)
    money = look_of(text_in(pieces[-1])) is Look.MONEY
    return worded and money and len(figures) > 1 and ":" not in strip.text and not is_telling_sum(strip)


def _multiplies(strip: Strip) -> bool:
    """Whether two neighbouring figures make the last one."""
    cents = [_cents(text_in(piece)) for piece in pieces_of(strip.tokens) if look_of(text_in(piece)) in FIGURES]
    *factors, product = cents or [0]
    return product > 0 and any(a * b == 100 * product for a, b in pairwise(factors))


def _cents(text: str) -> int:
    """A printed number in hundredths."""
    digits = "".join(c for c in text if c.isdigit())
    return int(digits or 0) * (1 if _DECIMALS.search(text) else 100)
