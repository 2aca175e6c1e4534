"""Templates filled with a draft's values."""

from pathlib import Path

import jinja2
from markupsafe import Markup

from training.foreign.draft import Draft, Tool

TEMPLATES = Path(__file__).parent / "templates"
EURO = r"{\usefont{TS1}{lmr}{m}{n}\char191}"  # other faces build it of a C and two lines, and say C in the text layer
TEX_SIGNS = str.maketrans({sign: f"\\{sign}" for sign in "&%#_$"} | {"€": EURO, "£": r"\pounds{}"})


def fill(draft: Draft) -> str:
    """The template with its values. LaTeX templates mark values by (( )) and steps by (* *)."""
    loader = jinja2.FileSystemLoader(TEMPLATES)
    room = jinja2.Environment(loader=loader, undefined=jinja2.StrictUndefined, autoescape=True, trim_blocks=True)
    if draft.tool is Tool.LATEX:
        room = room.overlay(
            variable_start_string="((",
            variable_end_string="))",
            block_start_string="(*",
            block_end_string="*)",
            comment_start_string="(#",
            comment_end_string="#)",
            finalize=_for_tex,
        )
    return room.get_template(draft.template).render(draft.values).strip() + "\n"


def _for_tex(value: object) -> object:
    return Markup(value.translate(TEX_SIGNS)) if isinstance(value, str) else value  # noqa: S704 - escaped as TeX
