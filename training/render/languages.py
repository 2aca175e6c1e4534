"""What a page's language brings: labels, prompts, phrases, words and habits, one file of data for each."""

import tomllib
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from training.render.dice import chance
from training.render.page import ENGLISH, Split

FOREIGN = ("de", "fr", "es", "it", "nl")
LANGUAGES = (ENGLISH, *FOREIGN)
FOREIGN_SHARE = 0.4  # of all pages, every foreign language alike
HELD_OUT_EVERY = 8  # one text in eight is kept from training


@cache
def data(language: str) -> dict[str, Any]:
    """Everything in a language's file."""
    return tomllib.loads((Path(__file__).with_name("languages") / f"{language}.toml").read_text("utf-8"))


@cache
def phrases(language: str, name: str, split: Split) -> tuple[str, ...]:
    """The texts of a list that a split may print."""
    return kept(data(language)["phrases"][name], split)


def habits(language: str) -> dict[str, Any]:
    """How dates, amounts, names and numbers are written where a language is spoken."""
    found: dict[str, Any] = data(language)["habits"]
    return found


def unseen(text: str) -> bool:
    """Whether training never sees a label, wording or phrase: one in eight, by a hash that never changes."""
    return sha256(text.encode()).digest()[1] % HELD_OUT_EVERY == 0


def kept(texts: Iterable[str], split: Split) -> tuple[str, ...]:
    """Training never sees the held-out ones, unless nothing else is left; held-out pages use all."""
    every = tuple(texts)
    seen = tuple(text for text in every if not unseen(text))
    return seen if split is Split.TRAIN and seen else every


def roll_language(dice: Random) -> str:
    """Choose a page's language."""
    return dice.choice(FOREIGN) if chance(dice, FOREIGN_SHARE) else ENGLISH
