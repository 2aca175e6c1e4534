"""How many rows a page shows, counted generously from where amounts stand: also those whose amount was misread."""

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from workers.vlm.bundled.tables.figures import FIGURES, Look, look_of
from workers.vlm.bundled.tables.header import Target
from workers.vlm.bundled.tables.sheet import Strip, Token, pieces_of, text_in
from workers.vlm.bundled.tables.titles import Means, has_total, is_payment, sum_of

FLUSH = 1.0  # in line heights: how far right edges of amounts stand apart
NEXT = 1.5  # in usual distances: a row above the first one, or below the last one, stands no farther
NARROW = 34  # line heights: wider paper has no list of a single amount
LEAST_DATED = 3  # strips with a date and an amount that make a table
LEAST_FLUSH = 2  # amounts at one edge that make a till's list
_DECIMALS = re.compile(r"\d ?[.,] ?\w\w(?!\w*\d{3})")
_DATED = re.compile(r"\W*\w{1,4}[./-]\w{1,3}")


def is_garbled(tokens: Sequence[Token]) -> bool:
    """Whether it is an amount, or what is left of one that was misread: two figures, no date, no word."""
    text = text_in(tokens)
    look = look_of(text)
    if look in FIGURES:
        return True
    digits, letters = sum(c.isdigit() for c in text), sum(c.isalpha() for c in text)
    return look is not Look.DATE and digits > 1 and letters <= digits


def is_telling_sum(strip: Strip) -> bool:
    """Whether the words of a strip begin as those of a sum do, or are a label."""
    words = text_in(t for t in strip.tokens if not is_garbled([t]))
    phrase = sum_of(words)
    return (phrase is not None and not is_payment(phrase)) or has_total(words)  # what pays may name a thing as well


def seen_beside(strips: Sequence[Strip], rows: Sequence[Strip]) -> int:
    """Strips that are no rows but stand among them, right above or right below, and end as they do."""
    if not rows:
        return 0
    steps = [b.middle - a.middle for a, b in pairwise(rows)]
    usual = median(steps) if steps else 2 * rows[0].height
    edge, height = median(row.tokens[-1].x1 for row in rows), median(row.height for row in rows)
    taken = {row.middle for row in rows}
    others = [s for s in strips if s.middle not in taken and _ends(s, edge, height)]
    between = [s for s in others if rows[0].middle < s.middle < rows[-1].middle and not is_telling_sum(s)]
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


def _ends(strip: Strip, edge: float, height: float) -> bool:
    """Whether a strip has words, and ends in an amount at an edge."""
    pieces = pieces_of(strip.tokens)
    worded = any(c.isalpha() for c in text_in(pieces[0]))
    flush = abs(strip.tokens[-1].x1 - edge) <= FLUSH * height
    return worded and len(pieces) > 1 and flush and any(is_garbled(piece) for piece in pieces[-2:][-len(pieces) + 1 :])


def is_narrow(strips: Sequence[Strip]) -> bool:
    """Whether it is the paper of a till."""
    width = max(s.tokens[-1].x1 for s in strips) - min(s.tokens[0].x0 for s in strips)
    return width < NARROW * median(s.height for s in strips)


def seen_without_rows(strips: Sequence[Strip], targets: Sequence[Target]) -> int:
    """How many rows a page seems to have of which none could be read: a till's list, or dated amounts."""
    if not strips or not any(Means.AMOUNT in target.means for target in targets):
        return 0
    dated = [s for s in strips if _DATED.match(s.text) and ":" not in s.text and is_garbled(pieces_of(s.tokens)[-1])]
    dated = [s for s in dated if len(pieces_of(s.tokens)) > 1 and any(c.isdigit() for c in s.tokens[0].text)]
    if any(Means.DATE in target.means for target in targets):
        return len(dated) if len(dated) >= LEAST_DATED else 0
    if not is_narrow(strips):
        return 0
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
