"""The foot of a page: small print, page numbers, the numbers of the house."""

from collections.abc import Sequence

from training.render.area import Area
from training.render.blocks.items import Item, item, note
from training.render.canvas import Canvas
from training.render.dice import chance
from training.render.page import Rule


def set_foot(canvas: Canvas) -> None:
    """Set small print at the foot, sometimes: how to reach the company, a page number, a line of prose."""
    dice, style, values = canvas.dice, canvas.style, canvas.values
    if chance(dice, 0.35):
        return
    size = max(6.5, min(8.0, style.size * 0.8))
    texts = {
        "contact": f"{values.website()}   {canvas.say('tel')} {values.phone()}",
        "page": canvas.say("pages"),
        "thanks": canvas.say("foot_thanks") if chance(dice, 0.8) else values.sentence(6, 14),
        "web": values.website(),
    }
    kind = dice.choice(list(texts))
    if kind == "contact":
        canvas.present.add("phone")
    align = dice.choice(("middle", "left", "right"))
    base, at = canvas.height - style.margin * 0.6, canvas.across(0).edge(align)
    canvas.text(
        texts[kind], at, base, style.body, size, align=align, ink=style.label_ink, within=canvas.right - canvas.left
    )


def set_foot_columns(canvas: Canvas, items: Sequence[Item]) -> None:
    """Set items as small print at the page's foot, in a column beside the address and other numbers of the house."""
    dice, style = canvas.dice, canvas.style
    size = dice.choice((6.0, 6.5, 7.0, 7.5)) if style.size < 11 else 7.5
    others = _house(canvas)
    columns: list[Sequence[Item | str]] = [items, *others[: dice.choice((1, 2, 2, 3))]]
    dice.shuffle(columns)
    wide = canvas.across(canvas.bottom - size * 1.3 * max(map(len, columns)))
    if chance(dice, 0.8):
        canvas.shapes.append(Rule(wide.x, wide.y - 3, wide.right, wide.y - 3, style.rule_width, style.rule_ink))
    canvas.foot = wide.y - 6
    ink = style.label_ink if chance(dice, 0.5) else style.ink
    for index, column in enumerate(columns):
        area = Area(wide.x + wide.width / len(columns) * index, wide.y, wide.width / len(columns) - size)
        for number, line in enumerate(column):
            text = line if isinstance(line, str) else f"{line.label}{dice.choice((':', ''))} {line.value}"
            base = area.y + size * (0.95 + 1.3 * number)
            run = canvas.text(text, area.x, base, style.body, size, ink=ink, within=area.width)
            if not isinstance(line, str):
                note(canvas, line, run)


def _house(canvas: Canvas) -> list[list[Item | str]]:
    """Make up columns of what houses print at the foot: address, ways to reach them, register and tax, directors."""
    dice, values = canvas.dice, canvas.values
    canvas.present.update(("phone", "email", "city", "postal_code"))
    tax: list[Item | str] = [f"{canvas.say('register')} {dice.randint(1000, 999999)}", values.city()]
    if "vat_number" not in canvas.present and canvas.family == "invoice" and chance(dice, 0.6):
        tax.append(item(canvas, "vat_number", values.vat()))
    columns: list[list[Item | str]] = [
        [*filter(None, [canvas.house]), *values.address()],
        [f"{canvas.say('tel')} {values.phone()}", values.email(), values.website()],
        tax,
        [canvas.say("managers"), values.person()],
    ]
    dice.shuffle(columns)
    return columns
