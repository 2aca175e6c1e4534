"""Cells of tables as the product reads them from a rendered page, and whether they are right."""

import importlib.resources
import json
from collections.abc import Mapping, Sequence
from functools import cache

from core.records import FieldKind
from storage.schemas import wanted_of
from storage.wanted import TableField
from training.render.page import Grid
from training.score import picture_of
from training.truth import Shown
from workers.confidence import Labelled
from workers.rows import prompt_of
from workers.typed import same
from workers.verify import came_back, read_alone
from workers.vlm.bundled.backend import BundledModel
from workers.vlm.interface import Cell, PageRequest

Row = Mapping[str, Cell]


def labelled_cells(model: BundledModel, shown: Shown) -> list[Labelled]:
    """Every cell that is read of the page's table, each box read again alone, against what is printed in its row.

    Of pages whose one table has the built-in schema's columns; none of others. A cell of a row that is none is wrong.
    """
    table = _table_of(shown.page.family)
    if table is None or len(shown.page.tables) != 1 or "amount" not in shown.page.tables[0].columns:
        return []
    grid, picture = shown.page.tables[0], picture_of(shown)
    model.forget()
    said = model.generate([PageRequest(picture, (prompt_of(table),))])[0][0].table
    kinds = {field.path: field.kind for field in table.fields}
    told = [(kinds[c], cell, truth.get(c)) for row, truth in _paired(said.rows if said else (), grid, kinds)
            for c, cell in row.items() if cell.text and cell.box is not None]  # fmt: skip
    again = read_alone(model, picture, [cell.box for _, cell, _ in told if cell.box is not None])
    return [
        Labelled(kind, cell.confidence or 0.0, _is(cell, truth, kind), came_back(cell.text or "", second.text, kind))
        for (kind, cell, truth), second in zip(told, again, strict=True)
    ]


@cache
def _table_of(family: str) -> TableField | None:
    """The table of the built-in schema that a family of pages has."""
    body = importlib.resources.files("storage") / "builtin_schemas" / f"{family}.json"
    return wanted_of(json.loads(body.read_text())).tables[0] if body.is_file() and family != "form" else None


def _paired(rows: Sequence[Row], grid: Grid, kinds: Mapping[str, FieldKind]) -> list[tuple[Row, dict[str, str]]]:
    """Each row read with the printed one that it is, in order; with nothing where it is none of them."""
    printed = [dict(zip(grid.columns, row, strict=True)) for row in grid.rows]
    alike = [[sum(_is(cell, p.get(c), kinds[c]) for c, cell in row.items()) for p in printed] for row in rows]
    best = [[0] * (len(printed) + 1) for _ in range(len(rows) + 1)]  # equal cells among the last rows of both
    for i in reversed(range(len(rows))):
        for j in reversed(range(len(printed))):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], alike[i][j] + best[i + 1][j + 1])
    paired, j = list[tuple[Row, dict[str, str]]](), 0
    for i, row in enumerate(rows):
        while j < len(printed) and best[i][j] == best[i][j + 1] and best[i][j] > best[i + 1][j]:
            j += 1
        if j < len(printed) and alike[i][j] and best[i][j] == alike[i][j] + best[i + 1][j + 1]:
            paired.append((row, printed[j]))
            j += 1
        else:
            paired.append((row, {}))
    return paired


def _is(cell: Cell, truth: str | None, kind: FieldKind) -> bool:
    return bool(truth) and bool(cell.text) and same(cell.text or "", truth or "", kind)
