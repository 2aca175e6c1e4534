"""Amounts and sums that may have been misread."""

from collections.abc import Sequence

from workers.vlm.bundled.tables.sheet import Strip, Token, text_in
from workers.vlm.figures import FIGURES, Look, look_of
from workers.vlm.titles import has_total, is_payment, sum_of


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
