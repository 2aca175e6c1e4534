"""Bank statements: whose account, which period, balances, and the table of movements."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from training.render.area import Area
from training.render.blocks.extras import extra_items
from training.render.blocks.feet import set_foot
from training.render.blocks.items import BETWEEN, PERIOD, Item, item, note
from training.render.blocks.pairs import choose_layout, set_pairs, set_strip
from training.render.blocks.prose import set_lines
from training.render.blocks.tables import Column, Table, choose_look, row_height, set_table
from training.render.canvas import Canvas
from training.render.dice import chance
from training.render.fields import missing
from training.render.page import Box, Ink, Page

FORMS = ("amount", "amount_balance", "debit_credit", "full*")


@dataclass(frozen=True, slots=True)
class Movement:
    """One booking, and the balance after it, in cents."""

    date: str
    text: str
    cents: int
    balance: int


def compose_statement(canvas: Canvas) -> Page:
    """Compose a statement over one page."""
    dice, values = canvas.dice, canvas.values
    opening = values.cents(8)
    y = _account(canvas, _head(canvas))
    moves = _movements(canvas, opening, max(2, min(_room(canvas, y), dice.choice((4, 6, 8, 12, 16, 24)))))
    form = canvas.variant("movements", FORMS)
    summed = form in {"amount", "amount_balance"} and chance(dice, 0.3)
    if summed:
        y = _summary(canvas, opening, moves, y)
    elif chance(dice, 0.66):
        y = _balance(canvas, item(canvas, "opening_balance", values.money(opening)), y)
    y = set_table(canvas, Table(_columns(canvas, form), _rows(canvas, moves, form), key=1), canvas.across(y))
    if not summed and chance(dice, 0.7):
        _balance(canvas, item(canvas, "closing_balance", values.money(moves[-1].balance)), y)
    set_foot(canvas)
    return canvas.finish(missing("statement", canvas.present))


def compose_long_statement(canvas: Canvas, pages: int) -> list[Page]:
    """Compose a statement of many pages: account on the first, movements on all, the closing balance on the last."""
    values, style, out = canvas.values, canvas.style, []
    opening = values.cents(8)
    form, look = canvas.variant("movements", FORMS), choose_look(canvas)
    columns = _columns(canvas, form)
    y = _account(canvas, _head(canvas), share=1.0)
    y = _balance(canvas, item(canvas, "opening_balance", values.money(opening)), y)
    moves = _movements(canvas, opening, pages * _room(canvas, style.margin))
    for number in range(1, pages + 1):
        here, moves = moves[: _room(canvas, y)], moves[_room(canvas, y) :]
        y = set_table(canvas, Table(columns, _rows(canvas, here, form), key=1, look=look), canvas.across(y))
        if number == pages:
            _balance(canvas, item(canvas, "closing_balance", values.money(here[-1].balance)), y + style.size)
        foot, small = canvas.height - style.margin * 0.6, max(7.0, style.size * 0.8)
        numbered = canvas.say("page_of").format(number=number, pages=pages)
        canvas.text(numbered, canvas.right, foot, style.body, small, align="right")
        out.append(canvas.finish(()))
        canvas = replace(canvas, runs=[], shapes=[], facts=[], tables=[])
        y = style.margin
    return out


def _room(canvas: Canvas, y: float) -> int:
    """How many movements go on the page from a height on, with a balance under them."""
    return int((canvas.bottom - y - canvas.style.size * 8) / (row_height(canvas) * 1.4))


def _head(canvas: Canvas) -> float:
    """Set the bank's name and the title; give the y below."""
    dice, style = canvas.dice, canvas.style
    variant = canvas.variant("bank", ("left", "right", "band", "title_first", "middle*"))
    size, wide = min(style.heading_size, 22), canvas.across(style.margin)
    half, y, title = wide.width * 0.55, wide.y, canvas.say("statement_titles")
    ink: Ink | None = None
    if variant == "band":
        canvas.shapes.append(Box(0, 0, canvas.width, y + size * 1.7, None, style.accent))
        ink = (1.0, 1.0, 1.0)
        if title:
            canvas.text(
                title, wide.right, y + size, style.bold, size * 0.85, align="right", ink=ink, within=half * 0.75
            )
    elif variant == "title_first" and title:
        canvas.text(title, wide.x, y + size, style.heading, size, within=half)
        y += size * 1.6
    align = variant if variant in {"right", "middle"} else "left"
    if chance(dice, 0.88):
        run = canvas.text(
            canvas.values.bank(), wide.edge(align), y + size, style.heading, size, align=align, ink=ink, within=half
        )
        canvas.fact("bank_name", run)
    y += size * 1.8
    if title and variant not in {"band", "title_first"}:
        canvas.text(title, wide.x, y + size, style.bold, size * 0.9, within=half)
        y += size * 1.5
    if chance(dice, 0.5):
        y, _ = set_lines(canvas, canvas.values.address(), wide.at(y), size=style.label_size, align=align)
    return y + style.size


def _account(canvas: Canvas, y: float, share: float = 0.0) -> float:
    """Set holder, numbers and period; give the y below. Everything is kept with a `share` of 1."""
    dice, size, values = canvas.dice, canvas.style.size, canvas.values
    variant = canvas.variant("account", ("beside", "stacked", "strip", "mirrored*"))
    wide = canvas.across(y)
    left, right = Area(wide.x, y, wide.width * 0.46), Area(wide.right - wide.width * 0.46, y, wide.width * 0.46)
    party, numbers = (right, left) if variant == "mirrored" else (left, right)
    items, layout = _numbers(canvas, share), choose_layout(canvas)
    holder = values.person() if chance(dice, 0.7) else values.company()
    in_pairs, kept = chance(dice, 0.4), chance(dice, max(share, 0.86))
    if kept and in_pairs:
        items.insert(0, item(canvas, "account_holder", holder))
    elif kept:
        canvas.fact(
            "account_holder", canvas.text(holder, party.x, y + size * 0.95, canvas.style.body, size, within=party.width)
        )
        y, _ = set_lines(canvas, values.address(), party.at(y + size * canvas.style.leading))
    if variant in {"beside", "mirrored"} and not in_pairs:
        return max(y, set_pairs(canvas, items, numbers, "gap" if layout == "grid" else layout)) + size
    y += size
    if variant == "strip" and 2 <= len(items) <= 3:
        return set_strip(canvas, items, wide.at(y)) + size
    return set_pairs(canvas, items, Area(wide.x, y, wide.width * dice.uniform(0.6, 0.85)), layout) + size


def _numbers(canvas: Canvas, share: float) -> list[Item]:
    """Choose IBAN, BIC, number and period, and what else stands there."""
    dice, values = canvas.dice, canvas.values
    number = values.identifier(("S", "ST")) if chance(dice, 0.5) else f"{dice.randint(1, 60)}/{values.today.year}"
    offers = (
        ("iban", values.iban(), 0.8),
        ("bic", values.bic(), 0.55),
        ("statement_number", number, 0.62),
        ("period_start", values.date(-30), 0.68),
        ("period_end", values.date(), 0.68),
    )
    items = [item(canvas, name, value) for name, value, usual in offers if chance(dice, max(share, usual))]
    if {"period_start", "period_end"} <= {entry.field for entry in items} and chance(dice, 0.4):
        items = [entry for entry in items if not entry.field.startswith("period")]
        both = f"{values.date(-30)} {dice.choice((*BETWEEN, *canvas.phrases('between')))} {values.date()}"
        items.append(
            Item(
                PERIOD,
                canvas.say("periods"),
                both,
            )
        )
    if chance(dice, 0.3):
        others = (
            ("branch", values.city()),
            ("currency", values.currency or "EUR"),
            ("customer_number", str(dice.randint(1000, 99999))),
            ("account_type", canvas.say("account_types")),
        )
        name, value = dice.choice(others)
        items.append(Item("label", canvas.say(name), value))
    if chance(dice, 0.35):
        items += extra_items(canvas, ("banking", "customer_number", "contact_person"), dice.choice((1, 1, 2)), items)
    if chance(dice, 0.3):
        dice.shuffle(items)
    return items


def _movements(canvas: Canvas, balance: int, count: int) -> list[Movement]:
    """Make up bookings, starting from a balance."""
    dice, values = canvas.dice, canvas.values
    moves, day = [], -30.0
    for _ in range(count):
        cents = values.cents(6) * dice.choice((-1, -1, 1))
        balance += cents
        maker = dice.choice((values.company, values.person, values.shop, values.invented, values.identifier))
        moves.append(Movement(values.date(int(day)), f"{canvas.say('movements')} {maker()}", cents, balance))
        day += dice.uniform(0, 60 / (count + 1))
    return moves


def _columns(canvas: Canvas, form: str) -> list[Column]:
    """One column of amounts or two, with or without the balance."""
    dice = canvas.dice
    columns = [Column(canvas.say("booked"), name="date"), Column(canvas.say("texts"), wide=True, name="description")]
    if form in {"debit_credit", "full"}:
        columns += [
            Column(canvas.say("debits"), "right", name="debit"),
            Column(canvas.say("credits"), "right", name="credit"),
        ]
    else:
        title = dice.choice((canvas.say("sums"), canvas.say("sums"), canvas.values.currency or "EUR"))
        columns.append(Column(title, "right", name="amount"))
    if form in {"amount_balance", "full"}:
        columns.append(Column(canvas.say("balances"), "right", name="balance"))
    return columns


def _rows(canvas: Canvas, moves: Sequence[Movement], form: str) -> list[list[str]]:
    """Write movements as the cells of those columns."""
    show = canvas.values.number
    if form in {"debit_credit", "full"}:
        rows = [
            [m.date, m.text, show(-m.cents) if m.cents < 0 else "", show(m.cents) if m.cents > 0 else ""] for m in moves
        ]
    else:
        rows = [[m.date, m.text, show(m.cents)] for m in moves]
    return (
        [[*row, show(m.balance)] for row, m in zip(rows, moves, strict=True)]
        if form in {"amount_balance", "full"}
        else rows
    )


def _summary(canvas: Canvas, opening: int, moves: Sequence[Movement], y: float) -> float:
    """Set the balances and what came and went between them, before the movements; give the y below."""
    dice, size, money = canvas.dice, canvas.style.size, canvas.values.money
    came, went = (sum(m.cents * sign for m in moves if m.cents * sign > 0) for sign in (1, -1))
    items = [
        item(canvas, "opening_balance", money(opening)),
        Item("label", canvas.say("credits"), money(came)),
        Item("label", canvas.say("debits"), money(went)),
        item(canvas, "closing_balance", money(moves[-1].balance)),
    ]
    items = [entry for entry in items if chance(dice, 0.85)]
    variant = canvas.variant("summary", ("strip", "right", "table", "dots", "cells*", "banded*"))
    wide = canvas.across(y)
    if variant == "strip" and len(items) > 1:
        return set_strip(canvas, items, wide) + size
    layout = "right" if variant == "strip" else variant
    area = wide if variant == "cells" else Area(wide.x, y, wide.width * dice.uniform(0.45, 0.7))
    return set_pairs(canvas, items, area, layout) + size


def _balance(canvas: Canvas, entry: Item, y: float) -> float:
    """Set a balance on a line of its own: its label left, its value right or near."""
    style, area = canvas.style, canvas.across(y)
    face, base = canvas.dice.choice((style.bold, style.body)), y + style.size * 0.95
    end = canvas.runs[
        canvas.text(style.caption(entry.label), area.x, base, face, style.size, within=area.width * 0.6)
    ].right
    if chance(canvas.dice, 0.7):
        inset = style.size * 0.35
        run = canvas.text(
            entry.value, area.right - inset, base, face, style.size, align="right", within=area.right - end - style.size
        )
    else:
        run = canvas.text(entry.value, end + style.size * 1.5, base, face, style.size)
    note(canvas, entry, run)
    return y + style.size * 1.9
