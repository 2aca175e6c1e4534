"""Which pages the bundled model still knows."""

import pytest

from workers.vlm.bundled.kept import KeptPages


def test_pages_read_in_bulk_do_not_push_out_those_that_people_asked_about() -> None:
    pages = KeptPages(asked=2, others=2)
    pages.put("asked", None, asked=True)
    for number in range(5):
        pages.put(f"bulk {number}", None, asked=False)
    assert "asked" in pages
    assert [f"bulk {number}" in pages for number in range(5)] == [False, False, False, True, True]


def test_a_page_of_bulk_that_is_asked_about_is_kept_as_such() -> None:
    pages = KeptPages(asked=2, others=1)
    pages.put("page", None, asked=False)
    pages.take("page", asked=True)
    pages.put("bulk", None, asked=False)
    assert ("page" in pages, "bulk" in pages) == (True, True)


def test_a_page_that_is_read_in_bulk_after_it_was_asked_about_counts_as_asked() -> None:
    pages = KeptPages(asked=2, others=1)
    pages.put("page", None, asked=True)
    pages.take("page", asked=False)
    pages.put("bulk", None, asked=False)
    assert "page" in pages


def test_of_pages_asked_about_the_least_recently_used_goes_first() -> None:
    pages = KeptPages(asked=2, others=1)
    for name in ("a", "b"):
        pages.put(name, None, asked=True)
    pages.take("a", asked=True)
    pages.put("c", None, asked=True)
    assert [name in pages for name in "abc"] == [True, False, True]
    pages.clear()
    assert len(pages) == 0
    with pytest.raises(KeyError):
        pages.take("a", asked=True)
