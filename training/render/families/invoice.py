"""Invoices: header, parties, numbers and dates, line items, totals, payment."""

from dataclasses import dataclass

from training.render.area import Area
from training.render.blocks.feet import set_foot, set_foot_columns
from training.render.blocks.heads import TITLE_VARIANTS, set_head
from training.render.blocks.items import Item, item
from training.render.blocks.marks import set_stamp
from training.render.blocks.pairs import choose_layout, set_pairs, set_strip
from training.render.blocks.prose import set_lines, set_paragraph
from training.render.blocks.tables import Column, Table, row_height, set_table
from training.render.canvas import Canvas
from training.render.dice import chance
from training.render.fields import FIELDS, labels, missing
from training.render.page import Box, Page, Rule

TAX_RATES = (0.05, 0.07, 0.1, 0.19, 0.2, 0.21, 0.0825)


@dataclass(frozen=True, slots=True)
class Sums:
    """What an invoice's lines come to, in cents."""

    net: int
    tax: int


def compose_invoice(canvas: Canvas) -> Page:
    """Compose an invoice over one page."""
    dice, style = canvas.dice, canvas.style
    vendor = canvas.values.company() if chance(dice, 0.9) else ""
    y = set_head(canvas, "vendor_name", vendor, canvas.say("invoice_titles"), canvas.variant("head", TITLE_VARIANTS))
    y = _parties_and_numbers(canvas, y)
    sums, y = _line_items(canvas, y)
    y = _totals(canvas, sums, y)
    y = _payment(canvas, y)
    if chance(dice, 0.4) and y < canvas.bottom - 40:
        text = " ".join(canvas.values.sentence() for _ in range(dice.randint(1, 3)))
        y = set_paragraph(canvas, text, canvas.across(y + style.size), max(7.0, style.size * 0.85))
    if chance(dice, 0.1):
        set_stamp(canvas, canvas.across(y))
    set_foot(canvas)
    return canvas.finish(missing("invoice", canvas.present))


def _numbers(canvas: Canvas) -> list[Item]:
    """Choose number, dates, order, in some order, with a distractor or two."""
    dice, values = canvas.dice, canvas.values
    offers = [
        ("invoice_number", values.identifier(), 0.9),
        ("invoice_date", values.date(), 0.85),
        ("due_date", values.date(dice.choice((7, 10, 14, 21, 30, 45, 60))), 0.6),
        ("purchase_order", values.identifier(("PO", "O", "ORD", "B")), 0.55),
    ]
    if "vat_number" not in canvas.present:
        offers.append(("vat_number", values.vat(), 0.4))
    items = [item(canvas, name, value) for name, value, share in offers if chance(dice, share)]
    extras = (
        ("customer_number", values.identifier(("C", "K"))),
        ("terms", canvas.say("terms_values")),
        ("delivery_date", values.date(-3)),
        ("contact", values.person()),
        ("project", values.invented()),
        ("delivery_note", values.identifier(("D", "L"))),
        ("currency", values.currency or "EUR"),
        ("sales_rep", values.person()),
    )
    items += [Item("label", canvas.say(name), value) for name, value in dice.sample(extras, dice.choice((0, 0, 1, 2)))]
    if chance(dice, 0.4):
        dice.shuffle(items)
    return list({entry.label: entry for entry in items}.values())


def _parties_and_numbers(canvas: Canvas, y: float) -> float:
    """Set the customer's address and the invoice's numbers, in one of several arrangements."""
    dice, size = canvas.dice, canvas.style.size
    variant = canvas.variant("numbers", ("beside", "mirrored", "strip", "stacked", "beside_low*"))
    y += size * dice.uniform(0.6, 2)
    items, layout = _numbers(canvas), choose_layout(canvas)
    if layout == "grid" and variant != "stacked":
        layout = "far_labels"
    wide = canvas.across(y)
    left, right = Area(wide.x, y, wide.width * 0.46), Area(wide.right - wide.width * 0.46, y, wide.width * 0.46)
    if variant in {"strip", "stacked"} or not items:
        y = _customer(canvas, left) + size
        if variant == "strip" and 2 <= len(items) <= 4:
            return set_strip(canvas, items, wide.at(y)) + size
        return set_pairs(canvas, items, Area(wide.x, y, wide.width * dice.uniform(0.5, 0.7)), layout) + size
    party, numbers = (right, left) if variant == "mirrored" else (left, right)
    low = size * 2 if variant == "beside_low" else 0
    return max(_customer(canvas, party), set_pairs(canvas, items, numbers.at(y + low), layout)) + size


def _customer(canvas: Canvas, area: Area) -> float:
    """Set whom the bill is for: heading, name, address; give the y below."""
    dice, style, values = canvas.dice, canvas.style, canvas.values
    if chance(dice, 0.14):
        return area.y
    y = area.y
    if chance(dice, 0.8):
        label = style.caption(
            dice.choice(labels(FIELDS["customer_name"], canvas.split, canvas.language))
        ) + dice.choice((":", ""))
        canvas.text(
            label, area.x, y + style.size * 0.95, style.label, style.label_size, ink=style.label_ink, within=area.width
        )
        y += style.size * style.leading
        if chance(dice, 0.2):
            canvas.shapes.append(Rule(area.x, y, area.right, y, style.rule_width, style.rule_ink))
            y += style.size * 0.5
    name = values.company() if chance(dice, 0.55) else values.person()
    face = style.bold if chance(dice, 0.4) else style.body
    canvas.fact("customer_name", canvas.text(name, area.x, y + style.size * 0.95, face, style.size, within=area.width))
    y, _ = set_lines(canvas, values.address(), area.at(y + style.size * style.leading))
    return y


def _line_items(canvas: Canvas, y: float) -> tuple[Sums, float]:
    """Set the table of what is billed."""
    dice, values = canvas.dice, canvas.values
    room = int((canvas.bottom - y - canvas.style.size * 18) / (row_height(canvas) * 1.4))
    count = max(1, min(room, dice.choice((1, 2, 3, 4, 5, 6, 8, 10, 14, 20))))
    lines = [(values.item(), dice.choice((1, 1, 1, 2, 3, 4, 5, 8, 10, 12, 24)), values.cents(5)) for _ in range(count)]
    net = sum(n * price for _, n, price in lines)
    show = values.money if chance(dice, 0.4) else values.number
    columns = [
        Column(canvas.say("descriptions"), wide=True),
        Column(canvas.say("quantities"), dice.choice(("right", "middle"))),
        Column(canvas.say("prices"), "right"),
        Column(canvas.say("amounts"), "right"),
    ]
    rows = [[what, str(n), show(price), show(n * price)] for what, n, price in lines]
    if chance(dice, 0.25):
        columns.insert(0, Column(canvas.say("codes")))
        rows = [[values.identifier(("A", "P", "X")), *row] for row in rows]
    if chance(dice, 0.2):
        columns.pop(-2)
        rows = [[*row[:-2], row[-1]] for row in rows]
    key = next(i for i, column in enumerate(columns) if column.wide)
    return Sums(net, round(net * dice.choice(TAX_RATES))), set_table(
        canvas, Table(columns, rows, key), canvas.across(y)
    )


def _totals(canvas: Canvas, sums: Sums, y: float) -> float:
    """Set subtotal, tax and total, as far as they are kept, right under the amounts or elsewhere."""
    dice, size, values = canvas.dice, canvas.style.size, canvas.values
    offers = (("subtotal", sums.net, 0.62), ("tax", sums.tax, 0.66), ("total", sums.net + sums.tax, 0.9))
    items = [item(canvas, name, values.money(cents)) for name, cents, share in offers if chance(dice, share)]
    if chance(dice, 0.2):
        items.insert(0, Item("label", canvas.say("charges"), values.money(values.cents(4))))
    variant = canvas.variant("totals", ("right", "right_bold", "right_boxed", "left", "wide", "table", "inverse*"))
    wide = canvas.across(y + size * 0.5)
    width = wide.width * dice.uniform(0.36, 0.46)
    area = Area(wide.x if variant == "left" else wide.right - width, wide.y, width)
    if variant == "wide":
        return set_pairs(canvas, items, wide, "right") + size
    if variant == "table":
        return set_pairs(canvas, items, area, "table") + size
    last = (
        items.pop()
        if items and items[-1].field == "total" and variant in {"right_bold", "right_boxed", "inverse"}
        else None
    )
    y = set_pairs(canvas, items, area, dice.choice(("right", "right", "gap", "flush")))
    return (_big_total(canvas, last, area.at(y), variant) if last else y) + size


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
    else:
        canvas.shapes.append(Rule(area.x, area.y, area.right, area.y, 1.0, style.rule_ink))
    label = canvas.text(style.caption(total.label), area.x, base, style.bold, size, ink=ink, within=area.width * 0.52)
    room = area.right - canvas.runs[label].right - size * 0.8
    run = canvas.text(total.value, area.right, base, style.bold, size, align="right", ink=ink, within=room)
    canvas.fact("total", run, label=total.label)
    return low


def _payment(canvas: Canvas, y: float) -> float:
    """Set where to pay: IBAN and BIC where kept."""
    dice, style, values = canvas.dice, canvas.style, canvas.values
    if not chance(dice, 0.6):
        return y
    items = [item(canvas, "iban", values.iban())]
    if chance(dice, 0.5):
        items.append(item(canvas, "bic", values.bic()))
    if chance(dice, 0.3):
        items.insert(0, Item("label", canvas.say("bank"), values.bank()))
    layout = canvas.variant("payment", ("inline", "gap", "above", "table", "foot", "far_labels*"))
    if layout == "foot" and y < canvas.bottom - style.size * 6:
        set_foot_columns(canvas, items)
        return y
    layout = "inline" if layout == "foot" else layout
    y += style.size * dice.uniform(0.3, 1.5)
    if chance(dice, 0.4):
        heading = canvas.say("payment_headings")
        canvas.text(heading, canvas.left, y + style.size, style.bold, style.size)
        y += style.size * 1.6
    return set_pairs(
        canvas, items, Area(canvas.left, y, (canvas.right - canvas.left) * dice.uniform(0.5, 0.75)), layout
    )
