"""Pages in other languages: every word printable, every field named, nothing unseen in training."""

import random
from collections.abc import Iterator
from itertools import count, product

import pytest

from training.render import CHARSET, Page, Split, compose
from training.render.compose import FAMILIES
from training.render.fields import FIELDS, labels, texts, wordings
from training.render.fonts import Fonts
from training.render.form_values import value_for
from training.render.labels import form_labels, form_words
from training.render.languages import FOREIGN, FOREIGN_SHARE, LANGUAGES, data, kept, unseen
from training.render.page import ENGLISH
from training.render.values import Values
from training.render.words import words


@pytest.fixture(params=FOREIGN)
def language(request: pytest.FixtureRequest) -> str:
    """Each language but English in turn."""
    return str(request.param)


def strings(value: object) -> Iterator[str]:
    """Every text in nested tables and lists."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_text_of_a_language_can_be_printed(name: str) -> None:
    assert {text for text in strings(data(name)) if not set(text) <= set(CHARSET)} == set()


def test_every_field_has_labels_and_prompts_in_every_language(language: str) -> None:
    assert set(data(language)["fields"]) == set(FIELDS)
    for field in FIELDS.values():
        for split in Split:
            assert len(labels(field, split, language)) >= 2
            assert wordings(field, split, language)


def test_a_language_has_all_that_english_has(language: str) -> None:
    for part in ("phrases", "habits"):
        assert set(data(language)[part]) == set(data(ENGLISH)[part])
    for part in ("labels", "values", "headings"):
        assert set(form_words(part, language)) == set(form_words(part))
    assert len(data(language)["habits"]["months"]) == len(data(language)["habits"]["short_months"]) == 12


def test_every_label_of_a_form_has_a_value(language: str) -> None:
    values = Values.roll(random.Random(1), Split.HELD_OUT, language)
    known = form_labels(Split.HELD_OUT, language)
    assert len(known) >= 60
    assert all(value_for(values, label, kind) for label, kind in known)


def test_training_never_sees_one_label_in_eight_nor_one_word_in_five(language: str) -> None:
    sides = {text: unseen(text) for field in FIELDS.values() for text in labels(field, Split.HELD_OUT, language)}
    assert 0.08 < sum(sides.values()) / len(sides) < 0.18
    for field in FIELDS.values():
        assert not any(sides[text] for text in labels(field, Split.TRAIN, language))
    assert not any(unseen(label) for label, _ in form_labels(Split.TRAIN, language))
    for name in data(language)["words"]:
        shared = set(words(Split.TRAIN, name, language)) & set(words(Split.HELD_OUT, name, language))
        assert not shared or name in {"company_forms", "street_kinds", "banks"}
        assert words(Split.TRAIN, name, language)
        assert words(Split.HELD_OUT, name, language)


def test_a_list_of_held_out_phrases_alone_is_all_that_training_has() -> None:
    lost = next(text for text in map(str, count()) if unseen(text))
    assert kept([lost], Split.TRAIN) == (lost,)
    assert kept([lost, "Total"], Split.TRAIN) == ("Total",)
    assert kept([lost, "Total"], Split.HELD_OUT) == (lost, "Total")


@pytest.mark.parametrize("family", sorted(FAMILIES))
@pytest.mark.parametrize("split", list(Split))
def test_every_kind_of_document_is_composed_in_every_language(
    fonts: Fonts, family: str, split: Split, language: str
) -> None:
    page = compose(3, split, family, fonts, language)
    assert page.language == language
    assert page.runs
    for fact in page.facts:
        text = page.runs[fact.span.run].text
        assert text[fact.span.start : fact.span.stop] == fact.value


def test_a_page_prints_and_asks_in_its_language_and_english_alone(fonts: Fonts, language: str) -> None:
    page = compose(5, Split.TRAIN, "invoice", fonts, language)
    for fact in page.facts:
        if fact.field in FIELDS:
            assert fact.prompts[0] in wordings(FIELDS[fact.field], Split.TRAIN)
            if fact.field != "tax":  # whose printed label may name a rate
                assert {prompt.lower() for prompt in fact.prompts} <= texts(FIELDS[fact.field], language)
            assert set(fact.prompts) & set(wordings(FIELDS[fact.field], Split.TRAIN, language))


def test_what_stands_there_under_a_foreign_label_is_not_asked_as_absent(fonts: Fonts, language: str) -> None:
    for seed, family in product(range(3), ("invoice", "form", "statement")):
        page = compose(seed, Split.TRAIN, family, fonts, language)
        asked = {prompt.lower() for fact in page.facts for prompt in fact.prompts}
        for absent in page.absent:
            if absent.field in FIELDS:
                assert not asked & texts(FIELDS[absent.field], language), (family, absent.field)


def test_two_pages_in_five_speak_another_language(fonts: Fonts) -> None:
    pages = [compose(seed, Split.TRAIN, "receipt", fonts) for seed in range(200)]
    share = sum(page.language != ENGLISH for page in pages) / len(pages)
    assert abs(share - FOREIGN_SHARE) < 0.12
    assert {page.language for page in pages} == set(LANGUAGES)


def test_training_pages_have_no_unseen_wording_and_held_out_pages_have_some(fonts: Fonts) -> None:
    def told(split: Split) -> list[bool]:
        pages: list[Page] = [compose(seed, split, "form", fonts) for seed in range(8)]
        return [fact.unseen for page in pages for fact in page.facts]

    assert not any(told(Split.TRAIN))
    assert 0.03 < sum(told(Split.HELD_OUT)) / len(told(Split.HELD_OUT)) < 0.5
