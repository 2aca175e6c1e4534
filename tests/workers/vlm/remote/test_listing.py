"""Rows of tables from models behind an API: asked for as JSON, kept row by row."""

import json
from typing import Any

import pytest

from core.errors import InvalidOutput
from core.records import FieldKind, StopReason
from tests.protocol_server import ProtocolServer, says, says_json
from tests.workers.vlm.remote.reached import ask, model_of
from workers.vlm.catalog import Kind
from workers.vlm.interface import Column, Generation, Prompt, PromptKind

TABLE = Prompt(
    "line_items",
    PromptKind.ROWS,
    "line items",
    columns=(Column("what", "description", "what was sold"), Column("amount", "amount", kind=FieldKind.MONEY)),
)
TEA, BUN = {"what": "Tea", "amount": "2.00"}, {"what": "Bun", "amount": "1.00"}


def texts(said: Generation) -> list[dict[str, str]] | None:
    return None if said.table is None else [{k: cell.text for k, cell in row.items()} for row in said.table.rows]


def test_rows_are_asked_for_by_a_schema_and_the_meaning_of_their_columns(server: ProtocolServer, kind: Kind) -> None:
    server.plays(says_json({"count": 2, "rows": [TEA, BUN]}))
    (said,) = ask(model_of(server, kind), TABLE)
    assert texts(said) == [TEA, BUN]
    assert said.table is not None
    assert (said.table.seen, said.stop, said.error) == (2, StopReason.END, None)
    (request,) = server.requests
    assert '"what": what was sold; "amount": amount' in request["messages"][0]["content"][1]["text"]
    schema = json.dumps(request["response_format"])  # each client wraps it in a way of its own
    assert '"required": ["what", "amount"]' in schema
    assert '{"count": {"type": "integer"}, "rows": {"type": "array"' in schema
    assert '"required": ["count", "rows"]' in schema


@pytest.mark.parametrize(
    ("reply", "seen"),
    [
        ('{"count": 3, "rows": [%s]}', 3),
        ('{"count": "3", "rows": [%s]}', 3),
        ('{"rows": [%s], "count": 3}', 3),
        ('{"count": 1, "rows": [%s, {"what": "Bun", "amount": "1.00"}]}', 2),
        ('{"count": 2, "rows": []}', 2),
        ('{"count": 0, "rows": []}', 0),
        ('{"rows": [%s]}', None),
        ('{"rows": []}', None),
        ('{"count": null, "rows": [%s]}', None),
        ('{"count": -1, "rows": [%s]}', None),
        ('{"count": 2.5, "rows": [%s]}', None),
        ('{"rows": [{"what": "\\"count\\": 9", "amount": null}]}', None),
    ],
)
def test_rows_that_a_model_counts_and_leaves_out_are_seen_and_not_read(
    server: ProtocolServer, reply: str, seen: int | None
) -> None:
    server.plays(says(reply.replace("%s", json.dumps(TEA))))
    (said,) = ask(model_of(server), TABLE)
    assert said.error is None
    assert (0 if said.table is None else said.table.seen) == seen


def test_a_cells_confidence_is_that_of_its_own_tokens(server: ProtocolServer) -> None:
    parts = [('{"rows":[{"what":"', 0.5), ("Tea", 0.9), ('","amount":"', 0.5), ("2.", 0.8), ("00", 0.5), ('"}]}', 0.6)]
    server.plays(says("".join(text for text, _ in parts), tokens=parts))
    (said,) = ask(model_of(server), TABLE)
    assert said.table is not None
    (row,) = said.table.rows
    assert row["what"].confidence == pytest.approx(0.9)
    assert row["amount"].confidence == pytest.approx(0.8 * 0.5)


def test_a_list_that_is_cut_off_keeps_its_whole_rows_and_is_cut_short(server: ProtocolServer) -> None:
    server.plays(says('{"rows": [{"what": "Tea", "amount": "2.00"}, {"what": "Bu', finish="length"))
    (said,) = ask(model_of(server), TABLE)
    assert (texts(said), said.stop) == ([TEA], StopReason.BUDGET)


@pytest.mark.parametrize(
    ("reply", "rows"),
    [
        ({"count": 0, "rows": []}, None),
        ({"rows": []}, []),
        ({"rows": [TEA, {"what": None, "amount": None}]}, [TEA]),
        ({"rows": [{"what": "Tea", "amount": 2.5}]}, [{"what": "Tea", "amount": "2.5"}]),
        ([TEA], [TEA]),
    ],
)
def test_empty_cells_are_not_there_and_numbers_stay_as_they_are_written(
    server: ProtocolServer, reply: Any, rows: list[dict[str, str]] | None
) -> None:
    server.plays(says(json.dumps(reply)))
    (said,) = ask(model_of(server), TABLE)
    assert (texts(said), said.error) == (rows, None)


@pytest.mark.parametrize("wrong", ['{"rows": [{"price": "2.00"}]}', '{"rows": [["Tea"]]}', "Tea 2.00", '{"rows": ['])
def test_a_list_of_the_wrong_form_is_sent_back_once_and_never_believed(server: ProtocolServer, wrong: str) -> None:
    server.plays(says(wrong), says_json({"rows": [TEA]}))
    (said,) = ask(model_of(server), TABLE)
    assert texts(said) == [TEA]
    assert "That is not what was asked for" in json.dumps(server.requests[1]["messages"])
    server.plays(says(wrong), says(wrong))
    (said,) = ask(model_of(server), TABLE)
    assert (said.table, said.error) == (None, InvalidOutput.code)
