"""How one page looks: its faces, sizes, inks and habits, chosen once and kept over the page."""

from dataclasses import dataclass
from random import Random

from training.render.dice import chance
from training.render.fonts import Face, Fonts, Kind
from training.render.page import BLACK, Ink

# Dark enough for white text upon them.
DARK: tuple[Ink, ...] = (
    BLACK, (0.1, 0.2, 0.4), (0.4, 0.05, 0.1), (0.05, 0.3, 0.25), (0.2, 0.2, 0.2), (0.1, 0.1, 0.5),
    (0.3, 0.15, 0.35), (0.0, 0.35, 0.5),
)  # fmt: skip
SIZES = (7, 7.5, 8, 8.5, 9, 9, 9.5, 10, 10, 10.5, 11, 11, 12, 13, 14)
SMALL_SIZES = (7, 7.5, 8, 8, 8.5, 9, 9, 9.5, 10)
A5_BELOW = 440.0  # points


@dataclass(frozen=True, slots=True)
class Style:
    """A page's typography."""

    body: Face
    bold: Face
    label: Face
    value: Face
    heading: Face
    size: float
    label_size: float
    heading_size: float
    leading: float  # line distance in parts of the size
    margin: float
    ink: Ink
    label_ink: Ink
    accent: Ink
    rule_ink: Ink
    rule_width: float
    shaded: bool  # whether label cells are gray
    upper_labels: bool
    colon: str  # what follows a label on its line

    def caption(self, label: str) -> str:
        """A label as this page prints it."""
        return label.upper() if self.upper_labels else label


def roll_style(dice: Random, fonts: Fonts, width: float, *, receipt: bool = False) -> Style:
    """Choose a page's looks."""
    family = _family(dice, fonts, mono=0.45 if receipt else 0.1)
    second = _family(dice, fonts, mono=0.08) if chance(dice, 0.25) else family
    mono = fonts.pick(dice, dice.choice(fonts.families("mono") or fonts.families()))
    body, bold = fonts.pick(dice, family, light=chance(dice, 0.08)), fonts.pick(dice, family, bold=True)
    labels = (body, bold, fonts.pick(dice, family, italic=True), fonts.pick(dice, second, bold=chance(dice, 0.5)))
    size = dice.choice(SMALL_SIZES if receipt or width < A5_BELOW else SIZES)
    return Style(
        body=body,
        bold=bold,
        label=dice.choices(labels, (5, 3, 0.6, 1.5))[0],
        value=dice.choices((body, bold, fonts.pick(dice, second), mono), (6, 1.5, 1.5, 0.8))[0],
        heading=fonts.pick(dice, second, bold=chance(dice, 0.7)),
        size=size,
        label_size=max(min(size, 7.0), size * dice.choice((1, 1, 1, 0.9, 0.8))),
        heading_size=min(30.0, max(11.0, size * dice.uniform(1.3, 3.0))),
        leading=dice.uniform(1.2, 1.6),
        margin=dice.uniform(8, 16) if receipt else dice.uniform(0.06, 0.11) * width,
        ink=_gray(dice, (0.0, 0.0, 0.0, 0.0, 0.1, 0.2, 0.3))
        if chance(dice, 0.85)
        else (0.05, 0.1, dice.uniform(0.2, 0.5)),
        label_ink=_gray(dice, (0.0, 0.0, 0.2, 0.35, 0.45, 0.55)) if chance(dice, 0.8) else dice.choice(DARK),
        accent=dice.choice(DARK),
        rule_ink=_gray(dice, (0.0, 0.5, 0.7)),
        rule_width=dice.choice((0.3, 0.5, 0.5, 0.8, 1.2)),
        shaded=chance(dice, 0.5),
        upper_labels=chance(dice, 0.18),
        colon=dice.choice((":", ":", ":", "", " :", ".")),
    )


def _family(dice: Random, fonts: Fonts, mono: float) -> str:
    """Choose a font family: monospaced ones in a share of `mono`, of the others every third a serif."""
    kind: Kind = "mono" if chance(dice, mono) else "serif" if chance(dice, 0.36) else "sans"
    return dice.choice(fonts.families(kind) or fonts.families())


def _gray(dice: Random, levels: tuple[float, ...]) -> Ink:
    level = dice.choice(levels)
    return level, level, level
