"""Printed labels of forms, each with the kind of value that stands beside it, and the words that forms are made of."""

import tomllib
from functools import cache
from hashlib import sha256
from pathlib import Path

from training.render.page import Split

HELD_OUT_EVERY = 8
NAMED = {
    "phone": "phone",
    "email": "email",
    "postal": "postal_code",
    "city": "city",
    "street": "city",
}  # kinds that answer a named field
ALONE = {
    "phone",
    "email",
    "postal",
    "country",
    "street",
}  # kinds of which a form has one, as their labels mean the same


@cache
def form_words(part: str) -> dict[str, list[str]]:
    """One part of forms.toml: "labels" and "values" by kind, "units" by a word of the label, or "headings"."""
    words: dict[str, dict[str, list[str]]] = tomllib.loads(Path(__file__).with_name("forms.toml").read_text("utf-8"))
    return words[part]


@cache
def form_labels(split: Split) -> tuple[tuple[str, str], ...]:
    """Labels with the kind of their values, the first that names them; one in eight is kept from training."""
    kinds = {label: kind for kind, labels in reversed(form_words("labels").items()) for label in labels}
    return tuple(
        (label, kind)
        for label, kind in kinds.items()
        if split is Split.HELD_OUT or sha256(label.encode()).digest()[1] % HELD_OUT_EVERY
    )
