"""Cursors: opaque, strict, and steady while rows come and go."""

import pytest

from core.errors import InvalidCursor
from storage import documents
from storage.paging import clamp, decode_cursor, encode_cursor, in_parts
from tests.storage.world import World


def names(world: World, cursor: str | None, limit: int = 2) -> tuple[list[str], str | None]:
    with world.sessions() as session:
        listing = documents.list_documents(session, world.workspace_id, cursor, limit)
        return [row.name for row in listing.items], listing.next_cursor


def test_a_list_is_read_to_its_end_in_parts(world: World) -> None:
    for name in "abcde":
        world.add(1, draw=False, name=name)
    parts, cursor = [], None
    while True:
        part, cursor = names(world, cursor)
        parts.append(part)
        if cursor is None:
            break
    assert parts == [["e", "d"], ["c", "b"], ["a"]]


def test_the_last_part_has_no_cursor_even_when_it_is_full(world: World) -> None:
    for name in "ab":
        world.add(1, draw=False, name=name)
    assert names(world, None) == (["b", "a"], None)


def test_rows_that_come_and_go_meanwhile_shift_nothing(world: World) -> None:
    ids = {name: world.add(1, draw=False, name=name) for name in "abcde"}
    first, cursor = names(world, None)
    world.add(1, draw=False, name="new")
    with world.sessions.begin() as session:
        documents.delete_document(session, world.workspace_id, ids["d"])  # the one that the cursor names
    assert (first, names(world, cursor)[0]) == (["e", "d"], ["c", "b"])


@pytest.mark.parametrize(
    "cursor", ["", "x", "???", "AAAA", "ä", encode_cursor("0" * 30), encode_cursor("0" * 32) + "A"]
)
def test_a_broken_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        decode_cursor(cursor)


def test_a_cursor_names_its_row() -> None:
    assert decode_cursor(encode_cursor("0123456789abcdef" * 2)) == "0123456789abcdef" * 2


@pytest.mark.parametrize(("limit", "served"), [(-1, 1), (0, 1), (7, 7), (500, 500), (10_000, 500)])
def test_a_limit_is_kept_within_what_the_service_serves(limit: int, served: int) -> None:
    assert clamp(limit) == served


def test_parts_hold_everything_once() -> None:
    assert list(in_parts(range(5), 2)) == [[0, 1], [2, 3], [4]]
