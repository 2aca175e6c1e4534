"""Parquet files, written a part at a time. Its library is the extra `parquet`."""

import io
from collections.abc import Iterator, Sequence
from decimal import Context, Decimal, InvalidOperation
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from api.export_columns import Column, Type, rows_of
from storage.tables import Document, Record
from storage.wanted import TableField

_DIGITS, _PLACES = 38, 6  # of amounts
_LARGEST_INTEGER = 2**63 - 1
_PLAIN: dict[Type, Any] = {
    Type.TEXT: pa.string(),
    Type.NUMBER: pa.float64(),
    Type.INTEGER: pa.int64(),
    Type.AMOUNT: pa.decimal128(_DIGITS, _PLACES),
    Type.TRUTH: pa.bool_(),
    Type.DATE: pa.date32(),
}


class _Sink(io.RawIOBase):
    """A file that hands out what was written to it since it was last asked."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        """It takes bytes."""
        return True

    def write(self, data: Any) -> int:
        """Keep a copy: the writer may use its buffer again."""
        piece = bytes(data)
        self._pieces.append(piece)
        self._size += len(piece)
        return len(piece)

    def tell(self) -> int:
        """How much was written in all."""
        return self._size

    def taken(self) -> bytes:
        """What is new."""
        new = b"".join(self._pieces)
        self._pieces.clear()
        return new


def parquet(
    columns: Sequence[Column], table: TableField | None, parts: Iterator[list[tuple[Record, Document]]]
) -> Iterator[bytes]:
    """The file in pieces, a row group a part. What its column cannot hold, as a number past all bounds, is null."""
    sink = _Sink()
    schema = pa.schema([pa.field(column.name, _type_of(column)) for column in columns])
    with pq.ParquetWriter(sink, schema) as writer:
        for part in parts:
            rows = [row for record, document in part for row in rows_of(columns, table, record, document)]
            if rows:
                cells = {column.name: [_held(column, column.value(row)) for row in rows] for column in columns}
                writer.write_table(pa.table(cells, schema))
            yield sink.taken()
    yield sink.taken()


def _type_of(column: Column) -> Any:
    if column.type is Type.ROWS:
        return pa.list_(pa.struct([pa.field(inner.name, _type_of(inner)) for inner in column.nested]))
    return _PLAIN[column.type]


def _held(column: Column, value: Any) -> Any:
    """The value as the column's type can hold it, else None."""
    if value is None:
        return None
    if column.type is Type.ROWS:
        inner = {one.name: one for one in column.nested}
        return [{name: _held(inner[name], cell) for name, cell in row.items()} for row in value]
    if column.type is Type.AMOUNT:
        return _amount(value)
    if column.type is Type.INTEGER:
        return value if abs(value) <= _LARGEST_INTEGER else None
    return value.encode(errors="replace").decode() if isinstance(value, str) else value


def _amount(value: Decimal) -> Decimal | None:
    try:
        return value.quantize(Decimal(1).scaleb(-_PLACES), context=Context(prec=_DIGITS))
    except InvalidOperation:
        return None
