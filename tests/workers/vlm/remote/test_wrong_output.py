"""Replies of a model behind an API that are no values say why."""

from typing import Any

import pytest

from tests.protocol_server import Act, ProtocolServer, says, says_json
from tests.workers.vlm.remote.reached import FIELDS, FORM, QUESTION, ask, model_of
from workers.vlm.catalog import Kind
from workers.vlm.interface import Prompt, PromptKind


def test_fields_of_the_wrong_form_are_asked_for_once_more_with_what_is_wrong(
    server: ProtocolServer, kind: Kind
) -> None:
    server.plays(says('The total is "12.00".'), FORM)
    assert [g.text for g in ask(model_of(server, kind), *FIELDS)] == ["12.00", None]
    assert [m["role"] for m in server.requests[1]["messages"]] == ["user", "assistant", "user"]
    assert '"total" is missing' in server.requests[1]["messages"][2]["content"]


def test_a_field_that_is_wrong_twice_is_an_error_and_its_neighbour_is_a_value(server: ProtocolServer) -> None:
    server.plays(says_json({"total": 12, "iban": "DE1"}), says_json({"total": [12]}))
    total, iban = ask(model_of(server), *FIELDS)
    assert (total.text, total.error) == (None, "invalid-output")
    assert (iban.text, iban.error) == ("DE1", None)
    assert len(server.requests) == 2


def test_a_server_that_ignores_the_schema_is_found_out(server: ProtocolServer) -> None:
    field = Prompt("pages", PromptKind.FIELD, "number of pages", schema={"type": "integer", "minimum": 1})
    server.plays(says_json({"pages": 0}), says_json({"pages": "three"}))
    (found,) = ask(model_of(server), field)
    assert (found.text, found.error) == (None, "invalid-output")


CUT = '{"total": "12.00", "iban": "DE1'


@pytest.mark.parametrize(
    ("act", "total", "iban"),
    [
        (says(CUT, finish="length"), ("12.00", "end", None), (None, "budget", None)),
        (says('{"total": "' + "00 " * 300, finish="length"), (None, "loop", None), (None, "loop", None)),
        (says(""), (None, "end", "empty-output"), (None, "end", "empty-output")),
        (says("  \n"), (None, "end", "empty-output"), (None, "end", "empty-output")),
        (says("", finish="content_filter"), (None, "end", "content-refused"), (None, "end", "content-refused")),
    ],
    ids=["cut off", "loop", "empty", "blank", "filtered"],
)
def test_a_form_that_was_cut_off_loops_is_empty_or_refused_says_so(
    server: ProtocolServer, kind: Kind, act: Act, total: tuple[Any, ...], iban: tuple[Any, ...]
) -> None:
    server.plays(act)
    assert [(g.text, g.stop.value, g.error) for g in ask(model_of(server, kind), *FIELDS)] == [total, iban]


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (says("12.0", finish="length"), ("budget", None)),
        (says("12 " * 300, finish="length"), ("loop", None)),
        (says(""), ("end", "empty-output")),
        (says("no", finish="content_filter"), ("end", "content-refused")),
        (says("", refusal="I must not."), ("end", "content-refused")),
        (says("a\0b"), ("end", "invalid-output")),
    ],
    ids=["cut off", "loop", "empty", "filtered", "refused", "NUL"],
)
def test_an_answer_that_is_no_answer_says_why(server: ProtocolServer, act: Act, expected: tuple[str, Any]) -> None:
    server.plays(act)
    (found,) = ask(model_of(server), QUESTION)
    assert (found.text, found.stop.value, found.error) == (None, *expected)
