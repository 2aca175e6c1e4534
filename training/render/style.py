"""How one page looks: its faces, sizes, inks and habits, chosen once and kept over the page."""

from dataclasses import dataclass
from random import Random

from training.render.fonts import Face, Fonts
from training.render.page import BLACK, Ink

WHITE: Ink = (1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Style:
    """A page's typography."""

    body: Face
    bold: Face
    label: Face
    value: Face
    heading: Face
    mono: Face
    size: float
    label_size: float
    heading_size: float
    leading: float  # line distance in parts of the size
    margin: float
    ink: Ink
    label_ink: Ink
    accent: Ink  # dark enough for white text upon it
    rule_ink: Ink
    rule_width: float
    upper_labels: bool
    colon: str  # what follows a label on its line

    def caption(self, label: str) -> str:
        """A label as this page prints it."""
        return label.upper() if self.upper_labels else label


def roll_style(dice: Random, fonts: Fonts, width: float, *, receipt: bool = False) -> Style:
    """Choose a page's looks."""
    family = _family(dice, fonts, mono=0.45 if receipt else 0.1)
    second = _family(dice, fonts, mono=0.08) if dice.random() < 0.25 else family
    light = dice.random() < 0.08
    body, bold = fonts.pick(dice, family, light=light), fonts.pick(dice, family, bold=True)
    label = dice.choices((body, bold, fonts.pick(dice, family, italic=True), fonts.pick(dice, second, bold=dice.random() < 0.5)), (5, 3, 0.6, 1.5))[0]
    value = dice.choices((body, bold, fonts.pick(dice, second), fonts.pick(dice, _mono(dice, fonts))), (6, 1.5, 1.5, 0.8))[0]
    size = (
        dice.choice((7, 7.5, 8, 8, 8.5, 9, 9, 9.5, 10))
        if receipt or width < 440
        else dice.choice((7, 7.5, 8, 8.5, 9, 9, 9.5, 10, 10, 10.5, 11, 11, 12, 13, 14))
    )  # noqa: PLR2004
    gray = dice.choice((0.0, 0.0, 0.0, 0.0, 0.1, 0.2, 0.3))
    pale = dice.choice((0.0, 0.0, 0.2, 0.35, 0.45, 0.55))
    return Style(
        body, bold, label, value, fonts.pick(dice, second, bold=dice.random() < 0.7), fonts.pick(dice, _mono(dice, fonts)),
        size=size, label_size=size * dice.choice((1, 1, 1, 0.9, 0.8)) if size > 8.5 else size,  # noqa: PLR2004
        heading_size=min(30.0, max(11.0, size * dice.uniform(1.3, 3.0))), leading=dice.uniform(1.2, 1.6),
        margin=dice.uniform(8, 16) if receipt else dice.uniform(0.06, 0.11) * width,
        ink=(gray, gray, gray) if dice.random() < 0.85 else (0.05, 0.1, dice.uniform(0.2, 0.5)), label_ink=(pale, pale, pale) if dice.random() < 0.8 else _dark(dice),
        accent=_dark(dice), rule_ink=dice.choice((BLACK, (0.5, 0.5, 0.5), (0.7, 0.7, 0.7))), rule_width=dice.choice((0.3, 0.5, 0.5, 0.8, 1.2)),
        upper_labels=dice.random() < 0.18, colon=dice.choice((":", ":", ":", "", " :", ".")),
    )  # fmt: skip


def _family(dice: Random, fonts: Fonts, mono: float) -> str:
    luck = dice.random()
    kinds = fonts.families("mono") if luck < mono else fonts.families("serif") if luck > 1 - 0.36 * (1 - mono) else fonts.families("sans")
    return dice.choice(kinds or fonts.families())


def _mono(dice: Random, fonts: Fonts) -> str:
    return dice.choice(fonts.families("mono") or fonts.families())


def _dark(dice: Random) -> Ink:
    return dice.choice(
        (BLACK, (0.1, 0.2, 0.4), (0.4, 0.05, 0.1), (0.05, 0.3, 0.25), (0.2, 0.2, 0.2), (0.1, 0.1, 0.5), (0.3, 0.15, 0.35), (0.0, 0.35, 0.5))
    )
