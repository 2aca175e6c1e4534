"""Replies in JSON, and told token by token: from models that can, checked before they are given."""

import json
import math
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest
from pydantic import BaseModel

from core.records import Queue, StopReason
from core.settings import Settings
from ingest.sandbox import Sandbox
from storage.database import Sessions
from tests.api.chat.conftest import Asking, about, await_nothing, data_url, image, refusal
from tests.scripted_model import ScriptedModel, picture
from tests.talker import Talker
from workers.desk import Desk
from workers.vlm.interface import Token
from workers.work import work_until_idle

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the worker's tests take both

TALKER = "gpu/large"
ABOUT = about(image(data_url(picture(7))))
SCHEMA = {
    "type": "object",
    "properties": {"total": {"type": "number"}},
    "required": ["total"],
    "additionalProperties": False,
}
FORM = {"type": "json_schema", "json_schema": {"name": "total", "strict": True, "schema": SCHEMA}}


class Invoice(BaseModel):
    """What a program wants to know."""

    total: float


@pytest.fixture
def talker() -> Talker:
    return Talker()


@pytest.fixture
def work(settings: Settings, sandbox: Sandbox, model: ScriptedModel, talker: Talker) -> Iterator[Callable[[], None]]:
    """Do all work that waits, by a model that points and by one that talks."""
    desk = Desk(settings, model=model, models={TALKER: talker})
    own, desk.sandbox = desk.sandbox, sandbox
    yield lambda: work_until_idle(desk, tuple(Queue))
    desk.sandbox = own
    desk.close()


def pieces(*tokens: tuple[bytes, float]) -> tuple[Token, ...]:
    return tuple(Token(data, probability) for data, probability in tokens)


def test_a_reply_is_json_of_the_schema_that_the_caller_gave(ask: Asking, worker: None, talker: Talker) -> None:
    talker.text = '```json\n{"total":12.5}\n```'
    reply = ask(ABOUT, model=TALKER, response_format=FORM)
    assert json.loads(reply.choices[0].message.content) == {"total": 12.5}
    assert talker.schemas == [SCHEMA]
    (turn,) = talker.told[0]
    assert json.dumps(SCHEMA) in turn.text  # for those that nothing else holds to it


def test_the_clients_own_way_to_ask_for_a_class_works(client: openai.OpenAI, worker: None, talker: Talker) -> None:
    talker.text = '{"total":12.5}'
    asked: Any = ABOUT
    reply = client.chat.completions.parse(model=TALKER, messages=asked, response_format=Invoice)
    assert reply.choices[0].message.parsed == Invoice(total=12.5)


def test_any_object_can_be_asked_for(ask: Asking, worker: None, talker: Talker) -> None:
    talker.text = '{"whatever": []}'
    reply = ask(ABOUT, model=TALKER, response_format={"type": "json_object"}, stream=True)
    said = "".join(piece.choices[0].delta.content or "" for piece in reply)
    assert (said, talker.schemas) == (talker.text, [{"type": "object"}])


@pytest.mark.parametrize("text", ["The total is 12.5.", '{"total":"12.5"}', '{"total":1'])
def test_what_is_not_of_the_form_is_never_given_whatever_a_model_says_of_it(
    ask: Asking, worker: None, talker: Talker, text: str
) -> None:
    talker.text = text
    assert refusal(ask, ABOUT, model=TALKER, response_format=FORM) == (500, "invalid-output")


def test_half_a_reply_in_json_is_an_error(ask: Asking, worker: None, talker: Talker) -> None:
    talker.stop = StopReason.BUDGET
    assert refusal(ask, ABOUT, model=TALKER, response_format=FORM) == (500, "generation-cut-short")


def test_a_reply_is_told_token_by_token(ask: Asking, worker: None, talker: Talker) -> None:
    talker.text = "12 €, due"
    talker.tokens = pieces((b" 12", 0.5), (b" \xe2", 0.25), (b"\x82\xac", 1.0), (b", due", 0.0))
    logprobs = ask(ABOUT, model=TALKER, logprobs=True).choices[0].logprobs
    assert [(token.token, token.logprob) for token in logprobs.content] == [
        (" 12", math.log(0.5)),
        (" \ufffd", math.log(0.25)),
        ("\ufffd\ufffd", 0.0),
        (", due", -9999.0),
    ]
    assert bytes(logprobs.content[1].bytes + logprobs.content[2].bytes).decode() == " €"
    assert ask(ABOUT, model=TALKER).choices[0].logprobs is None


def test_tokens_behind_a_stop_are_not_told(ask: Asking, worker: None, talker: Talker) -> None:
    talker.text, talker.tokens = "one, two", pieces((b"one", 0.5), (b", ", 0.5), (b"two", 0.5))
    choice = ask(ABOUT, model=TALKER, logprobs=True, stop=",").choices[0]
    assert (choice.message.content, [token.token for token in choice.logprobs.content]) == ("one", ["one"])


def test_a_stream_brings_each_token_once_with_its_words(ask: Asking, worker: None, talker: Talker) -> None:
    words = [f"{number} " for number in range(19)] + ["end"]
    talker.text, talker.tokens = "".join(words), pieces(*((word.encode(), 0.5) for word in words))
    choices = [piece.choices[0] for piece in ask(ABOUT, model=TALKER, logprobs=True, stream=True)]
    told = [(choice.delta.content, choice.logprobs.content) for choice in choices if choice.logprobs]
    assert len(told) == 3
    assert [text for text, _ in told] == ["".join(token.token for token in tokens) for _, tokens in told]
    assert "".join(text for text, _ in told) == talker.text


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"response_format": FORM}, "response_format"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"logprobs": True}, "logprobs"),
        ({"model": TALKER, "logprobs": True, "top_logprobs": 3}, "top_logprobs"),
        ({"model": TALKER, "response_format": FORM, "stop": "}"}, "stop"),
        ({"model": TALKER, "tools": [{"type": "function", "function": {"name": "f"}}]}, "tools"),
        ({"model": TALKER, "tool_choice": "auto"}, "tool_choice"),
    ],
)
def test_what_cannot_be_done_is_refused_by_its_name(ask: Asking, more: dict[str, Any], param: str) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        ask(ABOUT, **more)
    assert (refused.value.code, refused.value.param) == ("cannot-be-done", param)
    assert refused.value.type == "invalid_request_error"


def test_what_only_the_worker_knows_to_be_impossible_is_refused_alike(
    ask: Asking, worker: None, talker: Talker, sessions: Sessions, settings: Settings
) -> None:
    assert refusal(ask, ABOUT, model=TALKER, logprobs=True) == (400, "cannot-be-done")  # it tells no tokens
    talker.capabilities = frozenset()
    assert refusal(ask, ABOUT, model=TALKER, response_format=FORM) == (400, "cannot-be-done")  # nor can it talk
    await_nothing(sessions, settings)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "nonsense"},
        {"$ref": "https://example.com/invoice.json"},
        {"$ref": "#/$defs/nobody"},
        {"enum": ["a\0"]},
        {"description": "x" * 60_000},
    ],
    ids=["none", "elsewhere", "nowhere", "not-storable", "long"],
)
def test_a_schema_that_cannot_be_used_is_refused_before_anything_is_shown(ask: Asking, schema: dict[str, Any]) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "total", "schema": schema}}
    with pytest.raises(openai.UnprocessableEntityError) as refused:
        ask(ABOUT, model=TALKER, response_format=form)
    assert refused.value.param == "response_format.json_schema.json_schema.schema"
