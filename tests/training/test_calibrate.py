import random

import pytest

from training.calibrate import LIMITS, Tried, logit, outcome, threshold_of, trust_of
from workers.vlm.bundled.configuration import FolioscopeConfig
from workers.vlm.bundled.modeling import trusted


def tried(grade: str, absent: float, *, present: bool) -> Tried:
    return Tried(grade, absent, 0.9, present=present, exact=present)


def test_the_threshold_answers_no_more_than_each_grade_allows() -> None:
    dice = random.Random(1)
    rows = [tried(grade, dice.random() ** 4, present=True) for grade in LIMITS for _ in range(300)]
    rows += [tried(grade, 1 - dice.random() ** 8, present=False) for grade in LIMITS for _ in range(300)]
    chosen = threshold_of(rows)
    for grade, most in LIMITS.items():
        assert outcome([r for r in rows if r.grade == grade], chosen)[1] <= most
    assert outcome(rows, chosen)[0] > 0.5


def test_one_bad_grade_makes_the_threshold_stricter() -> None:
    dice = random.Random(1)
    good = [tried("clean", 1 - dice.random() ** 8, present=False) for _ in range(300)]
    bad = [tried("photo", 1 - dice.random() ** 2, present=False) for _ in range(300)]
    assert threshold_of(good + bad) < threshold_of(good)


def test_without_a_threshold_that_keeps_the_limits_the_strictest_is_taken() -> None:
    assert threshold_of([tried("clean", 0.0, present=False)]) == 0.01


def test_confidence_that_is_too_high_is_brought_down() -> None:
    dice = random.Random(2)
    said = []
    for _ in range(4000):
        true = dice.uniform(0.02, 0.98)
        boast = 1 / (1 + (true / (1 - true)) ** -2.0)  # odds squared
        said.append((boast, dice.random() < true))
    scale, shift = trust_of(said)
    assert scale == pytest.approx(0.5, abs=0.05)
    assert shift == pytest.approx(0, abs=0.1)


def test_confidence_is_left_alone_where_little_is_known() -> None:
    assert trust_of([(0.9, True)] * 10) == (1, 0)
    assert trust_of([(0.9, True)] * 100) == (1, 0)


def test_certainty_has_finite_odds() -> None:
    assert (logit(1.0), -logit(0.0)) == pytest.approx((13.8, 13.8), abs=0.1)


def test_the_model_speaks_with_the_confidence_that_was_calibrated() -> None:
    assert trusted((0.5, 0.5), FolioscopeConfig()) == 0.25
    modest = FolioscopeConfig(confidence_scale=0.5, confidence_shift=-1.0)
    said = [trusted((share,), modest) for share in (0.0, 0.1, 0.5, 0.9, 1.0)]
    assert said == sorted(said)
    assert logit(said[2]) == pytest.approx(-1.0)
    assert logit(said[3]) == pytest.approx(0.5 * logit(0.9) - 1.0)
