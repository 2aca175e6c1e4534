"""Pages are found by their words and values, alike on both databases, and by nobody from another workspace."""

import random
import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, select, text

from core.errors import DocumentNotFound, InvalidCursor, InvalidRequest
from core.records import Box, FieldKind, ReadingSource
from storage import documents, readings, record_values, records, schemas
from storage.readings import NewReading, ReadLine
from storage.record_values import NO_ROW, row_of
from storage.search import Found, find_pages
from storage.search_query import parse_search
from storage.search_words import spots_of, words_of
from storage.tables import Passage, Reading, Record
from tests.storage.world import World

BOX = Box(0.1, 0.2, 0.3, 0.4)
MODEL, LAYER = ReadingSource.MODEL, ReadingSource.LAYER


def read(world: World, document_id: str, *pages: str, then: Callable[[], object] = lambda: None) -> None:
    """Readings of a document's pages, a line of text a line; `then` is called before they are committed."""
    for number, page in enumerate(pages, 1):
        with world.sessions.begin() as session:
            row = documents.get_page(session, world.workspace_id, document_id, number)
            lines = [
                ReadLine(line, Box(0.1, at / 10, 0.9, at / 10 + 0.05), 0.9) for at, line in enumerate(page.split("\n"))
            ]
            new = NewReading(MODEL, "scripted", lines)
            readings.put_reading(session, world.workspace_id, document_id, row.id, new)
            then()


def search(world: World, asked: str, *document_ids: str, **given: Any) -> Found:
    with world.sessions() as session:
        return find_pages(session, world.workspace_id, parse_search(asked), document_ids, **given)


def pages(world: World, asked: str, *document_ids: str) -> list[int]:
    """Numbers of the pages that are found, in order of pages."""
    return sorted(hit.page for hit in search(world, asked, *document_ids).hits)


@pytest.fixture
def letters(world: World) -> World:
    """A document of five pages."""
    document_id = world.add(5)
    read(
        world,
        document_id,
        "Invoice INV-2024/7\nAcme Ltd, Zürich\nTotal due 1,204.00 EUR",
        "Invoice of Meyer GmbH\ndue total 99.50",
        "A draft letter to Acme",
        "Inventory list: 3 invoices, café, STRASSE",
        "請求書番号 12 Überweisung",
    )
    return world


FINDS = {
    "invoice": [1, 2],
    "INVOICE acme": [1],
    "acme invoice": [1],
    "acme OR meyer": [1, 2, 3],
    "acme AND meyer": [],
    "invoice acme OR meyer": [1, 2],
    "acme -draft": [1],
    "acme -draft -ltd": [],
    'acme -"total due"': [3],
    '"total due"': [1],
    '"due total"': [2],
    '"total due': [1],
    "inv*": [1, 2, 4],
    '"invoice of mey*"': [],
    '"invoice of mey"*': [2],
    "INV-2024/7": [1],
    "INV-20*": [1],
    "2024-inv": [],
    "1,204.00": [1],
    "204": [1],
    "zurich": [1],
    "ZÜRICH": [1],
    "Zu\u0308rich": [1],
    "cafe": [4],
    "straße": [4],
    "請求書": [5],
    "求請": [],
    "uberweisung": [5],
    "and": [],
    "or": [],
    "nobody": [],
}


def test_words_phrases_beginnings_and_exclusions_find_what_they_say(letters: World) -> None:
    assert {asked: pages(letters, asked) for asked in FINDS} == FINDS


def test_a_hit_shows_where_its_words_stand(letters: World) -> None:
    (hit,) = search(letters, 'acme "total due"').hits
    text, marks = hit.snippet.text, hit.snippet.marks
    assert text == "Invoice INV-2024/7 Acme Ltd, Zürich Total due 1,204.00 EUR"
    assert [text[start:end] for start, end in marks] == ["Acme", "Total due"]
    assert [box.y0 for box in hit.boxes] == [0.1, 0.2]
    assert (hit.page, hit.source, hit.values) == (1, ReadingSource.MODEL, ())


def test_a_long_page_shows_the_piece_where_most_was_found(world: World) -> None:
    document_id = world.add(1)
    filler = " ".join(["nothing of note"] * 200)
    read(world, document_id, f"acme {filler} the acme\ntotal {filler}")
    (hit,) = search(world, "acme total").hits
    shown = [hit.snippet.text[start:end] for start, end in hit.snippet.marks]
    assert shown == ["acme", "total"]
    assert hit.snippet.text.startswith("…")
    assert hit.snippet.text.endswith("…")
    assert len(hit.snippet.text) < 300


def test_a_page_that_says_it_more_often_in_fewer_words_comes_first(world: World) -> None:
    document_id = world.add(3)
    read(world, document_id, "rent and other words besides", "rent rent", "rent rent and other words")
    assert [hit.page for hit in search(world, "rent").hits] == [2, 3, 1]
    assert search(world, "besides OR rent").hits[0].page == 1  # the rarer word counts for more


def test_the_parts_of_a_long_list_have_every_page_once(world: World) -> None:
    document_id = world.add(12)
    read(world, document_id, *(f"rent {'rent ' * (number % 4)}" for number in range(12)))
    seen: list[int] = []
    cursor: str | None = None
    for _ in range(12):
        part = search(world, "rent", limit=5, cursor=cursor)
        assert part.total == 12
        seen += [hit.page for hit in part.hits]
        cursor = part.next_cursor
        if cursor is None:
            break
    assert sorted(seen) == list(range(1, 13))
    for broken in ("x", "", "bnVsbA", "WzEsMl0=" * 9, "W1tbW1tb" * 400, "é"):
        with pytest.raises(InvalidCursor):
            search(world, "rent", cursor=broken)


def test_reading_a_page_again_makes_it_found_by_the_new_words_alone(world: World) -> None:
    document_id = world.add(2)
    read(world, document_id, "old words", "others")
    read(world, document_id, "new text")
    assert (pages(world, "old"), pages(world, "new")) == ([], [1])
    with world.sessions() as session:
        assert session.query(Reading).count() == session.query(Passage).count() == 2
    with pytest.raises(ZeroDivisionError):
        read(world, document_id, "undone", then=lambda: 1 / 0)
    assert (pages(world, "undone"), pages(world, "new")) == ([], [1])


def test_a_deleted_document_is_not_found_any_more_and_leaves_nothing_in_the_index(world: World) -> None:
    kept, gone = world.add(1), world.add(2)
    for document_id in (kept, gone):
        read(world, document_id, "rent of the flat")
    with world.sessions.begin() as session:
        page = documents.get_page(session, world.workspace_id, gone, 1).id
        documents.delete_document(session, world.workspace_id, gone)
    assert [hit.document_id for hit in search(world, "rent").hits] == [kept]
    with world.sessions.begin() as session:
        assert session.query(Passage).count() == 1
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text("INSERT INTO passages_fts (passages_fts, rank) VALUES ('integrity-check', 1)"))
        with pytest.raises(DocumentNotFound):
            readings.put_reading(session, world.workspace_id, gone, page, NewReading(MODEL, None, []))


def test_nobody_finds_the_pages_of_another_workspace(world: World, other: World) -> None:
    mine, theirs = world.add(1), other.add(1)
    read(world, mine, "rent secret")
    read(other, theirs, "rent plain")
    assert [hit.document_id for hit in search(other, "rent").hits] == [theirs]
    assert search(other, "rent", mine).hits == []
    for asked in ("secret", f"w{world.workspace_id}", f"d{mine}", f"secret OR w{world.workspace_id}", "rent -plain"):
        assert search(other, asked).hits == []


def test_a_search_may_be_limited_to_documents(world: World) -> None:
    one, two, three = (world.add(1) for _ in range(3))
    for document_id in (one, two, three):
        read(world, document_id, "rent")
    assert {hit.document_id for hit in search(world, "rent", one, three).hits} == {one, three}
    assert search(world, "rent", "0" * 32).hits == []
    assert search(world, "flat OR rent", two).total == 1


MANY = " ".join(map(str, range(33)))
SYNTAX = ["OR", "AND", "NOT", "NEAR(", "-", "*", '"', "'", ":", "<->", "|", "&", "!", "(", ")", "{", "}", "^", "\\"]
SYNTAX += ["words:", "scope", "'; DROP TABLE passages; --", "\0", "\ud800", "%", "_", "\u202e", "é", "acme", "a*", "--"]


def test_no_soup_of_signs_is_read_as_a_query_of_the_database(letters: World) -> None:
    dice = random.Random(7)
    for _ in range(300):
        asked = dice.choice(["", " "]).join(dice.choices(SYNTAX, k=dice.randint(1, 12)))
        try:
            found = search(letters, asked)
        except InvalidRequest:
            continue
        assert len(found.hits) <= 5
    assert pages(letters, "acme") == [1, 3]


@pytest.mark.parametrize("asked", ["", "  ", "-acme", "***", "OR", '""', "a*", "x" * 100_000, MANY, "(" * 900])
def test_a_search_that_looks_for_nothing_or_for_too_much_is_refused(asked: str) -> None:
    with pytest.raises(InvalidRequest):
        parse_search(asked)


def test_a_page_of_any_length_and_kind_can_be_read(world: World) -> None:
    document_id = world.add(3)
    dice = random.Random(3)
    strange = "".join(chr(dice.randrange(1, 0x11_0000)) for _ in range(20_000))
    read(world, document_id, f"first {strange}\0 'quoted' \\ :1,2", "word " * 60_000 + "last", f"long {'y' * 100_000}")
    assert pages(world, "first") == [1]
    assert pages(world, "word") == [2]
    assert pages(world, "yyyy*") == pages(world, "y" * 900) == [3]
    assert search(world, "word").hits[0].snippet.marks


def test_places_of_words_are_those_of_the_text() -> None:
    text = "L’État de Zu\u0308rich\u00ad-Nord ½ ﬁne 請求書 İstanbul Straße x_y"
    assert [spot.word for spot in spots_of(text)] == words_of(text)
    shown = {spot.word: text[spot.start : spot.end] for spot in spots_of(text)}
    assert shown["zurich"] == "Zu\u0308rich"
    assert (shown["fine"], shown["strasse"], shown["istanbul"], shown["y"]) == ("ﬁne", "Straße", "İstanbul", "y")


def keep(world: World, document_id: str, schema: str, **values: str) -> None:
    """A record of a document, its values on page 1 unless they say `text @2`."""
    with world.sessions.begin() as session:
        fields = {name: {"type": "string"} for name in values}
        made = schemas.add_schema(session, world.workspace_id, schema, {"type": "object", "properties": fields})
        empty: Any = {"values": {}, "tables": {}, "gaps": [], "flags": [], "receipt": {}, "unsure": 0, "model": None}
        record = records.replace_record(
            session, world.workspace_id, document_id, made.id, "0" * 32, complete=True, **empty
        )
        rows = []
        for name, said in values.items():
            raw, _, page = said.partition(" @")
            entry = {"state": "found", "raw": raw, "typed": raw, "page": int(page or 1), "box": BOX.as_list()}
            rows.append(row_of(name, NO_ROW, FieldKind.TEXT, entry))
        record_values.replace(session, record, rows)
        readings.index_values(session, world.workspace_id, document_id)


def test_values_are_found_by_their_text_and_by_the_names_of_their_fields(world: World) -> None:
    document_id = world.add(2)
    read(world, document_id, "A page about rent")
    keep(world, document_id, "lease", vendor_name="Acme Ltd", total="12.00 @2")
    (hit,) = search(world, "vendor_name:acme rent").hits
    assert (hit.page, [(v.field, v.raw, v.box) for v in hit.values]) == (
        1,
        [("vendor_name", "Acme Ltd", BOX.as_list())],
    )
    assert hit.snippet.text == "A page about rent"
    (hit,) = search(world, "total 12.00").hits
    assert (hit.page, hit.source, hit.snippet.text, hit.boxes) == (2, None, "total: 12.00", ())
    assert hit.snippet.marks == ((0, 5), (7, 12))


def test_values_that_a_record_has_no_longer_find_nothing(world: World) -> None:
    document_id = world.add(2)
    keep(world, document_id, "lease", vendor_name="Acme Ltd", total="12.00 @2")
    keep(world, document_id, "letter", sender="Meyer @2")
    assert (pages(world, "acme"), pages(world, "meyer")) == ([1], [2])
    with world.sessions.begin() as session:
        document = documents.get_document(session, world.workspace_id, document_id)
        for record in session.scalars(select(Record).where(Record.document_id == document.id)):
            record_values.replace(session, record, [])
        readings.index_values(session, world.workspace_id, document_id)
    assert (pages(world, "acme"), pages(world, "meyer"), pages(world, "total")) == ([], [], [])
    read(world, document_id, "nothing", "new words")
    assert pages(world, "new") == [2]


def test_values_from_before_there_was_an_index_are_found_once_their_page_is_read(world: World) -> None:
    document_id = world.add(1)
    keep(world, document_id, "lease", vendor_name="Acme")
    with world.sessions.begin() as session:
        session.execute(delete(Passage))
    assert pages(world, "acme") == []
    read(world, document_id, "rent")
    assert pages(world, "acme rent") == [1]


def test_a_reading_keeps_the_values_of_its_page_and_they_keep_the_reading(world: World) -> None:
    document_id = world.add(1)
    keep(world, document_id, "lease", vendor_name="Acme")
    read(world, document_id, "rent")
    keep(world, document_id, "letter", sender="Meyer")
    assert pages(world, "acme meyer rent vendor_name") == [1]
    assert pages(world, '"rent vendor"') == []


def test_two_workers_that_write_one_document_lose_nothing(postgresql_world: World) -> None:
    world = postgresql_world
    document_id = world.add(6)

    def reads() -> None:
        for _ in range(5):
            read(world, document_id, *(f"rent of page {number}" for number in range(1, 7)))

    def merges() -> None:
        for number in range(5):
            keep(world, document_id, "lease", **{f"field_{page}": f"value{number} @{page}" for page in range(1, 7)})

    workers = [threading.Thread(target=work) for work in (reads, merges, reads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert pages(world, "rent value4") == [1, 2, 3, 4, 5, 6]
    assert pages(world, "rent field_3") == [3]


def test_of_many_pages_the_newest_are_ranked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.search.MOST_RANKED", 5)
    document_id = world.add(8)
    read(world, document_id, "common rare", *["common"] * 7)
    found = search(world, "common", limit=1)
    assert (found.total, found.hits[0].page) == (5, 8)
    assert pages(world, "common rare") == [1]
    assert search(world, "rare OR common", limit=1).hits[0].page == 1


@pytest.mark.parametrize("look_costs", [-1.0, 1e18], ids=["back from the newest", "all that match, sorted"])
def test_either_way_in_which_postgresql_looks_finds_the_newest_pages(
    postgresql_world: World, look_costs: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = postgresql_world
    document_id = world.add(8)
    read(world, document_id, "common rare", *["common"] * 7)
    with world.sessions.begin() as session:
        session.execute(text("ANALYZE passages"))  # how many pages there are is known by that
    monkeypatch.setattr("storage.matching._LOOK_COSTS", look_costs)
    monkeypatch.setattr("storage.search.MOST_RANKED", 5)
    assert pages(world, "common") == [4, 5, 6, 7, 8]
    assert pages(world, "common rare") == [1]
    assert pages(world, "nobody") == []
