"""Records are found by their values and come in the order of their values, part by part."""

import itertools
from typing import Any

import pytest

from core.errors import InvalidCursor
from storage import documents, few
from storage.queries import find_records
from storage.sorting import Place, encode_place
from tests.storage.records_world import Archive, archive_in, names_of
from tests.storage.world import World

BROKEN = {"rule": "adds up", "fields": ["total", "tax"], "detail": "1000 is not 999.5"}


@pytest.fixture
def archive(world: World) -> Archive:
    return archive_in(world)


@pytest.fixture(params=["few", "some", "many"])
def stocked(request: pytest.FixtureRequest, archive: Archive, monkeypatch: pytest.MonkeyPatch) -> Archive:
    """Five records; once a rare comparison is looked up, else the order is walked as if some or many passed."""
    if request.param != "few":
        monkeypatch.setattr(few, "FEW", 0)
    if request.param == "many":
        monkeypatch.setattr(few, "SOME", 0)
    archive.add("a", total="1204.00 USD", vendor_name="ACME Ltd", invoice_date="2024-03-01", paid=True, status="open")
    archive.add("b", total="99.50 EUR", vendor_name="Bäcker & Söhne", invoice_date="2023-12-31", paid=False, count=3)
    archive.add(
        "c", total="1000 EUR", vendor_name="acme gmbh 100%_x", iban="DE89370400440532013000", tax=-0.5, flags=[BROKEN]
    )
    archive.add("d", total={"typed": None, "raw": "a lot", "problem": "no-money"}, invoice_date="2024-01-01", paid=True)
    items = [{"description": "nails", "amount": "5 EUR"}, {"description": "boat", "amount": "9000 EUR"}]
    archive.add("e", line_items=items, **{"order No-1": "x' OR 1=1"}, status="Closed", complete=False, unsure=2)
    return archive


FILTERS = {
    "total >= 1000": "ac",
    "total > 1000": "a",
    "total = 99.5": "b",
    "total != 99.5": "ac",
    "total < 1000 EUR": "b",
    "total >= 1000 EUR": "c",
    "total != 1000 EUR": "ab",
    "total in (99.50, 1204)": "ab",
    "total not in (99.50, 1204 EUR)": "ac",
    "total between 99 and 1000": "bc",
    "total not between 99 and 1000": "a",
    "tax = -0.5": "c",
    "count = 3": "b",
    "vendor_name ~ acme": "ac",
    "vendor_name ~ ACME": "ac",
    "vendor_name = 'acme  LTD'": "a",
    "vendor_name ~ 'BÄCKER'": "b",
    "vendor_name ~ '%'": "c",
    "vendor_name ~ '_'": "c",
    "vendor_name ~ 'c%e'": "",
    "vendor_name < b": "ac",
    "not vendor_name ~ acme": "bde",
    "invoice_date >= 2024-01-01": "ad",
    "invoice_date between 2023-12-31 and 2024-01-01": "bd",
    "invoice_date ~ 2024-0": "ad",
    "paid": "ad",
    "not paid": "bce",
    "paid = false": "b",
    "status = closed": "e",
    "iban = 'DE89 3704 0044 0532 0130 00'": "c",
    '`order No-1` = "x\' or 1=1"': "e",
    "line_items.amount > 100": "e",
    "line_items.amount between 100 and 1000": "",
    "line_items.description ~ boat and line_items.amount = 5": "e",
    "total is found": "abcd",
    "total is not found": "e",
    "total is absent": "e",
    "complete": "abcd",
    "not complete or unsure = 0": "abcde",
    "unsure > 1": "e",
    "flagged > 0": "c",
    "flagged = 0 and total is found": "abd",
    "pages = 1 and document = A": "a",
    "document ~ b or document in (c, d)": "bcd",
    "document != a": "bcde",
    "updated_at >= 2024-01-01": "abcde",
    "updated_at < 2024-01-01": "",
    "updated_at >= 9998-12-31": "",
    "(total >= 1000 or paid) and not (vendor_name ~ gmbh)": "ad",
    "total >= 1000 and vendor_name ~ acme and invoice_date >= 2024-01-01": "a",
    "total = 99.5 or vendor_name = 'acme ltd'": "ab",
}
ORDERS = {
    None: "abcde",
    "total": "bcade",
    "-total": "acbed",
    "invoice_date": "bdace",
    "-invoice_date": "adbec",
    "vendor_name": "cabde",
    "paid,-total": "badce",
    "-paid,total": "adbce",
    "status,document": "eabcd",
    "-document": "edcba",
    "complete,-vendor_name": "ebacd",
    "-unsure,-document": "edcba",
    "-flagged,document": "cabde",
    "pages,updated_at": "abcde",
    "-updated_at": "edcba",
    "total,updated_at": "bcade",
    "confidence(total)": "abcde",
}


def test_a_filter_finds_the_records_of_which_it_holds(stocked: Archive) -> None:
    assert {where: "".join(stocked.find(where)) for where in FILTERS} == FILTERS


def test_an_order_changes_nothing_of_what_passes(stocked: Archive) -> None:
    found = {where: "".join(sorted(stocked.find(where, "-total", limit=2))) for where in FILTERS}
    assert found == FILTERS


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_records_come_in_order_with_those_without_a_value_last(limit: int, stocked: Archive) -> None:
    assert {sort: "".join(stocked.find(None, sort, limit)) for sort in ORDERS} == ORDERS
    assert {sort: "".join(stocked.find("pages = 1", sort, limit)) for sort in ORDERS} == ORDERS


def test_equal_values_are_given_out_once_each_whatever_the_size_of_a_part(archive: Archive) -> None:
    for number, (total, day) in enumerate(itertools.product(["1", "2", None], ["2024-01-01", "2024-01-02", None])):
        archive.add(str(number), total=total, invoice_date=day)
    for sort in ("total", "-total", "total,-invoice_date", "-invoice_date,total"):
        whole = archive.find(None, sort)
        assert sorted(whole) == [str(n) for n in range(9)]
        for limit in (1, 2, 4):
            assert archive.find(None, sort, limit) == whole
            assert archive.find("not total = 7", sort, limit) == whole


def test_records_added_changed_and_deleted_meanwhile_move_none_of_the_others(archive: Archive) -> None:
    ids = {name: archive.add(name, total=f"{n * 10} EUR") for n, name in enumerate("abcdef", start=1)}
    query = archive.query(None, "total")
    with archive.world.sessions() as session:
        first, cursor = names_of(session, query, None, 2)
    archive.add("before", total="1 EUR")
    archive.add("between", total="35 EUR")
    archive.say(ids["a"], total="1000 EUR")  # moves behind the cursor: it comes again where it stands now
    archive.say(ids["e"], total=None)
    with archive.world.sessions.begin() as session:
        documents.delete_document(session, archive.world.workspace_id, ids["d"])
    rest = []
    while cursor:
        with archive.world.sessions() as session:
            names, cursor = names_of(session, query, cursor, 2)
        rest += names
    assert first == ["a", "b"]
    assert rest == ["c", "between", "f", "a", "e"]


def test_a_made_up_cursor_is_refused(archive: Archive) -> None:
    for cursor in ("", "x", "AAAA", "bnVsbA", "é", "W10", "x" * 100_000, "Wwo" * 2_000):
        for sort in (None, "total", "invoice_date,-updated_at"):
            with archive.world.sessions() as session, pytest.raises(InvalidCursor):
                find_records(session, archive.query(None, sort), cursor)


def test_a_cursor_whose_value_cannot_stand_in_the_column_is_refused(archive: Archive) -> None:
    forged: list[tuple[str, tuple[Any, ...]]] = [
        ("total", ("1",)),
        ("total", (True,)),
        ("total", (float("nan"),)),
        ("total", (10**400,)),
        ("invoice_date", (5,)),
        ("vendor_name", ("a\0",)),
        ("vendor_name", ("\ud800",)),
        ("updated_at", ("yesterday",)),
        ("updated_at", ("2024-01-01T00:00:00",)),
        ("complete", (1,)),
        ("total", (1.0, 2.0)),
    ]
    for sort, values in forged:
        query = archive.query(None, sort)
        with archive.world.sessions() as session, pytest.raises(InvalidCursor):
            find_records(session, query, encode_place(query.sort, Place(values, "0" * 32)))


def test_a_cursor_of_another_order_is_refused(stocked: Archive) -> None:
    with stocked.world.sessions() as session:
        _, cursor = names_of(session, stocked.query(None, "total"), None, 1)
        for sort in (None, "-total", "invoice_date", "total,paid", "confidence(total)"):
            with pytest.raises(InvalidCursor):
                find_records(session, stocked.query(None, sort), cursor)


def test_nothing_passes_the_wall_between_workspaces(stocked: Archive, other: World) -> None:
    behind = archive_in(other)
    behind.add("secret", total="1204 USD", vendor_name="acme ltd")
    for where, sort in [(None, None), ("total >= 0", "total"), ("vendor_name ~ acme", "-vendor_name"), ("paid", None)]:
        assert "secret" not in stocked.find(where, sort)
        assert behind.find(where, sort) in (["secret"], [])
    with stocked.world.sessions() as session:
        through = stocked.query("total >= 0", "total")
        through = type(through)(other.workspace_id, stocked.schema_id, through.where, through.sort)
        assert find_records(session, through).items == []


def test_a_record_that_is_merged_again_is_found_by_what_it_says_now(archive: Archive) -> None:
    document_id = archive.add("a", total="5", line_items=[{"amount": "1"}, {"amount": "2"}])
    archive.say(document_id, total="6", line_items=[{"amount": "3"}])
    assert archive.find("total = 5 or line_items.amount < 3") == []
    assert archive.find("total = 6 and line_items.amount = 3") == ["a"]
