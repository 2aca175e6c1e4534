"""The columns of exported files: typed values of records, by their fields."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from core.records import FieldKind
from storage.tables import Document, Record
from storage.wanted import Field, TableField, Wanted

_EVIDENCE = ("state", "raw", "confidence", "decision", "page")
_LONGEST_NUMBER = 40  # characters of an amount or an integer; more is no amount of anything


class Type(StrEnum):
    """What the cells of a column are."""

    TEXT = "text"
    NUMBER = "number"
    INTEGER = "integer"
    AMOUNT = "amount"  # exact
    TRUTH = "truth"
    DATE = "date"
    ROWS = "rows"


_TYPES = {
    FieldKind.NUMBER: Type.NUMBER,
    FieldKind.INTEGER: Type.INTEGER,
    FieldKind.MONEY: Type.AMOUNT,
    FieldKind.BOOLEAN: Type.TRUTH,
    FieldKind.DATE: Type.DATE,
}


@dataclass(frozen=True, slots=True)
class Row:
    """What the cells of a row of a file are taken from."""

    own: Mapping[str, Any]  # of the record, or of the table's row, by name
    entries: Mapping[str, Any]  # of values, by path
    rows: Mapping[str, Sequence["Row"]] = field(default_factory=dict)  # of tables, by path


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file."""

    name: str
    type: Type
    path: str  # whose entry it is taken from; of what a record has itself empty
    part: str  # of the entry: `typed`, `currency`, `raw`, ...; of a record: its name
    nested: tuple["Column", ...] = ()  # of rows: theirs

    def value(self, row: Row) -> Any:
        """The typed value; None where there is none."""
        if not self.path:
            return row.own[self.part]
        if self.nested:
            return [{column.name: column.value(cells) for column in self.nested} for cells in row.rows[self.path]]
        entry = row.entries.get(self.path)
        if entry is None:
            return None
        return _typed(entry.get("typed"), self) if self.part in {"typed", "currency"} else entry.get(self.part)

    def in_csv(self, row: Row) -> object:
        """The same for a CSV, where a text that is not what it should be is better than nothing."""
        value = self.value(row)
        if value is None and self.part == "typed":
            return (row.entries.get(self.path) or {}).get("raw")
        if isinstance(value, bool):
            return str(value).lower()
        return value.isoformat() if isinstance(value, date) else value


def columns_of(chosen: Wanted, table: TableField | None, *, evidence: bool, nested: bool) -> list[Column]:
    """The columns for the chosen fields; with a `table`, of its rows; `nested`, tables are columns of rows."""
    columns = [
        Column("document", Type.TEXT, "", "document"),
        Column("document_id", Type.TEXT, "", "document_id"),
        Column("complete", Type.TRUTH, "", "complete"),
    ]
    if table is not None:
        columns += [Column("row", Type.INTEGER, "", "row"), Column("page", Type.INTEGER, "", "page")]
    for each in chosen.fields:
        columns += _of_field(each, each.path, each.path, evidence=evidence)
    if table is not None:
        for each in table.fields:
            path = f"{table.path}.{each.path}"
            columns += _of_field(each, path, path, evidence=evidence)
    elif nested:
        columns += [_of_rows(inner, evidence=evidence) for inner in chosen.tables]
    return _named_apart([*columns, Column("flagged", Type.INTEGER, "", "flagged")])


def rows_of(columns: Sequence[Column], table: TableField | None, record: Record, document: Document) -> Iterator[Row]:
    """What the cells of a record are taken from: once, or once for each row of the table."""
    own: dict[str, Any] = {"document": document.name, "document_id": document.id}
    own |= {"complete": record.complete, "flagged": record.flagged}
    if table is None:
        yield Row(own, record.values, {column.path: _rows(record, column.path) for column in columns if column.nested})
        return
    for number, row in enumerate(record.tables.get(table.path, {}).get("rows", ())):
        cells = {f"{table.path}.{path}": entry for path, entry in row["cells"].items()}
        yield Row({**own, "row": number, "page": row["page"]}, {**record.values, **cells})


def _rows(record: Record, path: str) -> list[Row]:
    return [Row({"page": row["page"]}, row["cells"]) for row in record.tables.get(path, {}).get("rows", ())]


def _of_rows(table: TableField, *, evidence: bool) -> Column:
    inner = [Column("page", Type.INTEGER, "", "page")]
    for each in table.fields:
        inner += _of_field(each, each.path, each.path, evidence=evidence)
    return Column(table.path, Type.ROWS, table.path, "rows", tuple(_named_apart(inner)))


def _of_field(of: Field, path: str, name: str, *, evidence: bool) -> Iterator[Column]:
    yield Column(name, _TYPES.get(of.kind, Type.TEXT), path, "typed")
    if of.kind is FieldKind.MONEY:
        yield Column(f"{name}_currency", Type.TEXT, path, "currency")
    if evidence:
        types = {"confidence": Type.NUMBER, "page": Type.INTEGER}
        for part in _EVIDENCE:
            yield Column(f"{name}_{part}", types.get(part, Type.TEXT), path, part)


def _named_apart(columns: Sequence[Column]) -> list[Column]:
    """A field may be called as another one's currency is: no two columns share a name."""
    seen: dict[str, int] = {}
    apart = []
    for column in columns:
        name = column.name
        while name in seen:
            seen[column.name] += 1
            name = f"{column.name}_{seen[column.name]}"
        seen[name] = 1
        apart.append(Column(name, column.type, column.path, column.part, column.nested))
    return apart


def _typed(typed: Any, column: Column) -> Any:
    """A typed value of plain JSON as a value of the column's type; None where it is none, or none that can be kept."""
    if isinstance(typed, Mapping):
        typed = typed.get("currency" if column.part == "currency" else "amount")
    if typed is None:
        return None
    with suppress(InvalidOperation, ValueError, TypeError, OverflowError):
        return _MAKERS[column.type](typed)
    return None


def _amount(typed: Any) -> Decimal | None:
    amount = Decimal(str(typed)[:_LONGEST_NUMBER])
    return amount if amount.is_finite() else None


_MAKERS: Mapping[Type, Callable[[Any], Any]] = {
    Type.TEXT: str,
    Type.NUMBER: float,
    Type.INTEGER: int,
    Type.AMOUNT: _amount,
    Type.TRUTH: bool,
    Type.DATE: date.fromisoformat,
}
