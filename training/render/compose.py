"""From a seed to a page: dice, fonts, paper and family are drawn, and pages that collide are thrown again."""

from collections.abc import Callable
from random import Random

from training.render.canvas import Canvas, Collision
from training.render.families.dense import compose_dense
from training.render.families.form import compose_form
from training.render.families.invoice import compose_invoice
from training.render.families.letter import compose_letter
from training.render.families.receipt import compose_receipt
from training.render.families.slip import PAPER, compose_slip
from training.render.families.statement import compose_long_statement, compose_statement
from training.render.fonts import Fonts, installed_fonts
from training.render.languages import roll_language
from training.render.page import ENGLISH, Page, Split
from training.render.style import roll_style
from training.render.values import Values

FAMILIES: dict[str, Callable[[Canvas], Page]] = {
    "invoice": compose_invoice,
    "receipt": compose_receipt,
    "form": compose_form,
    "letter": compose_letter,
    "statement": compose_statement,
    "dense": compose_dense,
    "slip": compose_slip,
}
SHARES = {"invoice": 0.26, "form": 0.28, "receipt": 0.12, "letter": 0.1, "statement": 0.12, "dense": 0.12, "slip": 0.0}
PAPERS = ((595.0, 842.0), (595.0, 842.0), (595.0, 842.0), (612.0, 792.0), (612.0, 792.0), (420.0, 595.0))
ATTEMPTS = 60
Cast = Callable[[Values], Values]  # from a page's rolled values to a source that tells who and when


def compose(
    seed: int,
    split: Split,
    family: str | None = None,
    fonts: Fonts | None = None,
    language: str | None = None,
    cast: Cast | None = None,
) -> Page:
    """The page of a seed: always the same for the same seed, split, family, fonts, language and cast.

    A `cast` gives the values for a page of which more is known than that it is plausible; it is called at each attempt.
    """

    def one(dice: Random, chosen: Fonts) -> list[Page]:
        name = family or dice.choices(list(FAMILIES), [SHARES[f] for f in FAMILIES])[0]
        return [FAMILIES[name](_canvas(dice, split, name, chosen, language or roll_language(dice), cast))]

    return _thrown(f"{split}:{seed}:{family}", split, fonts, one)[0]


def compose_statement_of(
    pages: int, seed: int, split: Split, fonts: Fonts | None = None, cast: Cast | None = None
) -> list[Page]:
    """A bank statement over many pages, in one look; `cast` as for `compose`."""

    def many(dice: Random, chosen: Fonts) -> list[Page]:
        return compose_long_statement(_canvas(dice, split, "statement", chosen, ENGLISH, cast), pages)

    return _thrown(f"{split}:{seed}:statement:{pages}", split, fonts, many)


def _thrown(
    name: str, split: Split, fonts: Fonts | None, composer: Callable[[Random, Fonts], list[Page]]
) -> list[Page]:
    """Compose with dice named by the seed; throw again on a collision, or on a held-out page of no held-out variant."""
    chosen = (fonts or installed_fonts()).of(split)
    for attempt in range(ATTEMPTS):
        try:
            pages = composer(Random(f"{name}:{attempt}"), chosen)
        except Collision:
            continue
        if split is Split.TRAIN or "*" in pages[0].layout:
            return pages
    raise RuntimeError(f"No page came out of {name} in {ATTEMPTS} attempts")


def _canvas(dice: Random, split: Split, family: str, fonts: Fonts, language: str, cast: Cast | None = None) -> Canvas:
    """An empty page with its looks and habits."""
    receipt = family == "receipt"
    if family == "slip":
        width, height = (dice.uniform(*sides) for sides in PAPER)
    else:
        width, height = (dice.uniform(72, 80) * 72 / 25.4, dice.uniform(380, 700)) if receipt else dice.choice(PAPERS)
    style = roll_style(dice, fonts, width, receipt=receipt)
    values = Values.roll(dice, split, language)
    values = cast(values) if cast else values
    return Canvas(dice, split, style, values, width, height, family, fonts, language)
