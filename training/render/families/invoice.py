"""Invoices: header, parties, numbers and dates, line items, totals, payment."""

from training.render.area import Area
from training.render.blocks.extras import extra_items
from training.render.blocks.feet import set_foot, set_foot_columns
from training.render.blocks.heads import TITLE_VARIANTS, set_head, set_sender_line
from training.render.blocks.items import Item, item
from training.render.blocks.marks import set_stamp
from training.render.blocks.pairs import choose_layout, set_pairs, set_strip
from training.render.blocks.prose import set_lines, set_paragraph
from training.render.canvas import Canvas
from training.render.dice import chance
from training.render.families.goods import set_goods, set_meter
from training.render.families.totals import set_totals
from training.render.fields import FIELDS, labels, missing
from training.render.page import Page, Rule

OTHER_PAPERS = 0.16  # of the pages are quotes, delivery notes and the like


def compose_invoice(canvas: Canvas) -> Page:
    """Compose an invoice over one page, or a paper that looks like one."""
    dice, style = canvas.dice, canvas.style
    vendor = canvas.values.company() if chance(dice, 0.9) else ""
    paper = canvas.paper() if chance(dice, OTHER_PAPERS) else None
    title = paper[0] if paper else canvas.say("invoice_titles")
    y = set_head(canvas, "vendor_name", vendor, title, canvas.variant("head", TITLE_VARIANTS))
    y = _parties_and_numbers(canvas, y, _paper_numbers(canvas, paper) if paper else _numbers(canvas))
    y = set_meter(canvas, y) if chance(dice, 0.06) else y
    sums, y = set_goods(canvas, y)
    y = set_totals(canvas, sums, y)
    y = _payment(canvas, y)
    if chance(dice, 0.4) and y < canvas.bottom - 40:
        text = " ".join(canvas.values.sentence() for _ in range(dice.randint(1, 3)))
        y = set_paragraph(canvas, text, canvas.across(y + style.size), max(7.0, style.size * 0.85))
    if chance(dice, 0.12):
        set_stamp(canvas, canvas.across(y))
    set_foot(canvas)
    return canvas.finish(missing("invoice", canvas.present))


def _paper_numbers(canvas: Canvas, paper: tuple[str, str, str]) -> list[Item]:
    """Number and date of another paper, asked by what is printed; an invoice's own are not asked at all."""
    dice, values = canvas.dice, canvas.values
    canvas.present.update(("invoice_number", "invoice_date", "due_date", "date", "reference"))
    items = [Item("label", paper[1], values.identifier()), Item("label", paper[2], values.date())]
    if chance(dice, 0.5):
        items.append(item(canvas, "purchase_order", values.identifier(("PO", "O", "ORD", "B"))))
    if chance(dice, 0.5):
        items.append(Item("label", canvas.say("customer_number"), values.identifier(("C", "K"))))
    return list({entry.label: entry for entry in items}.values())


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
    items += [
        Item("label", canvas.say(name), value) for name, value in dice.sample(extras, dice.choice((0, 0, 0, 1, 2)))
    ]
    items += extra_items(canvas, _walks(canvas), dice.choice((0, 0, 1, 1, 2, 3)), items, ("money",))
    if chance(dice, 0.4):
        dice.shuffle(items)
    return list({entry.label: entry for entry in items}.values())


def _walks(canvas: Canvas) -> tuple[str, ...]:
    """What the bill's extra labels are about: trade most often, or another walk of life."""
    other = canvas.dice.choice(("utilities", "travel", "vehicles", "health", "insurance", "property"))
    return ("commerce", "delivery") if chance(canvas.dice, 0.7) else ("commerce", other)


def _parties_and_numbers(canvas: Canvas, y: float, items: list[Item]) -> float:
    """Set the customer's address and the invoice's numbers, in one of several arrangements."""
    dice, size = canvas.dice, canvas.style.size
    variant = canvas.variant("numbers", ("beside", "mirrored", "strip", "stacked", "beside_low*"))
    y += size * dice.uniform(0.6, 2)
    layout = choose_layout(canvas)
    if layout in {"grid", "cells"} and variant != "stacked":
        layout = "far_labels" if layout == "grid" else "gap"
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
    y, label = area.y, ""
    if chance(dice, 0.2):
        y = set_sender_line(canvas, area)
    if chance(dice, 0.8):
        label = dice.choice(labels(FIELDS["customer_name"], canvas.split, canvas.language))
        base, caption = y + style.size * 0.95, style.caption(label) + dice.choice((":", ""))
        canvas.text(caption, area.x, base, style.label, style.label_size, ink=style.label_ink, within=area.width)
        y += style.size * style.leading
        if chance(dice, 0.2):
            canvas.shapes.append(Rule(area.x, y, area.right, y, style.rule_width, style.rule_ink))
            y += style.size * 0.5
    name = values.company() if chance(dice, 0.55) else values.person()
    face = style.bold if chance(dice, 0.4) else style.body
    run = canvas.text(name, area.x, y + style.size * 0.95, face, style.size, within=area.width)
    canvas.fact("customer_name", run, label=label)
    y, _ = set_lines(canvas, values.address(), area.at(y + style.size * style.leading))
    return _other_address(canvas, area.at(y)) if chance(dice, 0.1) else y


def _other_address(canvas: Canvas, area: Area) -> float:
    """Set where the goods go, under a heading of its own; give the y below."""
    style, values = canvas.style, canvas.values
    heading = style.caption(canvas.say("deliver_to"))
    base = area.y + style.size * 1.6
    canvas.text(heading, area.x, base, style.label, style.label_size, ink=style.label_ink, within=area.width)
    y, _ = set_lines(canvas, [values.shop(), *values.address()], area.at(base + style.size * 0.4))
    return y


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
    layout = canvas.variant("payment", ("inline", "gap", "above", "table", "foot", "capitals", "far_labels*", "comb*"))
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
