"""What is asked of a model behind an API, and what comes of its answers."""

import base64
import io
from typing import Any

import pytest
from PIL import Image

from core.records import StopReason
from tests.protocol_server import ProtocolServer, says, slowly
from tests.workers.vlm.remote.reached import FIELDS, FORM, PAGE, QUESTION, SECRET, ask, model_of
from workers.inference import confidence_of
from workers.vlm.catalog import Kind
from workers.vlm.interface import Capability, PageRequest, Prompt, PromptKind, Role, Turn, capabilities_of


def test_all_fields_of_a_page_are_one_request_with_a_schema_and_the_page_inside(
    server: ProtocolServer, kind: Kind
) -> None:
    server.plays(FORM)
    found = ask(model_of(server, kind), *FIELDS)
    assert [(g.text, g.stop, g.error) for g in found] == [
        ("12.00", StopReason.END, None),
        (None, StopReason.END, None),
    ]
    (request,) = server.requests
    picture, words = request["messages"][0]["content"]
    assert picture["image_url"]["url"].startswith("data:image/png;base64,")
    assert '"total": total amount' in words["text"]
    assert (request["model"], request["temperature"], request["logprobs"]) == ("big", 0, True)
    assert server.headers[0]["authorization" if "authorization" in server.headers[0] else "Authorization"] == (
        f"Bearer {SECRET}"
    )


def test_the_schema_is_strict_and_leaves_nothing_open(server: ProtocolServer) -> None:
    server.plays(FORM)
    ask(model_of(server), *FIELDS)
    said = server.requests[0]["response_format"]
    assert (said["type"], said["json_schema"]["strict"]) == ("json_schema", True)
    assert said["json_schema"]["schema"]["required"] == ["total", "iban"]
    assert said["json_schema"]["schema"]["additionalProperties"] is False


def test_a_values_probabilities_are_those_of_its_own_tokens(server: ProtocolServer, kind: Kind) -> None:
    server.plays(FORM)
    total, iban = ask(model_of(server, kind), *FIELDS)
    assert total.probabilities == pytest.approx((0.9, 0.8))
    assert iban.probabilities == pytest.approx((0.7,))


def test_where_a_server_tells_no_probabilities_there_are_none(server: ProtocolServer, kind: Kind) -> None:
    server.plays(says('{"total": "12.00", "iban": null}'))
    assert [g.probabilities for g in ask(model_of(server, kind), *FIELDS)] == [None, None]
    server.plays(FORM)
    assert [g.probabilities for g in ask(model_of(server, kind, logprobs=False), *FIELDS)] == [None, None]
    assert "logprobs" not in server.requests[-1]


def test_questions_are_asked_side_by_side_and_never_more_than_the_model_may(server: ProtocolServer) -> None:
    server.plays(slowly(says("12.00", [("12", 0.9), (".00", 0.8)]), 0.05))
    found = ask(model_of(server, concurrency=3), *[QUESTION] * 9)
    assert [g.text for g in found] == ["12.00"] * 9
    assert found[0].probabilities == pytest.approx((0.9, 0.8))
    assert (len(server.requests), server.most_busy) == (9, 3)


def test_answers_come_in_the_order_of_pages_and_prompts(server: ProtocolServer) -> None:
    def act(handler: Any, body: Any) -> None:
        text = body["messages"][0]["content"][-1]["text"]
        said = FORM if "JSON" in text else says(text.split()[0])
        said(handler, body)

    server.plays(act)
    words = [Prompt("a", PromptKind.QUESTION, word) for word in ("first", "second", "third")]
    pages = [PageRequest(PAGE, (words[0], *FIELDS, words[1])), PageRequest(PAGE, ()), PageRequest(PAGE, (words[2],))]
    found = model_of(server).generate(pages)
    assert [[g.text for g in page] for page in found] == [["first", "12.00", None, "second"], [], ["third"]]


@pytest.mark.parametrize("said", ["none", "None.", "not found"])
def test_a_question_that_the_page_does_not_answer_has_no_text_and_no_error(server: ProtocolServer, said: str) -> None:
    server.plays(says(said))
    (found,) = ask(model_of(server), QUESTION)
    assert (found.text, found.stop, found.error) == (None, StopReason.END, None)


def test_what_a_model_thinks_aloud_is_no_part_of_its_answer(server: ProtocolServer) -> None:
    parts = [("<think>It says 11.</think>", 0.1), ("\n 12", 0.9), (" ", 1.0)]
    server.plays(says("".join(text for text, _ in parts), parts))
    (found,) = ask(model_of(server), QUESTION)
    assert found.text == "12"
    assert found.probabilities == pytest.approx((0.9,))


def test_a_page_is_classified_by_one_of_its_labels_or_by_none(server: ProtocolServer) -> None:
    prompt = Prompt("label", PromptKind.CLASSIFY, "kind of document", labels=("invoice", "letter"))
    sure = [('{"label": "', 1.0), ("invoice", 0.9), ('"}', 1.0)]
    server.plays(
        says('{"label": "invoice"}', sure),
        says('{"label": "invoice"}', [(text, min(p, 0.3)) for text, p in sure]),
        says('{"label": null}'),
        says('{"label": "none of these"}', [('{"label": "', 1.0), ("none of these", 0.8), ('"}', 1.0)]),
        says('{"label": "poem"}'),
    )
    model = model_of(server)
    found = [ask(model, prompt)[0] for _ in range(5)]
    assert [(g.text, g.error) for g in found] == [
        ("invoice", None),
        (None, None),
        (None, None),
        (None, None),
        (None, "invalid-output"),
    ]
    assert found[1].confidence == pytest.approx(0.7)
    assert confidence_of(found[3]) == pytest.approx(0.8)
    assert server.requests[0]["response_format"]["json_schema"]["schema"]["properties"]["label"]["anyOf"][0] == {
        "type": "string",
        "enum": ["invoice", "letter", "none of these"],
    }


def test_a_chat_carries_its_turns_and_all_pages_before_the_first_of_the_user(server: ProtocolServer) -> None:
    server.plays(says("none"))
    turns = (
        Turn(Role.SYSTEM, "Be short."),
        Turn(Role.USER, "Whose is it?"),
        Turn(Role.ASSISTANT, "Ann's."),
        Turn(Role.USER, "Since when?"),
    )
    prompt = Prompt("reply", PromptKind.CHAT, "Since when?", turns=turns)
    ((found,),) = model_of(server).generate([PageRequest(PAGE, (prompt,), more=(PAGE,))])
    assert found.text == "none"  # in a talk it is a word like any other
    messages = server.requests[0]["messages"]
    assert [m["role"] for m in messages] == ["system", "user", "assistant", "user"]
    assert [part["type"] for part in messages[1]["content"]] == ["image_url", "image_url", "text"]


def test_a_prompt_may_bound_its_reply_further_than_the_model_does(server: ProtocolServer) -> None:
    server.plays(says("A"), says("B"))
    model = model_of(server, max_new_tokens=50)
    for budget in (7, 70):
        ask(model, Prompt("reply", PromptKind.CHAT, "Hello", turns=(Turn(Role.USER, "Hello"),), budget=budget))
    assert [request["max_tokens"] for request in server.requests] == [7, 50]


def test_a_reply_in_a_talk_that_was_cut_off_is_told_as_far_as_it_came_and_says_so(server: ProtocolServer) -> None:
    prompt = Prompt("reply", PromptKind.CHAT, "Hello", turns=(Turn(Role.USER, "Hello"),))
    server.plays(says("It is due on", finish="length"), says("on and " * 200, finish="length"))
    (found,) = ask(model_of(server), prompt)
    assert (found.text, found.stop, found.error) == ("It is due on", StopReason.BUDGET, None)
    (found,) = ask(model_of(server), prompt)
    assert (found.text, found.stop) == (None, StopReason.LOOP)


def test_a_page_is_scaled_down_to_what_the_model_may_see(server: ProtocolServer) -> None:
    server.plays(says("12"))
    noise = Image.effect_noise((600, 400), 100).convert("RGB")
    ask(model_of(server, max_image_pixels=60_000), QUESTION, image=noise)
    kind, _, data = server.requests[0]["messages"][0]["content"][0]["image_url"]["url"].partition(";base64,")
    seen = Image.open(io.BytesIO(base64.b64decode(data)))
    assert (kind, seen.size) == ("data:image/jpeg", (300, 200))


def test_it_says_what_it_can_do_and_which_server_and_options_it_has(server: ProtocolServer) -> None:
    model = model_of(server, revision="v2")
    assert capabilities_of(model) == set(Capability) - {Capability.LOCATE, Capability.EMBED}
    assert (model.identity.name, model.identity.revision) == ("big", "v2")
    assert model.identity != model_of(server, revision="v2", max_new_tokens=9).identity
    assert model.identity == model_of(server, revision="v2", concurrency=9).identity


def test_a_page_is_described_in_the_model_s_own_words(server: ProtocolServer) -> None:
    server.plays(
        says("None of it is sure, a letter perhaps.", [("None of it is sure,", 0.9), (" a letter perhaps.", 0.7)])
    )
    (found,) = ask(model_of(server), Prompt("description", PromptKind.DESCRIBE, "part of a page"))
    assert (found.text, found.error) == ("None of it is sure, a letter perhaps.", None)
    assert found.confidence == pytest.approx(0.8)
    asked = server.requests[0]["messages"][0]["content"][-1]["text"]
    assert asked.startswith("Describe this part of a page ")
    assert "response_format" not in server.requests[0]
