"""What the text of a cell looks like: an amount, a date, a count, a code or words; a misread character is forgiven."""

import re
from enum import StrEnum

from workers.vlm.titles import CODES, SIGNS, fold

MONTHS = [
    "jan",
    "feb",
    "fev",
    "mar",
    "mrt",
    "mrz",
    "maerz",
    "apr",
    "avr",
    "abr",
    "mai",
    "may",
    "mei",
    "mag",
    "jun",
    "juin",
    "giu",
    "jul",
    "juil",
    "lug",
    "aug",
    "aou",
    "ago",
    "sep",
    "set",
    "oct",
    "okt",
    "ott",
    "out",
    "nov",
    "dec",
    "dez",
    "dic",
    "ene",
    "gen",
]
_DATE = re.compile(r"\W*\d{1,4}[./\-\s]{1,2}\d{1,2}(?:[./\-\s]{1,2}(?:\d{4}|\d{2}))?[.,]?\W*")
_NUMBER = re.compile(  # its thousands in threes, or in the Indian way
    r"[-+−–(]?\s?(?:\d{1,3}(?:[.,'’\s]\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}|\d+)(?:[.,]\d{1,4}|[.,][-–—]+)?\s?[-+−)]?"  # noqa: RUF001 - signs as they are printed
)
_DECIMALS = re.compile(r"\d[.,]\d\d(?!\d)|\d[.,][-–—]")
_FLAG = re.compile(r"(?:\*+|[A-Z]\d?|[A-Z]\)|[SHDC]R?)")


class Look(StrEnum):
    """What a text looks like."""

    DATE = "date"
    MONEY = "money"  # with decimals or a currency
    INTEGER = "integer"
    NUMBER = "number"
    PERCENT = "percent"
    CURRENCY = "currency"
    CODE = "code"
    TEXT = "text"
    NOTHING = "nothing"


FIGURES = frozenset({Look.MONEY, Look.INTEGER, Look.NUMBER, Look.PERCENT})


def look_of(text: str) -> Look:  # noqa: PLR0911 - one for each look
    """The look of a cell's text."""
    bare = text.strip(" :;|")
    if not any(c.isalnum() for c in bare) and not any(c in SIGNS for c in bare):
        return Look.NOTHING
    if is_currency(bare):
        return Look.CURRENCY
    if is_date(bare):
        return Look.DATE
    first, _, last = bare.rpartition(" ")
    if is_flag(last) and _is_number(without_currency(first)) and _DECIMALS.search(first):
        return Look.MONEY
    number = without_currency(bare)
    if number.endswith("%") and _is_number(number[:-1].strip()):
        return Look.PERCENT
    if _is_number(number):
        if _DECIMALS.search(number) or number != bare:
            return Look.MONEY
        return Look.INTEGER if number.strip("-+ ").isdigit() else Look.NUMBER
    digits = sum(c.isdigit() for c in bare)
    return Look.CODE if digits and " " not in bare and any(c.isalpha() for c in bare) else Look.TEXT


def is_figure(text: str) -> bool:
    """Whether it is an amount, a count or a share."""
    return look_of(text) in FIGURES


def is_currency(text: str) -> bool:
    """Whether it is a currency's sign or code and nothing else."""
    bare = text.strip(" .")
    return bool(bare) and (all(c in SIGNS for c in bare) or bare.casefold() in CODES)


def is_date(text: str) -> bool:
    """Whether it is a date: of figures, or with a month's name."""
    if _DATE.fullmatch(text):
        return _is_likely_date(text)
    words = fold(text).split()
    if not 2 <= len(words) <= 4:  # noqa: PLR2004 - day, month, year, perhaps a weekday or an article
        return False
    named = any(word[:3] in MONTHS or word[:4] in MONTHS for word in words if word.isalpha())
    return named and any(word[0].isdigit() for word in words) and sum(word.isalpha() for word in words) <= 2  # noqa: PLR2004 - few, as its words say


def without_currency(text: str) -> str:
    """An amount without the currency at its ends."""
    bare = text.strip()
    for sign in SIGNS:
        bare = bare.replace(sign, " ")
    words = bare.split()
    while words and is_currency(words[0]):
        words = words[1:]
    while words and is_currency(words[-1]):
        words = words[:-1]
    joined = " ".join(words)
    for code in ("EUR", "USD", "GBP", "CHF"):
        joined = joined.removeprefix(code).removesuffix(code).strip()
    return joined


def is_flag(text: str) -> bool:
    """Whether it is a letter or a star behind an amount: a class of tax, or a remark."""
    return _FLAG.fullmatch(text) is not None


def _is_number(text: str) -> bool:
    """Whether all of it is one number, one character in six misread."""
    if _NUMBER.fullmatch(text):
        return True
    digits = sum(c.isdigit() for c in text)
    letters = sum(c.isalpha() for c in text)
    return digits >= 3 and 0 < letters <= digits // 4 and " " not in text and _DECIMALS.search(text) is not None  # noqa: PLR2004 - few, as its words say


def _is_likely_date(text: str) -> bool:
    """Whether groups of figures can be day, month and year; `12.50` and `1 204` cannot be meant."""
    groups = re.findall(r"\d+", text)
    parts = re.findall(r"[./\-\s]+", text.strip(" .,"))
    lengths = [len(group) for group in groups]
    if len(groups) == 2:  # noqa: PLR2004 - day and month
        low, high = sorted(map(int, groups))
        marked = text.strip().endswith(".") or "/" in text or ("-" in text and not text.startswith("-"))
        return max(lengths) <= 2 and 1 <= low <= 12 and high <= 31 and marked  # noqa: PLR2004 - of figures, months, days
    if len({part.strip() for part in parts}) > 1:
        return False
    return max(lengths) == 4 or (max(lengths) == 2 and bool(parts[0].strip()))  # noqa: PLR2004 - a year in four, or in two
