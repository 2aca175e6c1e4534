"""What records add up to: exactly, in each currency apart, and over those alone that a listing gives."""

import pytest

from storage.database import Session
from storage.queries import find_records
from storage.totals import Total, count_records, count_rows, count_versions, totals
from tests.storage.records_world import Archive, archive_in
from tests.storage.world import World


@pytest.fixture
def archive(world: World) -> Archive:
    """Records in two currencies, one without, one negative, one without any amount."""
    archive = archive_in(world)
    for name in ("a", "b", "c"):
        archive.add(name, total="0.10 EUR", tax=0.1, vendor_name="Acme")
    archive.add("d", total="9007199254740.91 USD", count=7)
    archive.add("e", total="0.01 USD", count=-9)
    archive.add("f", total="-5", line_items=[{"amount": "1 EUR"}, {"description": "two"}])
    archive.add("g", vendor_name="Acme")
    return archive


def test_sums_keep_every_digit_and_part_currencies(world: World, archive: Archive) -> None:
    with world.sessions() as session:
        found = totals(session, archive.query(), ["count", "total", "tax"])
    assert found == [
        Total("count", None, 2, -2_000_000),
        Total("total", "EUR", 3, 300_000),
        Total("total", "USD", 2, 9_007_199_254_740_920_000),
        Total("total", None, 1, -5_000_000),
        Total("tax", None, 3, 300_000),
    ]


@pytest.mark.parametrize(
    "where", [None, "vendor_name ~ acme", "total >= 0", "not (total > 0)", "line_items.amount > 0"]
)
def test_all_that_a_listing_gives_is_counted_and_nothing_else(
    where: str | None, world: World, archive: Archive
) -> None:
    with world.sessions() as session:
        query = archive.query(where)
        listed = find_records(session, query, limit=100).items
        assert count_records(session, query) == len(listed)
        assert sum(one.values for one in totals(session, query, ["total"])) == amounts_in(session, archive, where)


def amounts_in(session: Session, archive: Archive, where: str | None) -> int:
    """How many of the records that pass have an amount."""
    both = "total is found" if where is None else f"({where}) and total is found"
    return len(find_records(session, archive.query(both), limit=100).items)


def test_rows_of_tables_are_counted_by_record(world: World, archive: Archive) -> None:
    with world.sessions() as session:
        listed = [record for record, _ in find_records(session, archive.query(), limit=100).items]
        counted = count_rows(session, [record.id for record in listed], archive.wanted.tables)
        assert list(counted.values()) == [{"line_items": 2}]
        assert count_versions(session, archive.query().workspace_id, [archive.schema_id, "0" * 32]) == {
            archive.schema_id: len(listed)
        }


def test_other_workspaces_and_no_fields_add_nothing(world: World, archive: Archive) -> None:
    with world.sessions() as session:
        assert totals(session, archive.query(), []) == []
        assert count_versions(session, "0" * 32, [archive.schema_id]) == {}
