"""The last word counts, in whatever millisecond and by whatever clock it was said."""

from typing import Any

import pytest

from core.records import ValueState
from storage import corrections
from storage.corrections import NewCorrection
from tests.storage.world import World


def say(world: World, document_id: str, field: str = "total", raw: str = "1", schema: str = "invoice") -> str:
    """Write a correction down; its id."""
    new = NewCorrection(schema, field, ValueState.FOUND, raw, None, None, undone=raw == "", before={}, made_by="tests")
    with world.sessions.begin() as session:
        return corrections.add_correction(session, world.workspace_id, document_id, new).id


def test_the_order_is_that_of_saying_even_where_a_clock_goes_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = world.add(1)
    clock = iter(["0f" * 16, "0f" * 16, "0e" * 16, "10" * 16])
    monkeypatch.setattr(corrections, "new_id", lambda: next(clock))
    said = [say(world, document, raw=raw) for raw in "1234"]
    assert said == sorted(set(said))
    with world.sessions() as session:
        told = corrections.of_document(session, document, "invoice")
        assert [row.raw for row in told] == ["1", "2", "3", "4"]
        assert [row.raw for row in corrections.all_counting(session, world.workspace_id)] == ["4"]


def test_documents_are_listed_part_by_part_each_once(world: World, other: World) -> None:
    documents = [world.add(1) for _ in range(3)]
    for document in documents:
        for schema in ("invoice", "receipt"):
            for field in ("total", "tax"):
                say(world, document, field, schema=schema)
    say(other, other.add(1))
    found: list[Any] = []
    with world.sessions() as session:
        while part := corrections.corrected_documents(
            session, world.workspace_id, None, found[-1] if found else None, 4
        ):
            found += part
        assert found == [(document, schema) for document in sorted(documents) for schema in ("invoice", "receipt")]
        ours = corrections.corrected_documents(session, world.workspace_id, "receipt", None, 100)
        assert ours == [(document, "receipt") for document in sorted(documents)]


def test_what_is_undone_counts_no_longer_until_somebody_speaks_again(world: World) -> None:
    document = world.add(1)
    for field, words in {"a": "1", "b": ("1", ""), "c": ("1", "", "2")}.items():
        for raw in words:
            say(world, document, field, raw)
    with world.sessions() as session:
        counting = corrections.all_counting(session, world.workspace_id)
        assert [(row.field, row.raw) for row in counting] == [("a", "1"), ("c", "2")]
