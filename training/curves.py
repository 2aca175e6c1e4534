"""Pictures of a run: how each part's loss and exams went, and what the weights read on two pages they never saw.

`python -m training.curves` writes `curves.png` and `curves.svg` into the run's folder, and `sample-*.png` beside them.
"""

import argparse
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pymupdf

from training.recipes import PARTS
from training.sample import draw_samples
from workers.vlm.bundled.backend import FOLDER

Colour = tuple[float, float, float]
Point = tuple[float, float]
WIDTH, HEIGHT, GAP = 420.0, 230.0, 26.0  # of a panel, and between two
LEFT, TOP, RIGHT, BOTTOM = 44.0, 34.0, 12.0, 34.0  # from a panel's rim to its axes
INK: Colour = (0.15, 0.17, 0.2)
FAINT: Colour = (0.86, 0.87, 0.89)
COLOURS: tuple[Colour, ...] = (
    (0.09, 0.37, 0.65),
    (0.80, 0.33, 0.10),
    (0.13, 0.52, 0.30),
    (0.49, 0.25, 0.60),
    (0.72, 0.53, 0.04),
)
DOTS = 160  # an inch


@dataclass(frozen=True, slots=True)
class Curve:
    """One figure of a log over the hours of training."""

    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Log:
    """What a part's log says: its curves over hours of training, and when training was taken up again."""

    curves: tuple[Curve, ...]
    resumed: tuple[float, ...]


def read_log(file: Path) -> Log:
    """A part's log; its minutes begin anew whenever training is taken up again."""
    curves: dict[str, list[Point]] = {}
    resumed: list[float] = []
    before = last = 0.0
    for text in file.read_text().splitlines():
        line: dict[str, float] = json.loads(text)
        if line["minutes"] < last:
            before += last
            resumed.append(before / 60)
        last = line["minutes"]
        for name, value in line.items():
            if name not in {"step", "minutes"} and math.isfinite(value) and line["step"]:
                curves.setdefault(name, []).append(((before + last) / 60, value))
    return Log(tuple(Curve(name.replace("_", " "), tuple(points)) for name, points in curves.items()), tuple(resumed))


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers from low to high, at most so many, each 1, 2 or 5 times a power of ten from the next."""
    span = max(high - low, 1e-9)
    raw = span / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw)
    first = math.ceil(low / step - 1e-9)
    return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]


def highest(values: Sequence[float]) -> float:
    """Where the upright axis ends: a little over the highest value, or at four medians, as all begins badly."""
    ordered = sorted(values)
    return max(min(1.08 * ordered[-1], 4 * ordered[len(ordered) // 2]), 1e-6)


@dataclass(frozen=True, slots=True)
class Axes:
    """A panel's inner rectangle and the values at its sides."""

    box: pymupdf.Rect
    x: tuple[float, float]
    y: tuple[float, float]

    def at(self, point: Point) -> Point:
        """Where a value stands on the paper."""
        across = (point[0] - self.x[0]) / (self.x[1] - self.x[0])
        up = (point[1] - self.y[0]) / (self.y[1] - self.y[0])
        return (self.box.x0 + across * self.box.width, self.box.y1 - up * self.box.height)


def draw_panel(paper: pymupdf.Page, corner: Point, title: str, curves: Sequence[Curve], log: Log) -> None:
    """One diagram: a title, axes with ticks, curves, and a legend."""
    x, y = corner
    box = pymupdf.Rect(x + LEFT, y + TOP, x + WIDTH - RIGHT, y + HEIGHT - BOTTOM)
    values = [value for curve in curves for _, value in curve.points]
    hours = max(hour for curve in curves for hour, _ in curve.points)
    axes = Axes(box, (0.0, max(hours, 1e-3)), (0.0, highest(values)))
    paper.insert_text((x + LEFT, y + 14), title, fontname="hebo", fontsize=10.5, color=INK)
    draw_axes(paper, axes)
    for hour in log.resumed:
        paper.draw_line(axes.at((hour, axes.y[0])), axes.at((hour, axes.y[1])), color=FAINT, width=0.8, dashes="[3 2]")
    pen = box.x0 + 2
    for curve, colour in zip(curves, COLOURS, strict=False):
        points = [axes.at((hour, min(value, axes.y[1]))) for hour, value in curve.points]
        if len(points) > 1:
            paper.draw_polyline(points, color=colour, width=1.3)
        for point in points if len(points) <= 30 else points[-1:]:
            paper.draw_circle(point, 1.5, color=colour, fill=colour)
        label = f"{curve.name} {curve.points[-1][1]:.3g}"
        paper.draw_line((pen, y + TOP - 9), (pen + 12, y + TOP - 9), color=colour, width=2)
        paper.insert_text((pen + 16, y + TOP - 6), label, fontsize=8, color=INK)
        pen += 30 + pymupdf.get_text_length(label, fontsize=8)


def draw_axes(paper: pymupdf.Page, axes: Axes) -> None:
    """Faint lines at round numbers, the numbers, and the two axes."""
    for value in ticks(*axes.y):
        x, y = axes.at((axes.x[0], value))
        paper.draw_line((x, y), (axes.box.x1, y), color=FAINT, width=0.5)
        text = f"{value:.10g}"
        paper.insert_text((x - 5 - pymupdf.get_text_length(text, fontsize=8), y + 3), text, fontsize=8, color=INK)
    for value in ticks(*axes.x, most=8):
        x, y = axes.at((value, axes.y[0]))
        paper.draw_line((x, y), (x, y + 3), color=INK, width=0.6)
        text = f"{value:.10g}"
        paper.insert_text((x - pymupdf.get_text_length(text, fontsize=8) / 2, y + 12), text, fontsize=8, color=INK)
    paper.draw_line(axes.box.bl, axes.box.br, color=INK, width=0.6)
    paper.draw_line(axes.box.tl, axes.box.bl, color=INK, width=0.6)
    name = "hours of training on one thread"
    at = axes.box.x1 - pymupdf.get_text_length(name, fontsize=8)
    paper.insert_text((at, axes.box.y1 + 24), name, fontsize=8, color=INK)


def draw_curves(runs: Path) -> pymupdf.Document | None:
    """A sheet with two diagrams for each part that has a log, loss and exams; None where none has."""
    logs = {part: runs / part / "log.jsonl" for part in PARTS}
    logs = {part: file for part, file in logs.items() if file.exists()}
    if not logs:
        return None
    document = pymupdf.open()
    height = GAP + len(logs) * (HEIGHT + GAP)
    paper = document.new_page(width=3 * GAP + 2 * WIDTH, height=height)
    for row, (part, file) in enumerate(logs.items()):
        log = read_log(file)
        loss = [curve for curve in log.curves if curve.name == "loss"]
        exams = [curve for curve in log.curves if curve.name != "loss"]
        y = GAP + row * (HEIGHT + GAP)
        draw_panel(paper, (GAP, y), f"{part}: loss", loss, log)
        draw_panel(paper, (2 * GAP + WIDTH, y), f"{part}: exam on held-out pages", exams, log)
    return document


def main() -> None:
    """Write the pictures into the run's folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--folder", type=Path, default=FOLDER, help="of the weights that the samples are read with")
    given = parser.parse_args()
    curves = draw_curves(given.runs)
    if curves:
        (given.runs / "curves.png").write_bytes(curves[0].get_pixmap(dpi=DOTS).tobytes("png"))
        (given.runs / "curves.svg").write_text(curves[0].get_svg_image(text_as_path=False))
    if (given.folder / "model.safetensors").exists():
        draw_samples(given.folder, given.runs)


if __name__ == "__main__":
    main()
