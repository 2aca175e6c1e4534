"""A talk whose reply is to be JSON, with a server that holds its model to that, and with one that does not."""

from collections.abc import Mapping
from typing import Any

import pytest

from core.errors import ContentRefused, InvalidOutput
from core.records import StopReason
from tests.protocol_server import ProtocolServer, refuses, says
from tests.workers.vlm.remote.reached import ask, model_of
from workers.vlm.catalog import Kind
from workers.vlm.interface import Generation, Prompt, PromptKind, Role, Token, Turn
from workers.vlm.remote.model import RemoteModel

ROW = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
GOOD = says('{"n": 1}', [('{"n"', 1.0), (": ", 1.0), ("1", 0.5), ("}", 1.0)])
BAD = says('{"n": "one"}')


def talk(model: RemoteModel, schema: Mapping[str, Any] | None) -> Generation:
    turns = (Turn(Role.USER, "How many?"),)
    (said,) = ask(model, Prompt("reply", PromptKind.CHAT, "How many?", schema=schema, turns=turns))
    return said


def test_the_server_is_told_the_form_and_the_reply_comes_with_its_tokens(server: ProtocolServer, kind: Kind) -> None:
    server.plays(GOOD)
    said = talk(model_of(server, kind), ROW)
    assert (said.text, said.error) == ('{"n": 1}', None)
    assert said.tokens is not None
    assert said.tokens[2] == Token(b"1", 0.5)
    form = server.requests[0]["response_format"]  # each client words it as its servers know it
    assert (form["json_schema"]["schema"] if kind is Kind.OPENAI else form["value"]) == ROW


def test_any_object_is_asked_for_in_the_servers_own_word(server: ProtocolServer) -> None:
    server.plays(GOOD)
    assert talk(model_of(server), {"type": "object"}).text == '{"n": 1}'
    assert server.requests[0]["response_format"] == {"type": "json_object"}


def test_a_server_that_takes_no_form_is_asked_without_and_its_reply_checked(server: ProtocolServer) -> None:
    server.plays(refuses("response_format", says('```json\n{"n": 1}\n```')))
    assert talk(model_of(server), ROW).text == '{"n": 1}'
    assert "response_format" not in server.requests[-1]


def test_a_reply_of_the_wrong_form_is_sent_back_once_with_its_reason(server: ProtocolServer) -> None:
    server.plays(BAD, GOOD)
    assert talk(model_of(server), ROW).text == '{"n": 1}'
    complaint = server.requests[1]["messages"][-1]["content"]
    assert 'breaks the rule properties/n/type of its schema: "integer"' in complaint
    assert "one" not in complaint.split()  # what it said may be what a page says
    server.plays(BAD)
    assert talk(model_of(server), ROW).error == InvalidOutput.code
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    ("reply", "stop", "error"),
    [
        (says('{"n": 1', finish="length"), StopReason.BUDGET, None),
        (says("", refusal="No."), StopReason.END, ContentRefused.code),
    ],
)
def test_a_reply_that_is_cut_off_or_refused_is_no_reply(
    server: ProtocolServer, reply: Any, stop: StopReason, error: str | None
) -> None:
    server.plays(reply)
    said = talk(model_of(server), ROW)
    assert (said.text, said.stop, said.error) == (None, stop, error)
    assert len(server.requests) == 1


def test_a_turn_in_words_comes_with_its_tokens_where_the_server_tells_them(server: ProtocolServer) -> None:
    server.plays(says("Two, I think", [("Two", 0.5), (", I", 0.5), (" think", 0.5)]))
    said = talk(model_of(server), None)
    assert said.tokens == (Token(b"Two", 0.5), Token(b", I", 0.5), Token(b" think", 0.5))
    assert talk(model_of(server, logprobs=False), None).tokens is None
