"""Amounts as questions name them: `1,000 EUR`, `$50`, `5k`, `1.5 million euros`; what may be two numbers is none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from workers.plans.lexicon import NUMBERS
from workers.plans.reading import Token, stem_of
from workers.typed import NO_HINTS
from workers.typed.currencies import currency_in

_FIGURE = re.compile(
    r"(?P<before>[^\d\s.,+-]{0,3})(?P<sign>-?)(?P<figure>\d[\d.,']*)(?P<scale>k|m|mn|mio|bn)?(?P<after>[^\d\s]{0,3})",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"\d{1,15}(?:[.,]\d{1,2})?|\d{1,15}[.,]\d{4,6}")
_GROUPED = re.compile(
    r"\d{1,3}(?:,\d{3})+(?:\.\d{1,6})?|\d{1,3}(?:\.\d{3})+(?:,\d{1,6})?|\d{1,3}(?:'\d{3})+(?:\.\d{1,6})?"
)
_SCALES = {"k": 10**3, "thousand": 10**3, "tausend": 10**3, "m": 10**6, "mn": 10**6, "mio": 10**6, "million": 10**6}
_SCALES |= {"millions": 10**6, "millionen": 10**6, "bn": 10**9, "billion": 10**9, "milliarden": 10**9}


@dataclass(frozen=True, slots=True)
class Amount:
    """A number, its currency where one is named, and how many tokens name both."""

    number: str  # plain digits, as filters take it
    currency: str | None
    length: int


def amount_at(tokens: Sequence[Token], at: int, *, german: bool) -> Amount | None:
    """The amount that begins at this token. `german` decides what a single mark before three figures means."""
    before, skip = currency_at(tokens, at)
    at += skip
    if at >= len(tokens) or tokens[at].quoted:
        return None
    found = _FIGURE.fullmatch(tokens[at].text)
    if found is None:
        spelled = NUMBERS.get(tokens[at].word)
        return None if spelled is None or skip else _scaled(tokens, at, Decimal(spelled), (None, ""))
    number = _number(found["figure"], german=german)
    stuck = (found["before"] + " " + found["after"]).strip()
    named = _currency(stuck) if stuck else None
    if number is None or (stuck and named is None) or (before and named):
        return None
    signed = -number if found["sign"] else number
    amount = _scaled(tokens, at, signed, (before or named, found["scale"] or ""))
    return Amount(amount.number, amount.currency, amount.length + skip)


def currency_at(tokens: Sequence[Token], at: int) -> tuple[str | None, int]:
    """The currency that one word, or two, name from this token on, and how many they are."""
    some = tokens[at : at + 2]
    code = _NAMES.get(" ".join(stem_of(token.word) for token in some))
    if code is not None:
        return code, len(some)
    if not some or some[0].quoted or any(c.isdecimal() or c == "-" for c in some[0].text):  # non-EUR is in others
        return None, 0
    code = _currency(some[0].text)
    return (code, 1) if code else (None, 0)


def _scaled(tokens: Sequence[Token], at: int, number: Decimal, said: tuple[str | None, str]) -> Amount:
    """With the thousands, millions and the currency that stand behind it."""
    currency, scale = said
    length = 1
    if not scale and at + 1 < len(tokens) and tokens[at + 1].word in _SCALES:
        scale, length = tokens[at + 1].word, 2
    number *= _SCALES[scale.lower()] if scale else 1
    if currency is None:
        currency, more = currency_at(tokens, at + length)
        length += more
    return Amount(f"{number.normalize():f}", currency, length)


def _number(figure: str, *, german: bool) -> Decimal | None:
    """A number by the rules of English or German; None where a mark may part thousands or cents."""
    figure = figure.rstrip(".,'")
    if _PLAIN.fullmatch(figure):
        return Decimal(figure.replace(",", "."))
    if not _GROUPED.fullmatch(figure):
        return None
    mark = next(c for c in figure if not c.isdecimal())
    kinds = {c for c in figure if not c.isdecimal()}
    alone = len(kinds) == 1 and figure.count(mark) == 1
    if alone and mark == ("," if german else "."):
        return None  # 1.000 in an English question: a thousand to some, one to others
    other = {",": ".", ".": ",", "'": "."}[mark]
    return Decimal(figure.replace(mark, "").replace(other, "."))


def _currency(word: str) -> str | None:
    """The ISO 4217 code of a sign, a code or a name; None where it is anything else."""
    if word.isascii() and word.isalpha() and len(word) == len("EUR") and not word.isupper():
        if word.lower() not in _LOWER:
            return None  # all is a currency of Albania, and no word of a question
        word = word.upper()
    known = _NAMES.get(stem_of(word.casefold()))
    if known is not None:
        return known
    code, alone, _ = currency_in(word, NO_HINTS)
    signs = word.isupper() or not word.isalpha()  # names of currencies are common words in some language
    return code if signs and (alone or word in {"$", "£", "¥"}) else None


_LOWER = frozenset({"eur", "usd", "gbp", "chf", "jpy", "sek", "nok", "dkk", "pln", "czk"})
_NAMES = {
    "euro": "EUR", "dollar": "USD", "us dollar": "USD", "american dollar": "USD", "pound": "GBP",
    "british pound": "GBP", "pound sterling": "GBP", "pfund": "GBP", "swiss franc": "CHF",
    "schweizer franken": "CHF", "franken": "CHF",
    "yen": "JPY", "japanese yen": "JPY", "canadian dollar": "CAD", "australian dollar": "AUD", "zloty": "PLN",
    "danish krone": "DKK", "norwegian krone": "NOK", "swedish krona": "SEK",
}  # fmt: skip
