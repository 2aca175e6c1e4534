"""Word lists behind the values: names, places and trades of many countries, and those of one language."""

import tomllib
from functools import cache
from pathlib import Path

from training.render.fonts import held_out
from training.render.languages import data
from training.render.page import ENGLISH, Split

SHARED = {"company_forms", "street_kinds", "email_hosts", "banks"}  # short lists of common words: not split


@cache
def _lists() -> dict[str, list[str]]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


@cache
def words(split: Split, name: str, language: str = ENGLISH) -> tuple[str, ...]:
    """The words of a list that belong to the split: one in five is held out by its hash."""
    own: dict[str, list[str]] = {} if language == ENGLISH else data(language)["words"]
    every = own.get(name) or _lists()[name]
    return tuple(w for w in every if name in SHARED or held_out(f"{name}:{w}") == (split is Split.HELD_OUT))
