"""Strips that begin with a date and end in an amount, as movements of an account do: also where both were misread."""

import re
from collections.abc import Sequence

from workers.vlm.bundled.tables.garbled import is_garbled, is_telling_sum
from workers.vlm.bundled.tables.sheet import Strip, Token, pieces_of, text_in
from workers.vlm.figures import MONTHS, Look, is_date, look_of

LONGEST, MOST_TOKENS = 30, 4  # of a date, in characters
FLUSH = 2.0  # in line heights: how far dates of one column begin apart
LEAST = 3  # strips that make a table although they were misread
_NUMERIC = re.compile(r"\W*\w{1,4}[./-]\w{1,3}(?:[./-]\w{0,5})?")
_LEAST_DIGITS = 2


def dated(strips: Sequence[Strip]) -> list[Strip]:
    """The strips of dates and amounts whose dates begin where most do; sums that tell their day are none."""
    found = [strip for strip in strips if _is_movement(strip)]
    best: list[Strip] = []
    for one in found:
        near = [s for s in found if abs(s.tokens[0].x0 - one.tokens[0].x0) <= FLUSH * one.height]
        best = max(best, near, key=len)
    return best


def seen_dated(strips: Sequence[Strip]) -> int:
    """How many movements a page of which none was read seems to have: few ones must be plain to see."""
    found = dated(strips)
    return len(found) if len(found) >= LEAST else sum(_is_plain(strip) for strip in found)


def date_in(tokens: Sequence[Token]) -> int:
    """How many tokens are the date with which these begin, maybe misread; 0 where there is none."""
    for count in range(1, min(MOST_TOKENS, len(tokens)) + 1):
        if len(text_in(tokens[:count])) <= LONGEST and is_date(text_in(tokens[:count])):
            return count
    if _NUMERIC.match(tokens[0].text) and sum(c.isdigit() for c in tokens[0].text) >= _LEAST_DIGITS:
        return 1
    for count in range(1, min(MOST_TOKENS, len(tokens)) + 1):
        if len(text_in(tokens[:count])) <= LONGEST and _is_garbled_date([token.text for token in tokens[:count]]):
            return count
    return 0


def _is_garbled_date(words: Sequence[str]) -> bool:
    """Whether a day begins these words, or a month and a day do."""
    digits = sum(c.isdigit() for word in words for c in word)
    days = [any(c.isdigit() for c in word) for word in words[:2]]
    return digits >= _LEAST_DIGITS and any(map(_is_month, words)) and (days[0] or (_is_month(words[0]) and days[-1]))


def _is_month(text: str) -> bool:
    """Whether a word begins as the name of a month, one character in three misread."""
    letters = "".join(c for c in text.casefold() if c.isalpha())[:3]
    return len(letters) > 2 and any(sum(a == b for a, b in zip(letters, m, strict=False)) > 1 for m in MONTHS)  # noqa: PLR2004 - of three


def _is_movement(strip: Strip) -> bool:
    date = date_in(strip.tokens)
    behind = strip.tokens[date:]
    worded = any(look_of(token.text) in {Look.TEXT, Look.CODE} for token in behind)
    if not date or not worded or any(token.text.endswith(":") for token in strip.tokens[:-1]):
        return False
    return _ends_in_amount(behind) and not is_telling_sum(Strip(behind))


def _ends_in_amount(tokens: Sequence[Token]) -> bool:
    if is_date(tokens[-1].text):  # a period
        return False
    pieces = pieces_of(tokens)
    alone = len(pieces) > 1 and any(is_garbled(piece) for piece in pieces[-2:])
    return alone or is_garbled(pieces[-1]) or look_of(tokens[-1].text) is Look.MONEY


def _is_plain(strip: Strip) -> bool:
    """Whether date, words and amount are there, all of them well read."""
    date = date_in(strip.tokens)
    words = any(look_of(token.text) is Look.TEXT for token in strip.tokens[date:])
    return (
        is_date(text_in(strip.tokens[:date])) and words and look_of(text_in(pieces_of(strip.tokens)[-1])) is Look.MONEY
    )
