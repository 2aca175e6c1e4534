"""The page renderer: a grammar of business documents, drawn by PyMuPDF, with the place of every character."""

from training.render.compose import compose, compose_statement_of
from training.render.degrade import degrade
from training.render.draw import draw, rasterize
from training.render.fonts import TooFewFonts, builtin_fonts, installed_fonts
from training.render.page import (
    CHARSET,
    Absent,
    Box,
    Curve,
    Disc,
    Fact,
    Grade,
    Grid,
    Page,
    Rule,
    Run,
    Shape,
    Span,
    Split,
)

__all__ = [
    "CHARSET",
    "Absent",
    "Box",
    "Curve",
    "Disc",
    "Fact",
    "Grade",
    "Grid",
    "Page",
    "Rule",
    "Run",
    "Shape",
    "Span",
    "Split",
    "TooFewFonts",
    "builtin_fonts",
    "compose",
    "compose_statement_of",
    "degrade",
    "draw",
    "installed_fonts",
    "rasterize",
]
