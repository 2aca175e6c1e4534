"""Till receipts: narrow paper, a few centred lines, what was bought, what was paid."""

from training.render.blocks.pairs import Item, item, note, set_pairs
from training.render.blocks.prose import set_lines, wrap
from training.render.canvas import Canvas
from training.render.fields import missing
from training.render.fonts import Face
from training.render.page import Page, Rule

METHODS = (
    "Cash",
    "Card",
    "VISA",
    "Visa Debit",
    "MASTERCARD",
    "Credit Card",
    "Debit Card",
    "EC-Karte",
    "Maestro",
    "Apple Pay",
    "Gift Card",
    "CASH",
    "AMEX",
    "Contactless",
    "Bank card",
    "Voucher",
    "PayPal",
)
THANKS = (
    "Thank you!",
    "THANK YOU FOR SHOPPING",
    "Please come again",
    "Merci, à bientôt!",
    "Vielen Dank!",
    "Have a nice day",
    "No refund without receipt",
    "Keep this receipt",
    "Gracias por su visita",
)


def compose_receipt(canvas: Canvas) -> Page:
    """A receipt as long as it needs to be."""
    y = _shop(canvas)
    y = _meta(canvas, _separator(canvas, y))
    net, y = _goods(canvas, _separator(canvas, y))
    y = _sums(canvas, net, _separator(canvas, y))
    y = _foot(canvas, y)
    canvas.height = max(y + canvas.dice.uniform(10, 60), 160.0)
    return canvas.finish(missing("receipt", canvas.present))


def _shop(canvas: Canvas) -> float:
    """The shop's name and address on top; gives the y below."""
    dice, style, values = canvas.dice, canvas.style, canvas.values
    variant = canvas.variant("shop", ("middle", "left", "plain", "upper", "after_title*"))
    align, at = ("left", canvas.left) if variant in {"left", "plain"} else ("middle", canvas.width / 2)
    width, y = canvas.right - canvas.left, style.margin + 4
    if variant == "after_title":
        canvas.text(
            dice.choice(("RECEIPT", "Receipt", "SALES RECEIPT", "Kassenbon", "Ticket")), at, y + style.size, style.bold, style.size * 1.1, align=align
        )
        y += style.size * 2
    if dice.random() < 0.9:  # noqa: PLR2004
        name = values.shop()
        name = name.upper() if variant == "upper" else name
        size = min(style.heading_size, style.size * 1.7)
        run = canvas.text(name, at, y + size, style.body if variant == "plain" else style.heading, size, align=align, within=width)
        canvas.fact("merchant", run)
        y += size * 1.4
    canvas.present.update(("city", "postal_code"))
    y, _ = set_lines(canvas, values.address(), at, y, align=align, within=width)
    if dice.random() < 0.5:  # noqa: PLR2004
        canvas.present.add("phone")
        y, _ = set_lines(canvas, [f"{dice.choice(('Tel', 'Tel.', 'Phone:', 'T:'))} {values.phone()}"], at, y, align=align, within=width)
    if dice.random() < 0.4:  # noqa: PLR2004
        vat = item(canvas, "vat_number", values.vat())
        run = canvas.text(f"{vat.label}: {vat.value}", at, y + style.size * 0.95, style.body, style.size, align=align, within=width)
        canvas.fact("vat_number", run, vat.value, vat.label)
        y += style.size * style.leading
    return y


def _separator(canvas: Canvas, y: float) -> float:
    """A line across: drawn, dashed, of characters, or none."""
    style, dice = canvas.style, canvas.dice
    kind = dice.choice(("none", "rule", "dashed", "characters"))
    middle = y + style.size * 0.6
    if kind == "characters":
        mark = dice.choice("-=*_.")
        count = int((canvas.right - canvas.left) / style.body.width(mark, style.size))
        canvas.text(mark * count, canvas.left, y + style.size, style.body, style.size)
        return y + style.size * style.leading
    if kind != "none":
        canvas.shapes.append(Rule(canvas.left, middle, canvas.right, middle, style.rule_width, style.rule_ink, "[3 2] 0" if kind == "dashed" else ""))
    return y + style.size * 1.2


def _meta(canvas: Canvas, y: float) -> float:
    """Date, time, number, cashier: labelled one below the other, or date and time bare on one line."""
    dice, style, values = canvas.dice, canvas.style, canvas.values
    width = canvas.right - canvas.left
    offers = {
        "receipt_number": (values.identifier(("R", "T", "B")), 0.7),
        "date": (values.date(), 0.88),
        "time": (values.clock(), 0.66),
        "cashier": (values.first_name() if dice.random() < 0.6 else values.person(), 0.6),
    }  # noqa: PLR2004
    kept = {name: value for name, (value, chance) in offers.items() if canvas.keep(name, chance)}
    if "date" in kept and "time" in kept and dice.random() < 0.5:  # noqa: PLR2004
        y = _date_and_time(canvas, kept.pop("date"), kept.pop("time"), y, width)
    items = [item(canvas, name, value) for name, value in kept.items()]
    if dice.random() < 0.4:  # noqa: PLR2004
        items.append(Item("label", dice.choice(("Register", "Till", "Terminal", "Table", "Order", "Store No.", "Guests")), str(dice.randint(1, 999))))
    dice.shuffle(items)
    layout = canvas.variant("meta", ("inline", "right", "gap", "leader", "far_labels*"))
    return set_pairs(canvas, items, canvas.left, y, width, layout)


def _date_and_time(canvas: Canvas, date: str, time: str, y: float, width: float) -> float:
    """Both bare on one line, together or at its two ends."""
    style = canvas.style
    base = y + style.size * 0.95
    if canvas.dice.random() < 0.5:  # noqa: PLR2004
        run = canvas.text(f"{date} {time}", canvas.left, base, style.body, style.size, within=width)
        canvas.fact("date", run, date)
        canvas.fact("time", run, time)
    else:
        canvas.fact("date", canvas.text(date, canvas.left, base, style.body, style.size, within=width * 0.6))
        canvas.fact("time", canvas.text(time, canvas.right, base, style.body, style.size, align="right", within=width * 0.35))
    return y + style.size * style.leading * 1.1


def _goods(canvas: Canvas, y: float) -> tuple[int, float]:
    """The lines of what was bought; gives what they cost in cents and the y below."""
    dice, style, values = canvas.dice, canvas.style, canvas.values
    variant = canvas.variant("goods", ("plain", "counted", "two_lines", "coded", "at*"))
    net, show = 0, values.money if dice.random() < 0.25 else values.number  # noqa: PLR2004
    bought: list[tuple[str, int]] = []
    for _ in range(dice.randint(1, 14)):
        count, cents = dice.choice((1, 1, 1, 2, 3, 6)), values.cents(4)
        net += count * cents
        name = values.item()
        shown = {"counted": f"{count} {name}", "at": f"{count} x {name}", "coded": f"{dice.randint(100, 99999)} {name}"}.get(variant, name)
        price = canvas.text(show(count * cents), canvas.right, y + style.size * 0.95, style.body, style.size, align="right")
        left = canvas.runs[price].x - canvas.left - style.size
        lines = wrap(style.body, shown, style.size, left)
        y, _ = set_lines(canvas, lines, canvas.left, y, within=left)
        bought.append((name, price))
        if variant == "two_lines" and count > 1:
            y, _ = set_lines(canvas, [f"{count} x {show(cents)}"], canvas.left + style.size * 2, y)
    names = [name for name, _ in bought]
    for name, price in dice.sample(bought, min(3, len(bought))):
        if names.count(name) == 1:
            canvas.asked("cell", (f"price of {name}", f"What does the {name} cost?", f"amount of {name}", f"Amount of {name}"), price)
    return net, y


def _sums(canvas: Canvas, net: int, y: float) -> float:
    """Subtotal, tax, total, how it was paid."""
    dice, style, values = canvas.dice, canvas.style, canvas.values
    width = canvas.right - canvas.left
    tax = round(net * dice.choice((0.07, 0.1, 0.2, 0.055)))
    items = [item(canvas, "subtotal", values.money(net))] if dice.random() < 0.4 else []  # noqa: PLR2004
    items += [item(canvas, "tax", values.money(tax))] if canvas.keep("tax", 0.65) else []
    y = set_pairs(canvas, items, canvas.left, y, width, "right")
    if canvas.keep("total", 0.93):
        y = _total(canvas, item(canvas, "total", values.money(net + tax)), y, width)
    if canvas.keep("payment_method", 0.65):
        method = dice.choice(METHODS)
        if dice.random() < 0.5:  # noqa: PLR2004
            paid = item(canvas, "payment_method", method)
            y = set_pairs(canvas, [paid], canvas.left, y, width, dice.choice(("inline", "right", "gap")))
        else:
            base = y + style.size * 0.95
            canvas.fact("payment_method", canvas.text(method, canvas.left, base, style.body, style.size, within=width * 0.5))
            canvas.text(values.number(net + tax), canvas.right, base, style.body, style.size, align="right", within=width * 0.4)
            y += style.size * style.leading
        if dice.random() < 0.3:  # noqa: PLR2004
            y = set_pairs(canvas, [Item("label", "Change", values.money(dice.randint(1, 2000)))], canvas.left, y, width, "right")
    return y


def _total(canvas: Canvas, total: Item, y: float, width: float) -> float:
    """The total, often in larger and bold type."""
    style = canvas.style
    face: Face = canvas.dice.choice((style.bold, style.body))
    size = style.size * canvas.dice.choice((1.0, 1.15, 1.4, 1.7))
    label = canvas.runs[
        canvas.text(total.label.upper() if canvas.dice.random() < 0.5 else total.label, canvas.left, y + size, face, size, within=width * 0.55)
    ]  # noqa: PLR2004
    run = canvas.text(total.value, canvas.right, y + size, face, size, align="right", within=canvas.right - label.right - size * 0.6)
    note(canvas, total, run)
    return y + size * 1.5


def _foot(canvas: Canvas, y: float) -> float:
    """Thanks, and bars of a code perhaps."""
    dice, style = canvas.dice, canvas.style
    y += style.size
    for line in dice.sample(THANKS, dice.choice((0, 1, 1, 2))):
        canvas.text(line, canvas.width / 2, y + style.size, style.body, style.size, align="middle", within=canvas.right - canvas.left)
        y += style.size * style.leading
    if dice.random() < 0.25:  # noqa: PLR2004
        x = canvas.left + 15
        while x < canvas.right - 15:
            wide = dice.choice((0.8, 1.2, 1.8))
            canvas.shapes.append(Rule(x, y + 6, x, y + 34, wide))
            x += wide + dice.choice((1.0, 1.6, 2.2))
        y += 40
    return y
