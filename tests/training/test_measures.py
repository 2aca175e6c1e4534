import pytest

from core.records import caseless
from training.measures import anls, calibration_error, distance, interval, ordering, reliability, wilson


def test_white_space_and_case_do_not_count() -> None:
    assert caseless("  Acme\n GmbH ") == caseless("ACME gmbh")


@pytest.mark.parametrize(("a", "b", "edits"), [("", "", 0), ("abc", "abc", 0), ("abc", "axc", 1), ("", "abc", 3)])
def test_edits_are_counted(a: str, b: str, edits: int) -> None:
    assert distance(a, b) == distance(b, a) == edits


def test_anls_counts_nothing_under_one_half() -> None:
    assert anls("12.50", "12.50") == 1
    assert anls("12.5", "12.50") == pytest.approx(0.8)
    assert anls("99", "12.50") == 0


def test_an_interval_holds_its_share_and_narrows_with_more_pages() -> None:
    few, many = wilson(7, 10), wilson(700, 1000)
    assert few[0] < many[0] < 0.7 < many[1] < few[1]
    assert wilson(0, 0) == (0, 1)
    assert wilson(0, 5)[0] == 0


def test_confidence_that_parts_right_from_wrong_is_ordered() -> None:
    assert ordering([0.9, 0.8], [0.1]) == 1
    assert ordering([0.1], [0.9]) == 0
    assert ordering([0.5], [0.5]) == ordering([], [0.5]) == 0.5


def test_prompts_that_fail_together_tell_less_than_as_many_apart() -> None:
    together = interval((page, page < 30) for page in range(40) for _ in range(10))
    apart = interval((page, number < 300) for number, page in enumerate(range(400)))
    assert together[0] < apart[0] < 0.75 < apart[1] < together[1]


def test_an_interval_of_one_page_or_of_no_mistake_is_no_point() -> None:
    assert interval((page, True) for page in range(20)) == wilson(20, 20)
    low, high = interval([(1, True), (1, False)])
    assert high - low > 0.5
    assert interval([]) == (0, 1)


def test_confidence_that_means_what_it_says_has_no_error() -> None:
    honest = [(0.75, True)] * 3 + [(0.75, False)]
    assert calibration_error(honest) == pytest.approx(0)
    assert calibration_error([(0.95, False)] * 4) == pytest.approx(0.95)
    assert calibration_error([]) == 0


def test_every_answer_falls_into_one_step_of_confidence() -> None:
    steps = reliability([(0.0, False), (0.05, True), (0.99, True), (1.0, True)])
    assert [count for count, _, _ in steps] == [2, 0, 0, 0, 0, 0, 0, 0, 0, 2]
    assert steps[0][2] == 0.5
    assert steps[9][1] == pytest.approx(0.995)
