"""Labels with their values, in all the ways that documents set them."""

from collections.abc import Sequence
from dataclasses import dataclass

from training.render.area import Area
from training.render.blocks.cells import set_cells, set_comb
from training.render.blocks.items import Item, note
from training.render.canvas import Canvas
from training.render.dice import chance
from training.render.page import Box, Rule

FAINT = (0.45, 0.45, 0.45)
# Names of layouts, and how often each is drawn.
SHARES = {
    "inline": 4.0,
    "gap": 5.0,
    "right": 3.0,
    "leader": 1.0,
    "dots": 0.8,
    "flush": 1.0,
    "above": 2.0,
    "capitals": 1.2,
    "below": 0.4,
    "table": 2.0,
    "boxed": 1.0,
    "underlined": 1.5,
    "cells": 1.5,
    "far_labels*": 2.5,
    "grid*": 1.5,
    "comb*": 1.0,
    "banded*": 2.0,
    "centred*": 0.7,
}


@dataclass(frozen=True, slots=True)
class _Setting:
    """How a group of items is set: all of them alike."""

    layout: str
    column: float  # from the left edge to the values
    pitch: float  # from line to line


def choose_layout(canvas: Canvas) -> str:
    """Choose one of the layouts by its weight."""
    return canvas.variant("pairs", list(SHARES), list(SHARES.values()))


def set_pairs(canvas: Canvas, items: Sequence[Item], area: Area, layout: str) -> float:
    """Set items one below the other in a column; give the y below the last."""
    if layout in {"cells", "grid"}:
        return set_cells(canvas, items, area, 2 if layout == "grid" else 0)
    setting = _settle(canvas, items, area.width, layout)
    y = area.y
    for index, entry in enumerate(items):
        if layout == "banded" and index % 2 == 0:
            low = y + max(setting.pitch, canvas.style.size * 1.35)
            canvas.shapes.append(Box(area.x - 3, y, area.right + 3, low, None, (0.93, 0.93, 0.93)))
        y = _set(canvas, entry, area.at(y), setting)
    return y


def _set(canvas: Canvas, entry: Item, area: Area, setting: _Setting) -> float:
    """Set one item; give the y below."""
    match setting.layout:
        case "inline":
            return _inline(canvas, entry, area, setting)
        case "dots":
            return _dotted(canvas, entry, area, setting)
        case "above" | "below" | "capitals" | "centred":
            return _stacked(canvas, entry, area, setting)
        case "table":
            return _table_row(canvas, entry, area, setting)
        case "comb":
            return set_comb(canvas, entry, area, setting.column)
        case _:
            return _in_columns(canvas, entry, area, setting)


def _settle(canvas: Canvas, items: Sequence[Item], width: float, layout: str) -> _Setting:
    style = canvas.style
    widest = max((style.label.width(_caption(canvas, i), style.label_size) for i in items), default=0)
    column = min(widest + style.size * canvas.dice.uniform(0.9, 2.5), width * 0.62)
    pitch = style.size * style.leading * canvas.dice.choice((1.0, 1.0, 1.25, 1.6))
    least = {"boxed": 1.7, "underlined": 1.5, "banded": 1.35}.get(layout, 0)
    return _Setting(layout, column, max(pitch, style.size * least))


def _caption(canvas: Canvas, entry: Item) -> str:
    return canvas.style.caption(entry.label) + canvas.style.colon


def _inline(canvas: Canvas, entry: Item, area: Area, setting: _Setting) -> float:
    """Label and value as one piece of text."""
    caption = _caption(canvas, entry)
    if not caption.endswith((":", ".")) and chance(canvas.dice, 0.7):
        caption = f"{caption}:"
    size = canvas.style.size
    run = canvas.text(
        f"{caption} {entry.value}", area.x, area.y + size * 0.95, canvas.style.body, size, within=area.width
    )
    note(canvas, entry, run)
    return area.y + setting.pitch


def _dotted(canvas: Canvas, entry: Item, area: Area, setting: _Setting) -> float:
    """Label, dots and value as one piece of text that fills the width."""
    face, size = canvas.style.body, canvas.style.size
    caption = canvas.style.caption(entry.label)
    room = area.width - face.width(f"{caption}  {entry.value}", size)
    dots = "." * int(room / face.width(".", size)) if room > 0 else ""
    text = f"{caption} {dots} {entry.value}" if len(dots) > 2 else f"{caption} {entry.value}"
    note(canvas, entry, canvas.text(text, area.x, area.y + size * 0.95, face, size, within=area.width))
    return area.y + setting.pitch


def _in_columns(canvas: Canvas, entry: Item, area: Area, setting: _Setting) -> float:
    """Label in one column, value in another: open, boxed, underlined, or at the far right."""
    style = canvas.style
    size, base = style.size, area.y + style.size * 0.95
    if setting.layout == "flush":
        return _flush(canvas, entry, area, setting)
    align, at = ("right", area.x + setting.column - size * 0.9) if setting.layout == "far_labels" else ("left", area.x)
    caption = _caption(canvas, entry)
    label = canvas.text(
        caption,
        at,
        base,
        style.label,
        style.label_size,
        align=align,
        ink=style.label_ink,
        within=setting.column - size * 0.7,
    )
    if setting.layout in {"right", "leader"}:
        end = canvas.runs[label].right
        run = canvas.text(
            entry.value, area.right, base, style.value, size, align="right", within=area.right - end - size
        )
        if setting.layout == "leader":
            _leader(canvas, end + 3, canvas.runs[run].x - 3, base)
    else:
        values = Area(area.x + setting.column, area.y, area.width - setting.column)
        inset = size * 0.4 if setting.layout == "boxed" else 0.0
        run = canvas.text(entry.value, values.x + inset, base, style.value, size, within=values.width - 2 * inset)
        _ground(canvas, values, base, setting.layout)
    note(canvas, entry, run)
    return area.y + setting.pitch


def _flush(canvas: Canvas, entry: Item, area: Area, setting: _Setting) -> float:
    """Keep both label and value to the right, as totals stand under their column."""
    style, base = canvas.style, area.y + canvas.style.size * 0.95
    split = area.right - (area.width - setting.column)
    run = canvas.text(
        entry.value, area.right, base, style.value, style.size, align="right", within=area.width - setting.column
    )
    end = min(split, canvas.runs[run].x - style.size)
    canvas.text(
        _caption(canvas, entry),
        end,
        base,
        style.label,
        style.label_size,
        align="right",
        ink=style.label_ink,
        within=end - area.x,
    )
    note(canvas, entry, run)
    return area.y + setting.pitch


def _ground(canvas: Canvas, area: Area, base: float, layout: str) -> None:
    """Draw what a value stands in or on."""
    style = canvas.style
    if layout == "boxed":
        canvas.shapes.append(
            Box(area.x, base - style.size, area.right, base + style.size * 0.35, style.rule_ink, width=style.rule_width)
        )
    elif layout == "underlined":
        low = base + style.size * 0.28
        canvas.shapes.append(Rule(area.x, low, area.right, low, style.rule_width, style.rule_ink))


def _leader(canvas: Canvas, x0: float, x1: float, base: float) -> None:
    """Draw dots from label to value, as shapes."""
    if x1 - x0 > canvas.style.size:
        canvas.shapes.append(Rule(x0, base - 0.5, x1, base - 0.5, 0.7, canvas.style.rule_ink, "[0.8 2.4] 0"))


def _stacked(canvas: Canvas, entry: Item, area: Area, setting: _Setting) -> float:
    """Label above its value, or below a line under it."""
    style, below = canvas.style, setting.layout == "below"
    capitals = setting.layout == "capitals"
    small = max(6.0, style.size * 0.68) if capitals else max(6.5, min(style.label_size, style.size * 0.85))
    caption = entry.label.upper() if capitals else style.caption(entry.label)
    ink = FAINT if capitals else style.label_ink
    value_base = area.y + style.size * 0.95 if below else area.y + small * 1.3 + style.size * 0.95
    label_base = value_base + small * 1.3 + style.size * 0.1 if below else area.y + small
    align = "middle" if setting.layout == "centred" else "left"
    at, room = area.edge(align), area.width
    run = canvas.text(entry.value, at, value_base, style.value, style.size, align=align, within=room)
    if below:
        _ground(canvas, area, value_base, "underlined")
    canvas.text(caption, at, label_base, style.label, small, align=align, ink=ink, within=room)
    note(canvas, entry, run)
    return max(value_base, label_base) + style.size * 0.85


def _table_row(canvas: Canvas, entry: Item, area: Area, setting: _Setting) -> float:
    """Label and value in two ruled cells."""
    style = canvas.style
    low, split, pad = area.y + style.size * 1.75, area.x + setting.column, style.size * 0.4
    shade = (0.93, 0.93, 0.93) if style.shaded else None
    canvas.shapes.append(Box(area.x, area.y, split, low, style.rule_ink, shade, style.rule_width))
    canvas.shapes.append(Box(split, area.y, area.right, low, style.rule_ink, None, style.rule_width))
    base = area.y + style.size * 1.2
    canvas.text(
        style.caption(entry.label), area.x + pad, base, style.label, style.label_size, within=setting.column - 2 * pad
    )
    run = canvas.text(entry.value, split + pad, base, style.value, style.size, within=area.right - split - 2 * pad)
    note(canvas, entry, run)
    return low


def set_strip(canvas: Canvas, items: Sequence[Item], area: Area) -> float:
    """Set items side by side: labels in a bar, values under them."""
    style, size = canvas.style, canvas.style.size
    inverse, ruled = chance(canvas.dice, 0.5), chance(canvas.dice, 0.5)
    low = area.y + size * 1.6
    canvas.shapes.append(
        Box(area.x, area.y, area.right, low, style.accent, style.accent if inverse else None, style.rule_width)
    )
    ink = (1.0, 1.0, 1.0) if inverse else style.label_ink
    width = area.width / len(items)
    for index, entry in enumerate(items):
        x, within = area.x + index * width + size * 0.35, width - size * 0.7
        canvas.text(style.caption(entry.label), x, area.y + size * 1.1, style.bold, size * 0.9, ink=ink, within=within)
        run = canvas.text(entry.value, x, low + size * 1.2, style.value, size, within=within)
        note(canvas, entry, run)
        if ruled:
            left = area.x + index * width
            canvas.shapes.append(Box(left, low, left + width, low + size * 1.7, style.rule_ink, None, style.rule_width))
    return low + size * 2.2
