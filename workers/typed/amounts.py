"""Numbers as they are printed: signs, thousands, decimal marks; a mark that may be either is both.

Libraries for prices guess: one reads `1.234` as 1234 and `5 x 12.50` as 5, and drops the sign of `kr -2,50`. Here a
number is read by all the rules that it fits, and whoever asks decides among the readings, or does not.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.records import TypedValue
from workers.typed.hints import NO_HINTS, Hints

MOST_DIGITS = 24  # of one number; longer ones are no quantities, and decimals of 28 would be rounded
_SCALES = frozenset(
    word
    for words in (
        "k m hundred thousand million millions billion billions mn mln mld bn lakh crore tsd tausend mio mrd millionen",
        "milliarde milliarden mille milliers millón millon millones mil milliard milliards mila milione milioni",
        "miliardo miliardi duizend miljoen miljard",
    )
    for word in words.split()
)
_OTHER = {".": ",", ",": "."}  # the decimal mark beside a mark of thousands
_FIGURE = re.compile(r"[.,]?\d+(?:(?:[.,']| (?=\d{3}(?!\d)))\d+)*")
_NO_CENTS = re.compile(r"[.,]\s?-{1,2}(?=\s|[^\W\d]|$)")  # 12,- and 1'204.-: nothing behind the mark
_WHOLE, _INDIAN = re.compile(r"[1-9]\d{0,2}(?:M\d{3})+"), re.compile(r"[1-9]\d?(?:M\d{2})*M\d{3}")


@dataclass(frozen=True, slots=True)
class Reading:
    """A number that a text may mean, and the decimal mark of whoever means it so; None: it shows none."""

    number: Decimal
    decimal: str | None


@dataclass(frozen=True, slots=True)
class Figure:
    """The one number of a text, without its sign, and what is printed around it."""

    readings: tuple[Reading, ...]  # thousands before decimals, where a mark may be either
    before: str
    after: str

    def under(self, hints: Hints) -> tuple[Reading, ...]:
        """The readings that the document's decimal mark leaves, where it has one that fits."""
        fitting = tuple(r for r in self.readings if r.decimal == hints.decimal)
        return fitting if len(self.readings) > 1 and fitting else self.readings


def find_figure(text: str) -> Figure | None:
    """The number of a plain text; None where there is none, or more than one, or marks stand where none can."""
    found = _FIGURE.search(text)
    if not found:
        return None
    readings = _readings(found[0])
    before, after = text[: found.start()], text[found.end() :]
    if any(c.isdecimal() for c in after) or after.lstrip()[:1].isnumeric() or before[-1:].isnumeric() or _scaled(after):
        return None
    if found[0][0] in ".,":
        if before.endswith("-") and found[0][0] == ".":
            return None  # 50 cents to the Swiss, below nought to others
        before = before.rstrip("-")  # -,50: no euros, 50 cents
    if cents := _NO_CENTS.match(after):
        after = after[cents.end() :]
    return Figure(readings, before, after) if readings else None


def _scaled(after: str) -> bool:
    """Whether a word behind the figures makes more of them: `12,5 Mio. €`."""
    word = re.match(r"\s*([^\W\d_]+)", after)
    return bool(word and word[1].casefold() in _SCALES)


def sign_of(before: str, after: str) -> tuple[int, str, str]:
    """1 or -1 by what is printed around a number, and both texts without it: `-`, `(...)`, or a minus behind."""
    if before.lstrip().startswith("(") and after.rstrip().endswith(")"):
        return -1, before.replace("(", " ", 1), after.rstrip()[:-1]
    if before.rstrip()[-1:] in {"-", "+"} or before.lstrip()[:1] in {"-", "+"}:
        bare = before.strip(" -+")
        return -1 if "-" in before.removeprefix(bare) else 1, bare, after
    if after.strip()[:1] == "-" or after.strip()[-1:] == "-":
        return -1, before, after.strip(" -")
    return 1, before, after


def read_number(text: str, hints: Hints) -> TypedValue:
    """A number, with or without a unit behind it: `12,5 kg`, `19 %`. The percent stays as printed."""
    readings = _signed(text, hints)
    if not readings:
        return TypedValue(None, "not-a-number")
    values = tuple(_plain(number) for number in readings)
    return TypedValue(values[0]) if len(values) == 1 else TypedValue(None, "ambiguous-number", values)


def read_integer(text: str) -> TypedValue:
    """A whole number: `1.234` is one under this kind, whatever the marks of the document."""
    readings = _signed(text, NO_HINTS)
    whole = [int(number) for number in readings if number == number.to_integral_value()]
    if whole:
        return TypedValue(whole[0])
    return TypedValue(None, "not-an-integer" if readings else "not-a-number")


def _signed(text: str, hints: Hints) -> list[Decimal]:
    figure = find_figure(text)
    if not figure or _is_code(figure):
        return []
    sign, before, _ = sign_of(figure.before, figure.after)
    if before.strip(" #:=~") and not before.rstrip().endswith((":", "=", ".")):
        return []
    return [sign * reading.number for reading in figure.under(hints)]


def _is_code(figure: Figure) -> bool:
    """Whether the figures are a part of something that is no quantity: `A12`, `12-B`, `#12/a`."""
    return figure.before[-1:].isalpha() or bool(re.match(r"[-/.,:][^\W\d]", figure.after))


def _plain(number: Decimal) -> Any:
    return int(number) if number == number.to_integral_value() else float(number)


def _readings(figure: str) -> tuple[Reading, ...]:
    if sum(map(str.isdecimal, figure)) > MOST_DIGITS:
        return ()
    marks = [c for c in figure if not c.isdecimal()]
    if not marks:
        return (Reading(Decimal(figure), None),)
    found = []
    if len(set(marks)) == 1 and _grouped(figure, marks[0]):
        found.append(Reading(Decimal(figure.replace(marks[0], "")), _OTHER.get(marks[0])))
    last = marks[-1]
    if last in _OTHER and marks.count(last) == 1:
        whole, _, fraction = figure.rpartition(last)
        if len(marks) == 1 or (len(set(marks[:-1])) == 1 and _grouped(whole, marks[0])):
            digits = "".join(filter(str.isdecimal, whole))
            found.append(Reading(Decimal(f"{digits or 0}.{fraction}"), last))
    return tuple(found)


def _grouped(whole: str, mark: str) -> bool:
    """Whether `mark` parts thousands as people part them; in India all but the last group have two figures."""
    formed = whole.replace(mark, "M")
    return bool(_WHOLE.fullmatch(formed) or (mark == "," and _INDIAN.fullmatch(formed)))
