"""What was read: values, records and inferences."""

from dataclasses import replace
from typing import Any

import pytest

from core.errors import PageNotFound
from core.records import Box, FieldValue, StopReason, ValueState
from storage import documents, inferences, records, schemas, values
from storage.queries import Query, find_records
from storage.tables import Value
from tests.storage.world import World, digest

FOUND = FieldValue("total", ValueState.FOUND, "12.00", 0.75, Box(0.1, 0.2, 0.3, 0.4), digest("an inference"))
ABSENT = FieldValue("iban", ValueState.ABSENT, None, 0.5, None, None)
UNREADABLE = FieldValue("tax", ValueState.UNREADABLE, None, None, None, None, "generation-loops")
JOB = "1" * 32


def schema_id(world: World) -> str:
    with world.sessions() as session:
        return schemas.get_schema(session, world.workspace_id, "invoice").id


def write(world: World, document_id: str, page: int, *found: FieldValue, model: str = "m") -> None:
    with world.sessions.begin() as session:
        row = documents.get_page(session, world.workspace_id, document_id, page)
        where = (session, world.workspace_id, document_id, row.id)
        values.replace_values(*where, schema_id(world), JOB, model, found)


def test_values_come_back_as_they_were_written(world: World) -> None:
    document_id = world.add(2)
    write(world, document_id, 2, FOUND)
    write(world, document_id, 1, ABSENT, UNREADABLE)
    with world.sessions() as session:
        assert values.values_of(session, document_id, schema_id(world)) == [(1, ABSENT), (1, UNREADABLE), (2, FOUND)]


def test_reading_a_page_again_keeps_only_the_second_reading(world: World) -> None:
    document_id = world.add(2)
    write(world, document_id, 1, FOUND, ABSENT)
    write(world, document_id, 2, FOUND)
    write(world, document_id, 1, UNREADABLE, model="better")
    with world.sessions() as session:
        assert values.values_of(session, document_id, schema_id(world)) == [(1, UNREADABLE), (2, FOUND)]
        assert values.model_of(session, document_id, schema_id(world)) == "better"


def test_a_page_that_says_nothing_any_more_has_no_values(world: World) -> None:
    document_id = world.add(1)
    write(world, document_id, 1, FOUND)
    write(world, document_id, 1)
    with world.sessions() as session:
        assert values.values_of(session, document_id, schema_id(world)) == []
        assert values.model_of(session, document_id, schema_id(world)) is None


def test_values_cannot_be_written_through_the_wall(world: World, other: World) -> None:
    document_id = world.add(1)
    with world.sessions.begin() as session:
        page_id = documents.get_page(session, world.workspace_id, document_id, 1).id
        with pytest.raises(PageNotFound):
            values.replace_values(
                session, other.workspace_id, document_id, page_id, schema_id(world), JOB, "m", [FOUND]
            )
        assert session.query(Value).count() == 0


def record(world: World, document_id: str, *, complete: bool = True, job_id: str = JOB, **fields: Any) -> None:
    with world.sessions.begin() as session:
        records.replace_record(
            session,
            world.workspace_id,
            document_id,
            schema_id(world),
            job_id,
            complete=complete,
            values=fields,
            gaps=[] if complete else [{"page": 2, "code": "poison-page", "detail": "No."}],
            model="m",
        )


def test_a_record_is_replaced_and_keeps_its_place(world: World) -> None:
    first, second = world.add(1), world.add(1)
    record(world, first, complete=False, total={"raw": "1"})
    record(world, second)
    record(world, first, total={"raw": "2"}, job_id="2" * 32)
    with world.sessions() as session:
        listing = find_records(session, Query(world.workspace_id, schema_id(world)))
        assert [(row.document_id, document.id) for row, document in listing.items] == [(first, first), (second, second)]
        kept = records.find_record(session, first, schema_id(world))
        assert kept is not None
        assert (kept.values, kept.complete, kept.gaps, kept.job_id) == ({"total": {"raw": "2"}}, True, [], "2" * 32)
        assert records.made_by(session, JOB, schema_id(world)) == {second}


def test_records_are_listed_in_parts_and_of_some_documents(world: World) -> None:
    ids = [world.add(1) for _ in range(3)]
    for document_id in ids:
        record(world, document_id)
    with world.sessions() as session:
        query = Query(world.workspace_id, schema_id(world))
        first = find_records(session, query, limit=2)
        rest = find_records(session, query, first.next_cursor, limit=2)
        assert [row.document_id for row, _ in (*first.items, *rest.items)] == ids
        assert rest.next_cursor is None
        some = find_records(session, replace(query, document_ids=[ids[2], "0" * 32]))
        assert [row.document_id for row, _ in some.items] == [ids[2]]
        assert find_records(session, replace(query, document_ids=[])).items == []


def test_records_of_another_workspace_are_not_listed(world: World, other: World) -> None:
    record(world, world.add(1))
    with world.sessions() as session:
        assert find_records(session, Query(other.workspace_id, schema_id(world))).items == []
        assert find_records(session, Query(other.workspace_id, schema_id(other))).items == []


def inference(key: str, text: str | None) -> dict[str, Any]:
    return {
        "key": digest(key),
        "image_sha256": digest("picture"),
        "prompt_kind": "field",
        "prompt": "total",
        "model": "bundled",
        "revision": "1",
        "decoding": "greedy",
        "text": text,
        "probabilities": [0.5, 0.25],
        "confidence": 0.125,
        "box": [0.1, 0.2, 0.3, 0.4],
        "stop": StopReason.END,
        "seconds": 0.1,
    }


def test_what_a_model_said_is_found_by_its_content(world: World) -> None:
    with world.sessions.begin() as session:
        inferences.store(session, world.workspace_id, [inference("a", "12.00"), inference("b", None)])
    with world.sessions() as session:
        found = inferences.find(session, world.workspace_id, [digest(key) for key in ("a", "b", "c", "a")])
    assert {key: row.text for key, row in found.items()} == {digest("a"): "12.00", digest("b"): None}
    row = found[digest("a")]
    assert (row.probabilities, row.confidence, row.box, row.stop) == (
        [0.5, 0.25],
        0.125,
        [0.1, 0.2, 0.3, 0.4],
        StopReason.END,
    )


def test_what_is_known_already_stays_as_it_is(world: World) -> None:
    with world.sessions.begin() as session:
        inferences.store(session, world.workspace_id, [inference("a", "first")])
        inferences.store(session, world.workspace_id, [inference("b", "new"), inference("a", "second")])
        inferences.store(session, world.workspace_id, [])
        found = inferences.find(session, world.workspace_id, [digest("a"), digest("b")])
    assert {row.text for row in found.values()} == {"first", "new"}


def test_what_a_model_said_in_another_workspace_is_not_told(world: World, other: World) -> None:
    with world.sessions.begin() as session:
        inferences.store(session, world.workspace_id, [inference("a", "secret")])
        assert inferences.find(session, other.workspace_id, [digest("a")]) == {}
        inferences.store(session, other.workspace_id, [inference("a", "theirs")])
        assert inferences.find(session, world.workspace_id, [digest("a")])[digest("a")].text == "secret"


def test_more_keys_than_a_statement_takes_are_found(world: World) -> None:
    rows = [inference(str(n), str(n)) for n in range(1_200)]
    with world.sessions.begin() as session:
        inferences.store(session, world.workspace_id, rows)
        assert len(inferences.find(session, world.workspace_id, [row["key"] for row in rows])) == 1_200
