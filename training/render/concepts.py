"""What documents state beside the listed fields, known by meaning: labels in every language, and how people ask."""

import re
import tomllib
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from training.render.languages import LANGUAGES, kept
from training.render.page import ENGLISH, Absent, Split

FOLDER = Path(__file__).with_name("concepts")
WORD = re.compile(r"\w+")
PLACES = ("city", "country", "company")  # kinds that an address or a letterhead answers


@dataclass(frozen=True, slots=True)
class Concept:
    """Something that a document may state; `labels` by language, `prompts` in English."""

    name: str
    theme: str
    kind: str
    prompts: tuple[str, ...]
    labels: dict[str, tuple[str, ...]]


def _load() -> dict[str, Concept]:
    out = {}
    for path in sorted(FOLDER.glob("*.toml")):
        for name, table in tomllib.loads(path.read_text("utf-8")).items():
            labels = {language: tuple(table[language]) for language in LANGUAGES}
            out[name] = Concept(
                name, path.stem, table["kind"], (name.replace("_", " "), *dict.fromkeys(table["prompts"])), labels
            )
    return out


def _neighbours() -> dict[str, frozenset[str]]:
    groups = tomllib.loads(Path(__file__).with_name("near.toml").read_text("utf-8"))["groups"]
    names = {name for group in groups for name in group}
    return {name: frozenset(n for group in groups if name in group for n in group) for name in names}


CONCEPTS = _load()
NEAR = _neighbours()
THEMES = tuple(sorted({concept.theme for concept in CONCEPTS.values()}))


def folded(label: str) -> str:
    """A label without case, colon, or dots at its end."""
    return label.casefold().strip().rstrip(":. ")


@cache
def _meanings(language: str) -> dict[str, Concept]:
    """Concepts by folded label; on English pages also by their wordings."""
    every = list(CONCEPTS.values())
    out = {folded(p): c for c in reversed(every) for p in c.prompts if language == ENGLISH and not p.endswith("?")}
    return out | {folded(label): concept for concept in reversed(every) for label in concept.labels[language]}


def meaning(label: str, language: str) -> Concept | None:
    """The concept that a printed label of a language means."""
    return _meanings(language).get(folded(label))


def meant_anywhere(label: str) -> bool:
    """Whether a label means a concept in any language."""
    return any(meaning(label, language) for language in LANGUAGES)


def near(names: AbstractSet[str]) -> set[str]:
    """Concepts and fields that what is named answers as well, itself among them."""
    return set(names).union(*(NEAR.get(name, ()) for name in names))


@cache
def concept_labels(split: Split, language: str) -> tuple[tuple[str, Concept], ...]:
    """Every label that a split may print for a concept."""
    return tuple((label, c) for c in CONCEPTS.values() for label in kept_labels(c.name, split, language))


@cache
def kept_labels(name: str, split: Split, language: str) -> tuple[str, ...]:
    """A concept's labels in a language; training never sees the held-out ones, unless all of them are."""
    return kept(CONCEPTS[name].labels[language], split)


def wordings(concept: Concept, split: Split, dice: Random, language: str, printed: tuple[str, ...] = ()) -> list[str]:
    """How a concept is asked, in random order: English wordings, one of the page's language, what is printed."""
    own = dice.choice(kept_labels(concept.name, split, language))
    every = list(dict.fromkeys(kept((*concept.prompts, own, *printed), split)))
    return dice.sample(every, len(every))


def missing_concepts(
    dice: Random, split: Split, language: str, there: AbstractSet[str], text: str, count: int = 8
) -> list[Absent]:
    """Concepts that a page does not state, near misses first; `there` names what it does, `text` is all it prints."""
    shut = near(there)
    stated = [CONCEPTS[name] for name in there if name in CONCEPTS]
    kinds, themes = {c.kind for c in stated}, {c.theme for c in stated}
    free = [c for c in CONCEPTS.values() if c.name not in shut and (c.kind not in PLACES or stated)]
    order = sorted(free, key=lambda c: dice.random() * (1 + 2 * (c.kind in kinds) + 2 * (c.theme in themes)))[::-1]
    words, out = _worded(text), list[Absent]()
    for concept in order[: 4 * count]:
        hinted = any(sign in words for sign in _signs(concept.name, language))
        if not hinted and len(out) < count:
            out.append(Absent(concept.name, tuple(wordings(concept, split, dice, language))))
    return out


@cache
def _signs(concept: str, language: str) -> frozenset[str]:
    """Texts that give a concept away where they are printed."""
    found = CONCEPTS[concept]
    plain = (prompt for prompt in found.prompts if not prompt.endswith("?"))
    return frozenset(_worded(text) for text in (*found.labels[language], *found.labels[ENGLISH], *plain))


def _worded(text: str) -> str:
    """The words of a text with one space around each."""
    return f" {' '.join(WORD.findall(text.casefold()))} "
