"""Concepts: known in every language, asked by meaning, and never missed where they stand."""

import random

import pytest

from training.outcomes import Origin, Outcome, tables
from training.questions import Stated
from training.render import CHARSET, Split, compose
from training.render.area import Area
from training.render.blocks.items import Item
from training.render.blocks.pairs import set_pairs
from training.render.canvas import Canvas, Collision
from training.render.compose import FAMILIES
from training.render.concepts import CONCEPTS, NEAR, concept_labels, folded, meaning, near
from training.render.fields import FIELDS
from training.render.fonts import Fonts
from training.render.form_values import value_for
from training.render.labels import form_labels
from training.render.languages import LANGUAGES, unseen
from training.render.style import roll_style
from training.render.values import Values


def blank(fonts: Fonts, language: str, split: Split = Split.TRAIN) -> Canvas:
    """An empty page."""
    dice = random.Random(4)
    chosen = fonts.of(split)
    style, values = roll_style(dice, chosen, 595.0, receipt=False), Values.roll(dice, split, language)
    return Canvas(dice, split, style, values, 595.0, 842.0, "form", chosen, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_concept_has_labels_of_its_own_in_every_language(language: str) -> None:
    assert len(CONCEPTS) >= 110
    assert not set(CONCEPTS) & set(FIELDS)
    owners: dict[str, str] = {}
    for concept in CONCEPTS.values():
        assert len(concept.labels[language]) >= (3 if language == "en" else 1), concept.name
        for label in concept.labels[language]:
            assert set(label) <= set(CHARSET), label
            assert owners.setdefault(folded(label), concept.name) == concept.name, label


def test_no_wording_means_two_concepts() -> None:
    owners: dict[str, str] = {}
    for concept in CONCEPTS.values():
        assert len(concept.prompts) >= 3
        for wording in concept.prompts:
            assert set(wording) <= set(CHARSET)
            assert owners.setdefault(folded(wording), concept.name) == concept.name, wording


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_concept_has_a_value(language: str) -> None:
    values = Values.roll(random.Random(1), Split.HELD_OUT, language)
    for concept in CONCEPTS.values():
        for _ in range(5):
            value = value_for(values, concept.labels[language][0], concept.kind)
            assert value
            assert set(value) <= set(CHARSET), value


def test_near_equals_are_concepts_or_fields() -> None:
    assert set(NEAR) <= {*CONCEPTS, *FIELDS, "cell"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_training_never_prints_or_asks_by_a_held_out_wording_of_a_concept(fonts: Fonts, language: str) -> None:
    whole = {c.name for c in CONCEPTS.values() if all(unseen(label) for label in c.labels[language])}
    assert not any(unseen(label) for label, c in concept_labels(Split.TRAIN, language) if c.name not in whole)
    for seed in range(4):
        for fact in compose(seed, Split.TRAIN, "form", fonts, language).facts:
            if fact.field in CONCEPTS:
                assert not any(unseen(p) for p in fact.prompts if p in CONCEPTS[fact.field].prompts)
                assert not fact.unseen


@pytest.mark.parametrize("language", LANGUAGES)
def test_most_labels_of_forms_are_concepts(language: str) -> None:
    known = form_labels(Split.HELD_OUT, language)
    assert sum(meaning(label, language) is not None for label, _ in known) > len(known) / 2


def test_a_page_that_prints_an_abbreviation_answers_the_meaning_and_the_abbreviation(fonts: Fonts) -> None:
    canvas = blank(fonts, "de")
    set_pairs(canvas, [Item("label", "Kd.-Nr.", "K-4711")], Area(60, 60, 300), "gap")
    page = canvas.finish(())
    (fact,) = page.facts
    assert (fact.field, fact.value) == ("customer_number", "K-4711")
    assert {"customer number", "client number", "Kd.-Nr"} <= set(fact.prompts)
    assert Stated(fact.field, fact.prompts, 0, 0).named
    assert page.absent
    assert not {one.field for one in page.absent} & near({"customer_number"})


def test_a_page_that_states_a_concept_twice_is_thrown_away(fonts: Fonts) -> None:
    canvas = blank(fonts, "en")
    pairs = [Item("label", "Customer No.", "1"), Item("label", "Client ID", "2")]
    with pytest.raises(Collision):
        set_pairs(canvas, pairs, Area(60, 60, 300), "gap")


@pytest.mark.parametrize("family", sorted(FAMILIES))
@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_stands_on_a_page_is_never_absent_under_another_name(fonts: Fonts, family: str, language: str) -> None:
    for seed in range(5):
        page = compose(seed, Split.TRAIN, family, fonts, language)
        there = {fact.field for fact in page.facts}
        absent = {one.field for one in page.absent} & set(CONCEPTS)
        assert absent
        assert not absent & near(there)
        assert not {one.field for one in page.absent} & near(there & set(CONCEPTS))


def test_concepts_are_one_row_of_the_table_by_field() -> None:
    origin = Origin(1, "clean", "clean", "form", "en")
    rows = [Outcome(origin, name, present=True, answered=True, confidence=0.9) for name in ("seat", "gate", "total")]
    assert set(tables(rows)["field"]) == {"concepts", "total"}
    assert {row.kind for row in rows} == {"fields"}
