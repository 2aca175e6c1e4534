"""Pages full of anything, in many faces and sizes: they teach reading alone."""

from random import Random

from training.render.blocks.prose import wrap
from training.render.blocks.tables import Column, set_table
from training.render.canvas import Canvas
from training.render.fields import missing
from training.render.fonts import Face, Fonts
from training.render.page import ACCENTED, ASCII, SIGNS, Box, Ink, Page
from training.render.values import Values, pattern

RARE = SIGNS * 2 + ACCENTED + ASCII[1:] * 2
KINDS = ("prose", "numbers", "ids", "names", "amounts", "contacts", "dates", "rare", "capitals", "ibans")
WEIGHTS = (5, 2, 2, 2, 2, 2, 1, 2, 1.5, 1)


def line_of(values: Values, kind: str, words: int) -> str:
    """A line of text of a kind, of about as many words."""
    dice = values.dice
    makers = {
        "prose": lambda: values.word("PROSE"),
        "numbers": lambda: dice.choice(
            (
                str(int(10 ** dice.uniform(0, 9))),
                f"{dice.uniform(-999, 9999):.2f}",
                f"{dice.randint(1, 99)}%",
                f"{dice.randint(1, 9)}/{dice.randint(2, 9)}",
            )
        ),
        "ids": lambda: values.identifier(("A", "X", "Q", "ZK", "W", "VJ")),
        "names": lambda: dice.choice((values.person, values.company, values.city, values.street))(),
        "amounts": lambda: values.money(values.cents(8)),
        "contacts": lambda: dice.choice((values.email, values.website, values.phone))(),
        "dates": lambda: dice.choice((lambda: values.date(dice.randint(-3000, 3000)), values.clock))(),
        "rare": lambda: "".join(dice.choice(RARE) for _ in range(dice.randint(1, 10))),
        "capitals": lambda: dice.choice((values.word("PROSE"), values.word("TRADES"), pattern(dice, "$$$$"))).upper(),
        "ibans": values.iban,
    }
    maker = makers[kind]
    return " ".join(maker() if dice.random() < 0.9 else makers["prose"]() for _ in range(words))  # noqa: PLR2004


def compose_dense(canvas: Canvas) -> Page:
    """Columns of blocks, each in a face, size and ink of its own."""
    dice = canvas.dice
    columns = dice.choice((1, 2, 2, 3)) if canvas.width > 440 else dice.choice((1, 2))  # noqa: PLR2004
    canvas.variant("dense", ("blocks", "blocks", "blocks*"))
    gap = dice.uniform(10, 20)
    width = (canvas.right - canvas.left - gap * (columns - 1)) / columns
    for column in range(columns):
        x, y = canvas.left + column * (width + gap), canvas.style.margin
        while y < canvas.bottom - 20:
            y = _block(canvas, x, y, width) + dice.uniform(4, 14)
    return canvas.finish(missing("dense", canvas.present))


def _block(canvas: Canvas, x: float, y: float, width: float) -> float:
    """Lines of one kind in one face, or a table; gives the y below."""
    dice = canvas.dice
    face = _any_face(dice, canvas.fonts)
    size = dice.choice((7, 7, 7.5, 8, 8, 8.5, 9, 9, 9.5, 10, 10, 11, 11, 12, 13, 14, 16, 18, 22, 28))
    leading = size * dice.uniform(1.15, 1.6)
    if dice.random() < 0.12 and canvas.bottom - y > 130 and width > 200:  # noqa: PLR2004
        return _table(canvas, x, y, width)
    kind = dice.choices(KINDS, WEIGHTS)[0]
    room = max(1, int((canvas.bottom - y) / leading))
    wanted = min(room, dice.randint(1, 3) if size > 12 else dice.randint(1, 9))  # noqa: PLR2004
    text = line_of(canvas.values, kind, wanted * 6)
    lines = _fitting(face, text, size, width)[:wanted]
    if not lines:
        return y + 2
    ink = _ground(canvas, x, y, width, leading * len(lines) + size * 0.4)
    align, at = dice.choice((("left", x), ("left", x), ("middle", x + width / 2), ("right", x + width)))
    for line in lines:
        canvas.text(line, at, y + size * 0.98, face, size, align=align, ink=ink)
        y += leading
    return y + size * 0.4


def _fitting(face: Face, text: str, size: float, width: float) -> list[str]:
    """Lines that fit, of words that the face can set."""
    words = [word for word in text.split(" ") if face.has(word) and face.width(word, size) <= width]
    return wrap(face, " ".join(words), size, width)


def _any_face(dice: Random, fonts: Fonts) -> Face:
    """Any face: families first, so that one with many weights is not seen more often."""
    kinds = dice.choices(("sans", "serif", "mono"), (5, 4, 2))[0]
    family = dice.choice(fonts.families(kinds) or fonts.families())  # type: ignore[arg-type]
    return dice.choice([face for face in fonts.faces if face.family == family])


def _ground(canvas: Canvas, x: float, y: float, width: float, height: float) -> Ink:
    """What the block stands on, and the ink for it: black, gray or coloured on white, on gray, white on dark."""
    dice = canvas.dice
    luck = dice.random()
    if luck < 0.1:  # noqa: PLR2004
        canvas.shapes.append(Box(x - 3, y - 1, x + width + 3, y + height, None, canvas.style.accent))
        return 1.0, 1.0, 1.0
    if luck < 0.2:  # noqa: PLR2004
        shade = dice.uniform(0.8, 0.95)
        canvas.shapes.append(
            Box(x - 3, y - 1, x + width + 3, y + height, canvas.style.rule_ink if dice.random() < 0.5 else None, (shade, shade, shade))
        )  # noqa: PLR2004
    gray = dice.choice((0.0, 0.0, 0.0, 0.2, 0.4, 0.55))
    return gray, gray, gray if luck < 0.8 else min(1.0, gray + 0.3)  # noqa: PLR2004


def _table(canvas: Canvas, x: float, y: float, width: float) -> float:
    """A table of random strings, some of its cells asked."""
    dice, values = canvas.dice, canvas.values
    titles = dice.sample(("Code", "Name", "Amount", "Date", "Qty", "Ref", "Class", "Zone", "Batch", "Rate"), 3)
    columns = [Column(title, dice.choice(("left", "right"))) for title in titles]
    rows = [[_cell(values, title) for title in titles] for _ in range(dice.randint(2, 5))]
    return set_table(canvas, columns, rows, x, y, width, asked=5)


def _cell(values: Values, title: str) -> str:
    makers = {
        "Name": values.invented,
        "Amount": lambda: values.number(values.cents(6)),
        "Date": values.date,
        "Qty": lambda: str(values.dice.randint(1, 999)),
        "Rate": lambda: f"{values.dice.uniform(0, 30):.1f}%",
    }
    return makers.get(title, lambda: pattern(values.dice, values.dice.choice(("$##", "##-##", "$$$#", "####", "*****"))))()
