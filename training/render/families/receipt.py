"""Till receipts: narrow paper, a few centred lines, what was bought, what was paid."""

from training.render.area import Area
from training.render.blocks.extras import extra_items
from training.render.blocks.items import Item, item, note
from training.render.blocks.marks import set_bars
from training.render.blocks.pairs import set_pairs
from training.render.blocks.prose import set_lines, wrap
from training.render.canvas import Canvas
from training.render.dice import chance
from training.render.fields import missing
from training.render.page import Grid, Page, Rule

STATED = (  # concepts that receipts print
    "table_number",
    "terminal_number",
    "authorisation_code",
    "card_number",
    "member_number",
    "room_number",
    "tax_number",
)


def compose_receipt(canvas: Canvas) -> Page:
    """Compose a receipt as long as it needs to be."""
    y = _shop(canvas)
    y = _meta(canvas, _separator(canvas, y))
    net, y = _goods(canvas, _separator(canvas, y))
    y = _sums(canvas, net, _separator(canvas, y))
    y = _foot(canvas, y)
    canvas.height = max(y + canvas.dice.uniform(10, 60), 160.0)
    return canvas.finish(missing("receipt", canvas.present))


def _shop(canvas: Canvas) -> float:
    """Set the shop's name and address on top; give the y below."""
    dice, style, values = canvas.dice, canvas.style, canvas.values
    variant = canvas.variant("shop", ("middle", "left", "plain", "upper", "after_title*"))
    align = "left" if variant in {"left", "plain"} else "middle"
    area = canvas.across(style.margin + 4)
    y = area.y
    if variant == "after_title":
        title = canvas.say("receipt_titles")
        canvas.text(title, area.edge(align), y + style.size, style.bold, style.size * 1.1, align=align)
        y += style.size * 2
    if chance(dice, 0.9):
        name = values.shop().upper() if variant == "upper" else values.shop()
        size = min(style.heading_size, style.size * 1.7)
        face = style.body if variant == "plain" else style.heading
        canvas.fact(
            "merchant", canvas.text(name, area.edge(align), y + size, face, size, align=align, within=area.width)
        )
        y += size * 1.4
    lines = values.address()
    canvas.present.update(("city", "postal_code"))
    if chance(dice, 0.5):
        canvas.present.add("phone")
        lines.append(f"{canvas.say('tel')} {values.phone()}")
    y, _ = set_lines(canvas, lines, area.at(y), align=align)
    if chance(dice, 0.4):
        vat = item(canvas, "vat_number", values.vat())
        y, runs = set_lines(canvas, [f"{vat.label}: {vat.value}"], area.at(y), align=align)
        canvas.fact("vat_number", runs[0], vat.value, vat.label)
    return y


def _separator(canvas: Canvas, y: float) -> float:
    """Set a line across: drawn, dashed, of characters, or none."""
    style, dice = canvas.style, canvas.dice
    kind = dice.choice(("none", "rule", "dashed", "characters"))
    if kind == "characters":
        mark = dice.choice("-=*_.")
        count = int((canvas.right - canvas.left) / style.body.width(mark, style.size))
        canvas.text(mark * count, canvas.left, y + style.size, style.body, style.size)
        return y + style.size * style.leading
    if kind != "none":
        middle = y + style.size * 0.6
        canvas.shapes.append(
            Rule(
                canvas.left,
                middle,
                canvas.right,
                middle,
                style.rule_width,
                style.rule_ink,
                "[3 2] 0" if kind == "dashed" else "",
            )
        )
    return y + style.size * 1.2


def _meta(canvas: Canvas, y: float) -> float:
    """Set date, time, number, cashier: labelled one below the other, or date and time bare on one line."""
    dice, values = canvas.dice, canvas.values
    offers = (
        ("receipt_number", values.identifier(("R", "T", "B")), 0.68),
        ("date", values.date(), 0.85),
        ("time", values.clock(), 0.64),
        ("cashier", values.first_name() if chance(dice, 0.6) else values.person(), 0.6),
    )
    kept = {name: value for name, value, share in offers if chance(dice, share)}
    if "date" in kept and "time" in kept and chance(dice, 0.5):
        y = _date_and_time(canvas, kept.pop("date"), kept.pop("time"), y)
    items = [item(canvas, name, value) for name, value in kept.items()]
    if chance(dice, 0.4):
        items.append(Item("label", canvas.say("tills"), str(dice.randint(1, 999))))
    if chance(dice, 0.35):
        items += extra_items(canvas, STATED, dice.choice((1, 1, 2)), items)
    dice.shuffle(items)
    layout = canvas.variant("meta", ("inline", "right", "gap", "leader", "far_labels*"))
    return set_pairs(canvas, items, canvas.across(y), layout)


def _date_and_time(canvas: Canvas, date: str, time: str, y: float) -> float:
    """Set both bare on one line, together or at its two ends."""
    style, area = canvas.style, canvas.across(y)
    base = y + style.size * 0.95
    if chance(canvas.dice, 0.5):
        run = canvas.text(f"{date} {time}", area.x, base, style.body, style.size, within=area.width)
        canvas.fact("date", run, date)
        canvas.fact("time", run, time)
    else:
        canvas.fact("date", canvas.text(date, area.x, base, style.body, style.size, within=area.width * 0.6))
        canvas.fact(
            "time", canvas.text(time, area.right, base, style.body, style.size, align="right", within=area.width * 0.35)
        )
    return y + style.size * style.leading * 1.1


def _goods(canvas: Canvas, y: float) -> tuple[int, float]:
    """Set the lines of what was bought; give what they cost in cents and the y below."""
    dice, style, values = canvas.dice, canvas.style, canvas.values
    variant = canvas.variant("goods", ("plain", "counted", "two_lines", "coded", "classed", "at*", "starred*"))
    show = values.money if chance(dice, 0.25) else values.number
    net, bought, rows = 0, [], []
    for _ in range(dice.randint(1, 14)):
        count, cents, name = dice.choice((1, 1, 1, 2, 3, 6)), values.cents(4), values.item()
        net += count * cents
        shown = {
            "counted": f"{count} {name}",
            "at": f"{count} x {name}",
            "coded": f"{dice.randint(100, 99999)} {name}",
        }.get(variant, name)
        told = show(count * cents) + {"classed": f" {dice.choice('AB')}", "starred": " *"}.get(variant, "")
        price = canvas.text(told, canvas.right, y + style.size * 0.95, style.body, style.size, align="right")
        area = Area(canvas.left, y, canvas.runs[price].x - canvas.left - style.size)
        y, _ = set_lines(canvas, wrap(style.body, shown, style.size, area.width), area)
        if variant == "two_lines" and count > 1:
            y, _ = set_lines(canvas, [f"{count} x {show(cents)}"], Area(area.x + style.size * 2, y, area.width))
        bought.append((name, price, show(count * cents)))
        counted = count if variant in {"counted", "at"} or (variant == "two_lines" and count > 1) else ""
        each = show(cents) if variant == "two_lines" and count > 1 else ""
        rows.append((name, str(counted), each, show(count * cents)))
    canvas.tables.append(Grid(("description", "quantity", "unit_price", "amount"), (), tuple(rows)))
    names = [name for name, _, _ in bought]
    for name, price, told in dice.sample(bought, min(3, len(bought))):
        if names.count(name) == 1:
            canvas.asked(
                "cell",
                (f"price of {name}", f"What does the {name} cost?", f"amount of {name}", f"Amount of {name}"),
                price,
                told,
            )
    return net, y


def _sums(canvas: Canvas, net: int, y: float) -> float:
    """Set subtotal, tax, total, and how it was paid."""
    dice, values = canvas.dice, canvas.values
    tax = round(net * dice.choice((0.07, 0.1, 0.2, 0.055)))
    offers = (("subtotal", net, 0.4), ("tax", tax, 0.65))
    items = [item(canvas, name, values.money(cents)) for name, cents, share in offers if chance(dice, share)]
    y = set_pairs(canvas, items, canvas.across(y), "right")
    if chance(dice, 0.9):
        y = _total(canvas, item(canvas, "total", values.money(net + tax)), y)
    if chance(dice, 0.65):
        y = _paid(canvas, y, net + tax)
    return y


def _paid(canvas: Canvas, y: float, cents: int) -> float:
    """Set the means of payment, with a label or in the label's place, and the change."""
    dice, style, values = canvas.dice, canvas.style, canvas.values
    method, area = canvas.say("methods"), canvas.across(y)
    if chance(dice, 0.5) or "total" not in canvas.present:
        y = set_pairs(canvas, [item(canvas, "payment_method", method)], area, dice.choice(("inline", "right", "gap")))
    else:
        base = y + style.size * 0.95
        canvas.fact(
            "payment_method", canvas.text(method, area.x, base, style.body, style.size, within=area.width * 0.5)
        )
        canvas.text(
            values.number(cents), area.right, base, style.body, style.size, align="right", within=area.width * 0.4
        )
        y += style.size * style.leading
    if chance(dice, 0.3):
        y = set_pairs(
            canvas, [Item("label", canvas.say("change"), values.money(dice.randint(1, 2000)))], area.at(y), "right"
        )
    return y


def _total(canvas: Canvas, total: Item, y: float) -> float:
    """Set the total, often in larger and bold type."""
    dice, style, area = canvas.dice, canvas.style, canvas.across(y)
    face, size = dice.choice((style.bold, style.body)), style.size * dice.choice((1.0, 1.15, 1.4, 1.7))
    caption = total.label.upper() if chance(dice, 0.5) else total.label
    label = canvas.text(caption, area.x, y + size, face, size, within=area.width * 0.55)
    room = area.right - canvas.runs[label].right - size * 0.6
    note(canvas, total, canvas.text(total.value, area.right, y + size, face, size, align="right", within=room))
    return y + size * 1.5


def _foot(canvas: Canvas, y: float) -> float:
    """Set thanks, and the bars of a code perhaps."""
    dice = canvas.dice
    thanks = dice.sample(canvas.phrases("receipt_thanks"), dice.choice((0, 1, 1, 2)))
    y, _ = set_lines(canvas, thanks, canvas.across(y + canvas.style.size), align="middle")
    return set_bars(canvas, canvas.across(y)) if chance(dice, 0.25) else y
