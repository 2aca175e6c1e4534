"""A document's label from those of its pages, and the pages that say otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.labels import PageLabel, judge


def pages(*said: tuple[str | None, float | None]) -> list[PageLabel]:
    return [PageLabel(number, label, sure) for number, (label, sure) in enumerate(said, 1)]


def test_one_page_s_label_is_its_document_s() -> None:
    judged = judge(pages(("invoice", 0.8)))
    assert (judged.label, judged.page, judged.differing) == ("invoice", 1, ())
    assert judged.confidence == pytest.approx(0.8)


def test_pages_that_agree_make_it_surer_and_one_that_differs_less_sure() -> None:
    alone, agreed = judge(pages(("invoice", 0.8))), judge(pages(("invoice", 0.8), ("invoice", 0.7)))
    mixed = judge(pages(("invoice", 0.8), ("invoice", 0.7), ("letter", 0.6)))
    assert alone.confidence is not None
    assert agreed.confidence is not None
    assert mixed.confidence is not None
    assert mixed.confidence < alone.confidence < agreed.confidence < 1
    assert [(page.page, page.label) for page in mixed.differing] == [(3, "letter")]


def test_many_pages_outweigh_a_surer_one() -> None:
    judged = judge(pages(("letter", 0.95), ("contract", 0.7), ("contract", 0.7)))
    assert (judged.label, judged.page) == ("contract", 2)


def test_pages_that_fit_no_label_take_nothing_from_it_and_are_named() -> None:
    judged = judge(pages(("invoice", 0.8), (None, 0.99), (None, 0.99)))
    assert judged.label == "invoice"
    assert judged.confidence == pytest.approx(0.8)
    assert [page.page for page in judged.differing] == [2, 3]


def test_blank_pages_say_nothing() -> None:
    judged = judge([*pages(("invoice", 0.8)), PageLabel(2, None, None, blank=True)])
    assert judged.differing == ()


def test_without_any_label_it_has_none_and_is_as_sure_as_its_least_sure_page() -> None:
    judged = judge(pages((None, 0.9), (None, 0.6)))
    assert (judged.label, judged.confidence, judged.page) == (None, 0.6, None)
    assert judge([]).label is None


def test_a_model_without_probabilities_still_labels() -> None:
    judged = judge(pages(("letter", None), ("letter", None), ("invoice", None)))
    assert (judged.label, judged.confidence) == ("letter", None)


_SAID = st.tuples(st.sampled_from(["a", "b", None]), st.one_of(st.none(), st.floats(0, 1)))


@given(st.lists(_SAID, max_size=12))
def test_whatever_pages_say_a_label_is_one_of_theirs_and_a_confidence_a_share(said: list[tuple[str, float]]) -> None:
    judged = judge(pages(*said))
    assert judged.label in {label for label, _ in said} | {None}
    assert judged.confidence is None or 0 <= judged.confidence <= 1
    assert all(page.label != judged.label for page in judged.differing)
