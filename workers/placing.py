"""Where cells that people corrected stand now: rows move when a page is read again, or at last.

A correction of a cell keeps how its row looked. It counts for the row on the same page that is most like it; where
none is, it waits: a person's word is never put on another row.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from storage.corrections import standing
from storage.tables import Correction, Record
from workers.record import PageRow

CELL = re.compile(r"(?P<table>.+)\[(?P<row>\d{1,9})\]\.(?P<column>.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table as the model reads it."""

    number: int  # in the record, from 0
    texts: Mapping[str, str | None]  # by column


Tables: TypeAlias = Mapping[str, Mapping[int, Sequence[Row]]]  # by path, then by page


def rows_of_record(record: Record) -> Tables:
    """The rows of a record, without what people say instead."""
    return {
        path: _by_page((row["page"], _texts(row["cells"])) for row in t["rows"]) for path, t in record.tables.items()
    }


def rows_as_read(rows: Mapping[str, Sequence[PageRow]]) -> Tables:
    """The same of rows that become a record."""
    return {
        path: _by_page((row.page, {column: value.raw for column, value in row.cells.items()}) for row in some)
        for path, some in rows.items()
    }


def look_of(tables: Tables, field: str) -> dict[str, Any] | None:
    """How the row of a cell looks, to be known again by; None of a field that is no cell, or not there."""
    cell = CELL.fullmatch(field)
    if cell is None:
        return None
    for page, rows in tables.get(cell["table"], {}).items():
        for at, row in enumerate(rows):
            if row.number == int(cell["row"]):
                return {"page": page, "number": at, "of": len(rows), "texts": dict(row.texts)}
    return None


def place_of(said: Correction, tables: Tables) -> str | None:
    """The path under which a corrected field stands now; None where its row is not there."""
    cell, look = CELL.fullmatch(said.field), said.before.get("row")
    if cell is None or look is None:
        return said.field
    rows = tables.get(cell["table"], {}).get(look["page"], ())
    ranked = [(-_alike(look["texts"], row.texts), abs(at - look["number"]), row.number) for at, row in enumerate(rows)]
    if not ranked:
        return None
    likeness, off, number = min(ranked)
    if likeness == 0 and (off or len(rows) != look["of"]):
        return None
    return f"{cell['table']}[{number}].{cell['column']}"


def by_place(said: Sequence[Correction], tables: Tables) -> dict[str, list[Correction]]:
    """Everything that was said about what stands in a document now, by its path, in the order given."""
    placed: dict[str, list[Correction]] = {}
    for one in said:
        path = place_of(one, tables)
        if path is not None:
            placed.setdefault(path, []).append(one)
    return placed


def counting(said: Sequence[Correction], tables: Tables) -> dict[str, Correction]:
    """The corrections that count now, by path: the last that stands of each, unless that lets the model count again."""
    return {path: some[-1] for path, some in by_place(standing(said), tables).items() if not some[-1].undone}


def _alike(one: Mapping[str, str | None], other: Mapping[str, str | None]) -> int:
    """In how many columns two rows say the same."""
    return sum(text is not None and text == other.get(column) for column, text in one.items())


def _by_page(rows: Iterable[tuple[int, Mapping[str, str | None]]]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for number, (page, texts) in enumerate(rows):
        found.setdefault(page, []).append(Row(number, texts))
    return found


def _texts(cells: Mapping[str, Any]) -> dict[str, str | None]:
    """What the model reads in a row; beside what a person says it stands as the first alternative."""
    texts: dict[str, str | None] = {}
    for column, entry in cells.items():
        own = next(iter(entry.get("alternatives") or ()), {}) if entry.get("corrected") else entry
        texts[column] = own.get("raw")
    return texts
