"""What an invoice comes to: subtotal, taxes, total."""

from training.render.area import Area
from training.render.blocks.items import Item, item
from training.render.blocks.pairs import set_pairs
from training.render.blocks.tables import tint
from training.render.canvas import Canvas
from training.render.dice import chance
from training.render.families.goods import Sums, percent
from training.render.languages import kept
from training.render.page import Box, Rule

VARIANTS = (
    "right",
    "right_bold",
    "right_boxed",
    "left",
    "wide",
    "table",
    "shaded",
    "dots",
    "inverse*",
    "framed*",
    "banded*",
)
BIG = {"right_bold", "right_boxed", "inverse", "shaded", "framed"}  # whose total may be larger


def set_totals(canvas: Canvas, sums: Sums, y: float) -> float:
    """Set subtotal, tax and total, as far as they are kept, right under the amounts or elsewhere."""
    dice, size = canvas.dice, canvas.style.size
    items = _items(canvas, sums)
    variant = canvas.variant("totals", VARIANTS)
    wide = canvas.across(y + size * 0.5)
    width = wide.width * dice.uniform(0.36, 0.46)
    area = Area(wide.x if variant == "left" else wide.right - width, wide.y, width)
    if variant in {"wide", "dots", "banded", "table"}:
        layout = {"wide": "right"}.get(variant, variant)
        return set_pairs(canvas, items, wide if variant == "wide" else area, layout) + size
    last = items.pop() if items and items[-1].field == "total" and variant in BIG else None
    ground = len(canvas.shapes)
    y = set_pairs(canvas, items, area, dice.choice(("right", "right", "gap", "flush")))
    y = _big_total(canvas, last, area.at(y), variant) if last else y
    if variant in {"shaded", "framed"} and y > area.y:
        fill = tint(canvas.style.accent, 0.1) if variant == "shaded" else None
        stroke = canvas.style.rule_ink if variant == "framed" else None
        box = Box(area.x - 8, area.y - size * 0.4, area.right + 8, y + size * 0.3, stroke, fill, 0.8)
        canvas.shapes.insert(ground, box)
    return y + size


def _items(canvas: Canvas, sums: Sums) -> list[Item]:
    """Choose which sums are told. Taxes at two rates have a line each, asked by what is printed."""
    dice, values = canvas.dice, canvas.values
    items = [item(canvas, "subtotal", values.money(sums.net))] if chance(dice, 0.62) else []
    if chance(dice, 0.2):
        items.insert(0, Item("label", canvas.say("charges"), values.money(values.cents(4))))
    if len(sums.taxes) > 1:
        canvas.present.add("tax")
        items += [Item("label", _rated(canvas, rate), values.money(cents)) for rate, cents in sums.taxes]
    elif chance(dice, 0.68):
        tax = item(canvas, "tax", values.money(sums.tax))
        rated = Item("tax", _rated(canvas, sums.taxes[0][0]), tax.value)
        items.append(rated if chance(dice, 0.4) else tax)
    if chance(dice, 0.9):
        items.append(item(canvas, "total", values.money(sums.net + sums.tax)))
    return items


def _rated(canvas: Canvas, rate: float) -> str:
    """The label of a tax that tells its rate."""
    told = percent(canvas.values, rate)
    return canvas.dice.choice(kept([form.format(rate=told) for form in canvas.phrases("tax_lines")], canvas.split))


def _big_total(canvas: Canvas, total: Item, area: Area, variant: str) -> float:
    """Set the total in larger type, under a rule, in a box or in an inverse bar."""
    style = canvas.style
    size = style.size * canvas.dice.uniform(1.0, 1.5)
    low, base, ink = area.y + size * 1.9, area.y + size * 1.25, None
    if variant == "inverse":
        canvas.shapes.append(Box(area.x - 6, area.y, area.right + 6, low, None, style.accent))
        ink = (1.0, 1.0, 1.0)
    elif variant == "right_boxed":
        canvas.shapes.append(Box(area.x - 6, area.y, area.right + 6, low, style.rule_ink, None, 1.0))
    elif variant == "right_bold":
        canvas.shapes.append(Rule(area.x, area.y, area.right, area.y, 1.0, style.rule_ink))
    label = canvas.text(style.caption(total.label), area.x, base, style.bold, size, ink=ink, within=area.width * 0.52)
    room = area.right - canvas.runs[label].right - size * 0.8
    run = canvas.text(total.value, area.right, base, style.bold, size, align="right", ink=ink, within=room)
    canvas.fact("total", run, label=total.label)
    return low
