"""The head of a page: who writes, with a mark and an address, and what the page is."""

from training.render.area import Area
from training.render.blocks.items import item
from training.render.blocks.prose import set_lines
from training.render.canvas import Canvas
from training.render.dice import chance
from training.render.page import Box, Disc, Rule

TITLE_VARIANTS = (
    "left",
    "right",
    "middle",
    "band",
    "opposite",
    "ruled",
    "edge",
    "title_first*",
    "boxed*",
    "corner*",
)
WHITE = (1.0, 1.0, 1.0)


def set_head(canvas: Canvas, field: str, name: str, title: str, variant: str) -> float:
    """Set the name of who issues the page, noted as `field`, if not empty, and the page's title; give the y below."""
    style, size = canvas.style, min(canvas.style.heading_size, 22)
    wide = canvas.across(style.margin)
    half = wide.width * 0.56
    canvas.house = name
    if variant == "band":
        return _band(canvas, field, name, title, size)
    align = variant if variant in {"right", "middle"} else "left"
    y = _above_name(canvas, title, variant, size)
    if name:
        canvas.fact(
            field, canvas.text(name, wide.edge(align), y + size * 0.95, style.heading, size, align=align, within=half)
        )
    after = _contact(canvas, wide.at(y + size * 1.4), align)
    if variant == "middle" and title:
        canvas.text(title, wide.middle, after + size * 1.2, style.bold, size, align="middle")
        after += size * 1.7
    elif variant not in {"title_first", "boxed"} and title:
        side = "left" if variant == "right" else "right"
        large = size * canvas.dice.uniform(0.9, 1.3)
        canvas.text(title, wide.edge(side), y + size * 1.1, style.bold, large, align=side, within=half * 0.7)
    if variant == "ruled":
        low = max(after, y + size * 1.8)
        canvas.shapes.append(Rule(wide.x, low, wide.right, low, 1.2, style.accent))
        after = low + style.size
    return max(after, y + size * 1.8)


def _above_name(canvas: Canvas, title: str, variant: str, size: float) -> float:
    """Set what stands above the name: the title, a mark, or colour at an edge of the paper; give the y below."""
    style, wide = canvas.style, canvas.across(canvas.style.margin)
    y = wide.y
    if variant in {"title_first", "boxed"} and title:
        canvas.text(title, wide.x + 6, y + size * 1.2, style.heading, size * 1.2, within=wide.width * 0.56)
        if variant == "boxed":
            canvas.shapes.append(Box(wide.x, y - 2, wide.right, y + size * 1.7, style.rule_ink, None, 1.0))
        return y + size * 2.1
    if variant == "edge":
        canvas.shapes.append(Box(0, 0, min(8.0, wide.x * 0.4), canvas.height, None, style.accent))
    elif variant == "corner":
        canvas.shapes.append(Box(wide.x + wide.width * 0.56, 0, canvas.width, y * 0.7, None, style.accent))
    if variant != "middle" and chance(canvas.dice, 0.35):
        y = _logo(canvas, wide.at(y), variant if variant == "right" else "left")
    return y


def _band(canvas: Canvas, field: str, name: str, title: str, size: float) -> float:
    """Set name and title in white on a dark band over the whole width."""
    style, wide = canvas.style, canvas.across(canvas.style.margin)
    base = wide.y + size
    canvas.shapes.append(Box(0, 0, canvas.width, wide.y + size * 1.7, None, style.accent))
    if name:
        canvas.fact(field, canvas.text(name, wide.x, base, style.heading, size, ink=WHITE, within=wide.width * 0.56))
    if title:
        canvas.text(title, wide.right, base, style.bold, size * 0.9, align="right", ink=WHITE, within=wide.width * 0.38)
    return _contact(canvas, wide.at(wide.y + size * 2.1), "left")


def set_sender_line(canvas: Canvas, area: Area) -> float:
    """Set who sends in small type over an address, as windows of envelopes show it; give the y below."""
    dice, style, values = canvas.dice, canvas.style, canvas.values
    size = dice.uniform(6.0, 7.0)
    parts = (canvas.house, values.street(), f"{values.postal()} {values.city()}")
    text = dice.choice((" - ", " | ", ", ", " • ", " – ")).join(parts)
    if not canvas.house or style.body.width(text, size) > area.width or not style.body.has(text):
        return area.y
    run = canvas.text(text, area.x, area.y + size, style.body, size, ink=style.label_ink)
    if chance(dice, 0.6):
        low = area.y + size * 1.35
        canvas.shapes.append(Rule(area.x, low, canvas.runs[run].right, low, 0.3, style.rule_ink))
    return area.y + size * 2.2


def _logo(canvas: Canvas, area: Area, align: str) -> float:
    """Draw a mark; give the y below."""
    dice, style = canvas.dice, canvas.style
    side = dice.uniform(22, 44)
    x, y = (area.right - side if align == "right" else area.x), area.y
    pale = (0.85, 0.85, 0.85)
    match dice.choice(("round", "bars", "letters", "rings", "halves")):
        case "bars":
            for number in range(4):
                high = y + side * dice.uniform(0, 0.6)
                left = x + side * number / 4
                canvas.shapes.append(Box(left, high, left + side * 0.18, y + side, None, style.accent))
        case "letters":
            shape = dice.choice((Box, Disc))
            canvas.shapes.append(shape(x, y, x + side, y + side, None, style.accent))
            letters = canvas.values.invented(2, 2)[:2].upper()
            canvas.text(letters, x + side / 2, y + side * 0.66, style.bold, side * 0.45, align="middle", ink=WHITE)
        case "rings":
            for number in range(3):
                left = x + side * 0.3 * number
                canvas.shapes.append(
                    Disc(left, y + side * 0.2, left + side * 0.5, y + side * 0.7, style.accent, None, 2)
                )
        case "halves":
            canvas.shapes.append(Box(x, y, x + side / 2, y + side, None, style.accent))
            canvas.shapes.append(Box(x + side / 2, y + side / 2, x + side, y + side, None, pale))
        case _:
            shape = dice.choice((Disc, Box))
            canvas.shapes.append(shape(x, y, x + side, y + side, None, style.accent))
            canvas.shapes.append(Disc(x + side * 0.3, y + side * 0.3, x + side * 0.8, y + side * 0.8, None, pale))
    return y + side + 6


def _contact(canvas: Canvas, area: Area, align: str) -> float:
    """Set the issuer's address, sometimes with phone, mail or VAT number; give the y below."""
    dice, values, style = canvas.dice, canvas.values, canvas.style
    lines = values.address() if chance(dice, 0.85) else []
    canvas.present.update(("city", "postal_code"))
    if chance(dice, 0.4):
        lines.append(dice.choice((f"{canvas.say('tel')}: {values.phone()}", values.email(), values.website())))
        canvas.present.update(("phone", "email"))
    if chance(dice, 0.2) and len(lines) > 1:
        lines = [dice.choice((", ", " – ", " | ")).join(lines)]
    narrow = Area(
        area.edge(align) - {"left": 0, "right": 0.56, "middle": 0.28}[align] * area.width, area.y, area.width * 0.56
    )
    y, _ = set_lines(canvas, lines, narrow, size=style.label_size, align=align)
    if canvas.family in {"invoice", "receipt"} and chance(dice, 0.25):
        vat = item(canvas, "vat_number", values.vat())
        run = canvas.text(
            f"{vat.label}: {vat.value}",
            narrow.edge(align),
            y + style.size * 0.95,
            style.body,
            style.label_size,
            align=align,
        )
        canvas.fact("vat_number", run, vat.value, vat.label)
        y += style.size * style.leading
    return y
