"""What is said in a chat, and about which pages, in the OpenAI protocol, by OpenAI's own client over HTTP."""

from typing import Any

import openai
import pytest

from core.settings import Settings
from storage.database import Sessions
from tests.api.chat.conftest import QUESTION, Asking, about, await_nothing, data_url, image, stored, traces
from tests.scripted_model import ScriptedModel, picture
from tests.talker import Talker
from workers.vlm.interface import Role, Turn

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the worker's tests take both


def test_a_picture_is_asked_about_and_nothing_of_it_is_left(
    ask: Asking, worker: None, model: ScriptedModel, sessions: Sessions, settings: Settings
) -> None:
    model.answers = {"7": {"answer": "$12.00 @0.9"}}
    reply = ask(about(image(data_url(picture(7)))))
    (choice,) = reply.choices
    assert (choice.message.role, choice.message.content, choice.finish_reason) == ("assistant", "$12.00", "stop")
    evidence = {"picture": 1, "document": None, "page": None, "box": [0.1, 0.2, 0.3, 0.4]}
    assert choice.message.folioscope == {"state": "found", "confidence": 0.9, "evidence": evidence}
    assert (reply.object, reply.model, reply.id[:9]) == ("chat.completion", "bundled", "chatcmpl-")
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.total_tokens) == (5, 2, 7)
    assert traces(sessions, settings) == [0] * 5


def test_a_reply_comes_in_pieces_where_that_is_wanted(
    ask: Asking, worker: None, model: ScriptedModel, sessions: Sessions, settings: Settings
) -> None:
    said = "The total of this invoice is $12.00, and it is due\nin two weeks."
    model.answers = {"7": {"answer": said}}
    asked = about(image(data_url(picture(7))))
    with ask(asked, stream=True, stream_options={"include_usage": True}) as stream:
        pieces = list(stream)
    assert len({piece.id for piece in pieces}) == 1
    choices = [piece.choices[0] for piece in pieces[:-1]]
    assert choices[0].delta.role == "assistant"
    words = [choice.delta.content for choice in choices if choice.delta.content]
    assert len(words) > 1
    assert "".join(words) == said
    assert [choice.finish_reason for choice in choices] == [None] * (len(choices) - 1) + ["stop"]
    assert choices[-1].delta.folioscope["evidence"]["picture"] == 1
    assert (pieces[-1].choices, pieces[-1].usage.completion_tokens) == ([], 2)
    await_nothing(sessions, settings)


def test_stored_pages_are_asked_about_as_soon_as_they_are_drawn(
    ask: Asking, document: str, worker: None, model: ScriptedModel
) -> None:
    model.answers = {"0": {"answer": "12.00 @0.9"}}
    reply = ask(about(stored(document, 2)))
    evidence = reply.choices[0].message.folioscope["evidence"]
    assert (reply.choices[0].message.content, evidence["document"], evidence["page"]) == ("12.00", document, 2)
    assert len(model.calls) == 1
    ask(about(stored(document), image(data_url(picture(7)))))
    assert len(model.calls) == 4


def test_where_the_pages_do_not_say_the_reply_says_so(ask: Asking, worker: None, model: ScriptedModel) -> None:
    model.answers = {"7": {"answer": None}}
    message = ask(about(image(data_url(picture(7))))).choices[0].message
    assert (message.content, message.folioscope["state"]) == ("The pages do not say.", "not_found")


def test_a_chat_goes_on_with_the_replies_that_it_got(
    ask: Asking, worker: None, model: Any, settings: Settings, work: Any
) -> None:
    del work
    talker = Talker()
    model.generate, model.capabilities = talker.generate, talker.capabilities  # what the worker holds can talk now
    talk: list[Any] = [{"role": "developer", "content": "Be brief."}, *about(image(data_url(picture(7))))]
    first = ask(talk).choices[0].message
    assert first.content == "I see 7"
    talk += [first, *about(image(data_url(picture(8))), question="And now?")]
    assert ask(talk).choices[0].message.content == "I see 7, 8"
    expected = [(Role.SYSTEM, "Be brief."), (Role.USER, QUESTION), (Role.ASSISTANT, "I see 7"), (Role.USER, "And now?")]
    assert talker.told[-1] == tuple(Turn(role, text) for role, text in expected)


def test_a_reply_ends_before_the_first_stop(ask: Asking, worker: None, model: ScriptedModel) -> None:
    model.answers = {"7": {"answer": "one, two; three"}}
    assert ask(about(image(data_url(picture(7)))), stop=[";", ","]).choices[0].message.content == "one"


def test_models_are_listed_and_shown_by_name(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["bundled", "gpu/large"]
    assert client.models.retrieve("gpu/large").id == "gpu/large"
    with pytest.raises(openai.NotFoundError) as refused:
        client.models.retrieve("nobody")
    assert refused.value.code == "model-not-found"
