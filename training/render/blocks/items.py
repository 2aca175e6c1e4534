"""Labels with their values: what is set, and which facts come of it."""

from dataclasses import dataclass

from training.render.canvas import Canvas
from training.render.fields import FIELDS, labels

PERIOD = "period"  # the field of an item whose value is two dates
BETWEEN = ("–", "-")  # what stands between them in any language


@dataclass(frozen=True, slots=True)
class Item:
    """A label and a value; `field` names what it answers, or is "label" (asked by what is printed) or PERIOD."""

    field: str
    label: str
    value: str


def item(canvas: Canvas, field: str, value: str) -> Item:
    """Make a field's item, under one of its labels."""
    return Item(field, canvas.dice.choice(labels(FIELDS[field], canvas.split, canvas.language)), value)


def note(canvas: Canvas, entry: Item, run: int) -> None:
    """Note the fact that an item's value stands in this run."""
    canvas.labels.add(entry.label.lower())
    if entry.field == "label":
        plain = entry.label.rstrip(".")
        lowered = plain.lower() if not plain.isupper() else plain
        prompts = (plain, f"What is the {lowered}?", lowered, f"{plain}:")
        canvas.asked("label", prompts, run, entry.value, entry.label)
    elif entry.field == PERIOD:
        words = (*BETWEEN, *canvas.phrases("between"))
        between = next(f" {word} " for word in words if f" {word} " in entry.value)
        for name, date in zip(("period_start", "period_end"), entry.value.split(between), strict=True):
            canvas.fact(name, run, date)
    else:
        canvas.fact(entry.field, run, entry.value, entry.label)
