import pytest

from training.measures import anls, distance, figures_of, folded, ordering, wilson


def test_white_space_and_case_do_not_count() -> None:
    assert folded("  Acme\n GmbH ") == folded("ACME gmbh")


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


def test_the_figures_of_no_prompts_are_noughts() -> None:
    figures = figures_of([], [])
    assert figures["present"] == figures["absent"] == 0
    assert figures["exact"] == 0


def test_sure_answers_are_counted_apart() -> None:
    figures = figures_of([], [], [(0.9, True), (0.85, False), (0.3, False), (0.8, True)])
    assert figures["sure_share"] == 0.75
    assert figures["sure_exact"] == 0.667


def test_boxes_are_counted_among_right_answers_only() -> None:
    figures = figures_of([(True, 1.0, 0.9, 0.9), (True, 1.0, 0.1, 0.9), (False, 0.0, 0.9, 0.2)], [True, False])
    assert figures["exact"] == 0.667
    assert figures["box_half"] == 0.5
    assert figures["absent_answered"] == 0.5
