"""Running text: paragraphs, foot lines, small print."""

from collections.abc import Mapping, Sequence

from training.render.canvas import Canvas, Collision
from training.render.fonts import Face


GLUE = "\x1f"  # stands for a space at which no line may break


def wrap(face: Face, text: str, size: float, width: float) -> list[str]:
    """Break a text into lines at its spaces."""
    lines: list[str] = []
    line, used, space = "", 0.0, face.width(" ", size)
    for word in text.split(" "):
        wide = face.width(word.replace(GLUE, " "), size)
        if line and used + space + wide > width:
            lines.append(line)
            line, used = word, wide
        else:
            line, used = (f"{line} {word}", used + space + wide) if line else (word, wide)
    return [*lines, line] if line else lines


def set_lines(  # noqa: PLR0913
    canvas: Canvas,
    lines: Sequence[str],
    x: float,
    y: float,
    *,
    face: Face | None = None,
    size: float | None = None,
    align: str = "left",
    within: float | None = None,
) -> tuple[float, list[int]]:
    """Set lines one below the other; gives the y below and the runs' numbers."""
    style = canvas.style
    face, size = face or style.body, size or style.size
    runs = []
    for line in lines:
        runs.append(canvas.text(line, x, y + size * 0.95, face, size, align=align, within=within))
        y += size * style.leading
    return y, runs


def set_paragraph(canvas: Canvas, text: str, x: float, y: float, width: float, size: float | None = None) -> float:  # noqa: PLR0913
    """Set a text broken to the width; stops at the foot of the page."""
    style = canvas.style
    size = size or style.size
    room = int((canvas.bottom - y) / (size * style.leading))
    y, _ = set_lines(canvas, wrap(style.body, text, size, width)[: max(room, 0)], x, y, size=size, within=width)
    return y


def set_foot(canvas: Canvas) -> None:
    """Small print at the foot, sometimes: how to reach the company, a page number, a line of prose."""
    dice, style, values = canvas.dice, canvas.style, canvas.values
    if dice.random() < 0.35:  # noqa: PLR2004
        return
    size = max(6.5, min(8.0, style.size * 0.8))
    texts = {
        "contact": f"{values.website()}   {dice.choice(('Tel', 'Phone', 'T'))} {values.phone()}",
        "page": dice.choice(("Page 1 of 1", "Page 1", "- 1 -", "1/1", "1")),
        "thanks": dice.choice(
            ("Thank you for your business", "Thank you!", "E&OE", "Goods remain our property until paid in full", values.sentence(6, 14))
        ),
        "web": values.website(),
    }
    kind = dice.choice(list(texts))
    if kind == "contact":
        canvas.present.add("phone")
    align, at = dice.choice((("middle", canvas.width / 2), ("left", canvas.left), ("right", canvas.right)))
    canvas.text(
        texts[kind], at, canvas.height - style.margin * 0.6, style.body, size, align=align, ink=style.label_ink, within=canvas.right - canvas.left
    )


def set_woven(canvas: Canvas, text: str, facts: Mapping[str, str], x: float, y: float, width: float) -> float:  # noqa: PLR0913
    """A paragraph with values in it that stay on one line each: in `text` their spaces are GLUE."""
    lines = [line.replace(GLUE, " ") for line in wrap(canvas.style.body, text, canvas.style.size, width)]
    y, runs = set_lines(canvas, lines, x, y, within=width)
    for name, value in facts.items():
        run = next((r for r in runs if value in canvas.runs[r].text), None)
        if run is None:
            raise Collision(value)
        canvas.fact(name, run, value)
    return y
