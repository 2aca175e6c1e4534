"""The pages of a question are found by its rare words, however many pages share the others; alike on both databases."""

from collections.abc import Sequence

import pytest

from core.records import Box, ReadingSource
from storage import readings
from storage.candidates import Candidates, find_candidates
from storage.ranking import Sought
from storage.readings import NewReading, ReadLine
from storage.search_query import Term
from storage.tables import Page
from tests.storage.world import World

COMMON = 12  # more than MOST in these tests


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive of a dozen pages is large."""
    monkeypatch.setattr("storage.candidates.SMALL", 0)
    monkeypatch.setattr("storage.candidates.MOST", 5)


def read(world: World, *pages: str) -> str:
    """A document with these pages, read; its id."""
    document_id = world.add(len(pages))
    with world.sessions.begin() as session:
        ids = {row.number: row.id for row in session.query(Page).where(Page.document_id == document_id)}
        made = {
            ids[number]: NewReading(ReadingSource.MODEL, "scripted", [ReadLine(text, Box(0, 0, 1, 1), 0.9)])
            for number, text in enumerate(pages, 1)
        }
        readings.put_readings(session, world.workspace_id, document_id, made)
    return document_id


def name(*words: str) -> tuple[Term, ...]:
    return (Term(words),)


def find(world: World, sought: Sought, documents: Sequence[str] | None = None, limit: int = 20) -> Candidates:
    with world.sessions() as session:
        return find_candidates(session, world.workspace_id, sought, documents, limit)


def places(found: Candidates) -> list[tuple[str, int]]:
    return [(page.document_id, page.page) for page in found.pages]


TOTAL = ("total", "summe", "betrag")


def test_the_one_page_with_the_rare_word_comes_first_though_it_is_the_oldest(world: World) -> None:
    right = read(world, "invoice of meyer iban de11 total 9")
    for number in range(COMMON):
        read(world, f"invoice of somebody {number} iban de22 total 8")
    found = find(world, Sought((name("meyer"),), (), (("iban",), TOTAL)))
    assert places(found)[0] == (right, 1)
    assert (found.searched, found.counts["meyer"]) == (COMMON + 1, 1)


def test_words_that_all_pages_share_choose_no_page_alone(world: World) -> None:
    for number in range(COMMON):
        read(world, f"iban number {number}")
    assert places(find(world, Sought((name("schulze"),), (), (("iban",),)))) == []
    assert len(places(find(world, Sought((), (), (("iban",),))))) > 0  # where nothing else is asked, they do


def test_two_common_words_find_the_page_that_has_both(world: World) -> None:
    right = read(world, "schmidt logistik total 9")
    for number in range(COMMON):
        read(world, f"schmidt bau {number}")
        read(world, f"weber logistik {number}")
    found = find(world, Sought((name("schmidt", "logistik"),), (), (TOTAL,)))
    assert places(found)[0] == (right, 1)
    assert found.counts["schmidt"] > 5


def test_a_common_word_is_counted_by_how_close_its_newest_pages_lie(world: World) -> None:
    for number in range(30):
        read(world, f"everywhere {'often' if number % 2 else 'other'}")
    counts = find(world, Sought((), ("everywhere", "often"))).counts
    assert counts["everywhere"] >= 25
    assert 10 <= counts["often"] <= 20


def test_a_page_beside_the_one_with_the_name_is_found_by_what_is_asked(world: World) -> None:
    for number in range(COMMON):
        read(world, f"iban de{number}")
    right = read(world, "contract with meyer", "nothing here", "account iban de77")
    found = places(find(world, Sought((name("meyer"),), (), (("iban", "account"),))))
    assert found[:2] == [(right, 1), (right, 3)] or found[:2] == [(right, 3), (right, 1)]


def test_a_number_is_found_however_it_is_grouped(world: World) -> None:
    for number in range(COMMON):
        read(world, f"inv 2024 {number:04}")
    right = read(world, "inv20240077")
    ways = (Term(("inv", "2024", "0077")), Term(("inv20240077",)))
    assert places(find(world, Sought((ways,))))[0] == (right, 1)


def test_a_name_that_no_page_has_is_found_where_it_was_misread(world: World) -> None:
    right = read(world, "rechnung schuize iban")
    other = read(world, "rechnung sehulze iban")
    for number in range(COMMON):
        read(world, f"rechnung {number} iban")
    near = {("schulze", "schuize"), ("schulze", "sehulze")}
    found = find(world, Sought((name("schulze"),), (), (), lambda a, b: (a, b) in near))
    assert set(places(found)) == {(right, 1), (other, 1)}


def test_nobody_finds_pages_of_another_workspace_or_out_of_the_scope(world: World, other: World) -> None:
    theirs = read(other, "meyer")
    mine = [read(world, "meyer") for _ in range(3)]
    sought = Sought((name("meyer"),))
    assert {document for document, _ in places(find(world, sought))} == set(mine)
    assert places(find(world, sought, [mine[1]])) == [(mine[1], 1)]
    assert places(find(world, sought, [theirs])) == []
    found = find(world, sought, [])
    assert (places(found), found.searched) == ([], 0)


def test_a_scope_of_more_documents_than_a_search_names_is_kept_to(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.candidates.MOST_NAMED", 1)
    ids = [read(world, "meyer") for _ in range(4)]
    found = find(world, Sought((name("meyer"),)), ids[1:3])
    assert {document for document, _ in places(found)} == set(ids[1:3])
    assert found.searched == 2


def test_a_name_on_many_newer_pages_outside_of_a_large_scope_hides_no_page_of_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.candidates.MOST_NAMED", 1)
    scope = [read(world, "meyer iban de1"), read(world, "schulze iban de2")]
    read(world, *["meyer iban de3"] * 40)
    scope.append(read(world, "weber iban de4"))
    found = find(world, Sought((name("meyer"),), (), (("iban",),)), scope)
    assert places(found)[0] == (scope[0], 1)
    assert {document for document, _ in places(found)} <= set(scope)
    assert (found.searched, found.counts["meyer"]) == (3, 1)


def test_a_small_scope_is_ranked_the_same_way(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    right = read(world, "invoice of meyer total 9")
    for number in range(COMMON):
        read(world, f"invoice {number} total 8")
    sought = Sought((name("meyer"),), (), (TOTAL,))
    large = find(world, sought)
    monkeypatch.setattr("storage.candidates.SMALL", 1_000)
    small = find(world, sought)
    assert places(small)[0] == places(large)[0] == (right, 1)
    assert small.counts == large.counts
