"""What people put on paper beside the text: stamps, ticked boxes, signatures, bars."""

from training.render.area import Area
from training.render.canvas import Canvas
from training.render.dice import chance
from training.render.page import Box, Curve, Disc, Ink, Rule

PALE_INKS: tuple[Ink, ...] = ((0.75, 0.75, 0.75), (0.7, 0.75, 0.8), (0.8, 0.7, 0.7))
STAMP_INKS: tuple[Ink, ...] = ((0.75, 0.1, 0.1), (0.1, 0.2, 0.65), (0.1, 0.45, 0.2), (0.3, 0.3, 0.3))


def set_stamp(canvas: Canvas, area: Area) -> None:
    """Stamp a word where there is room below the text: framed in colour, or large and pale as watermarks are."""
    dice, style = canvas.dice, canvas.style
    pale = chance(dice, 0.25)
    size = dice.uniform(36, 60) if pale else dice.uniform(14, 26)
    word = canvas.say("stamps")
    width = style.bold.width(word, size)
    if not style.bold.has(word) or area.y + size * 3 > canvas.bottom - 20 or width + 20 > area.width:
        return
    x, base = area.x + 8 + dice.random() * (area.width - width - 16), area.y + size * dice.uniform(1.6, 2.4)
    ink = dice.choice(PALE_INKS if pale else STAMP_INKS)
    canvas.text(word, x, base, style.bold, size, ink=ink)
    if not pale and chance(dice, 0.8):
        canvas.shapes.append(Box(x - 6, base - size, x + width + 6, base + size * 0.35, ink, None, 1.5))


def set_ticks(canvas: Canvas, area: Area) -> float:
    """Set a row of boxes or circles with words, some of them ticked; give the y below."""
    dice, style = canvas.dice, canvas.style
    side, x, base = style.size * 0.85, area.x, area.y + style.size
    shape = dice.choice((Box, Disc))
    for word in dice.sample(canvas.phrases("ticks"), 4):
        if x + side * 2 + style.body.width(word, style.size) > area.right:
            break
        canvas.shapes.append(shape(x, base - side, x + side, base, style.ink, None, 0.7))
        if chance(dice, 0.5):
            canvas.shapes += [
                Rule(x + 1, base - side + 1, x + side - 1, base - 1, 1.0),
                Rule(x + 1, base - 1, x + side - 1, base - side + 1, 1.0),
            ]
        run = canvas.text(word, x + side * 1.6, base, style.body, style.size)
        x = canvas.runs[run].right + style.size * 2
    return base + style.size * 1.5


def sign(canvas: Canvas, area: Area) -> float:
    """Scribble a signature; give the y below."""
    dice = canvas.dice
    points = [(area.x + i * dice.uniform(4, 8), area.y + 14 + dice.uniform(-9, 9)) for i in range(dice.randint(6, 14))]
    canvas.shapes.append(Curve(tuple(points), dice.uniform(0.6, 1.4), (0.1, 0.1, 0.4)))
    return area.y + 26


def set_bars(canvas: Canvas, area: Area) -> float:
    """Draw the bars of a code; give the y below."""
    x = area.x + 15
    while x < area.right - 15:
        wide = canvas.dice.choice((0.8, 1.2, 1.8))
        canvas.shapes.append(Rule(x, area.y + 6, x, area.y + 34, wide))
        x += wide + canvas.dice.choice((1.0, 1.6, 2.2))
    return area.y + 40
