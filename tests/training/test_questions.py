import random
from collections.abc import Sequence

import pytest

from core.records import caseless
from training.questions import PRINTED, TAGS, Sheet, ask, batch_of, simulate
from training.render import Page, Split, compose
from training.render.fonts import Fonts
from workers.vlm.bundled.configuration import ALPHABET
from workers.vlm.bundled.words import between, text_of

FAMILIES = ("invoice", "receipt", "form", "letter", "statement")


@pytest.fixture(scope="module")
def pages(fonts: Fonts) -> list[Page]:
    return [compose(seed, Split.TRAIN, family, fonts) for seed, family in enumerate(FAMILIES)]


@pytest.fixture
def sheets(pages: Sequence[Page]) -> list[Sheet]:
    """Pages as a reader without errors would read them."""
    return [simulate(page, random.Random(number), (0.0,)) for number, page in enumerate(pages)]


def test_the_words_of_a_fact_say_its_value(pages: Sequence[Page], sheets: Sequence[Sheet]) -> None:
    for page, sheet in zip(pages, sheets, strict=True):
        values = {fact.prompts: fact.value for fact in page.facts}
        for fact in sheet.facts:
            said = text_of([sheet.words[i] for i in between(sheet.words, fact.first, fact.last)], ALPHABET)
            assert caseless(said) == caseless(values[fact.prompts])


def test_nearly_every_fact_is_found_among_the_words(pages: Sequence[Page], sheets: Sequence[Sheet]) -> None:
    assert sum(len(s.facts) for s in sheets) >= 0.9 * sum(len(p.facts) for p in pages)


def test_the_words_of_a_named_field_carry_its_tag(sheets: Sequence[Sheet]) -> None:
    for sheet in sheets:
        for fact in sheet.facts:
            if fact.named:
                assert sheet.tags[fact.first] == sheet.tags[fact.last] == TAGS.get(fact.field, 1)


def test_a_page_is_asked_for_what_it_has_and_for_what_it_has_not(sheets: Sequence[Sheet]) -> None:
    asked = ask(sheets[0], ["Blood Group"], random.Random(0))
    assert {a.first >= 0 for a in asked} == {True, False}
    present = {p.lower().rstrip("?:") for f in sheets[0].facts for p in f.prompts}
    assert not {a.prompt.lower().rstrip("?:") for a in asked if a.first < 0} & present


def test_a_batch_pads_with_what_no_loss_counts(sheets: Sequence[Sheet]) -> None:
    asked = [ask(sheet, [], random.Random(1)) for sheet in sheets]
    batch = batch_of(sheets, asked)
    assert batch.words.mask.sum().item() == sum(len(s.words) for s in sheets)
    assert (batch.first != -100).sum().item() == sum(map(len, asked))
    assert ((batch.last >= 0) == (batch.first > 0)).all()
    assert ((batch.tags == -100) == ~batch.words.mask).all()


def test_a_reader_with_errors_gives_other_words_each_time(pages: Sequence[Page]) -> None:
    one, same, other = (simulate(pages[0], random.Random(seed)) for seed in (7, 7, 8))
    assert one == same
    assert one != other


def test_every_tag_fits_the_model() -> None:
    assert len(TAGS) + 2 <= 64
    assert [name for name in TAGS if TAGS[name] >= min(TAGS[p] for p in PRINTED)] == list(PRINTED)
