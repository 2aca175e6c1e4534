"""Printed labels of forms, each with the kind of value that stands beside it, and the words that forms are made of."""

import tomllib
from functools import cache
from pathlib import Path

from training.render.concepts import concept_labels, meaning
from training.render.languages import data, kept
from training.render.page import ENGLISH, Split

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
def form_words(part: str, language: str = ENGLISH) -> dict[str, list[str]]:
    """One part of a language's forms: "labels" and "values" by kind, "units" by a word of the label, or "headings"."""
    if language == ENGLISH:
        words: dict[str, dict[str, list[str]]] = tomllib.loads(
            Path(__file__).with_name("forms.toml").read_text("utf-8")
        )
    else:
        words = data(language)["forms"]
    return words[part]


@cache
def form_labels(split: Split, language: str = ENGLISH) -> tuple[tuple[str, str], ...]:
    """Labels with the kind of their values, those of concepts among them; one in eight is kept from training."""
    every = form_words("labels", language)
    kinds = {label: kind for kind, labels in reversed(every.items()) for label in labels}
    kinds = {label: concept.kind if (concept := meaning(label, language)) else kind for label, kind in kinds.items()}
    kinds |= {label: concept.kind for label, concept in reversed(concept_labels(Split.HELD_OUT, language))}
    return tuple((label, kinds[label]) for label in kept(kinds, split))
