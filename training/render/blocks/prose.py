"""Running text: lines, paragraphs, paragraphs with values in them."""

from collections.abc import Mapping, Sequence

from training.render.area import Area
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


def set_lines(
    canvas: Canvas, lines: Sequence[str], area: Area, *, size: float | None = None, align: str = "left"
) -> tuple[float, list[int]]:
    """Set lines one below the other; give the y below and the runs' numbers."""
    style, y = canvas.style, area.y
    size = size or style.size
    runs = []
    for line in lines:
        runs.append(
            canvas.text(line, area.edge(align), y + size * 0.95, style.body, size, align=align, within=area.width)
        )
        y += size * style.leading
    return y, runs


def set_paragraph(canvas: Canvas, text: str, area: Area, size: float | None = None) -> float:
    """Set a text broken to the width; stop at the foot of the page."""
    style = canvas.style
    size = size or style.size
    room = int((canvas.bottom - area.y) / (size * style.leading))
    y, _ = set_lines(canvas, wrap(style.body, text, size, area.width)[: max(room, 0)], area, size=size)
    return y


def set_woven(canvas: Canvas, text: str, facts: Mapping[str, str], area: Area) -> float:
    """Set a paragraph with values in it that stay on one line each: in `text` their spaces are GLUE."""
    lines = [line.replace(GLUE, " ") for line in wrap(canvas.style.body, text, canvas.style.size, area.width)]
    y, runs = set_lines(canvas, lines, area)
    for name, value in facts.items():
        run = next((r for r in runs if value in canvas.runs[r].text), None)
        if run is None:
            raise Collision(value)
        canvas.fact(name, run, value)
    return y
