"""Which pages the bundled model still knows."""

import pytest
import torch

from workers.vlm.bundled.answerer import PageStates, PageWords
from workers.vlm.bundled.kept import NAME_BYTES, KeptPages
from workers.vlm.bundled.modeling import ReadPage

ONE, TWO = NAME_BYTES, 2 * NAME_BYTES  # room for so many pages without text


def page_of(count: int) -> ReadPage:
    """A page whose states take so many floats."""
    nothing = torch.zeros(0)
    states = PageStates(torch.zeros(count), nothing, nothing)
    return ReadPage((), (1.0, 1.0), PageWords(nothing, nothing, nothing, nothing, nothing), states)


def test_pages_read_in_bulk_do_not_push_out_those_that_people_asked_about() -> None:
    pages = KeptPages(asked=TWO, others=TWO)
    pages.put("asked", None, asked=True)
    for number in range(5):
        pages.put(f"bulk {number}", None, asked=False)
    assert "asked" in pages
    assert [f"bulk {number}" in pages for number in range(5)] == [False, False, False, True, True]


def test_a_page_of_bulk_that_is_asked_about_is_kept_as_such() -> None:
    pages = KeptPages(asked=TWO, others=ONE)
    pages.put("page", None, asked=False)
    pages.take("page", asked=True)
    pages.put("bulk", None, asked=False)
    assert ("page" in pages, "bulk" in pages) == (True, True)


def test_a_page_that_is_read_in_bulk_after_it_was_asked_about_counts_as_asked() -> None:
    pages = KeptPages(asked=TWO, others=ONE)
    pages.put("page", None, asked=True)
    pages.take("page", asked=False)
    pages.put("bulk", None, asked=False)
    assert "page" in pages


def test_of_pages_asked_about_the_least_recently_used_goes_first() -> None:
    pages = KeptPages(asked=TWO, others=ONE)
    for name in ("a", "b"):
        pages.put(name, None, asked=True)
    pages.take("a", asked=True)
    pages.put("c", None, asked=True)
    assert [name in pages for name in "abc"] == [True, False, True]
    pages.clear()
    assert (len(pages), pages.bytes) == (0, 0)
    with pytest.raises(KeyError):
        pages.take("a", asked=True)


def test_pages_are_kept_by_what_they_take_of_memory() -> None:
    pages = KeptPages(asked=10_000, others=0)
    pages.put("large", page_of(2_000), asked=True)
    pages.put("small", page_of(400), asked=True)
    assert ("large" in pages, "small" in pages, pages.bytes) == (True, True, 9_600)
    pages.put("another", page_of(500), asked=True)
    assert ("large" in pages, "small" in pages, pages.bytes) == (False, True, 3_600)
    pages.put("too large", page_of(2_501), asked=True)
    assert ("too large" in pages, "small" in pages) == (False, True)
