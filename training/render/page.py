"""What a rendered page is made of: runs of text with every character's edge, shapes, and what may be asked of it."""

from dataclasses import dataclass
from enum import StrEnum

ASCII = "".join(map(chr, range(32, 127)))
SIGNS = "€£¥§°–—‘’“”•…"
ACCENTED = "àâäáãåæçèéêëìíîïñòóôöõøœßùúûüÿýÀÂÄÁÃÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖÕØŒÙÚÛÜŸÝ"
CHARSET = ASCII + SIGNS + ACCENTED
ENGLISH = "en"

Ink = tuple[float, float, float]
BLACK: Ink = (0.0, 0.0, 0.0)


class Split(StrEnum):
    """Which fonts, variants, wordings and names a page may use."""

    TRAIN = "train"
    HELD_OUT = "held_out"


class Grade(StrEnum):
    """How badly a page's picture is treated."""

    CLEAN = "clean"
    SCAN = "scan"
    PHOTO = "photo"
    FAINT = "faint"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Run:
    """One piece of text on one line, in one font and size. PDF points, origin top left."""

    text: str
    x: float
    baseline: float
    edges: tuple[float, ...]  # right edge of each character, absolute
    font: str  # the key of a face in fonts.py
    size: float
    ink: Ink
    ascent: float  # of the line box above the baseline
    descent: float  # and below it, both positive

    @property
    def right(self) -> float:
        """The right edge of the last character."""
        return self.edges[-1]


@dataclass(frozen=True, slots=True)
class Span:
    """Characters [start:stop] of the run with this number."""

    run: int
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that can be asked of the page and stands in it, exactly as printed.

    `field` is a field's name, or "label" (asked by the printed label), or "cell" (asked as column of row).
    """

    field: str
    prompts: tuple[str, ...]
    value: str
    span: Span
    unseen: bool = False  # whether training never sees the label beside it, or the wording that comes first


@dataclass(frozen=True, slots=True)
class Absent:
    """One thing that may be asked and that the page does not have."""

    field: str
    prompts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as it is printed: what its columns are, and what stands in each row; empty where nothing does."""

    columns: tuple[str, ...]  # by what they mean, `amount`; empty where that is nothing in particular
    titles: tuple[str, ...]  # as they are printed; none on a receipt
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line, dashed where `dash` is given in PDF's notation."""

    x0: float
    y0: float
    x1: float
    y1: float
    width: float = 0.5
    ink: Ink = BLACK
    dash: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: outlined, filled or both."""

    x0: float
    y0: float
    x1: float
    y1: float
    stroke: Ink | None = BLACK
    fill: Ink | None = None
    width: float = 0.5


@dataclass(frozen=True, slots=True)
class Disc:
    """An ellipse in the given rectangle: logos, radio buttons, round stamps."""

    x0: float
    y0: float
    x1: float
    y1: float
    stroke: Ink | None = BLACK
    fill: Ink | None = None
    width: float = 0.5


@dataclass(frozen=True, slots=True)
class Curve:
    """An open line through points: signatures."""

    points: tuple[tuple[float, float], ...]
    width: float = 0.8
    ink: Ink = BLACK


Shape = Rule | Box | Disc | Curve


@dataclass(frozen=True, slots=True)
class Page:
    """A composed page; nothing in it has been drawn yet."""

    width: float
    height: float
    runs: tuple[Run, ...]
    shapes: tuple[Shape, ...]
    facts: tuple[Fact, ...]
    absent: tuple[Absent, ...]
    family: str
    layout: str  # the names of the block variants used, joined by "+"
    language: str = ENGLISH  # ISO 639-1
    tables: tuple[Grid, ...] = ()  # top to bottom
