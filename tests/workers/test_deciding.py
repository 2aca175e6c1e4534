"""A value that a person decides: confirmed as read, never overwritten unseen, taken back to exactly what was there."""

from typing import Any

import pytest

from core.errors import CorrectionNotFound, NothingThere, ValueChanged
from core.records import Box, FieldValue, ValueState
from storage import calibrations, corrections, documents, records, review, schemas, values
from storage.database import Session
from storage.tables import Correction, Record, Schema
from tests.storage.world import World, world_of
from workers.calibrate import corrected
from workers.correct import Target, confirm, decide, entry_of, mark_of, take_back
from workers.merge import merge_record
from workers.record import Corrected

BODY: dict[str, Any] = {
    "type": "object",
    "properties": {"total": {"type": "string"}, "note": {"type": "string"}, "iban": {"type": "string"}},
    "folioscope": {"target": 0.9},
}
FOUND = FieldValue("total", ValueState.FOUND, "12.00", 0.4, Box(0.1, 0.2, 0.3, 0.4), None)
UNREADABLE = FieldValue("note", ValueState.UNREADABLE, None, None, None, None, "generation-loops")
ABSENT = FieldValue("iban", ValueState.ABSENT, None, 0.3, None, None)


@pytest.fixture
def world(bench: Any) -> World:
    """A workspace to do it in."""
    return World(bench.sessions, bench.workspace_id)


@pytest.fixture
def document(world: World) -> str:
    """A document of one page that was read: a value, one that nobody could read, and one that is not there."""
    document_id = world.add(1)
    job_id = world.plan([document_id])
    with world.sessions.begin() as session:
        schema = schemas.add_schema(session, world.workspace_id, "thing", BODY)
        page = documents.get_page(session, world.workspace_id, document_id, 1)
        mine = (session, world.workspace_id, document_id)
        values.replace_values(*mine, page.id, schema.id, job_id, "m", [FOUND, UNREADABLE, ABSENT])
        merge_record(session, world.workspace_id, job_id, document_id, schema.id)
    return document_id


def at(session: Session, world: World, document: str, field: str, *, seen: str | None = None) -> Target:
    """A value of the document."""
    schema = schemas.get_schema(session, world.workspace_id, "thing")
    return Target(world.workspace_id, document, schema, field, seen)


def entry(session: Session, world: World, document: str, field: str = "total") -> dict[str, Any]:
    """What stands in a field."""
    schema: Schema = schemas.get_schema(session, world.workspace_id, "thing")
    record: Record | None = records.find_record(session, document, schema.id)
    assert record is not None
    return entry_of(record, schema, field)


def say(world: World, document: str, raw: str | None, by: str = "Ada", seen: str | None = None) -> str:
    """Let somebody say what the total is; the id of what they said."""
    state = ValueState.ABSENT if raw is None else ValueState.FOUND
    with world.sessions.begin() as session:
        target = at(session, world, document, "total", seen=seen)
        return decide(session, target, Corrected(state, raw, None, None), by).id


def test_a_value_that_is_confirmed_says_by_whom_keeps_its_place_and_leaves_the_queue(
    world: World, document: str
) -> None:
    with world.sessions.begin() as session:
        assert review.count_waiting(session, world.workspace_id) == 3
        confirm(session, at(session, world, document, "total"), "Ada")
        confirm(session, at(session, world, document, "iban"), "Ada")
    with world.sessions() as session:
        told = entry(session, world, document)
        assert (told["raw"], told["confirmed"], told["by"], told["decision"]) == ("12.00", True, "Ada", "accepted")
        assert (told["page"], told["box"]) == (1, [0.1, 0.2, 0.3, 0.4])
        assert told["at"] is not None
        assert entry(session, world, document, "iban")["confirmed"]
        assert review.count_waiting(session, world.workspace_id) == 1


def test_what_is_confirmed_counts_in_a_calibration_as_right(world: World, document: str) -> None:
    with world.sessions.begin() as session:
        confirm(session, at(session, world, document, "total"), "Ada")
        (one,) = corrected(session, world.workspace_id, "m")
        assert (one.confidence, one.right) == (0.4, True)
        assert calibrations.of_model(session, world.workspace_id, "m") == []


def test_nobody_confirms_what_could_not_be_read(world: World, document: str) -> None:
    with world.sessions.begin() as session, pytest.raises(NothingThere):
        confirm(session, at(session, world, document, "note"), "Ada")


def test_what_somebody_else_decided_in_between_is_not_overwritten(world: World, document: str) -> None:
    with world.sessions() as session:
        seen = mark_of(entry(session, world, document))
    say(world, document, "13.00", "Ada", seen)
    with pytest.raises(ValueChanged, match="Somebody decided it") as error:
        say(world, document, "14.00", "Bob", seen)
    assert error.value.facts == {"by": "Ada"}
    with world.sessions() as session:
        assert entry(session, world, document)["raw"] == "13.00"


def test_what_is_taken_back_leaves_exactly_what_was_there_step_by_step(world: World, document: str) -> None:
    with world.sessions() as session:
        stood = [entry(session, world, document)]
    said = []
    for raw, by in (("13.00", "Ada"), (None, "Bob"), ("14.00", "Bob")):
        said.append(say(world, document, raw, by))
        with world.sessions() as session:
            stood.append(entry(session, world, document))
    for made, before in zip(reversed(said), reversed(stood[:-1]), strict=True):
        with world.sessions.begin() as session:
            assert take_back(session, world.workspace_id, made, "Bob").id == made
        with world.sessions() as session:
            assert entry(session, world, document) == before
    with world.sessions() as session:
        assert list(corrections.all_counting(session, world.workspace_id)) == []
        assert review.count_waiting(session, world.workspace_id) == 3


def test_what_was_decided_again_since_is_not_taken_back(world: World, document: str) -> None:
    first = say(world, document, "13.00", "Ada")
    say(world, document, "14.00", "Bob")
    with world.sessions.begin() as session, pytest.raises(ValueChanged, match="decided again"):
        take_back(session, world.workspace_id, first, "Ada")
    with world.sessions() as session:
        assert entry(session, world, document)["raw"] == "14.00"


def test_nothing_is_taken_back_twice_or_through_the_wall(world: World, document: str) -> None:
    made = say(world, document, "13.00")
    other = world_of(world.sessions, "other")
    with world.sessions.begin() as session, pytest.raises(CorrectionNotFound):
        take_back(session, other.workspace_id, made, "Eve")
    with world.sessions.begin() as session:
        take_back(session, world.workspace_id, made, "Ada")
    with world.sessions.begin() as session, pytest.raises(ValueChanged):
        take_back(session, world.workspace_id, made, "Ada")


def test_all_that_was_said_is_kept(world: World, document: str) -> None:
    made = say(world, document, "13.00")
    with world.sessions.begin() as session:
        take_back(session, world.workspace_id, made, "Ada")
        told: list[Correction] = corrections.of_document(session, document, "thing")
        assert [(row.raw, row.takes_back) for row in told] == [("13.00", None), (None, made)]
