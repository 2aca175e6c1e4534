"""The values of records as typed rows: what conditions, order, sums and the views of SQL tools read."""

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import delete, insert, select

from core.records import Decision, FieldKind, ValueState
from storage.database import Session
from storage.paging import in_parts
from storage.tables import Record, RecordValue

NO_ROW = -1  # of a value that is no cell
LONGEST_FOLDED = 200  # characters
NUMBERS = frozenset({FieldKind.NUMBER, FieldKind.INTEGER, FieldKind.MONEY, FieldKind.BOOLEAN})
CODES = frozenset({FieldKind.IBAN, FieldKind.VAT, FieldKind.PHONE})  # blanks and dashes in them mean nothing
_FOLDED_FROM = 2_000  # characters that are looked at
_MOST_MILLIONTHS = 2**63 - 1
_PART = 200  # rows of a statement: SQLite and PostgreSQL take only so many parameters


@dataclass(frozen=True, slots=True)
class RecordValueRow:
    """One value of a record under one field, by the columns of the table."""

    field: str  # its path; of a cell without its row: `line_items.amount`
    row: int  # of a cell, from 0 over all pages; NO_ROW: no cell
    kind: FieldKind
    state: ValueState
    raw: str | None
    text: str | None
    folded: str | None
    number: float | None
    millionths: int | None
    currency: str | None
    date: str | None
    problem: str | None
    confidence: float | None
    decision: Decision | None
    verified: bool | None
    corrected: bool
    page: int | None
    box: list[Any] | None
    patience: float | None  # minus the expected error times its weight; None of what needs no review


def row_of(field: str, row: int, kind: FieldKind, entry: Mapping[str, Any], weight: float = 1.0) -> RecordValueRow:
    """The row of an entry of `Record.values`, or of a cell of `Record.tables` under the field's path without its row.

    A missing key of the entry means None. A number that no double holds, as 10 to the 400th, is kept as raw text alone.
    What needs a review stands the further in front the more `weight` an error has, and the likelier one is.
    """
    found = entry.get("state") == ValueState.FOUND
    raw = entry.get("raw") if found else None
    raw = None if raw is None else _storable(raw)
    typed = entry.get("typed") if found else None
    amount, currency = _amount_of(typed, kind)
    text = _text_of(typed, kind)
    decision = entry.get("decision")
    return RecordValueRow(
        field=field,
        row=row,
        kind=kind,
        state=ValueState(entry["state"]),
        raw=raw,
        text=text,
        folded=_folded_of(raw, typed, text, kind),
        number=None if amount is None else float(amount),
        millionths=_millionths(amount),
        currency=currency,
        date=_date_of(typed) if kind is FieldKind.DATE else None,
        problem=entry.get("problem"),
        confidence=entry.get("confidence"),
        decision=None if decision is None else Decision(decision),
        verified=entry.get("verified"),
        corrected=bool(entry.get("corrected")),
        page=entry.get("page"),
        box=entry.get("box"),
        patience=_patience(entry, weight),
    )


def replace(session: Session, record: Record, rows: Sequence[RecordValueRow]) -> None:
    """Make `rows` the record's only ones, so that a second merge is harmless."""
    session.execute(delete(RecordValue).where(RecordValue.record_id == record.id))
    of = {
        "workspace_id": record.workspace_id,
        "record_id": record.id,
        "document_id": record.document_id,
        "schema_id": record.schema_id,
    }
    for part in in_parts(rows, _PART):
        session.execute(insert(RecordValue), [asdict(row) | of for row in part])


@dataclass(frozen=True, slots=True)
class Stated:
    """What a record has found under one of its fields."""

    document_id: str
    record_id: str
    field: str
    kind: FieldKind
    raw: str
    folded: str | None
    confidence: float | None
    corrected: bool
    row: int  # of a cell; NO_ROW: no cell


def stated_in(session: Session, document_ids: Collection[str], kinds: Collection[FieldKind]) -> list[Stated]:
    """What the records of these documents have found under fields of these kinds, and in cells of such columns."""
    row, found = RecordValue, list[Stated]()
    of = (row.document_id, row.record_id, row.field, row.kind)
    columns = select(*of, row.raw, row.folded, row.confidence, row.corrected, row.row)
    for some in in_parts(sorted(document_ids), _PART):
        mine = (row.document_id.in_(some), row.kind.in_(kinds), row.raw.is_not(None))
        rows = session.execute(columns.where(*mine))
        found += [Stated(*one[:4], one[4] or "", *one[5:]) for one in rows]
    return found


def fold(text: str, kind: FieldKind = FieldKind.TEXT) -> str:
    """How texts are compared: without case, the forms of characters, and more than one blank; its beginning only.

    Of codes as an IBAN all blanks, dots and dashes are left out.
    """
    plain = " ".join(unicodedata.normalize("NFKC", _storable(text[:_FOLDED_FROM])).casefold().split())
    if kind in CODES:
        plain = "".join(c for c in plain if c.isalnum() or c == "+")
    return plain[:LONGEST_FOLDED]


def _patience(entry: Mapping[str, Any], weight: float) -> float | None:
    """Of what nobody could read, nothing is known but that it is not right yet."""
    if entry.get("decision") != Decision.NEEDS_REVIEW:
        return None
    return -weight * (1 - (entry.get("confidence") or 0.0))


def _folded_of(raw: str | None, typed: Any, text: str | None, kind: FieldKind) -> str | None:
    """Of the typed value where there is one: a date is found by its ISO form, a choice by the schema's word."""
    if text is not None:
        return fold(text, kind)
    if kind is FieldKind.DATE and (day := _date_of(typed)) is not None:
        return day
    return None if raw is None else fold(raw)


def _text_of(typed: Any, kind: FieldKind) -> str | None:
    if typed is None or kind in NUMBERS or kind is FieldKind.DATE:
        return None
    return _storable(typed if isinstance(typed, str) else str(typed))


def _amount_of(typed: Any, kind: FieldKind) -> tuple[Decimal | None, str | None]:
    """The number that a double can hold, and the currency of money."""
    if kind not in NUMBERS:
        return None, None
    currency = None
    if isinstance(typed, Mapping):
        currency, typed = typed.get("currency"), typed.get("amount")
    if not isinstance(typed, bool | int | float | str):
        return None, currency
    amount = None
    with suppress(InvalidOperation, OverflowError, ValueError):
        amount = Decimal(int(typed)) if isinstance(typed, bool) else Decimal(str(typed))
        float_there = amount.is_finite() and Decimal(float(amount)).is_finite()
        amount = amount if float_there else None
    return amount, currency


def _millionths(amount: Decimal | None) -> int | None:
    if amount is None or abs(amount) > _MOST_MILLIONTHS // 10**6:
        return None
    return int((amount * 10**6).to_integral_value())


def _date_of(typed: Any) -> str | None:
    with suppress(TypeError, ValueError):
        return date.fromisoformat(typed).isoformat()
    return None


def _storable(text: str) -> str:
    """Text that every database keeps: no NUL, no half of a surrogate pair."""
    return text.replace("\0", "").encode(errors="replace").decode()
