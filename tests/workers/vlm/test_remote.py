"""Models behind an API, each behind a real client and a real server that behaves well or badly."""

import base64
import io
import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.errors import FolioscopeError, ModelBusy, ModelFailed, ModelRefused, ModelUnavailable
from core.records import StopReason
from core.settings import Settings
from tests.protocol_server import (
    Act,
    ProtocolServer,
    babbles,
    cuts,
    empties,
    fails,
    halves,
    hangs,
    refuses,
    says,
    says_json,
    served,
    slowly,
)
from workers.vlm.catalog import Entry, Kind, read_catalog
from workers.vlm.interface import Capability, Generation, PageRequest, Prompt, PromptKind, Role, Turn, capabilities_of
from workers.vlm.registry import load_model
from workers.vlm.remote import hugging_face, openai
from workers.vlm.remote.line import Patience
from workers.vlm.remote.model import RemoteModel

SECRET = "sk-very-secret-0123456789"
QUICK = Patience(first_pause=0.01, first_rest=0.05, longest_rest=0.1, longest_pause=0.3)
PAGE = Image.new("L", (120, 160), 255)
FIELDS = (Prompt("total", PromptKind.FIELD, "total amount"), Prompt("iban", PromptKind.FIELD, "IBAN"))
QUESTION = Prompt("answer", PromptKind.QUESTION, "What is the total?")
CONNECT = {Kind.OPENAI: openai.connect, Kind.HUGGINGFACE: hugging_face.connect}


@pytest.fixture
def server() -> Iterator[ProtocolServer]:
    with served() as server:
        yield server


_opened: list[RemoteModel] = []


@pytest.fixture(autouse=True)
def _closed_at_the_end() -> Iterator[None]:
    yield
    while _opened:
        _opened.pop().close()


@pytest.fixture(params=list(CONNECT))
def kind(request: pytest.FixtureRequest) -> Kind:
    return Kind(request.param)


def model_of(server: ProtocolServer, kind: Kind = Kind.OPENAI, patience: Patience = QUICK, **more: Any) -> RemoteModel:
    entry = Entry.model_validate({"kind": kind, "name": "big", "base_url": server.url, "key": SECRET, **more})
    model = CONNECT[kind]("mine", entry, patience)
    _opened.append(model)
    return model


def ask(model: RemoteModel, *prompts: Prompt, image: Image.Image = PAGE) -> list[Generation]:
    (generations,) = model.generate([PageRequest(image, prompts)])
    return generations


TOKENS = [
    *[('{"', 1.0), ("total", 1.0), ('": "', 1.0), ("12", 0.9), (".00", 0.8)],
    *[('", "', 1.0), ("iban", 1.0), ('": ', 1.0), ("null", 0.7), ("}", 1.0)],
]
FORM = says('{"total": "12.00", "iban": null}', TOKENS)


# -- what is asked, and what comes of the answers


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
        says('{"label": "poem"}'),
    )
    model = model_of(server)
    found = [ask(model, prompt)[0] for _ in range(4)]
    assert [(g.text, g.error) for g in found] == [
        ("invoice", None),
        (None, None),
        (None, None),
        (None, "invalid-output"),
    ]
    assert found[1].confidence == pytest.approx(0.7)


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


def test_boxes_are_not_asked_of_it(server: ProtocolServer) -> None:
    (found,) = ask(model_of(server), Prompt("place", PromptKind.LOCATE, "Total"))
    assert (found.text, found.error, server.requests) == (None, "model-cannot", [])


def test_a_page_is_scaled_down_to_what_the_model_may_see(server: ProtocolServer) -> None:
    server.plays(says("12"))
    noise = Image.effect_noise((600, 400), 100).convert("RGB")
    ask(model_of(server, max_image_pixels=60_000), QUESTION, image=noise)
    kind, _, data = server.requests[0]["messages"][0]["content"][0]["image_url"]["url"].partition(";base64,")
    seen = Image.open(io.BytesIO(base64.b64decode(data)))
    assert (kind, seen.size) == ("data:image/jpeg", (300, 200))


def test_it_says_what_it_can_do_and_which_server_and_options_it_has(server: ProtocolServer) -> None:
    model = model_of(server, revision="v2")
    assert capabilities_of(model) == set(Capability) - {Capability.LOCATE}
    assert (model.identity.name, model.identity.revision) == ("big", "v2")
    assert model.identity != model_of(server, revision="v2", max_new_tokens=9).identity
    assert model.identity == model_of(server, revision="v2", concurrency=9).identity


# -- outputs that are no values


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


# -- servers that take less, or fail


@pytest.mark.parametrize("option", ["response_format", "logprobs", "temperature"])
def test_a_server_that_refuses_an_option_is_asked_without_it_from_then_on(
    server: ProtocolServer, kind: Kind, option: str
) -> None:
    server.plays(refuses(option, FORM))
    model = model_of(server, kind)
    for _ in range(2):
        assert [g.text for g in ask(model, *FIELDS)] == ["12.00", None]
    assert [option in request for request in server.requests] == [True, False, False]


def test_a_server_that_calls_the_budget_otherwise_gets_it_by_that_name(server: ProtocolServer, kind: Kind) -> None:
    says_so = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
    server.plays(refuses("max_tokens", FORM, says_so))
    assert [g.text for g in ask(model_of(server, kind, max_new_tokens=77), *FIELDS)] == ["12.00", None]
    assert (server.requests[1].get("max_tokens"), server.requests[1]["max_completion_tokens"]) == (None, 77)


PASSING: dict[str, Act] = {
    **{str(status): fails(status) for status in (429, 500, 502, 503)},
    "429 with a moment": fails(429, retry_after="0.1"),
    "cut": cuts,
    "half a JSON": halves,
    "no JSON": babbles,
    "no message": empties,
}


@pytest.mark.parametrize("how", PASSING)
def test_a_failure_that_passes_is_borne_with(server: ProtocolServer, kind: Kind, how: str) -> None:
    server.plays(PASSING[how], PASSING[how], FORM)
    assert [g.text for g in ask(model_of(server, kind), *FIELDS)] == ["12.00", None]
    assert len(server.requests) == 3


def test_a_server_that_stays_busy_is_left_alone_for_as_long_as_it_says(server: ProtocolServer, kind: Kind) -> None:
    server.plays(fails(429, "slow down", retry_after="30"))
    model = model_of(server, kind)
    with pytest.raises(ModelBusy, match="429 slow down") as raised:
        ask(model, *FIELDS)
    assert float(str(raised.value.facts["wait"])) > 25
    with pytest.raises(ModelBusy):
        ask(model, QUESTION)
    assert len(server.requests) == 1  # neither a second try, as it would take too long, nor a second question


def test_a_server_that_is_away_makes_work_wait_and_is_asked_again_later(kind: Kind) -> None:
    with served() as gone:
        pass
    model = model_of(gone, kind)
    with pytest.raises(ModelBusy) as raised:
        ask(model, *FIELDS)
    assert raised.value.retryable
    with served(int(gone.url.split(":")[2].partition("/")[0])) as back:
        back.plays(FORM)
        assert [g.text for g in _once_let_in(model)] == ["12.00", None]


@pytest.mark.parametrize("act", [fails(500, "CUDA error"), cuts, halves], ids=["500", "cut", "half"])
def test_a_server_that_works_but_not_on_this_page_fails_this_page_alone(
    server: ProtocolServer, kind: Kind, act: Act
) -> None:
    server.plays(act)
    model = model_of(server, kind)
    with pytest.raises(ModelFailed):
        ask(model, *FIELDS)
    server.plays(FORM)
    assert [g.text for g in ask(model, *FIELDS)] == ["12.00", None]


@pytest.mark.parametrize("act", [fails(500), cuts], ids=["500", "cut"])
def test_a_server_that_fails_on_everything_is_away(server: ProtocolServer, kind: Kind, act: Act) -> None:
    server.plays(act)
    server.probed = act
    with pytest.raises(ModelBusy):
        ask(model_of(server, kind), *FIELDS)


def test_a_server_that_hangs_on_a_page_is_not_waited_for_again_and_again(server: ProtocolServer, kind: Kind) -> None:
    server.plays(hangs)
    with pytest.raises(ModelFailed, match="no answer in time"):
        ask(model_of(server, kind, timeout_seconds=0.2), *FIELDS)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("act", "error", "says"),
    [
        (fails(400, "The image is too large"), ModelRefused, "The image is too large"),
        (fails(401, f"Incorrect API key: {SECRET}"), ModelUnavailable, r"does not take our key: 401 .*\*\*\*"),
        (fails(403), ModelUnavailable, "does not take our key"),
        (fails(404, "The model `big` does not exist"), ModelUnavailable, "The model `big` does not exist"),
    ],
    ids=["400", "401", "403", "404"],
)
def test_what_does_not_pass_is_told_at_once(
    server: ProtocolServer, kind: Kind, act: Act, error: type[FolioscopeError], says: str
) -> None:
    server.plays(act)
    with pytest.raises(error, match=says):
        ask(model_of(server, kind), *FIELDS)
    assert len(server.requests) == 1


def test_pages_are_never_sent_on_to_another_server(server: ProtocolServer) -> None:
    with served() as other:
        server.plays(fails(307, location=f"{other.url}/chat/completions"))
        with pytest.raises(ModelUnavailable, match="sends us elsewhere"):
            ask(model_of(server), *FIELDS)
        assert other.requests == []


def test_while_a_server_is_tried_again_others_wait(server: ProtocolServer) -> None:
    server.plays(fails(503))
    server.probed = fails(503)
    model = model_of(server, concurrency=8)
    with pytest.raises(ModelBusy):
        ask(model, QUESTION)
    before = len(server.requests)
    with pytest.raises(ModelBusy):
        ask(model, *[QUESTION] * 8)
    assert len(server.requests) == before


def test_a_cancel_leaves_a_hanging_request_alone(server: ProtocolServer, kind: Kind) -> None:
    server.plays(hangs)
    cancelled = threading.Event()
    model = model_of(server, kind, timeout_seconds=30)
    threading.Timer(0.3, cancelled.set).start()
    ((found,),) = model.generate([PageRequest(PAGE, (QUESTION,))], cancelled.is_set)
    assert (found.text, found.stop) == (None, StopReason.CANCELLED)


# -- secrets


def test_the_key_reaches_the_server_and_nobody_else(
    server: ProtocolServer, kind: Kind, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    model = model_of(server, kind)
    seen = [repr(model), repr(model._server), repr(vars(model)), repr(model._entry)]
    told = [fails(status, f"bad key {SECRET}") for status in (400, 401, 404, 429, 500)]
    for act in (FORM, *told, cuts):
        server.plays(act)
        model = model_of(server, kind)
        try:
            seen.append(repr(ask(model, *FIELDS)))
        except FolioscopeError as error:
            logging.getLogger("test").exception("it failed")
            seen += [repr(error), repr(error.facts), error.detail, repr(error.__cause__)]
    seen += [caplog.text, *capfd.readouterr(), json.dumps([str(record.__dict__) for record in caplog.records])]
    assert all(SECRET not in text for text in seen)
    assert all(SECRET in str(headers) for headers in server.headers)
    assert "base64" not in caplog.text  # nor does the page


@pytest.mark.parametrize("odd", [f"{SECRET}\n{SECRET}", f"{SECRET}\x00", f"{SECRET} ", f"ä{SECRET}"])
def test_what_no_client_can_send_as_a_key_is_refused_before_it_is_quoted(kind: Kind, odd: str) -> None:
    entry = Entry.model_validate({"kind": kind, "name": "big", "base_url": "http://127.0.0.1:9/v1", "key": f"{odd}x"})
    with pytest.raises(ModelUnavailable, match="key holds none, or more than one") as refused:
        CONNECT[kind]("mine", entry)
    assert SECRET not in repr((refused.value.detail, refused.value.facts))


def test_the_key_comes_from_the_variable_that_is_named(
    server: ProtocolServer, kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "models.toml"
    file.write_text(f'[models.mine]\nkind = "{kind}"\nname = "big"\nbase_url = "{server.url}"\nkey_env = "MY_KEY"\n')
    settings = Settings(data_dir=tmp_path, model="mine")
    monkeypatch.delenv("MY_KEY", raising=False)
    with pytest.raises(ModelUnavailable, match="needs a key: set the environment variable MY_KEY"):
        load_model(settings)
    monkeypatch.setenv("MY_KEY", SECRET)
    server.plays(FORM)
    model = load_model(settings)
    assert isinstance(model, RemoteModel)
    _opened.append(model)
    (found,) = model.generate([PageRequest(PAGE, FIELDS)])
    assert [g.text for g in found] == ["12.00", None]
    assert SECRET in str(server.headers[0])
    assert SECRET not in repr(read_catalog(settings)) + repr(settings)


def test_without_a_key_of_its_own_a_server_gets_no_other_servers_key(
    server: ProtocolServer, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setenv("HF_TOKEN", SECRET)
    server.plays(FORM)
    ask(model_of(server, kind, key=None), *FIELDS)
    assert SECRET not in str(server.headers)


def test_space_around_a_key_is_no_part_of_it(server: ProtocolServer, kind: Kind) -> None:
    server.plays(FORM)
    ask(model_of(server, kind, key=f"\n{SECRET}\n"), *FIELDS)
    assert f"Bearer {SECRET}" in server.headers[0].values()


def _once_let_in(model: RemoteModel) -> list[Generation]:
    """What it says once it asks its server again."""
    for _ in range(200):
        try:
            return ask(model, *FIELDS)
        except ModelBusy as error:
            threading.Event().wait(float(str(error.facts["wait"])))
    raise TimeoutError
