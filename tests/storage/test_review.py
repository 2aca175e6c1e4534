"""What needs a review comes in the order of what an error would cost, part by part, and from an index."""

from typing import Any

import pytest
from sqlalchemy import text

from core.errors import InvalidCursor, SchemaNotFound
from storage.review import Place, count_waiting, find_place, waiting
from tests.storage.records_world import Archive, archive_in
from tests.storage.world import World


def unsure(raw: str, confidence: float | None) -> dict[str, Any]:
    """What a model read and is not sure of."""
    return {"raw": raw, "confidence": confidence, "decision": "needs_review"}


def fill(archive: Archive) -> str:
    """A record with three values and a cell that need a review, and one that does not; its document."""
    rows = [{"description": "a", "amount": unsure("1", 0.1)}]
    return archive.add(
        vendor_name=unsure("ACME", 0.7),
        iban=unsure("DE1", 0.2),
        status=unsure("open", None),
        count={"raw": "3", "confidence": 0.99, "decision": "accepted"},
        line_items=rows,
    )


def found(world: World, schema: str | None = None, **where: Any) -> list[str]:
    """The fields of what needs a review, in order."""
    with world.sessions() as session:
        return [one.place.field for one in waiting(session, world.workspace_id, schema, limit=10, **where)]


def test_the_likeliest_error_comes_first_and_what_is_sure_not_at_all(world: World) -> None:
    fill(archive_in(world))
    assert found(world) == ["status", "line_items.amount", "iban", "vendor_name"]
    with world.sessions() as session:
        assert count_waiting(session, world.workspace_id) == 4


def test_the_queue_goes_on_behind_a_place_and_back_in_front_of_it(world: World) -> None:
    fill(archive_in(world))
    with world.sessions() as session:
        second = waiting(session, world.workspace_id, limit=2)[1].place
    again = Place.of_cursor(second.as_cursor())
    assert again == second
    assert found(world, after=again) == ["iban", "vendor_name"]
    assert found(world, before=again) == ["status"]
    with world.sessions() as session:
        mine = (session, world.workspace_id, second.record_id)
        assert find_place(*mine, "line_items.amount", 0) == second
        assert find_place(*mine, "count", -1) is None
        assert find_place(*mine, "line_items.amount", 7) is None


def test_the_place_of_a_value_that_was_decided_still_leads_on(world: World) -> None:
    archive = archive_in(world)
    document = fill(archive)
    with world.sessions() as session:
        first, second = (one.place for one in waiting(session, world.workspace_id, limit=2))
    archive.say(document, iban=unsure("DE1", 0.2), vendor_name=unsure("ACME", 0.7))
    assert found(world, after=first) == ["iban", "vendor_name"]
    assert found(world, after=second) == ["iban", "vendor_name"]


def test_a_schema_is_narrowed_to_with_all_its_versions(world: World) -> None:
    bill = archive_in(world)
    fill(bill)
    newer = archive_in(world, "bill", {"type": "object", "properties": {"note": {"type": "string"}}})
    newer.add(note=unsure("?", 0.65))
    letter = archive_in(world, "letter", {"type": "object", "properties": {"sender": {"type": "string"}}})
    letter.add(sender=unsure("Bo", 0.5))
    assert found(world, "letter") == ["sender"]
    assert found(world, "bill") == ["status", "line_items.amount", "iban", "note", "vendor_name"]
    with world.sessions() as session:
        assert [count_waiting(session, world.workspace_id, name) for name in ("bill", "letter", None)] == [5, 1, 6]
        with pytest.raises(SchemaNotFound):
            count_waiting(session, world.workspace_id, "nothing")


def test_nobody_sees_what_waits_behind_the_wall(world: World, other: World) -> None:
    fill(archive_in(world))
    assert found(other) == []
    with world.sessions() as session:
        place = waiting(session, world.workspace_id)[0].place
        assert count_waiting(session, other.workspace_id) == 0
        assert find_place(session, other.workspace_id, place.record_id, place.field, place.row) is None


@pytest.mark.parametrize("cursor", ["", "nonsense", "W10", "WzEsMiwzLDRd", "é"])
def test_a_broken_place_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        Place.of_cursor(cursor)


def test_both_lists_are_read_from_their_index_in_order(world: World) -> None:
    fill(archive_in(world))
    with world.sessions() as session:
        sqlite = session.get_bind().dialect.name == "sqlite"
        if not sqlite:
            session.execute(text("SET enable_seqscan = off"))
        for column in ("workspace_id", "schema_id"):
            query = (
                "SELECT document_id FROM record_values WHERE decision = 'needs_review' "  # noqa: S608 - a column's name
                f"AND {column} = 'x' AND (patience, record_id, field, row) > (-1.0, 'x', 'x', 0) "
                "ORDER BY patience, record_id, field, row LIMIT 1"
            )
            counting = (
                "SELECT count(*) FROM record_values WHERE decision = 'needs_review' "  # noqa: S608 - a column's name
                f"AND {column} = 'x' AND patience <= 0"
            )
            for asked in (query, counting):
                plan = session.execute(text(("EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN ") + asked)).all()
                told = " ".join(str(row) for row in plan)
                assert "ix_record_values_review" in told
                assert not any(word in told for word in ("TEMP B-TREE", "Sort"))
