"""Pages full of anything, in many faces and sizes: they teach reading alone."""

from random import Random

from training.render.area import Area
from training.render.blocks.prose import wrap
from training.render.blocks.tables import Column, Table, set_table
from training.render.canvas import Canvas
from training.render.checked import pattern
from training.render.dice import chance
from training.render.fields import missing
from training.render.fonts import Face, Fonts, Kind
from training.render.page import ACCENTED, ASCII, SIGNS, Box, Ink, Page
from training.render.values import Values

RARE = SIGNS * 2 + ACCENTED + ASCII[1:] * 2
KINDS = ("prose", "numbers", "ids", "names", "amounts", "contacts", "dates", "rare", "capitals", "ibans")
WEIGHTS = (5, 2, 2, 2, 2, 2, 1, 2, 1.5, 1)
SIZES = (7, 7, 7.5, 8, 8, 8.5, 9, 9, 9.5, 10, 10, 11, 11, 12, 13, 14, 16, 18, 22, 28)
FACE_KINDS: tuple[Kind, ...] = ("sans", "serif", "mono")
TITLES = ("Code", "Name", "Amount", "Date", "Qty", "Ref", "Class", "Zone", "Batch", "Rate")


def compose_dense(canvas: Canvas) -> Page:
    """Compose columns of blocks, each in a face, size and ink of its own."""
    dice = canvas.dice
    columns = dice.choice((1, 2, 2, 3)) if canvas.width > 440 else dice.choice((1, 2))
    canvas.variant("dense", ("blocks", "blocks", "blocks*"))
    gap = dice.uniform(10, 20)
    width = (canvas.right - canvas.left - gap * (columns - 1)) / columns
    for column in range(columns):
        area = Area(canvas.left + column * (width + gap), canvas.style.margin, width)
        while area.y < canvas.bottom - 20:
            area = area.at(_block(canvas, area) + dice.uniform(4, 14))
    return canvas.finish(missing("dense", canvas.present))


def _block(canvas: Canvas, area: Area) -> float:
    """Set lines of one kind in one face, or a table; give the y below."""
    dice = canvas.dice
    if chance(dice, 0.12) and canvas.bottom - area.y > 130 and area.width > 200:
        return _table(canvas, area)
    face, size = _any_face(dice, canvas.fonts), dice.choice(SIZES)
    leading = size * dice.uniform(1.15, 1.6)
    room = max(1, int((canvas.bottom - area.y) / leading))
    wanted = min(room, dice.randint(1, 3) if size > 12 else dice.randint(1, 9))
    text = _words(canvas.values, dice.choices(KINDS, WEIGHTS)[0], wanted * 6)
    lines = _fitting(face, text, size, area.width)[:wanted]
    if not lines:
        return area.y
    ink = _ground(canvas, area, leading * len(lines) + size * 0.4)
    align, y = dice.choice(("left", "left", "middle", "right")), area.y
    for line in lines:
        canvas.text(line, area.edge(align), y + size * 0.98, face, size, align=align, ink=ink)
        y += leading
    return y + size * 0.4


def _words(values: Values, kind: str, count: int) -> str:
    """Make up text of a kind, of about as many words."""
    kinds = (kind if chance(values.dice, 0.9) else "prose" for _ in range(count))
    return " ".join(_word(values, one) for one in kinds)


def _word(values: Values, kind: str) -> str:  # noqa: C901, PLR0911 - one for each kind
    dice = values.dice
    match kind:
        case "prose":
            return values.word("prose")
        case "numbers":
            forms = (
                str(int(10 ** dice.uniform(0, 9))),
                f"{dice.uniform(-999, 9999):.2f}",
                f"{dice.randint(1, 99)}%",
                pattern(dice, "#/#"),
            )
            return dice.choice(forms)
        case "ids":
            return values.identifier(("A", "X", "Q", "ZK", "W", "VJ"))
        case "names":
            return dice.choice((values.person, values.company, values.city, values.street))()
        case "amounts":
            return values.money(values.cents(8))
        case "contacts":
            return dice.choice((values.email, values.website, values.phone))()
        case "dates":
            return values.date(dice.randint(-3000, 3000)) if chance(dice, 0.6) else values.clock()
        case "rare":
            return "".join(dice.choice(RARE) for _ in range(dice.randint(1, 10)))
        case "capitals":
            return dice.choice((values.word("prose"), values.word("trades"), pattern(dice, "$$$$"))).upper()
        case _:
            return values.iban()


def _fitting(face: Face, text: str, size: float, width: float) -> list[str]:
    """Break into lines the words that the face can set and the width holds."""
    words = [word for word in text.split(" ") if face.has(word) and face.width(word, size) <= width]
    return wrap(face, " ".join(words), size, width)


def _any_face(dice: Random, fonts: Fonts) -> Face:
    """Choose any face: families first, so that one with many weights is not seen more often."""
    kind = dice.choices(FACE_KINDS, (5, 4, 2))[0]
    family = dice.choice(fonts.families(kind) or fonts.families())
    return dice.choice([face for face in fonts.faces if face.family == family])


def _ground(canvas: Canvas, area: Area, height: float) -> Ink:
    """Draw what a block stands on, and give the ink for it: dark or pale on white, dark on gray, white on dark."""
    dice, low = canvas.dice, area.y + height
    luck = dice.random()
    if luck < 0.1:
        canvas.shapes.append(Box(area.x - 3, area.y - 1, area.right + 3, low, None, canvas.style.accent))
        return 1.0, 1.0, 1.0
    if luck < 0.2:
        shade = dice.uniform(0.8, 0.95)
        frame = canvas.style.rule_ink if chance(dice, 0.5) else None
        canvas.shapes.append(Box(area.x - 3, area.y - 1, area.right + 3, low, frame, (shade, shade, shade)))
    gray = dice.choice((0.0, 0.0, 0.0, 0.2, 0.4, 0.55 if luck > 0.2 else 0.3))
    return gray, gray, gray


def _table(canvas: Canvas, area: Area) -> float:
    """Set a table of random strings, some of its cells asked."""
    dice, values = canvas.dice, canvas.values
    titles = dice.sample(TITLES, 3)
    columns = [Column(title, dice.choice(("left", "right"))) for title in titles]
    rows = [[_cell(values, title) for title in titles] for _ in range(dice.randint(2, 5))]
    return set_table(canvas, Table(columns, rows, asked=5), area)


def _cell(values: Values, title: str) -> str:
    dice = values.dice
    match title:
        case "Name":
            return values.invented()
        case "Amount":
            return values.number(values.cents(6))
        case "Date":
            return values.date(dice.randint(-500, 500))
        case "Qty":
            return str(dice.randint(1, 999))
        case "Rate":
            return f"{dice.uniform(0, 30):.1f}%"
        case _:
            return pattern(dice, dice.choice(("$##", "##-##", "$$$#", "####", "*****")))
