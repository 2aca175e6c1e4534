"""Invoices: header, parties, numbers and dates, line items, totals, payment."""

from dataclasses import dataclass

from training.render.blocks.pairs import Item, choose_layout, item, set_pairs, set_strip
from training.render.blocks.prose import set_foot, set_lines, set_paragraph
from training.render.blocks.tables import Column, row_height, set_table
from training.render.canvas import Canvas
from training.render.fields import FIELDS, labels, missing
from training.render.page import Box, Disc, Page, Rule

TITLES = (
    "Invoice",
    "INVOICE",
    "Tax Invoice",
    "TAX INVOICE",
    "Bill",
    "Sales Invoice",
    "Rechnung / Invoice",
    "Facture / Invoice",
    "Commercial Invoice",
    "",
)
DESCRIPTIONS = ("Description", "Item", "Product", "Article", "Service", "Details", "Position")
QUANTITIES = ("Qty", "Quantity", "Units", "Hours", "Pcs", "No.")
PRICES = ("Price", "Unit Price", "Rate", "Each", "Unit Cost", "Price per unit")
AMOUNTS = ("Amount", "Total", "Line Total", "Net", "Sum", "Value")
CODES = ("Code", "SKU", "Art. No.", "Ref", "Item No.")


@dataclass(frozen=True, slots=True)
class Sums:
    """An invoice's lines, and what they come to, in cents."""

    lines: tuple[tuple[str, int, int], ...]  # what, how many, price each
    net: int
    tax: int


def compose_invoice(canvas: Canvas) -> Page:
    """An invoice over one page."""
    y = _head(canvas)
    y = _parties_and_numbers(canvas, y)
    sums, y = _line_items(canvas, y)
    y = _totals(canvas, sums, y)
    y = _payment(canvas, y)
    if canvas.dice.random() < 0.4 and y < canvas.bottom - 40:  # noqa: PLR2004
        text = " ".join(canvas.values.sentence() for _ in range(canvas.dice.randint(1, 3)))
        set_paragraph(canvas, text, canvas.left, y + canvas.style.size, canvas.right - canvas.left, max(7.0, canvas.style.size * 0.85))
    set_foot(canvas)
    return canvas.finish(missing("invoice", canvas.present))


def _head(canvas: Canvas) -> float:
    """Who bills, with a logo perhaps, and the title; gives the y below."""
    dice, style, values = canvas.dice, canvas.style, canvas.values
    variant = canvas.variant("head", ("left", "right", "middle", "band", "opposite", "title_first*", "boxed*"))
    vendor, size = values.company(), min(style.heading_size, 22)
    title = dice.choice(TITLES)
    top, middle = style.margin, canvas.width / 2
    half = (canvas.right - canvas.left) * 0.56
    if variant == "band":
        canvas.shapes.append(Box(0, 0, canvas.width, top + size * 1.7, None, style.accent))
        run = canvas.text(vendor, canvas.left, top + size, style.heading, size, ink=(1.0, 1.0, 1.0), within=half)
        if title:
            canvas.text(title, canvas.right, top + size, style.bold, size * 0.9, align="right", ink=(1.0, 1.0, 1.0), within=half * 0.7)
        canvas.fact("vendor_name", run)
        return _contact(canvas, canvas.left, top + size * 2.1, "left")
    align, at = {"left": ("left", canvas.left), "right": ("right", canvas.right), "middle": ("middle", middle)}.get(variant, ("left", canvas.left))
    y = top
    if variant in {"title_first", "boxed"} and title:
        canvas.text(title, canvas.left + 6, y + size * 1.2, style.heading, size * 1.2, within=half)
        if variant == "boxed":
            canvas.shapes.append(Box(canvas.left, y - 2, canvas.right, y + size * 1.7, style.rule_ink, None, 1.0))
        y += size * 2.1
    elif variant != "middle" and dice.random() < 0.35:  # noqa: PLR2004
        y = _logo(canvas, at, y, align)
    run = canvas.text(vendor, at, y + size * 0.95, style.heading, size, align=align, within=half)
    canvas.fact("vendor_name", run)
    after = _contact(canvas, at, y + size * 1.4, align)
    if variant in {"left", "right", "opposite"} and title:
        side, spot = ("left", canvas.left) if variant == "right" else ("right", canvas.right)
        canvas.text(title, spot, y + size * 1.1, style.bold, size * dice.uniform(0.9, 1.3), align=side, within=half * 0.7)
    elif variant == "middle" and title:
        canvas.text(title, middle, after + size * 1.2, style.bold, size, align="middle")
        after += size * 1.7
    return max(after, y + size * 1.8)


def _logo(canvas: Canvas, at: float, y: float, align: str) -> float:
    """A simple mark; gives the y below."""
    side = canvas.dice.uniform(22, 44)
    x = at - side if align == "right" else at
    kind = Disc if canvas.dice.random() < 0.5 else Box  # noqa: PLR2004
    canvas.shapes.append(kind(x, y, x + side, y + side, None, canvas.style.accent))
    canvas.shapes.append(Disc(x + side * 0.3, y + side * 0.3, x + side * 0.8, y + side * 0.8, None, (0.85, 0.85, 0.85)))
    return y + side + 6


def _contact(canvas: Canvas, x: float, y: float, align: str) -> float:
    """The vendor's address, sometimes with phone, mail or VAT number on a line."""
    dice, values, style = canvas.dice, canvas.values, canvas.style
    lines = values.address() if dice.random() < 0.85 else []  # noqa: PLR2004
    canvas.present.update(("city", "postal_code"))
    if dice.random() < 0.4:  # noqa: PLR2004
        lines.append(dice.choice((f"Tel: {values.phone()}", values.email(), f"Phone {values.phone()}", values.website())))
        canvas.present.update(("phone", "email"))
    if dice.random() < 0.2 and len(lines) > 1:  # noqa: PLR2004
        lines = [", ".join(lines)] if dice.random() < 0.5 else [" · ".replace("·", "–").join(lines)]  # noqa: PLR2004
    y, _ = set_lines(canvas, lines, x, y, size=style.label_size, align=align, within=(canvas.right - canvas.left) * 0.56)
    if "vat_number" not in canvas.present and dice.random() < 0.25:  # noqa: PLR2004
        vat = item(canvas, "vat_number", values.vat())
        run = canvas.text(f"{vat.label}: {vat.value}", x, y + style.size * 0.95, style.body, style.label_size, align=align)
        canvas.fact("vat_number", run, vat.value, vat.label)
        y += style.size * style.leading
    return y


def _numbers(canvas: Canvas) -> list[Item]:
    """Number, dates, order: what is kept of them, in some order, with a distractor or two."""
    dice, values = canvas.dice, canvas.values
    offers = {"invoice_number": (values.identifier(), 0.93), "invoice_date": (values.date(), 0.88), "due_date": (values.date(dice.choice((7, 10, 14, 21, 30, 45, 60))), 0.6),
              "purchase_order": (values.identifier(("PO", "O", "ORD", "B")), 0.55)}  # fmt: skip
    if "vat_number" not in canvas.present:
        offers["vat_number"] = (values.vat(), 0.4)
    items = [item(canvas, name, value) for name, (value, chance) in offers.items() if canvas.keep(name, chance)]
    extras = [("Customer No.", values.identifier(("C", "K"))), ("Terms", "30 days net"), ("Delivery Date", values.date(-3)), ("Contact", values.person()), ("Project", values.invented()),
              ("Delivery Note", values.identifier(("D", "L"))), ("Currency", values.currency or "EUR"), ("Sales Rep", values.person())]  # fmt: skip
    items += [Item("label", label, value) for label, value in dice.sample(extras, dice.choice((0, 0, 1, 2)))]
    if dice.random() < 0.4:  # noqa: PLR2004
        dice.shuffle(items)
    seen: set[str] = set()
    return [i for i in items if not (i.label in seen or seen.add(i.label))]  # type: ignore[func-returns-value]


def _parties_and_numbers(canvas: Canvas, y: float) -> float:
    """The customer's address and the invoice's numbers, in one of several arrangements."""
    dice, style = canvas.dice, canvas.style
    variant = canvas.variant("numbers", ("beside", "mirrored", "strip", "stacked", "beside_low*"))
    width = canvas.right - canvas.left
    y += style.size * dice.uniform(0.6, 2)
    items = _numbers(canvas)
    layout = choose_layout(canvas)
    if layout == "grid" and variant != "stacked":
        layout = "far_labels"
    half = width * 0.46
    if variant in {"strip", "stacked"} or not items:
        y = _customer(canvas, canvas.left, y, half) + style.size
        if variant == "strip" and 2 <= len(items) <= 4:  # noqa: PLR2004
            return set_strip(canvas, items, canvas.left, y, width) + style.size
        return set_pairs(canvas, items, canvas.left, y, width * dice.uniform(0.5, 0.7), layout) + style.size
    party, numbers = (canvas.left, canvas.right - half) if variant != "mirrored" else (canvas.right - half, canvas.left)
    first = _customer(canvas, party, y, half)
    second = set_pairs(canvas, items, numbers, y + (style.size * 2 if variant == "beside_low" else 0), half, layout)
    return max(first, second) + style.size


def _customer(canvas: Canvas, x: float, y: float, width: float) -> float:
    """Whom the bill is for: heading, name, address."""
    dice, style, values = canvas.dice, canvas.style, canvas.values
    name = values.company() if dice.random() < 0.55 else values.person()  # noqa: PLR2004
    if dice.random() < 0.12:  # noqa: PLR2004
        canvas.present.discard("customer_name")
        return y
    if dice.random() < 0.8:  # noqa: PLR2004
        label = style.caption(dice.choice(labels(FIELDS["customer_name"], canvas.split))) + dice.choice((":", ""))
        canvas.text(label, x, y + style.size * 0.95, style.label, style.label_size, ink=style.label_ink, within=width)
        y += style.size * style.leading
        if dice.random() < 0.2:  # noqa: PLR2004
            canvas.shapes.append(Rule(x, y, x + width, y, style.rule_width, style.rule_ink))
            y += style.size * 0.5
    face = style.bold if dice.random() < 0.4 else style.body  # noqa: PLR2004
    run = canvas.text(name, x, y + style.size * 0.95, face, style.size, within=width)
    canvas.fact("customer_name", run)
    y, _ = set_lines(canvas, values.address(), x, y + style.size * style.leading, within=width)
    return y


def _line_items(canvas: Canvas, y: float) -> tuple[Sums, float]:
    """The table of what is billed."""
    dice, values = canvas.dice, canvas.values
    room = int((canvas.bottom - y - canvas.style.size * 18) / (row_height(canvas) * 1.4))
    count = max(1, min(room, dice.choice((1, 2, 3, 4, 5, 6, 8, 10, 14))))
    lines = tuple((values.item(), dice.choice((1, 1, 1, 2, 3, 4, 5, 8, 10, 12, 24)), values.cents(5)) for _ in range(count))
    net = sum(n * price for _, n, price in lines)
    columns = [
        Column(dice.choice(DESCRIPTIONS), wide=True),
        Column(dice.choice(QUANTITIES), dice.choice(("right", "middle"))),
        Column(dice.choice(PRICES), "right"),
        Column(dice.choice(AMOUNTS), "right"),
    ]
    show = values.money if dice.random() < 0.4 else values.number  # noqa: PLR2004
    rows = [[what, str(n), show(price), show(n * price)] for what, n, price in lines]
    if dice.random() < 0.25:  # noqa: PLR2004
        columns.insert(0, Column(dice.choice(CODES)))
        rows = [[values.identifier(("A", "P", "X")), *row] for row in rows]
    if dice.random() < 0.2:  # noqa: PLR2004
        columns.pop(-2)
        rows = [[*row[:-2], row[-1]] for row in rows]
    key = next(i for i, column in enumerate(columns) if column.wide)
    y = set_table(canvas, columns, rows, canvas.left, y, canvas.right - canvas.left, key=key)
    return Sums(lines, net, round(net * dice.choice((0.05, 0.07, 0.1, 0.19, 0.2, 0.21, 0.0825)))), y


def _totals(canvas: Canvas, sums: Sums, y: float) -> float:
    """Subtotal, tax, total: what is kept, right under the amounts or elsewhere."""
    dice, style, values = canvas.dice, canvas.style, canvas.values
    offers = (("subtotal", sums.net, 0.62), ("tax", sums.tax, 0.66), ("total", sums.net + sums.tax, 0.94))
    items = [item(canvas, name, values.money(cents)) for name, cents, chance in offers if canvas.keep(name, chance)]
    if dice.random() < 0.2:  # noqa: PLR2004
        items.insert(0, Item("label", dice.choice(("Shipping", "Discount", "Delivery", "Handling")), values.money(values.cents(4))))
    variant = canvas.variant("totals", ("right", "right_bold", "right_boxed", "left", "wide", "table", "inverse*"))
    width = (canvas.right - canvas.left) * dice.uniform(0.36, 0.46)
    x = canvas.left if variant == "left" else canvas.right - width
    y += style.size * 0.5
    if variant == "wide":
        return set_pairs(canvas, items, canvas.left, y, canvas.right - canvas.left, "right") + style.size
    if variant == "table":
        return set_pairs(canvas, items, x, y, width, "table") + style.size
    last = items.pop() if items and items[-1].field == "total" and variant in {"right_bold", "right_boxed", "inverse"} else None
    y = set_pairs(canvas, items, x, y, width, dice.choice(("right", "right", "gap")))
    return (_big_total(canvas, last, x, y, width, variant) if last else y) + style.size


def _big_total(canvas: Canvas, total: Item, x: float, y: float, width: float, variant: str) -> float:  # noqa: PLR0913
    """The total in larger type, over a rule, in a box or in an inverse bar."""
    style = canvas.style
    size = style.size * canvas.dice.uniform(1.0, 1.5)
    high = size * 1.9
    ink = None
    if variant == "inverse":
        canvas.shapes.append(Box(x - 6, y, x + width + 6, y + high, None, style.accent))
        ink = (1.0, 1.0, 1.0)
    elif variant == "right_boxed":
        canvas.shapes.append(Box(x - 6, y, x + width + 6, y + high, style.rule_ink, None, 1.0))
    else:
        canvas.shapes.append(Rule(x, y, x + width, y, 1.0, style.rule_ink))
    base = y + size * 1.25
    label = canvas.runs[canvas.text(style.caption(total.label), x, base, style.bold, size, ink=ink, within=width * 0.52)]
    run = canvas.text(total.value, x + width, base, style.bold, size, align="right", ink=ink, within=x + width - label.right - size * 0.8)
    canvas.fact("total", run, printed=total.label)
    return y + high


def _payment(canvas: Canvas, y: float) -> float:
    """Where to pay: IBAN and BIC where kept, as pairs or in a line."""
    dice, style, values = canvas.dice, canvas.style, canvas.values
    items = [item(canvas, "iban", values.iban())] if canvas.keep("iban", 0.6) else []
    if items and dice.random() < 0.5:  # noqa: PLR2004
        items.append(item(canvas, "bic", values.bic()))
    if items and dice.random() < 0.3:  # noqa: PLR2004
        items.insert(0, Item("label", "Bank", values.bank()))
    if not items:
        return y
    layout = canvas.variant("payment", ("inline", "gap", "above", "table", "far_labels*"))
    y += style.size * dice.uniform(0.3, 1.5)
    if dice.random() < 0.4:  # noqa: PLR2004
        canvas.text(
            dice.choice(("Payment details", "Bank details", "Payment", "Please transfer to")), canvas.left, y + style.size, style.bold, style.size
        )
        y += style.size * 1.6
    return set_pairs(canvas, items, canvas.left, y, (canvas.right - canvas.left) * dice.uniform(0.5, 0.75), layout)
