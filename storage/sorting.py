"""The order of records: by their typed values, nothing last, and cursors that name a place in it."""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeAlias

from sqlalchemy import Boolean, ColumnElement, and_, literal, or_

from core.errors import InvalidColumn, InvalidCursor
from core.records import FieldKind
from storage.record_values import NUMBERS
from storage.subjects import Part, Subject, confidence_of, did_you_mean, find_subject, names_of, near
from storage.wanted import Wanted

MOST_KEYS = 4
_LONGEST_CURSOR = 8_000  # characters
_ID = 32
_CONFIDENCE = "confidence("

KeyValue: TypeAlias = str | float | bool | None  # of JSON: what a cursor says of a column


@dataclass(frozen=True, slots=True)
class SortKey:
    """A column that records are ordered by. Records without it come last, up and down."""

    subject: Subject
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """The last record that was given out: its columns of the order, and its id."""

    values: tuple[KeyValue, ...]
    record_id: str


def parse_sort(text: str | None, wanted: Wanted) -> tuple[SortKey, ...]:
    """`total,-invoice_date`: the first column counts most, a minus turns it around. Raises InvalidColumn."""
    names = [part.strip() for part in (text or "").split(",") if part.strip()]
    if len(names) > MOST_KEYS:
        raise InvalidColumn(f"Records are sorted by at most {MOST_KEYS} columns.")
    return tuple(_key(name, wanted) for name in names)


def encode_place(keys: Sequence[SortKey], place: Place) -> str:
    """The opaque cursor of this place."""
    said = json.dumps([_mark(keys), *place.values, place.record_id], separators=(",", ":"))
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def decode_place(keys: Sequence[SortKey], cursor: str) -> Place:
    """The place that a cursor of the same order names. Raises InvalidCursor."""
    try:
        if len(cursor) > _LONGEST_CURSOR:
            _break()
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        said = json.loads(text, parse_constant=_refuse)
    except (binascii.Error, ValueError, RecursionError):
        _break()
    if not isinstance(said, list) or len(said) != len(keys) + 2:
        _break()
    mark, *values, record_id = said
    if mark != _mark(keys):
        raise InvalidCursor("The cursor belongs to another order; start again without it, or keep `sort` as it was.")
    if not _is_id(record_id) or not all(_fits(value, key) for value, key in zip(values, keys, strict=True)):
        _break()
    return Place(tuple(values), record_id)


def kept(value: Any) -> KeyValue:
    """A column's value as a cursor keeps it."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def behind(keys: Sequence[SortKey], columns: Sequence[Any], record_id: Any, place: Place) -> ColumnElement[bool]:
    """What comes after this place, where nothing comes last and ids break ties in the direction of the first key."""
    ways: list[ColumnElement[bool]] = []
    same: list[ColumnElement[bool]] = []
    for key, column, value in zip(keys, columns, place.values, strict=True):
        given = _compared(key, value)
        if value is None:
            same.append(column.is_(None))
            continue
        further = column < given if key.descending else column > given
        ways.append(and_(*same, or_(further, column.is_(None))))
        same.append(column == given)
    last = record_id < place.record_id if downwards(keys) else record_id > place.record_id
    return or_(*ways, and_(*same, last))


def ordered(keys: Sequence[SortKey], columns: Sequence[Any], record_id: Any) -> list[Any]:
    """What a statement orders by, so that `behind` is true of what follows."""
    by: list[Any] = []
    for key, column in zip(keys, columns, strict=True):
        by += [column.is_(None), column.desc() if key.descending else column]
    return [*by, record_id.desc() if downwards(keys) else record_id]


def downwards(keys: Sequence[SortKey]) -> bool:
    """Whether ids count down."""
    return bool(keys) and keys[0].descending


def column_of(subject: Subject, value: Any) -> Any:
    """The column of a row of values that the subject is ordered by."""
    if subject.part is Part.CONFIDENCE:
        return value.confidence
    if subject.kind in NUMBERS:
        return value.number
    return value.date if subject.kind is FieldKind.DATE else value.folded


def _key(name: str, wanted: Wanted) -> SortKey:
    descending = name.startswith("-")
    plain = name.removeprefix("-").strip().strip("`")
    if plain.startswith(_CONFIDENCE) and plain.endswith(")"):
        subject = confidence_of(plain[len(_CONFIDENCE) : -1].strip().strip("`"), wanted)
    else:
        subject = find_subject(plain, wanted)
    if subject is None:
        names = near(plain, names_of(wanted))
        raise InvalidColumn(f"There is no {plain[:100]!r} to sort by" + did_you_mean(names), near=names)
    if subject.cell:
        raise InvalidColumn(f"{subject.name} has a value in every row of its table; records cannot be sorted by it.")
    return SortKey(subject, descending)


def _mark(keys: Sequence[SortKey]) -> str:
    """Tells cursors of one order from those of another."""
    said = ",".join(f"{'-' if key.descending else ''}{key.subject.part}:{key.subject.name}" for key in keys)
    return hashlib.sha256(said.encode()).hexdigest()[:8]


def _compared(key: SortKey, value: KeyValue) -> Any:
    """What a cursor says, as the column's type."""
    if key.subject.part is Part.UPDATED_AT and isinstance(value, str):
        return datetime.fromisoformat(value)
    return literal(value, Boolean) if isinstance(value, bool) else value


def _fits(value: object, key: SortKey) -> bool:
    """Whether a cursor's value can be one of the column: whoever makes one up gets no error of the database."""
    if value is None:
        return True
    if key.subject.part is Part.COMPLETE:
        return isinstance(value, bool)
    if key.subject.part is Part.CONFIDENCE or key.subject.kind in NUMBERS:
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2**1000
    if not isinstance(value, str) or "\0" in value or any("\ud800" <= c <= "\udfff" for c in value):
        return False
    return key.subject.part is not Part.UPDATED_AT or _is_moment(value)


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _is_id(text: object) -> bool:
    return isinstance(text, str) and len(text) == _ID and all(c in "0123456789abcdef" for c in text)


def _refuse(_word: str) -> NoReturn:
    raise ValueError


def _break() -> NoReturn:
    raise InvalidCursor("The cursor is broken; take next_cursor as it was given.")
