"""Numbers that carry check digits: bank accounts and VAT numbers."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from core.records import TypedValue
from workers.typed.hints import Hints

_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{4,30}")
_SHORTEST_IBAN, _LONGEST_IBAN = 15, 34  # characters: Norway's, and what ISO 13616 allows
_VAT = re.compile(r"(?:CHE|[A-Z]{2})[A-Z0-9]{0,3}\d[A-Z0-9]{4,13}")
_VAT_ALONE = re.compile(r"[A-Z0-9]{7,15}")
_REGISTER = re.compile(r"(?:MWST|TVA|IVA|TPV|MVA|VAT)$")  # behind Swiss and Norwegian numbers
_MARKS = re.compile(r"[\s.,/_'\"()-]+")
_SPOKEN = {"de": ("DE", "AT"), "fr": ("FR", "BE", "LU"), "es": ("ES",), "it": ("IT",), "nl": ("NL", "BE")}
FEWEST_FIGURES = 6  # of an account or a taxpayer, in any country
MOST_PARTS = 16  # blocks of figures and words around them


def read_iban(text: str) -> TypedValue:
    """An account number in one piece; with wrong check digits too, but with the problem `bad-checksum`."""
    starts = [tokens for tokens in _tails(text) if _IBAN.match("".join(tokens)[:_SHORTEST_IBAN])]
    for tokens in starts:
        for end in range(len(tokens), 0, -1):
            number = "".join(tokens[:end])
            if _SHORTEST_IBAN <= len(number) <= _LONGEST_IBAN and _is_iban(number):
                return TypedValue(number)
    wrong = ["".join(tokens) for tokens in starts]
    wrong = [number for number in wrong if _IBAN.fullmatch(number) and _figures(number) >= FEWEST_FIGURES]
    return TypedValue(wrong[0], "bad-checksum") if wrong else TypedValue(None, "not-an-iban")


def read_vat(text: str, hints: Hints) -> TypedValue:
    """A VAT number in one piece, its country in front: its own, or that of the document's other numbers."""
    candidates = ["".join(tokens) for tokens in _tails(text)]
    candidates = [bare for number in candidates if (bare := _REGISTER.sub("", number))]
    for number in candidates:
        if _VAT.fullmatch(number) and (right := _checked(number)):
            return TypedValue(right)
    named = [number for number in candidates if _VAT.fullmatch(number) and _country(number)]
    if named:
        return TypedValue(named[-1], _fault(named[-1]))
    alone = [number for number in candidates if _VAT_ALONE.fullmatch(number) and _figures(number) >= FEWEST_FIGURES]
    if not alone:
        return TypedValue(None, "not-a-vat-number")
    theirs = {_checked(_prefix(country) + number) for number in alone for country in _likely(hints)} - {None}
    if len(theirs) == 1:
        return TypedValue(theirs.pop())
    whole = [number for number in alone if number[0].isdecimal() or number[1].isdecimal()]
    return TypedValue((whole or alone)[0], "no-country")


def country_of(code: str) -> str | None:
    """The country of a right account or VAT number."""
    country = code[:2]
    return {"EL": "GR", "XI": "GB"}.get(country, country) if country.isalpha() and country != "EU" else None


def _likely(hints: Hints) -> tuple[str, ...]:
    """Where a number without its country may be from; its check digits have the last word."""
    return hints.countries or _SPOKEN.get(hints.language or "", ())


def _prefix(country: str) -> str:
    return "EL" if country == "GR" else country


def _tails(text: str) -> Iterator[list[str]]:
    """The blocks of a text without marks, in capitals, from each block on: labels stand in front."""
    blocks = [part for part in _MARKS.split(text.upper().replace(":", " ")) if part]
    if len(blocks) <= MOST_PARTS:
        yield from (blocks[start:] for start in range(len(blocks)))


def _figures(number: str) -> int:
    return sum(map(str.isdecimal, number))


def _is_iban(number: str) -> bool:
    """By ISO 13616: the country's length and form, and 1 left of 97."""
    from stdnum import iban  # noqa: PLC0415 - costs a start 50 ms

    return iban.is_valid(number, check_country=False)


def _country(number: str) -> str | None:
    """The prefix of a VAT number, where such a country numbers its taxpayers."""
    prefix = number[:2]
    return prefix if prefix in {"CH", "GB", "EL"} or _scheme(prefix) else None


def _checked(number: str) -> str | None:
    """The number as it is written in one piece, if its check digits are right."""
    country = _country(number)
    if not country or _fault(number):
        return None
    right: str = _scheme(country).compact(number)
    return right if right.startswith(country) else country + right


def _fault(number: str) -> str | None:
    """`bad-checksum`, or `bad-form` where no number of its country looks so."""
    from stdnum.exceptions import InvalidChecksum, ValidationError  # noqa: PLC0415 - costs a start 50 ms

    try:
        _scheme(number[:2]).validate(number)
    except InvalidChecksum:
        return "bad-checksum"
    except ValidationError:
        return "bad-form"
    return None


@cache
def _scheme(country: str) -> Any:
    """The module that knows a country's numbers; None where there is none."""
    from stdnum.ch import uid  # noqa: PLC0415 - costs a start 50 ms
    from stdnum.eu import vat  # noqa: PLC0415 - as above
    from stdnum.util import get_cc_module  # noqa: PLC0415 - as above

    if country == "CH":
        return uid
    if country.lower() in {*vat.MEMBER_STATES, "el", "eu", "xi"}:
        return vat
    return get_cc_module(country, "vat")
