"""What a literal of a filter means under the kind of the field that it is compared with."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import isfinite

from core.records import FieldKind
from storage.record_values import fold
from storage.subjects import Part, Subject, did_you_mean, near

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TRUTHS = {"true": 1.0, "yes": 1.0, "1": 1.0, "false": 0.0, "no": 0.0, "0": 0.0}
_INSTANT = timedelta(microseconds=1)
_SHOWN = 40  # characters of a faulty literal


@dataclass(frozen=True, slots=True)
class Operand:
    """A literal as the column of its field's kind holds values.

    A moment is a span from `value` until, and without, `until`: a day is as long as it is.
    """

    value: float | str | datetime
    currency: str | None = None
    until: datetime | None = None


class BadLiteral(ValueError):
    """The literal is none of the field's kind; the text says what would be one."""


def literal_of(text: str, unit: str | None, subject: Subject) -> Operand:
    """The literal as a value to compare with. Raises BadLiteral."""
    if unit is not None and subject.kind is not FieldKind.MONEY:
        raise BadLiteral(f"{subject.name} has no currency; put a text with blanks in quotes.")
    if subject.part is Part.UPDATED_AT:
        return _moment(text)
    if subject.part is Part.DOCUMENT:
        return Operand(text)
    return _VALUES.get(subject.kind, _words)(text, unit, subject)


def fragment_of(text: str, subject: Subject) -> Operand:
    """A part of a text to look for. Raises BadLiteral where every text has it."""
    if subject.part is Part.DOCUMENT and text:
        return Operand(text)
    if subject.part is not Part.VALUE:
        raise BadLiteral(f"{subject.name} is no text to look into; compare it with = < or >.")
    return Operand(_text(text, subject))


def _words(text: str, _unit: str | None, subject: Subject) -> Operand:
    return Operand(_text(text, subject))


def _text(text: str, subject: Subject) -> str:
    folded = fold(text, subject.kind)
    if not folded:
        raise BadLiteral(f"An empty text says nothing about {subject.name}; is it `is absent` that you mean?")
    return folded


def _number(text: str, unit: str | None, subject: Subject) -> Operand:
    number = float(text) if _NUMBER.fullmatch(text) else None
    if number is None or not isfinite(number):
        raise BadLiteral(
            f"{_short(text)} is no number, as {subject.name} is; write 1204.50 without signs of thousands."
        )
    return Operand(number, unit)


def _truth(text: str, _unit: str | None, subject: Subject) -> Operand:
    truth = _TRUTHS.get(text.casefold())
    if truth is None:
        raise BadLiteral(f"{subject.name} is true or false, not {_short(text)}.")
    return Operand(truth)


def _choice(text: str, _unit: str | None, subject: Subject) -> Operand:
    folded = fold(text)
    known = {fold(choice): choice for choice in subject.choices}
    if known and folded not in known:
        closest = near(text, subject.choices)
        raise BadLiteral(f"{subject.name} is never {_short(text)}" + did_you_mean(closest))
    return Operand(folded)


def _day(text: str, _unit: str | None, subject: Subject) -> Operand:
    try:
        return Operand(date.fromisoformat(text if _DAY.fullmatch(text) else "").isoformat())
    except ValueError:
        raise BadLiteral(f"{_short(text)} is no date, as {subject.name} is; write 2024-01-31.") from None


def _moment(text: str) -> Operand:
    try:
        if _DAY.fullmatch(text):
            start = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
            return Operand(start, until=start + timedelta(days=1))
        given = datetime.fromisoformat(text)
        start = given.replace(tzinfo=UTC) if given.tzinfo is None else given.astimezone(UTC)
        return Operand(start, until=start + _INSTANT)
    except (ValueError, OverflowError):
        raise BadLiteral(f"{_short(text)} is no moment; write 2024-01-31 or 2024-01-31T12:00:00Z.") from None


_VALUES: Mapping[FieldKind, Callable[[str, str | None, Subject], Operand]] = {
    FieldKind.BOOLEAN: _truth,
    FieldKind.NUMBER: _number,
    FieldKind.INTEGER: _number,
    FieldKind.MONEY: _number,
    FieldKind.DATE: _day,
    FieldKind.CHOICE: _choice,
}


def _short(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "...")
