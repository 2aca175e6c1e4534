"""Labels and values in cells, as official forms print them: a small caption in the corner, a box for each character."""

from collections.abc import Sequence
from dataclasses import dataclass

from training.render.area import Area
from training.render.blocks.items import Item, note
from training.render.canvas import Canvas
from training.render.dice import chance
from training.render.fonts import Face
from training.render.page import Box, Rule

LONGEST_COMB = 22  # characters that get a box each


@dataclass(frozen=True, slots=True)
class _Look:
    """How the cells of a group are drawn: all of them alike."""

    across: int
    numbered: int  # the first caption's number, 0 for none
    filled: bool
    framed: bool
    letter: bool  # whether rows of cells are counted by letters


def set_cells(canvas: Canvas, items: Sequence[Item], area: Area, across: int = 0) -> float:
    """Set items in rows of cells, `across` in a row where given; give the y below."""
    dice, size = canvas.dice, canvas.style.size
    most = max(1, min(4, int(area.width / (size * 12))))
    look = _Look(
        across=min(across or dice.randint(1, most), most),
        numbered=dice.choice((0, 0, 1, dice.randint(2, 40))),
        filled=chance(dice, 0.3),
        framed=chance(dice, 0.75),
        letter=chance(dice, 0.3),
    )
    for index, entry in enumerate(items):
        row, column = divmod(index, look.across)
        width = area.width / min(look.across, len(items) - row * look.across)
        cell = Area(area.x + width * column, area.y + row * size * 2.9, width)
        _cell(canvas, entry, cell, look, index)
    rows = -(-len(items) // look.across)
    return area.y + rows * size * 2.9


def _cell(canvas: Canvas, entry: Item, cell: Area, look: _Look, index: int) -> None:
    """Set one cell: caption in the corner, value under it."""
    style = canvas.style
    pad, small, low = style.size * 0.35, max(6.0, style.size * 0.68), cell.y + style.size * 2.9
    shade = (0.95, 0.95, 0.95) if look.filled else None
    if look.framed:
        canvas.shapes.append(Box(cell.x, cell.y, cell.right, low, style.rule_ink, shade, style.rule_width))
    else:
        if shade:
            canvas.shapes.append(Box(cell.x + 1, cell.y + 1, cell.right - 1, low - 1, None, shade))
        canvas.shapes.append(Rule(cell.x, low, cell.right - pad, low, style.rule_width, style.rule_ink))
    caption = style.caption(entry.label)
    if look.numbered:
        count = look.numbered + index
        caption = f"{chr(97 + index % 26)}) {caption}" if look.letter else f"{count} {caption}"
    room = cell.width - 2 * pad
    canvas.text(caption, cell.x + pad, cell.y + small * 1.15, style.label, small, ink=style.label_ink, within=room)
    base = cell.y + small * 1.2 + style.size * 1.25
    note(canvas, entry, canvas.text(entry.value, cell.x + pad, base, style.value, style.size, within=room))


def set_comb(canvas: Canvas, entry: Item, area: Area, column: float) -> float:
    """Set a label, and a value with a box for each of its characters; give the y below."""
    style = canvas.style
    face = comb_face(canvas)
    base, size = area.y + style.size * 1.15, style.size * 1.15
    canvas.text(
        style.caption(entry.label), area.x, base, style.label, style.label_size, ink=style.label_ink,
        within=column - style.size * 0.7,
    )  # fmt: skip
    x, room = area.x + column, area.width - column
    run = canvas.text(entry.value, x, base, face, size, within=room)
    note(canvas, entry, run)
    top, low = base - style.size * 1.05, base + style.size * 0.42
    if len(entry.value) > LONGEST_COMB or face.kind != "mono":
        canvas.shapes.append(Box(x - 2, top, area.right, low, style.rule_ink, None, style.rule_width))
        return area.y + style.size * 1.9
    ends, thin = (x, *canvas.runs[run].edges), min(style.rule_width, 0.5)
    closed = chance(canvas.dice, 0.5)
    canvas.shapes.append(Box(ends[0], top, ends[-1], low, style.rule_ink, None, thin))
    high = top if closed else low - style.size * 0.35
    canvas.shapes += [Rule(at, high, at, low, thin, style.rule_ink) for at in ends[1:-1]]
    return area.y + style.size * 1.9


def comb_face(canvas: Canvas) -> Face:
    """The face in which characters stand equally far apart."""
    mono = canvas.fonts.families("mono")
    return (
        canvas.fonts.pick(canvas.dice, mono[len(canvas.style.body.family) % len(mono)]) if mono else canvas.style.value
    )
