"""Records as files for other programs, made part by part: CSV, JSONL, Parquet."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from typing import TypeAlias, assert_never

from api.export_columns import Column, columns_of, rows_of
from api.record_shapes import chosen_record_out
from core.errors import InvalidColumn, InvalidRequest
from storage import documents, queries
from storage.database import Sessions
from storage.subjects import did_you_mean, near
from storage.tables import Document, Record, Schema
from storage.wanted import TableField, Wanted

PART = 200  # records that are in memory at a time

_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

Part: TypeAlias = list[tuple[Record, Document]]


class Format(StrEnum):
    """The kinds of files."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


def media_type_of(form: Format) -> str:
    """What the file is, for HTTP."""
    match form:
        case Format.CSV:
            return "text/csv; charset=utf-8; header=present"
        case Format.JSONL:
            return "application/jsonl"
        case Format.PARQUET:
            return "application/vnd.apache.parquet"
        case _:
            assert_never(form)


@dataclass(frozen=True, slots=True)
class Wish:
    """Which records are to be exported, what of them, and how."""

    schema: Schema
    chosen: Wanted
    query: queries.Query
    form: Format
    table: str | None = None  # a row for each row of it, else for each record
    evidence: bool = False


def exported(sessions: Sessions, wish: Wish) -> Iterator[bytes]:
    """The file in pieces.

    Raises InvalidColumn where the schema has no such table, InvalidRequest where this service writes no such files;
    both before the first piece.
    """
    if wish.form is Format.PARQUET and find_spec("pyarrow") is None:
        raise InvalidRequest("This service writes no Parquet: install it with folioscope[parquet].")
    table = None if wish.table is None else _table_named(wish.table, wish.chosen)
    if wish.form is Format.JSONL:
        return _jsonl(sessions, wish)
    columns = columns_of(wish.chosen, table, evidence=wish.evidence, nested=wish.form is Format.PARQUET)
    reads_tables = table is not None or any(column.nested for column in columns)
    parts = _parts(sessions, wish.query, tables=reads_tables)
    if wish.form is Format.CSV:
        return _csv(columns, table, parts)
    from api.export_parquet import parquet  # noqa: PLC0415 - its library is an extra, and heavy

    return parquet(columns, table, parts)


def _csv(columns: Sequence[Column], table: TableField | None, parts: Iterator[Part]) -> Iterator[bytes]:
    """A line for each row, as RFC 4180 says."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([column.name for column in columns])
    for part in parts:
        for record, document in part:
            for row in rows_of(columns, table, record, document):
                writer.writerow([harmless(column.in_csv(row)) for column in columns])
        yield text.getvalue().encode(errors="replace")
        text.seek(0)
        text.truncate()
    yield text.getvalue().encode(errors="replace")


def harmless(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula. Numbers stay numbers."""
    if not isinstance(cell, str) or _NUMBER.fullmatch(cell) or not cell.lstrip(" ").startswith(_STARTS_A_FORMULA):
        return cell
    return "'" + cell


def _jsonl(sessions: Sessions, wish: Wish) -> Iterator[bytes]:
    """A line for each record, in the form in which the API lists it."""
    for part in _parts(sessions, wish.query, tables=bool(wish.chosen.tables)):
        with sessions() as session:
            names = documents.all_names(session, [document.id for _, document in part])
        for record, document in part:
            known = names.get(document.id, ())
            shape = chosen_record_out(record, document, wish.schema, wish.chosen, known, evidence=wish.evidence)
            yield shape.model_dump_json(by_alias=True).encode(errors="replace") + b"\n"


def _parts(sessions: Sessions, query: queries.Query, *, tables: bool) -> Iterator[Part]:
    """The records in order; no session is open while a part is written down."""
    cursor: str | None = None
    while True:
        with sessions() as session:
            listing = queries.find_records(session, query, cursor, PART, tables=tables)
        yield listing.items
        cursor = listing.next_cursor
        if cursor is None:
            return


def _table_named(path: str, chosen: Wanted) -> TableField:
    paths = [table.path for table in chosen.tables]
    if path not in paths:
        closest = near(path, paths)
        raise InvalidColumn(
            f"No table {path[:100]!r} is chosen, or in the schema" + did_you_mean(closest), near=closest
        )
    return chosen.tables[paths.index(path)]
