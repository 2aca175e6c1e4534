"""Labels with their values, in all the ways that documents set them."""

from collections.abc import Sequence
from dataclasses import dataclass

from training.render.canvas import Canvas
from training.render.fields import FIELDS, labels
from training.render.page import Box, Rule

VAGUE = {
    "From",
    "To",
    "On",
    "At",
    "Name",
    "Number",
    "No.",
    "Due",
    "Until",
    "Through",
    "Day",
    "Hour",
    "Account",
    "Customer",
    "Company",
    "Re",
    "RE",
    "Bank",
}
LAYOUTS = (
    "inline", "gap", "right", "leader", "above", "below", "table", "boxed", "underlined", "far_labels*", "grid*",
)  # fmt: skip
WEIGHTS = (4, 5, 3, 1, 2, 0.4, 2, 1, 1.5, 2.5, 2)


@dataclass(frozen=True, slots=True)
class Item:
    """A label and a value; `field` names what it answers, or "label" where it is asked only by what is printed."""

    field: str
    label: str
    value: str


def item(canvas: Canvas, field: str, value: str) -> Item:
    """A field's item, under one of its labels."""
    return Item(field, canvas.dice.choice(labels(FIELDS[field], canvas.split)), value)


def note(canvas: Canvas, item: Item, run: int) -> None:
    """Note the fact that an item's value stands in this run."""
    canvas.labels.add(item.label.lower())
    if item.field == "label":
        plain = item.label.rstrip(".")
        lowered = plain.lower() if not plain.isupper() else plain
        canvas.asked("label", (plain, f"What is the {lowered}?", lowered, f"{plain}:"), run, item.value)
    elif item.field:
        canvas.fact(item.field, run, item.value, "" if item.label in VAGUE else item.label)


def choose_layout(canvas: Canvas) -> str:
    """One of the layouts by its weight."""
    return canvas.variant("pairs", LAYOUTS, WEIGHTS)


def set_pairs(canvas: Canvas, items: Sequence[Item], x: float, y: float, width: float, layout: str) -> float:  # noqa: PLR0913
    """Set items one below the other in a column; gives the y below the last."""
    style = canvas.style
    captions = [style.caption(i.label) + style.colon for i in items]
    column = max((style.label.width(c, style.label_size) for c in captions), default=0) + style.size * canvas.dice.uniform(0.9, 2.5)
    column = min(column, width * 0.62)
    pitch = style.size * style.leading * canvas.dice.choice((1.0, 1.0, 1.25, 1.6))
    for index, (entry, caption) in enumerate(zip(items, captions, strict=True)):
        match layout:
            case "inline":
                y = _inline(canvas, entry, caption, x, y, width, pitch)
            case "above" | "below":
                y = _stacked(canvas, entry, x, y, width, below=layout == "below")
            case "table":
                y = _table_row(canvas, entry, x, y, width, column)
            case "grid":
                y = _grid_cell(canvas, entry, x, y, width, index)
            case _:
                y = _in_columns(canvas, entry, caption, x, y, width, pitch, column, layout)
    if layout == "grid" and len(items) % 2:
        y += style.size * 2.9
    return y


def _inline(canvas: Canvas, entry: Item, caption: str, x: float, y: float, width: float, pitch: float) -> float:  # noqa: PLR0913
    style = canvas.style
    caption = caption if caption.rstrip().endswith((":", ".")) or canvas.dice.random() < 0.3 else f"{caption.rstrip()}:"  # noqa: PLR2004
    run = canvas.text(f"{caption} {entry.value}", x, y + style.size * 0.95, style.body, style.size, within=width)
    note(canvas, entry, run)
    return y + pitch


def _in_columns(  # noqa: PLR0913
    canvas: Canvas, entry: Item, caption: str, x: float, y: float, width: float, pitch: float, column: float, layout: str
) -> float:
    style = canvas.style
    base = y + style.size * 0.95
    align, at = ("right", x + column - style.size * 0.9) if layout == "far_labels" else ("left", x)
    label = canvas.runs[
        canvas.text(caption, at, base, style.label, style.label_size, align=align, ink=style.label_ink, within=column - style.size * 0.7)
    ]
    room = width - column
    if layout in {"right", "leader"}:
        run = canvas.text(entry.value, x + width, base, style.value, style.size, align="right", within=width - (label.right - x) - style.size)
        if layout == "leader":
            _leader(canvas, label.right + 3, canvas.runs[run].x - 3, base)
    else:
        inset = style.size * 0.4 if layout == "boxed" else 0.0
        run = canvas.text(entry.value, x + column + inset, base, style.value, style.size, within=room - 2 * inset)
    if layout == "boxed":
        canvas.shapes.append(Box(x + column, base - style.size, x + width, base + style.size * 0.35, style.rule_ink, width=style.rule_width))
        pitch = max(pitch, style.size * 1.7)
    elif layout == "underlined":
        low = base + style.size * 0.28
        canvas.shapes.append(Rule(x + column, low, x + width, low, style.rule_width, style.rule_ink))
        pitch = max(pitch, style.size * 1.5)
    note(canvas, entry, run)
    return y + pitch


def _leader(canvas: Canvas, x0: float, x1: float, base: float) -> None:
    """Dots from label to value, as shapes."""
    if x1 - x0 > canvas.style.size:
        canvas.shapes.append(Rule(x0, base - 0.5, x1, base - 0.5, 0.7, canvas.style.rule_ink, "[0.8 2.4] 0"))


def _stacked(canvas: Canvas, entry: Item, x: float, y: float, width: float, *, below: bool) -> float:  # noqa: PLR0913
    style = canvas.style
    small = max(6.5, min(style.label_size, style.size * 0.85))
    value_base = y + style.size * 0.95 if below else y + small * 1.3 + style.size * 0.95
    label_base = value_base + small * 1.3 + style.size * 0.1 if below else y + small
    run = canvas.text(entry.value, x, value_base, style.value, style.size, within=width)
    if below:
        low = value_base + style.size * 0.28
        canvas.shapes.append(Rule(x, low, x + width, low, style.rule_width, style.rule_ink))
    canvas.text(style.caption(entry.label), x, label_base, style.label, small, ink=style.label_ink, within=width)
    note(canvas, entry, run)
    return max(value_base, label_base) + style.size * 0.85


def _table_row(canvas: Canvas, entry: Item, x: float, y: float, width: float, column: float) -> float:  # noqa: PLR0913
    style = canvas.style
    high, pad = style.size * 1.75, style.size * 0.4
    shade = (0.93, 0.93, 0.93) if canvas.style.rule_width < 0.6 else None  # noqa: PLR2004
    canvas.shapes.append(Box(x, y, x + column, y + high, style.rule_ink, shade, style.rule_width))
    canvas.shapes.append(Box(x + column, y, x + width, y + high, style.rule_ink, None, style.rule_width))
    base = y + style.size * 1.2
    canvas.text(style.caption(entry.label), x + pad, base, style.label, style.label_size, within=column - 2 * pad)
    run = canvas.text(entry.value, x + column + pad, base, style.value, style.size, within=width - column - 2 * pad)
    note(canvas, entry, run)
    return y + high


def _grid_cell(canvas: Canvas, entry: Item, x: float, y: float, width: float, index: int) -> float:  # noqa: PLR0913
    """Cells two abreast, the label small in the corner; moves down after every second."""
    style = canvas.style
    half, high, pad = width / 2, style.size * 2.9, style.size * 0.35
    x += half * (index % 2)
    small = max(6.0, style.size * 0.68)
    canvas.shapes.append(Box(x, y, x + half, y + high, style.rule_ink, None, style.rule_width))
    canvas.text(style.caption(entry.label), x + pad, y + small * 1.15, style.label, small, ink=style.label_ink, within=half - 2 * pad)
    run = canvas.text(entry.value, x + pad, y + small * 1.2 + style.size * 1.25, style.value, style.size, within=half - 2 * pad)
    note(canvas, entry, run)
    return y + high if index % 2 else y


def set_strip(canvas: Canvas, items: Sequence[Item], x: float, y: float, width: float) -> float:
    """Items side by side: labels in a bar, values under them."""
    style = canvas.style
    cell = width / len(items)
    inverse = canvas.dice.random() < 0.5  # noqa: PLR2004
    bar = style.size * 1.6
    canvas.shapes.append(Box(x, y, x + width, y + bar, style.accent, style.accent if inverse else None, style.rule_width))
    ruled = canvas.dice.random() < 0.5  # noqa: PLR2004
    for index, entry in enumerate(items):
        at = x + index * cell + style.size * 0.35
        ink = (1.0, 1.0, 1.0) if inverse else style.label_ink
        canvas.text(style.caption(entry.label), at, y + style.size * 1.1, style.bold, style.size * 0.9, ink=ink, within=cell - style.size * 0.7)
        run = canvas.text(entry.value, at, y + bar + style.size * 1.2, style.value, style.size, within=cell - style.size * 0.7)
        note(canvas, entry, run)
        if ruled:
            canvas.shapes.append(
                Box(x + index * cell, y + bar, x + (index + 1) * cell, y + bar + style.size * 1.7, style.rule_ink, None, style.rule_width)
            )
    return y + bar + style.size * 2.2
