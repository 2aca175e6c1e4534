"""Slips: short pages on which every concept has its turn, in every language."""

import pytest

from training.render import Split, compose
from training.render.concepts import CONCEPTS, kept_labels
from training.render.languages import LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_slip_states_concepts_alone_under_labels_of_its_language(language: str) -> None:
    for seed in range(8):
        slip = compose(seed, Split.TRAIN, "slip", language=language)
        stated = [fact.field for fact in slip.facts]
        assert stated
        assert set(stated) <= CONCEPTS.keys()
        known = {label for name in stated for label in kept_labels(name, Split.TRAIN, language)}
        assert sum(any(label.lower() in run.text.lower() for label in known) for run in slip.runs) >= len(stated)


def test_every_concept_comes_about_as_often_as_any_other() -> None:
    stated: dict[str, int] = {}
    for seed in range(400):
        for fact in compose(seed, Split.TRAIN, "slip", language="en").facts:
            stated[fact.field] = stated.get(fact.field, 0) + 1
    assert len(stated) > 0.97 * len(CONCEPTS)
