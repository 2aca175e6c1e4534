"""Fonts for the tests of the renderer and of training: the installed ones, else MuPDF's own."""

import pytest

from training.render import TooFewFonts, builtin_fonts, installed_fonts
from training.render.fonts import Fonts


@pytest.fixture(scope="session")
def fonts() -> Fonts:
    """The fonts that this machine can compose with."""
    try:
        return installed_fonts()
    except TooFewFonts:
        return builtin_fonts()
