"""Tables of any columns: ruled, striped, boxed or bare, with a header that may be inverse."""

from collections.abc import Sequence
from dataclasses import dataclass

from training.render.canvas import Canvas, Collision
from training.render.page import Box, Rule

VARIANTS = ("ruled", "striped", "boxed", "bare", "band", "underlined", "columns*", "double*")


@dataclass(frozen=True, slots=True)
class Column:
    """A column's title and which side its cells keep to; a wide column takes the room that is left."""

    title: str
    align: str = "left"
    wide: bool = False


def row_height(canvas: Canvas) -> float:
    """How far apart this page's table rows stand, at least."""
    return canvas.style.size * max(canvas.style.leading, 1.3)


def set_table(  # noqa: PLR0913
    canvas: Canvas, columns: Sequence[Column], rows: Sequence[Sequence[str]], x: float, y: float, width: float, *, asked: int = 6, key: int = 0
) -> float:
    """Set a table; up to `asked` of its cells become facts, asked as column of row, the row named by column `key`."""
    style = canvas.style
    variant = canvas.variant("table", VARIANTS)
    size, lefts = _columns(canvas, columns, rows, x, width)
    pitch = row_height(canvas) * canvas.dice.choice((1.0, 1.0, 1.15, 1.35))
    head = size * 1.9
    ink = _header(canvas, variant, x, y, width, head)
    for column, left, right in zip(columns, lefts, lefts[1:], strict=False):
        _cell(canvas, style.caption(column.title), column.align, left, right, y + head * 0.68, size, bold=True, ink=ink)
    top, y = y, y + head
    placed: list[list[int]] = []
    for number, row in enumerate(rows):
        _row_shapes(canvas, variant, x, y, width, pitch, number)
        base = y + pitch / 2 + size * 0.35
        placed.append(
            [_cell(canvas, cell, c.align, a, b, base, size) if cell else -1 for cell, c, a, b in zip(row, columns, lefts, lefts[1:], strict=False)]
        )
        y += pitch
    _frame(canvas, variant, x, top, y, width, lefts)
    _ask_cells(canvas, columns, rows, placed, asked, key)
    return y + size * 0.6


def _columns(canvas: Canvas, columns: Sequence[Column], rows: Sequence[Sequence[str]], x: float, width: float) -> tuple[float, list[float]]:
    """The type size at which all fits, and each column's left edge, with the right edge of the last."""
    style = canvas.style
    for size in (style.size, style.size * 0.9, style.size * 0.8):
        pad = size * 0.9
        needed = [
            max(style.bold.width(style.caption(c.title), size), *(style.body.width(row[i], size) for row in rows)) + pad
            for i, c in enumerate(columns)
        ]
        spare = width - sum(needed)
        if spare >= 0:
            wide = [i for i, c in enumerate(columns) if c.wide] or list(range(len(columns)))
            for i in wide:
                needed[i] += spare / len(wide)
            lefts = [x]
            for one in needed:
                lefts.append(lefts[-1] + one)
            return size, lefts
    raise Collision("table too wide")


def _cell(  # noqa: PLR0913
    canvas: Canvas,
    text: str,
    align: str,
    left: float,
    right: float,
    base: float,
    size: float,
    *,
    bold: bool = False,
    ink: tuple[float, float, float] | None = None,
) -> int:
    face = canvas.style.bold if bold else canvas.style.body
    pad = size * 0.35
    at = {"left": left + pad, "right": right - pad, "middle": (left + right) / 2}[align]
    return canvas.text(text, at, base, face, size, align=align, ink=ink)


def _header(canvas: Canvas, variant: str, x: float, y: float, width: float, high: float) -> tuple[float, float, float] | None:  # noqa: PLR0913
    style = canvas.style
    if variant in {"band", "double"} or (variant == "striped" and canvas.dice.random() < 0.5):  # noqa: PLR2004
        canvas.shapes.append(Box(x, y, x + width, y + high, None, style.accent))
        return 1.0, 1.0, 1.0
    if variant in {"boxed", "columns"} and canvas.dice.random() < 0.6:  # noqa: PLR2004
        canvas.shapes.append(Box(x, y, x + width, y + high, style.rule_ink, (0.9, 0.9, 0.9), style.rule_width))
    elif variant != "bare":
        canvas.shapes.append(Rule(x, y + high, x + width, y + high, style.rule_width * 1.5, style.rule_ink))
    return None


def _row_shapes(canvas: Canvas, variant: str, x: float, y: float, width: float, pitch: float, number: int) -> None:  # noqa: PLR0913
    style = canvas.style
    if variant == "striped" and number % 2:
        canvas.shapes.append(Box(x, y, x + width, y + pitch, None, (0.94, 0.94, 0.94)))
    elif variant in {"ruled", "boxed"}:
        canvas.shapes.append(Rule(x, y + pitch, x + width, y + pitch, style.rule_width, style.rule_ink))


def _frame(canvas: Canvas, variant: str, x: float, top: float, bottom: float, width: float, lefts: Sequence[float]) -> None:  # noqa: PLR0913
    style = canvas.style
    if variant in {"boxed", "columns"}:
        canvas.shapes.append(Box(x, top, x + width, bottom, style.rule_ink, None, style.rule_width))
        canvas.shapes.extend(Rule(at, top, at, bottom, style.rule_width, style.rule_ink) for at in lefts[1:-1])
    if variant in {"underlined", "double", "band"}:
        canvas.shapes.append(Rule(x, bottom, x + width, bottom, style.rule_width, style.rule_ink))
    if variant == "double":
        canvas.shapes.append(Rule(x, bottom + 1.6, x + width, bottom + 1.6, style.rule_width, style.rule_ink))


def _ask_cells(  # noqa: PLR0913
    canvas: Canvas, columns: Sequence[Column], rows: Sequence[Sequence[str]], placed: Sequence[Sequence[int]], asked: int, key: int
) -> None:
    """Make facts of random cells in rows that one cell names unmistakably."""
    names = [row[key] for row in rows]
    cells = [
        (r, c)
        for r, row in enumerate(rows)
        for c in range(len(columns))
        if c != key and row[c] and row[key] and names.count(row[key]) == 1 and placed[r][c] >= 0
    ]
    for r, c in canvas.dice.sample(cells, min(asked, len(cells))):
        title, name = columns[c].title, names[r]
        low = title.lower() if not title.isupper() else title
        canvas.asked("cell", (f"{title} of {name}", f"What is the {low} of {name}?", f"{low} of {name}", f"{title} for {name}"), placed[r][c])
