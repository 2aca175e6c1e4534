"""Slips: a few labels with their values and nothing beside. They teach meanings: many labels for few words."""

from training.render.area import Area
from training.render.blocks.items import Item
from training.render.blocks.pairs import choose_layout, set_pairs
from training.render.canvas import Canvas
from training.render.concepts import CONCEPTS, THEMES, kept_labels
from training.render.dice import chance
from training.render.families.form import labelled, strange_labels
from training.render.fields import missing
from training.render.page import Page

PAPER = ((300.0, 470.0), (150.0, 300.0))  # points: widths and heights that are drawn


def compose_slip(canvas: Canvas) -> Page:
    """Compose one group of labels in a column or two; each concept comes as often as any other."""
    dice, style = canvas.dice, canvas.style
    entries = labelled(canvas, [], _offers(canvas), dice.randint(4, 10))
    columns = dice.choice((1, 1, 2)) if len(entries) > 4 else 1
    gap = style.size * 2
    width = (canvas.right - canvas.left - gap * (columns - 1)) / columns
    layout = choose_layout(canvas)
    for column in range(columns):
        mine: list[Item] = entries[column::columns]
        if mine:
            set_pairs(canvas, mine, Area(canvas.left + column * (width + gap), style.margin, width), layout)
    return canvas.finish(missing("form", canvas.present), strange_labels(canvas, 3))


def _offers(canvas: Canvas) -> list[tuple[str, str]]:
    """A label and its kind for every concept in random order, at times those of one walk of life first."""
    dice = canvas.dice
    first = dice.choice(THEMES) if chance(dice, 0.4) else ""
    order = sorted(CONCEPTS.values(), key=lambda c: (c.theme != first, dice.random()))
    return [(dice.choice(kept_labels(c.name, canvas.split, canvas.language)), c.kind) for c in order]
