"""Tables of any columns: ruled, striped, boxed or bare, with a header that may be inverse."""

from collections.abc import Sequence
from dataclasses import dataclass

from training.render.area import Area
from training.render.canvas import Canvas, Collision
from training.render.dice import chance
from training.render.page import Box, Ink, Rule

VARIANTS = ("ruled", "striped", "boxed", "bare", "band", "underlined", "columns*", "double*")


@dataclass(frozen=True, slots=True)
class Column:
    """A column's title and which side its cells keep to; a wide column takes the room that is left."""

    title: str
    align: str = "left"
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """What a table says; `asked` of its cells become facts, in rows that column `key` names."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    key: int = 0
    asked: int = 6
    look: str = ""  # one of the variants; drawn by the dice where empty


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where a table's parts stand."""

    variant: str
    size: float  # of the type
    lefts: tuple[float, ...]  # of the columns, and the right edge of the last
    head: float  # the header's height
    pitch: float  # the rows' height


def choose_look(canvas: Canvas) -> str:
    """Choose how tables look."""
    return canvas.variant("table", VARIANTS)


def row_height(canvas: Canvas) -> float:
    """How far apart this page's table rows stand, at least."""
    return canvas.style.size * max(canvas.style.leading, 1.3)


def set_table(canvas: Canvas, table: Table, area: Area) -> float:
    """Set a table and note some of its cells; give the y below."""
    size, lefts = _columns(canvas, table, area)
    pitch = row_height(canvas) * canvas.dice.choice((1.0, 1.0, 1.15, 1.35))
    grid = _Grid(table.look or choose_look(canvas), size, lefts, size * 1.9, pitch)
    ink = _header(canvas, grid, area)
    for index, column in enumerate(table.columns):
        _cell(canvas, canvas.style.caption(column.title), column, grid, index, area.y + grid.head * 0.68, heading=ink)
    y = area.y + grid.head
    placed = []
    for number, row in enumerate(table.rows):
        _row_shapes(canvas, grid, area.at(y), number)
        base = y + pitch / 2 + size * 0.35
        placed.append(
            [
                _cell(canvas, text, column, grid, i, base)
                for i, (text, column) in enumerate(zip(row, table.columns, strict=True))
            ]
        )
        y += pitch
    _frame(canvas, grid, area, y)
    _ask_cells(canvas, table, placed)
    return y + size * 0.6


def _columns(canvas: Canvas, table: Table, area: Area) -> tuple[float, tuple[float, ...]]:
    """Find the type size at which all fits, and each column's left edge, with the right edge of the last."""
    style = canvas.style
    for size in (style.size, style.size * 0.9, style.size * 0.8):
        needed = []
        for index, column in enumerate(table.columns):
            widest = max(style.body.width(row[index], size) for row in table.rows)
            needed.append(max(style.bold.width(style.caption(column.title), size), widest) + size * 0.9)
        spare = area.width - sum(needed)
        if spare >= 0:
            wide = [i for i, c in enumerate(table.columns) if c.wide] or list(range(len(needed)))
            widths = [one + (spare / len(wide) if i in wide else 0) for i, one in enumerate(needed)]
            return size, tuple(area.x + sum(widths[:i]) for i in range(len(widths) + 1))
    raise Collision("table too wide")


def _cell(
    canvas: Canvas, text: str, column: Column, grid: _Grid, index: int, base: float, *, heading: Ink | None = None
) -> int:
    """Set one cell; give its run, or -1 where it is empty. A heading's ink makes it bold."""
    if not text:
        return -1
    pad = grid.size * 0.35
    inner = Area(grid.lefts[index] + pad, base, grid.lefts[index + 1] - grid.lefts[index] - 2 * pad)
    face = canvas.style.body if heading is None else canvas.style.bold
    return canvas.text(text, inner.edge(column.align), base, face, grid.size, align=column.align, ink=heading)


def _header(canvas: Canvas, grid: _Grid, area: Area) -> Ink:
    """Draw what the header stands on; give the ink of its text."""
    style, low = canvas.style, area.y + grid.head
    if grid.variant in {"band", "double"} or (grid.variant == "striped" and chance(canvas.dice, 0.5)):
        canvas.shapes.append(Box(area.x, area.y, area.right, low, None, style.accent))
        return 1.0, 1.0, 1.0
    if grid.variant in {"boxed", "columns"} and chance(canvas.dice, 0.6):
        canvas.shapes.append(Box(area.x, area.y, area.right, low, style.rule_ink, (0.9, 0.9, 0.9), style.rule_width))
    elif grid.variant != "bare":
        canvas.shapes.append(Rule(area.x, low, area.right, low, style.rule_width * 1.5, style.rule_ink))
    return style.ink


def _row_shapes(canvas: Canvas, grid: _Grid, area: Area, number: int) -> None:
    style, low = canvas.style, area.y + grid.pitch
    if grid.variant == "striped" and number % 2:
        canvas.shapes.append(Box(area.x, area.y, area.right, low, None, (0.94, 0.94, 0.94)))
    elif grid.variant in {"ruled", "boxed"}:
        canvas.shapes.append(Rule(area.x, low, area.right, low, style.rule_width, style.rule_ink))


def _frame(canvas: Canvas, grid: _Grid, area: Area, bottom: float) -> None:
    style = canvas.style
    if grid.variant in {"boxed", "columns"}:
        canvas.shapes.append(Box(area.x, area.y, area.right, bottom, style.rule_ink, None, style.rule_width))
        canvas.shapes.extend(Rule(x, area.y, x, bottom, style.rule_width, style.rule_ink) for x in grid.lefts[1:-1])
    if grid.variant in {"underlined", "double", "band"}:
        canvas.shapes.append(Rule(area.x, bottom, area.right, bottom, style.rule_width, style.rule_ink))
    if grid.variant == "double":
        canvas.shapes.append(Rule(area.x, bottom + 1.6, area.right, bottom + 1.6, style.rule_width, style.rule_ink))


def _ask_cells(canvas: Canvas, table: Table, placed: Sequence[Sequence[int]]) -> None:
    """Make facts of random cells in rows that one cell names unmistakably."""
    names = [row[table.key] for row in table.rows]
    clear = [r for r, name in enumerate(names) if name and names.count(name) == 1]
    cells = [(r, c) for r in clear for c in range(len(table.columns)) if c != table.key and placed[r][c] >= 0]
    for r, c in canvas.dice.sample(cells, min(table.asked, len(cells))):
        title, name = table.columns[c].title, names[r]
        low = title.lower() if not title.isupper() else title
        canvas.asked(
            "cell",
            (f"{title} of {name}", f"What is the {low} of {name}?", f"{low} of {name}", f"{title} for {name}"),
            placed[r][c],
            label=title,
        )
