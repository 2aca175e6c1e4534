"""What is billed: the lines of an invoice, in few columns or in many, and what they come to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from training.render.blocks.tables import Column, Table, row_height, set_table
from training.render.canvas import Canvas
from training.render.dice import chance
from training.render.languages import data
from training.render.values import Values

RATES = ((0.05, 0.2), (0.07, 0.19), (0.1, 0.2), (0.19, 0.07), (0.2, 0.055), (0.21, 0.1), (0.0825, 0.0), (0.22, 0.04))
COUNTS = (1, 2, 3, 4, 5, 6, 8, 10, 14, 20)
QUANTITIES = (1, 1, 1, 2, 3, 4, 5, 8, 10, 12, 24)
CODE_PREFIXES = ("A", "P", "X")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing billed. Money is in cents, `off` in percent, `rate` a share."""

    what: str
    count: int
    price: int
    off: int
    rate: float

    @property
    def cents(self) -> int:
        """What the line comes to."""
        return round(self.count * self.price * (100 - self.off) / 100)


@dataclass(frozen=True, slots=True)
class Sums:
    """What an invoice's lines come to, in cents: the net, and the tax at each rate."""

    net: int
    taxes: tuple[tuple[float, int], ...]

    @property
    def tax(self) -> int:
        """All taxes together."""
        return sum(cents for _, cents in self.taxes)


def set_goods(canvas: Canvas, y: float) -> tuple[Sums, float]:
    """Set the table of what is billed; give its sums and the y below."""
    dice = canvas.dice
    noted = chance(dice, 0.2)
    room = int((canvas.bottom - y - canvas.style.size * 18) / (row_height(canvas) * (2.5 if noted else 1.4)))
    lines = _lines(canvas, max(1, min(room, dice.choice(COUNTS))))
    columns = _columns(canvas, lines)
    titles = [column for column, _ in columns]
    rows = [[cells(line) for _, cells in columns] for line in lines]
    if chance(dice, 0.12):
        titles.insert(0, Column(dice.choice(("#", "Pos.", "No.")), "left", name="position"))
        rows = [[str(number), *row] for number, row in enumerate(rows, start=1)]
    key = next(i for i, column in enumerate(titles) if column.wide)
    notes = [_detail(canvas) if chance(dice, 0.6) else "" for _ in rows] if noted else ()
    low = set_table(canvas, Table(titles, rows, key, notes=notes), canvas.across(y))
    return _sums(lines), low


def _lines(canvas: Canvas, count: int) -> list[Line]:
    """Make up what is billed: one rate of tax, or two."""
    dice, values = canvas.dice, canvas.values
    rates, mixed, reduced = dice.choice(RATES), chance(dice, 0.2), chance(dice, 0.15)
    return [
        Line(
            values.item(),
            dice.choice(QUANTITIES),
            values.cents(5),
            dice.choice((0, 5, 10, 15, 20)) if reduced else 0,
            rates[chance(dice, 0.3)] if mixed else rates[0],
        )
        for _ in range(count)
    ]


def _columns(canvas: Canvas, lines: Sequence[Line]) -> list[tuple[Column, Callable[[Line], str]]]:
    """Choose columns, each with what it says of a line: the usual four, with others between them."""
    dice, values = canvas.dice, canvas.values
    show = values.money if chance(dice, 0.4) else values.number
    wide = canvas.width > 440
    columns: list[tuple[Column, Callable[[Line], str]]] = [
        (Column(canvas.say("descriptions"), wide=True, name="description"), lambda line: line.what),
        (
            Column(canvas.say("quantities"), dice.choice(("right", "middle")), name="quantity"),
            lambda line: str(line.count),
        ),
    ]
    if wide and chance(dice, 0.2):
        columns.append((Column(canvas.say("units_head"), name="unit"), lambda _: canvas.say("units")))
    if chance(dice, 0.82):
        columns.append((Column(canvas.say("prices"), "right", name="unit_price"), lambda line: show(line.price)))
    if any(line.off for line in lines):
        columns.append(
            (Column(canvas.say("discounts"), "right", name="discount"), lambda line: f"{line.off}%" if line.off else "")
        )
    if wide and chance(dice, 0.7 if len({line.rate for line in lines}) > 1 else 0.12):
        columns.append((Column(canvas.say("rates"), "right", name="tax_rate"), lambda line: percent(values, line.rate)))
    columns.append((Column(canvas.say("amounts"), "right", name="amount"), lambda line: show(line.cents)))
    if chance(dice, 0.25):
        columns.insert(0, (Column(canvas.say("codes"), name="code"), lambda _: values.identifier(CODE_PREFIXES)))
    return columns if len({column.title for column, _ in columns}) == len(columns) else _columns(canvas, lines)


def _detail(canvas: Canvas) -> str:
    """What stands small under a description."""
    dice, values = canvas.dice, canvas.values
    what = dice.choice((values.identifier(CODE_PREFIXES), values.word("item_adjectives")))
    return f"{canvas.say('details')} {what}"


def percent(values: Values, rate: float) -> str:
    """A rate as a page prints it."""
    number = f"{rate * 100:.2f}".rstrip("0").rstrip(".").replace(".", values.separators[1])
    return f"{number}{' ' if values.symbol_gap else ''}%"


def _sums(lines: Sequence[Line]) -> Sums:
    rates = sorted({line.rate for line in lines}, reverse=True)
    taxes = [(rate, sum(line.cents for line in lines if line.rate == rate) * rate) for rate in rates]
    return Sums(sum(line.cents for line in lines), tuple((rate, round(cents)) for rate, cents in taxes))


def set_meter(canvas: Canvas, y: float) -> float:
    """Set what a meter showed, as bills for water and power do; give the y below."""
    dice = canvas.dice
    old = dice.randint(100, 90_000)
    used = dice.randint(10, 9_000)
    unit = dice.choice(("kWh", "m3", "MWh"))
    values = (canvas.values.identifier(("Z", "M")), str(old), str(old + used), f"{used} {unit}")
    told = [(title, text) for title, text in zip(data(canvas.language)["phrases"]["meters"], values, strict=True)]
    told = [(title, text) for title, text in told if title in canvas.phrases("meters")]
    titles = [Column(title, "left" if number == 0 else "right") for number, (title, _) in enumerate(told)]
    table = Table(titles, [[text for _, text in told]], 0, asked=2)
    return set_table(canvas, table, canvas.across(y)) + canvas.style.size
