"""Documents as people look for them: by name, state and tag, in four orders that no row disturbs by coming or going."""

import pytest

from core.errors import DocumentNotFound, InvalidCursor, InvalidRequest
from core.records import DocumentOrder, DocumentState
from storage import documents, tags
from storage.document_lists import Narrowing, count_documents, find_documents, folded_name
from storage.documents import NewDocument
from tests.storage.world import WINDOW, World, digest

ALL = Narrowing()


def add(world: World, name: str, pages: int | None = 1) -> str:
    new = NewDocument(
        sha256=digest(name), name=name, media_type="application/pdf", size=10, page_count=pages, password=None
    )
    with world.sessions.begin() as session:
        return documents.add_document(session, world.workspace_id, new, WINDOW).id


def names(world: World, wanted: Narrowing, order: DocumentOrder = DocumentOrder.NEWEST, limit: int = 50) -> list[str]:
    """All names, read in parts of at most so many."""
    found: list[str] = []
    cursor: str | None = None
    while True:
        with world.sessions() as session:
            listing = find_documents(session, world.workspace_id, wanted, order, cursor, limit)
        assert len(listing.items) <= limit
        found += [document.name for document in listing.items]
        cursor = listing.next_cursor
        if cursor is None:
            return found


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_each_order_gives_every_document_once_in_parts_of_any_size(world: World, other: World, limit: int) -> None:
    counts = {"b.pdf": 3, "A.pdf": None, "ä.pdf": 1, "a2.pdf": 3, "C.pdf": None}
    ids = {name: add(world, name, pages) for name, pages in counts.items()}
    add(other, "theirs.pdf")
    newest = sorted(ids, key=lambda name: ids[name], reverse=True)
    assert names(world, ALL, DocumentOrder.NEWEST, limit) == newest
    assert names(world, ALL, DocumentOrder.OLDEST, limit) == newest[::-1]
    assert names(world, ALL, DocumentOrder.NAME, limit) == ["A.pdf", "a2.pdf", "b.pdf", "C.pdf", "ä.pdf"]
    by_pages = sorted(newest, key=lambda name: -(counts[name] or 0))
    assert names(world, ALL, DocumentOrder.PAGES, limit) == by_pages


def test_a_document_that_comes_between_two_parts_moves_no_other(world: World) -> None:
    for name in ("b.pdf", "d.pdf", "f.pdf"):
        add(world, name)
    with world.sessions() as session:
        first = find_documents(session, world.workspace_id, ALL, DocumentOrder.NAME, None, 2)
    add(world, "a.pdf")
    add(world, "e.pdf")
    with world.sessions() as session:
        rest = find_documents(session, world.workspace_id, ALL, DocumentOrder.NAME, first.next_cursor, 50)
    assert [document.name for document in (*first.items, *rest.items)] == ["b.pdf", "d.pdf", "e.pdf", "f.pdf"]


def test_names_are_found_by_any_part_without_case_and_signs_mean_themselves(world: World) -> None:
    for name in ("Straße 100%.pdf", "strasse_1.pdf", "other.pdf"):
        add(world, name)
    assert names(world, Narrowing("STRASSE"), DocumentOrder.NAME) == ["Straße 100%.pdf", "strasse_1.pdf"]
    assert names(world, Narrowing("100%")) == ["Straße 100%.pdf"]
    assert names(world, Narrowing("_")) == ["strasse_1.pdf"]
    assert names(world, Narrowing("\0\ud800nothing")) == []


def test_documents_are_found_by_what_they_say_beside_those_of_the_name(world: World, other: World) -> None:
    first, theirs = add(world, "a.pdf"), add(other, "b.pdf")
    add(world, "rent.pdf")
    assert names(world, Narrowing("rent", found=(first, theirs)), DocumentOrder.NAME) == ["a.pdf", "rent.pdf"]
    with world.sessions() as session:
        assert count_documents(session, world.workspace_id, Narrowing("rent", found=(first, theirs))) == 2
        assert count_documents(session, world.workspace_id, ALL) == 2


def test_states_and_tags_narrow_the_list_together(world: World) -> None:
    ids = [add(world, "a.pdf"), add(world, "b.pdf", None), add(world, "c.pdf", None)]
    with world.sessions.begin() as session:
        tags.add_tags(session, world.workspace_id, ids[:2], ["to pay"])
    locked = DocumentState.NEEDS_PASSWORD
    assert names(world, Narrowing(tag="to pay"), DocumentOrder.NAME) == ["a.pdf", "b.pdf"]
    assert names(world, Narrowing(state=locked), DocumentOrder.NAME) == ["b.pdf", "c.pdf"]
    assert names(world, Narrowing(state=locked, tag="To Pay")) == ["b.pdf"]
    assert names(world, Narrowing(tag="\0")) == []


@pytest.mark.parametrize("cursor", ["", "!", "bm90IGpzb24", "WyJuYW1lIiwxLCIwIl0", "WyJwYWdlcyIsdHJ1ZSwiMCJd"])
def test_a_cursor_that_was_never_given_out_is_refused(world: World, cursor: str) -> None:
    for order in DocumentOrder:
        with world.sessions() as session, pytest.raises(InvalidCursor):
            find_documents(session, world.workspace_id, ALL, order, cursor)


def test_a_cursor_of_another_order_is_refused(world: World) -> None:
    add(world, "a.pdf")
    add(world, "b.pdf")
    with world.sessions() as session:
        cursor = find_documents(session, world.workspace_id, ALL, DocumentOrder.NAME, None, 1).next_cursor
        with pytest.raises(InvalidCursor, match="another order"):
            find_documents(session, world.workspace_id, ALL, DocumentOrder.PAGES, cursor)


def test_the_name_is_folded_when_a_document_comes_in(world: World) -> None:
    document_id = add(world, "Re\N{LATIN SMALL LIGATURE FI}ll  ÄRGER.pdf")
    with world.sessions() as session:
        document = documents.get_document(session, world.workspace_id, document_id)
    assert document.folded == folded_name(document.name) == "refill ärger.pdf"


def test_tags_are_small_words_each_once(world: World) -> None:
    assert tags.tags_in(" To  Pay, 2026,,to pay ") == ["to pay", "2026"]
    assert tags.tags_in("a\0b") == ["ab"]
    for wrong in ("x" * 51, ",".join(map(str, range(21)))):
        with pytest.raises(InvalidRequest):
            tags.tags_in(wrong)
    document_id = add(world, "a.pdf")
    with world.sessions.begin() as session:
        tags.set_tags(session, world.workspace_id, document_id, ["b", "a"])
        tags.add_tags(session, world.workspace_id, [document_id, document_id], ["a", "c"])
        assert tags.tags_of(session, [document_id]) == {document_id: ["a", "b", "c"]}
        tags.set_tags(session, world.workspace_id, document_id, ["d"])
        assert tags.known_tags(session, world.workspace_id) == ["d"]


def test_a_document_takes_no_more_tags_than_a_person_can_read(world: World) -> None:
    document_id = add(world, "a.pdf")
    with world.sessions.begin() as session:
        tags.set_tags(session, world.workspace_id, document_id, [str(number) for number in range(tags.MOST_TAGS)])
    with pytest.raises(InvalidRequest), world.sessions.begin() as session:
        tags.add_tags(session, world.workspace_id, [document_id], ["one more"])
    with world.sessions() as session:
        assert len(tags.tags_of(session, [document_id])[document_id]) == tags.MOST_TAGS


def test_nobody_tags_the_documents_of_others_and_tags_go_with_their_document(world: World, other: World) -> None:
    theirs, mine = add(other, "theirs.pdf"), add(world, "mine.pdf")
    with pytest.raises(DocumentNotFound), world.sessions.begin() as session:
        tags.set_tags(session, world.workspace_id, theirs, ["x"])
    with pytest.raises(DocumentNotFound), world.sessions.begin() as session:
        tags.add_tags(session, world.workspace_id, [mine, theirs], ["x"])
    with world.sessions.begin() as session:
        tags.add_tags(session, world.workspace_id, [mine], ["x"])
        documents.delete_document(session, world.workspace_id, mine)
        assert tags.known_tags(session, world.workspace_id) == []
        assert tags.tags_of(session, [mine, theirs]) == {}
