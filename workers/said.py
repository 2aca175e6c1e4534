"""Lines and tables of a generation as plain JSON for a row of `inferences`, and back."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.records import Box
from workers.vlm.interface import Cell, Line, Table


def plain_lines(lines: Sequence[Line]) -> list[Any] | None:
    """`[text, confidence, x0, y0, x1, y1]` of each; None where there are none."""
    return [[line.text, line.confidence, *line.box.as_list()] for line in lines] or None


def lines_from(plain: Sequence[Any] | None) -> tuple[Line, ...]:
    """The lines again."""
    return tuple(Line(text, Box(*box), confidence) for text, confidence, *box in plain or ())


def plain_table(table: Table | None) -> dict[str, Any] | None:
    """How many rows were seen, and of each row its cells as lines are; a cell without a box ends after two."""
    if table is None:
        return None
    return {"seen": table.seen, "rows": [{key: _plain_cell(cell) for key, cell in row.items()} for row in table.rows]}


def table_from(plain: Mapping[str, Any] | None) -> Table | None:
    """The table again."""
    if plain is None:
        return None
    return Table(tuple({key: _cell_from(cell) for key, cell in row.items()} for row in plain["rows"]), plain["seen"])


def _plain_cell(cell: Cell) -> list[Any]:
    return [cell.text, cell.confidence, *(cell.box.as_list() if cell.box else ())]


def _cell_from(plain: Sequence[Any]) -> Cell:
    text, confidence, *box = plain
    return Cell(text, Box(*box) if box else None, confidence)
