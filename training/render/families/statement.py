"""Bank statements: whose account, which period, balances, and the table of movements."""

from collections.abc import Sequence
from dataclasses import replace

from training.render.blocks.pairs import Item, choose_layout, item, note, set_pairs, set_strip
from training.render.blocks.prose import set_foot, set_lines
from training.render.blocks.tables import Column, row_height, set_table
from training.render.canvas import Canvas
from training.render.fields import missing
from training.render.page import Box, Page

TITLES = (
    "Account Statement",
    "Bank Statement",
    "Statement of Account",
    "STATEMENT",
    "Kontoauszug",
    "Current Account Statement",
    "Monthly Statement",
    "",
)
DATES = ("Date", "Booked", "Posting Date", "Value Date")
TEXTS = ("Description", "Details", "Transaction", "Text", "Particulars")
KINDS = (
    "Transfer to",
    "Transfer from",
    "Direct debit",
    "Card payment",
    "Standing order",
    "Salary",
    "Rent",
    "ATM",
    "Refund",
    "Interest",
    "Fee",
    "Purchase",
    "Invoice",
    "Payment",
)


def compose_statement(canvas: Canvas) -> Page:
    """A statement over one page."""
    opening = canvas.values.cents(8)
    y = _head(canvas)
    y, later = _account(canvas, y, opening)
    room = int((canvas.bottom - y - canvas.style.size * 7) / (row_height(canvas) * 1.4))
    rows, closing = _movements(canvas, opening, max(2, min(room, canvas.dice.choice((4, 6, 8, 12, 16, 24)))))
    y = _set_movements(canvas, rows, y, closing if later else None, opening)
    set_foot(canvas)
    return canvas.finish(missing("statement", canvas.present))


def compose_long_statement(canvas: Canvas, pages: int) -> list[Page]:
    """A statement over many pages: the account on the first, movements on all, the closing balance on the last."""
    opening, out = canvas.values.cents(8), []
    y, _ = _account(canvas, _head(canvas), opening, everything=True)
    balance = opening
    for number in range(1, pages + 1):
        last = number == pages
        room = int((canvas.bottom - y - canvas.style.size * (9 if last else 6)) / (row_height(canvas) * 1.4))
        rows, balance = _movements(canvas, balance, room)
        y = _set_movements(canvas, rows, y, None, opening)
        if last:
            set_pairs(
                canvas,
                [item(canvas, "closing_balance", canvas.values.money(balance))],
                canvas.left,
                y + canvas.style.size,
                (canvas.right - canvas.left) * 0.6,
                "gap",
            )
        canvas.text(
            f"Page {number} of {pages}",
            canvas.right,
            canvas.height - canvas.style.margin * 0.6,
            canvas.style.body,
            max(7.0, canvas.style.size * 0.8),
            align="right",
        )
        out.append(canvas.finish(()))
        canvas = replace(canvas, runs=[], shapes=[], facts=[])
        y = canvas.style.margin
    return out


def _head(canvas: Canvas) -> float:
    """The bank's name and the title."""
    dice, style = canvas.dice, canvas.style
    variant = canvas.variant("bank", ("left", "right", "band", "title_first", "middle*"))
    size, half = min(style.heading_size, 22), (canvas.right - canvas.left) * 0.55
    top, title = style.margin, dice.choice(TITLES)
    ink = None
    if variant == "band":
        canvas.shapes.append(Box(0, 0, canvas.width, top + size * 1.7, None, style.accent))
        ink = (1.0, 1.0, 1.0)
    align, at = {"right": ("right", canvas.right), "middle": ("middle", canvas.width / 2)}.get(variant, ("left", canvas.left))
    y = top
    if variant == "title_first" and title:
        canvas.text(title, canvas.left, y + size, style.heading, size, within=half)
        y += size * 1.6
    if dice.random() < 0.88:  # noqa: PLR2004
        canvas.fact("bank_name", canvas.text(canvas.values.bank(), at, y + size, style.heading, size, align=align, ink=ink, within=half))
    y += size * 1.8
    if title and variant != "title_first":
        if variant == "band":
            canvas.text(title, canvas.right, top + size, style.bold, size * 0.85, align="right", ink=ink, within=half * 0.75)
        else:
            canvas.text(title, canvas.left, y + size, style.bold, size * 0.9, within=half)
            y += size * 1.5
    if dice.random() < 0.5:  # noqa: PLR2004
        y, _ = set_lines(canvas, canvas.values.address(), at, y, size=style.label_size, align=align, within=half)
    return y + style.size


def _account(canvas: Canvas, y: float, opening: int, *, everything: bool = False) -> tuple[float, bool]:
    """Holder, numbers, period, balances as pairs; gives the y below, and whether the balances are left to the table."""
    dice, style, values = canvas.dice, canvas.style, canvas.values
    width, half = canvas.right - canvas.left, (canvas.right - canvas.left) * 0.46
    variant = canvas.variant("account", ("beside", "stacked", "strip", "mirrored*"))
    holder = values.person() if dice.random() < 0.7 else values.company()  # noqa: PLR2004
    top, in_pairs = y, dice.random() < 0.4  # noqa: PLR2004
    party, numbers = (canvas.right - half, canvas.left) if variant == "mirrored" else (canvas.left, canvas.right - half)
    items = _numbers(canvas, everything=everything)
    if not in_pairs and (everything or canvas.keep("account_holder", 0.9)):
        canvas.fact("account_holder", canvas.text(holder, party, y + style.size * 0.95, style.body, style.size, within=half))
        y, _ = set_lines(canvas, values.address(), party, y + style.size * style.leading, within=half)
    elif everything or canvas.keep("account_holder", 0.8):
        items.insert(0, item(canvas, "account_holder", holder))
    if everything:
        items.append(item(canvas, "opening_balance", values.money(opening)))
    layout = choose_layout(canvas)
    if variant in {"beside", "mirrored"} and not in_pairs:
        below = set_pairs(canvas, items, numbers, top, half, "gap" if layout == "grid" else layout)
        return max(y, below) + style.size, not everything
    y += style.size
    if variant == "strip" and 2 <= len(items) <= 3:  # noqa: PLR2004
        return set_strip(canvas, items, canvas.left, y, width) + style.size, not everything
    return set_pairs(canvas, items, canvas.left, y, width * dice.uniform(0.6, 0.85), layout) + style.size, not everything


def _numbers(canvas: Canvas, *, everything: bool) -> list[Item]:
    """What is kept of IBAN, BIC, number and period; the period sometimes as one line with both dates."""
    dice, values = canvas.dice, canvas.values
    offers = {"iban": (values.iban(), 0.8), "bic": (values.bic(), 0.55), "statement_number": (values.identifier(("S", "ST")) if dice.random() < 0.5 else f"{dice.randint(1, 60)}/{values.today.year}", 0.62),  # noqa: PLR2004
              "period_start": (values.date(-30), 0.68), "period_end": (values.date(), 0.68)}  # fmt: skip
    items = [item(canvas, name, value) for name, (value, chance) in offers.items() if everything or canvas.keep(name, chance)]
    if dice.random() < 0.3:  # noqa: PLR2004
        items.append(
            Item(
                "label",
                dice.choice(("Branch", "Currency", "Customer No.", "Account type")),
                dice.choice((values.city(), "EUR", "Current account", str(dice.randint(1000, 99999)))),
            )
        )
    if dice.random() < 0.3:  # noqa: PLR2004
        dice.shuffle(items)
    return items


def _movements(canvas: Canvas, balance: int, count: int) -> tuple[list[tuple[str, str, int, int]], int]:
    """Date, text, amount and balance after, for each movement; and the balance in the end."""
    dice, values = canvas.dice, canvas.values
    rows, day = [], -30.0
    for _ in range(count):
        cents = values.cents(6) * dice.choice((-1, -1, 1))
        balance += cents
        kind = dice.choice(KINDS)
        text = f"{kind} {dice.choice((values.company, values.person, values.shop, values.invented, values.identifier))()}"
        rows.append((values.date(int(day)), text, cents, balance))
        day += dice.uniform(0, 60 / (count + 1))
    return rows, balance


def _set_movements(canvas: Canvas, rows: Sequence[tuple[str, str, int, int]], y: float, closing: int | None, opening: int) -> float:
    """The table, with the balances over and under it where `closing` is given and they are kept."""
    dice, values = canvas.dice, canvas.values
    width = canvas.right - canvas.left
    form = canvas.variant("movements", ("amount", "amount_balance", "debit_credit", "full*"))
    if closing is not None and canvas.keep("opening_balance", 0.68):
        y = _balance(canvas, item(canvas, "opening_balance", values.money(opening)), y)
    columns = [Column(dice.choice(DATES)), Column(dice.choice(TEXTS), wide=True)]
    if form in {"debit_credit", "full"}:
        columns += [
            Column(dice.choice(("Debit", "Out", "Paid out", "Withdrawals")), "right"),
            Column(dice.choice(("Credit", "In", "Paid in", "Deposits")), "right"),
        ]
        cells = [[d, t, values.number(-c) if c < 0 else "", values.number(c) if c > 0 else ""] for d, t, c, _ in rows]
    else:
        columns.append(Column(dice.choice(("Amount", "Sum", "EUR", "Amount")), "right"))
        cells = [[d, t, values.number(c)] for d, t, c, _ in rows]
    if form in {"amount_balance", "full"}:
        columns.append(Column("Balance", "right"))
        cells = [[*row, values.number(b)] for row, (*_, b) in zip(cells, rows, strict=True)]
    y = set_table(canvas, columns, cells, canvas.left, y, width, key=1)
    if closing is not None and canvas.keep("closing_balance", 0.72):
        y = _balance(canvas, item(canvas, "closing_balance", values.money(closing)), y)
    return y


def _balance(canvas: Canvas, entry: Item, y: float) -> float:
    """A balance on a line of its own: its label left, its value right or near."""
    style = canvas.style
    face = canvas.dice.choice((style.bold, style.body))
    base = y + style.size * 0.95
    label = canvas.runs[canvas.text(style.caption(entry.label), canvas.left, base, face, style.size, within=(canvas.right - canvas.left) * 0.6)]
    if canvas.dice.random() < 0.7:  # noqa: PLR2004
        run = canvas.text(
            entry.value, canvas.right - style.size * 0.35, base, face, style.size, align="right", within=canvas.right - label.right - style.size
        )
    else:
        run = canvas.text(entry.value, label.right + style.size * 1.5, base, face, style.size)
    note(canvas, entry, run)
    return y + style.size * 1.9
