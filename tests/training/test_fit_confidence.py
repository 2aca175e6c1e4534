"""What confidence means is learned from pages that are asked and checked as in use."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pytest

from core.records import Box, FieldKind, LayerVerdict, StopReason
from training.fit_confidence import Judged, calibration_errors, kind_of, labelled_of, own_layer
from training.render import Grade, Split, compose
from training.render.fonts import Fonts
from training.score import box_of
from training.truth import Shown, show
from workers.confidence import Calibrator
from workers.fitting import fit
from workers.vlm.interface import Generation, PageRequest, Prompt, PromptKind


@dataclass
class Knowing:
    """Says what stands on a page, but for one value; of what is not there, it says that, but for one."""

    shown: Shown

    def forget(self) -> None:
        """Nothing is kept."""

    def generate(self, requests: Sequence[PageRequest], *_: object) -> list[list[Generation]]:
        return [[self._said(prompt) for prompt in request.prompts] for request in requests]

    def _said(self, prompt: Prompt) -> Generation:
        facts, absent = self.shown.page.facts, self.shown.page.absent
        if prompt.kind is PromptKind.READ:
            return Generation(facts[1].value, None, None, StopReason.END, 0.0, 0.9)
        number, width, height = int(prompt.key), *self.shown.size
        if number >= len(facts) and number < len(facts) + len(absent) - 1:
            return Generation(None, None, None, StopReason.END, 0.0, 0.8)
        fact = facts[min(number, len(facts) - 1)]
        x0, y0, x1, y1 = box_of(fact, self.shown)
        box = Box(x0 / width, y0 / height, x1 / width, y1 / height)
        text = "nothing like it" if number == 0 else fact.value
        return Generation(text, None, box, StopReason.END, 0.0, 0.7)


@pytest.fixture(scope="module")
def shown(fonts: Fonts) -> Shown:
    return show(compose(1, Split.TRAIN, "invoice", fonts), np.random.default_rng(1), grade=Grade.CLEAN)


def test_values_and_absences_are_labelled_by_the_truth_and_carry_their_evidence(shown: Shown) -> None:
    facts, absent = shown.page.facts, shown.page.absent
    said = labelled_of(cast("Any", Knowing(shown)), shown, own_layer(shown))
    nothing = [one for one in said if one.kind is None]
    values = [one for one in said if one.kind is not None]
    assert [one.right for one in nothing] == [True] * (len(absent) - 1)
    assert [one.right for one in values] == [False, *[True] * (len(facts) - 1), False]
    assert [values[0].layer, values[1].layer] == [LayerVerdict.CLASHES, LayerVerdict.AGREES]
    assert (values[0].verified, values[1].verified) == (False, True)  # every box reads like the second value's
    assert all(one.layer is None for one in labelled_of(cast("Any", Knowing(shown)), shown, None))


def test_fields_have_the_kinds_that_schemas_give_them() -> None:
    assert kind_of("invoice_date") is FieldKind.DATE
    assert kind_of("total") is FieldKind.MONEY
    assert kind_of("iban") is FieldKind.IBAN
    assert kind_of("offer_date") is FieldKind.DATE
    assert kind_of("label") is kind_of("purchase_order") is FieldKind.TEXT


def test_calibration_errors_are_told_by_grade(shown: Shown) -> None:
    said = labelled_of(cast("Any", Knowing(shown)), shown, None)
    judged = [Judged(Grade.CLEAN, one) for one in said]
    errors = calibration_errors(judged, Calibrator(fit(said)))
    assert errors["clean"] == errors["all"]
    assert errors["scan"] == (0.0, 0.0)
