"""Tables of any columns: ruled, striped, boxed or bare, with a header that may be inverse."""

from collections.abc import Sequence
from dataclasses import dataclass

from training.render.area import Area
from training.render.canvas import Canvas, Collision
from training.render.dice import chance
from training.render.page import Box, Grid, Ink, Rule

VARIANTS = (
    "ruled",
    "striped",
    "boxed",
    "bare",
    "band",
    "underlined",
    "tinted",
    "dashed",
    "capitals",
    "columns*",
    "double*",
    "outlined*",
    "pale*",
)
FAINT: Ink = (0.45, 0.45, 0.45)
GRAY: Ink = (0.94, 0.94, 0.94)
WHITE: Ink = (1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Column:
    """A column's title and which side its cells keep to; a wide column takes the room that is left."""

    title: str
    align: str = "left"
    wide: bool = False
    name: str = ""  # what it means: `amount`


@dataclass(frozen=True, slots=True)
class Table:
    """What a table says; `asked` of its cells become facts, in rows that column `key` names."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    key: int = 0
    asked: int = 6
    look: str = ""  # one of the variants; drawn by the dice where empty
    notes: Sequence[str] = ()  # a second line under each row's wide cell, small; empty where there is none


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where a table's parts stand."""

    variant: str
    size: float  # of the type
    lefts: tuple[float, ...]  # of the columns, and the right edge of the last
    head: float  # the header's height
    pitch: float  # the rows' height
    note: float  # how much a second line adds
    titles: tuple[str, ...]


def choose_look(canvas: Canvas) -> str:
    """Choose how tables look."""
    return canvas.variant("table", VARIANTS)


def row_height(canvas: Canvas) -> float:
    """How far apart this page's table rows stand, at least."""
    return canvas.style.size * max(canvas.style.leading, 1.3)


def set_table(canvas: Canvas, table: Table, area: Area) -> float:
    """Set a table and note some of its cells; give the y below."""
    grid = _lay_out(canvas, table, area)
    ink = _header(canvas, grid, area)
    for index, column in enumerate(table.columns):
        size = grid.size * 0.78 if grid.variant == "capitals" else grid.size
        _cell(canvas, grid.titles[index], column, grid, index, area.y + grid.head * 0.68, heading=ink, size=size)
    y, placed, noted = area.y + grid.head, [], []
    for number, row in enumerate(table.rows):
        note = table.notes[number] if table.notes else ""
        low = y + grid.pitch + (grid.note if note else 0)
        _row_shapes(canvas, grid, area.at(y), low, number)
        base = y + grid.pitch / 2 + grid.size * 0.35
        cells = list(zip(row, table.columns, strict=True))
        placed.append([_cell(canvas, text, column, grid, i, base) for i, (text, column) in enumerate(cells)])
        noted.append(_note(canvas, note, table, grid, base + grid.note) if note else "")
        y = low
    _frame(canvas, grid, area, y)
    _ask_cells(canvas, table, placed)
    _tell(canvas, table, grid.titles, noted)
    return y + grid.size * 0.6


def _tell(canvas: Canvas, table: Table, titles: tuple[str, ...], notes: Sequence[str]) -> None:
    """Note what stands in the table: a second line is part of its cell."""
    names = tuple(column.name for column in table.columns)
    rows = [list(row) for row in table.rows]
    for row, note in zip(rows, notes, strict=True):
        row[_wide(table)] = f"{row[_wide(table)]} {note}".strip()
    canvas.tables.append(Grid(names, titles, tuple(map(tuple, rows))))


def _lay_out(canvas: Canvas, table: Table, area: Area) -> _Frame:
    """Choose the look, and find where the columns stand."""
    look = table.look or choose_look(canvas)
    capitals = look == "capitals"
    titles = tuple(c.title.upper() if capitals else canvas.style.caption(c.title) for c in table.columns)
    size, lefts = _columns(canvas, table, titles, area)
    pitch = row_height(canvas) * canvas.dice.choice((1.0, 1.0, 1.15, 1.35))
    return _Frame(look, size, lefts, size * 1.9, pitch, max(6.0, size * 0.85) * 1.2, titles)


def _note(canvas: Canvas, text: str, table: Table, grid: _Frame, base: float) -> str:
    """Set the second line of a row under its wide cell; tell what was set."""
    index = _wide(table)
    x, room = grid.lefts[index] + grid.size * 0.35, grid.lefts[index + 1] - grid.lefts[index] - grid.size * 0.7
    face, size = canvas.style.body, max(6.0, grid.size * 0.85)
    if face.width(text, size) > room:
        return ""
    canvas.text(text, x, base, face, size, ink=canvas.style.label_ink)
    return text


def _wide(table: Table) -> int:
    """The place of the wide column, by default the first."""
    return next((i for i, column in enumerate(table.columns) if column.wide), 0)


def _columns(canvas: Canvas, table: Table, titles: Sequence[str], area: Area) -> tuple[float, tuple[float, ...]]:
    """Find the type size at which all fits, and each column's left edge, with the right edge of the last."""
    style = canvas.style
    for size in (style.size, style.size * 0.9, style.size * 0.8):
        needed = []
        for index, title in enumerate(titles):
            widest = max(style.body.width(row[index], size) for row in table.rows)
            needed.append(max(style.bold.width(title, size), widest) + size * 0.9)
        spare = area.width - sum(needed)
        if spare >= 0:
            wide = [i for i, c in enumerate(table.columns) if c.wide] or list(range(len(needed)))
            widths = [one + (spare / len(wide) if i in wide else 0) for i, one in enumerate(needed)]
            return size, tuple(area.x + sum(widths[:i]) for i in range(len(widths) + 1))
    raise Collision("table too wide")


def _cell(
    canvas: Canvas,
    text: str,
    column: Column,
    grid: _Frame,
    index: int,
    base: float,
    *,
    heading: Ink | None = None,
    size: float = 0.0,
) -> int:
    """Set one cell; give its run, or -1 where it is empty. A heading's ink makes it bold."""
    if not text:
        return -1
    pad = grid.size * 0.35
    inner = Area(grid.lefts[index] + pad, base, grid.lefts[index + 1] - grid.lefts[index] - 2 * pad)
    face = canvas.style.body if heading is None else canvas.style.bold
    return canvas.text(text, inner.edge(column.align), base, face, size or grid.size, align=column.align, ink=heading)


def _header(canvas: Canvas, grid: _Frame, area: Area) -> Ink:
    """Draw what the header stands on; give the ink of its text."""
    style, low = canvas.style, area.y + grid.head
    filled = {"tinted": tint(style.accent), "outlined": (0.88, 0.88, 0.88)}.get(grid.variant)
    if grid.variant in {"band", "double"} or (grid.variant == "striped" and chance(canvas.dice, 0.5)):
        canvas.shapes.append(Box(area.x, area.y, area.right, low, None, style.accent))
        return WHITE
    if grid.variant in {"boxed", "columns"} and chance(canvas.dice, 0.6):
        canvas.shapes.append(Box(area.x, area.y, area.right, low, style.rule_ink, (0.9, 0.9, 0.9), style.rule_width))
    elif filled:
        canvas.shapes.append(Box(area.x, area.y, area.right, low, None, filled))
    elif grid.variant not in {"bare", "pale"}:
        canvas.shapes.append(Rule(area.x, low, area.right, low, style.rule_width * 1.5, style.rule_ink))
    return {"capitals": FAINT, "pale": style.accent}.get(grid.variant, style.ink)


def tint(ink: Ink, share: float = 0.13) -> Ink:
    """A pale shade of an ink, to stand behind text."""
    red, green, blue = (1 - (1 - part) * share for part in ink)
    return red, green, blue


def _row_shapes(canvas: Canvas, grid: _Frame, area: Area, low: float, number: int) -> None:
    style = canvas.style
    if grid.variant in {"striped", "pale"} and number % 2 == (grid.variant == "striped"):
        shade = GRAY if grid.variant == "striped" else tint(style.accent, 0.1)
        canvas.shapes.append(Box(area.x, area.y, area.right, low, None, shade))
    elif grid.variant in {"ruled", "boxed", "tinted", "dashed"}:
        dash = "[1.5 2] 0" if grid.variant == "dashed" else ""
        canvas.shapes.append(Rule(area.x, low, area.right, low, style.rule_width, style.rule_ink, dash))


def _frame(canvas: Canvas, grid: _Frame, area: Area, bottom: float) -> None:
    style = canvas.style
    if grid.variant in {"boxed", "columns", "outlined"}:
        canvas.shapes.append(Box(area.x, area.y, area.right, bottom, style.rule_ink, None, style.rule_width))
    if grid.variant in {"boxed", "columns"}:
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
