"""The OpenAI protocol, spoken by OpenAI's own client over HTTP."""

import base64
import io
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from fastapi import FastAPI
from PIL import Image

from api.fetch import Fetcher
from core.settings import Settings
from storage.database import Sessions, now
from storage.tables import Blob, Inference, Item, Job
from storage.workspaces import add_key, ensure_workspace
from tests.api.conftest import parts
from tests.api.test_fetch import sending, serving
from tests.ingest.files import born_digital
from tests.scripted_model import ScriptedModel, picture
from tests.talker import Talker
from workers.desk import Desk
from workers.sweep import sweep
from workers.vlm.interface import Role, Turn

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the worker's tests take both

PATIENCE = 60.0
QUESTION = "What is the total?"
Asking = Callable[..., Any]


def data_url(content: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def image(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


def stored(document: str, *pages: int) -> dict[str, Any]:
    return {"type": "document", "document": {"id": document} | ({"pages": list(pages)} if pages else {})}


def about(*shown: dict[str, Any], question: str = QUESTION) -> list[dict[str, Any]]:
    """One message that shows these and asks."""
    return [{"role": "user", "content": [*shown, {"type": "text", "text": question}]}]


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "models.toml").write_text(
        '[models."gpu/large"]\nkind = "openai"\nname = "large"\nbase_url = "http://127.0.0.1:9/v1"\n'
    )
    return Settings(data_dir=tmp_path / "data", database_url=database_url, blob_url=str(tmp_path / "blobs"))


@pytest.fixture
def client(server: str, key: str) -> Iterator[openai.OpenAI]:  # instead of the one that knows no HTTP
    with client_of(server, key) as client:
        yield client


def client_of(server: str, key: str) -> openai.OpenAI:
    http = openai.DefaultHttpxClient(trust_env=False)
    return openai.OpenAI(base_url=f"{server}/v1", api_key=key, max_retries=0, timeout=PATIENCE, http_client=http)


@pytest.fixture
def ask(client: openai.OpenAI) -> Asking:
    """Ask with these messages."""

    def ask(messages: Any, **more: Any) -> Any:
        return client.chat.completions.create(**{"model": "bundled", "messages": messages} | more)

    return ask


@pytest.fixture
def worker(work: Callable[[], None]) -> Iterator[None]:
    """A worker that does what there is to do, as long as the test lasts."""
    ended = threading.Event()

    def go_round() -> None:
        while not ended.wait(0.02):
            work()

    thread = threading.Thread(target=go_round)
    thread.start()
    yield
    ended.set()
    thread.join()


def upload(server: str, key: str, path: Path) -> str:
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=server, headers=headers, trust_env=False, timeout=PATIENCE) as http:
        document: str = http.post("/v1/documents", files=parts(path)).json()["documents"][0]["id"]
        return document


@pytest.fixture
def document(server: str, key: str, pdf: Path) -> str:
    return upload(server, key, pdf)


def traces(sessions: Sessions, settings: Settings) -> list[int]:
    """What is left of chats: rows, and files of pictures."""
    files = sum(path.is_file() for path in Path(settings.blobs).glob("[0-9a-f][0-9a-f]/**/*"))
    with sessions() as session:
        return [*(session.query(table).count() for table in (Job, Item, Blob, Inference)), files]


def refusal(ask: Asking, messages: Any, **more: Any) -> tuple[int, str | None]:
    """Status and code of a refusal."""
    with pytest.raises(openai.APIStatusError) as refused:
        ask(messages, **more)
    return refused.value.status_code, refused.value.code


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


def test_a_model_that_is_not_there_is_refused(ask: Asking) -> None:
    assert refusal(ask, about(image(data_url(picture(7)))), model="gpt-7") == (404, "model-not-found")


def png(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("1", (width, height)).save(file, "PNG")
    return file.getvalue()


def tiff_of_two() -> bytes:
    file = io.BytesIO()
    page = Image.new("L", (40, 40))
    page.save(file, "TIFF", save_all=True, append_images=[page])
    return file.getvalue()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", (422, "picture-refused")),
        ("data:image/png,plain", (422, "picture-refused")),
        ("data:image/png;base64,???", (422, "picture-refused")),
        ("data:image/png;base64,", (422, "picture-refused")),
        (data_url(b"<svg/>", "image/png"), (422, "picture-refused")),
        (data_url(b"%PDF-1.7", "image/png"), (422, "picture-refused")),
        (data_url(tiff_of_two(), "image/tiff"), (422, "picture-refused")),
        (data_url(picture(7)[:60]), (422, "truncated-file")),
        (data_url(png(30_000, 30_000)), (413, "too-many-pixels")),
        ("http://127.0.0.1:9/page.png", (422, "picture-refused")),
        ("file:///etc/passwd", (422, "picture-refused")),
    ],
)
def test_a_picture_that_is_none_or_too_large_is_refused_and_leaves_nothing(
    url: str, expected: tuple[int, str], ask: Asking, sessions: Sessions, settings: Settings
) -> None:
    assert refusal(ask, about(image(data_url(picture(7))), image(url))) == expected
    assert traces(sessions, settings) == [0] * 5


def test_a_request_that_is_too_large_is_refused(ask: Asking) -> None:
    assert refusal(ask, about(image(f"data:image/png;base64,{'A' * 17_000_000}"))) == (413, "request-too-large")


def test_a_link_is_followed_only_where_the_settings_allow_it(
    ask: Asking, app: FastAPI, worker: None, model: ScriptedModel
) -> None:
    with serving(sending(picture(7))) as url:
        assert refusal(ask, about(image(url))) == (422, "picture-refused")
        desk = app.state.desk
        desk.settings = desk.settings.model_copy(update={"fetch_images": True})
        assert refusal(ask, about(image(url))) == (422, "picture-refused")  # this machine is no public address
        desk.fetcher = Fetcher(loopback_for_tests=True)
        assert ask(about(image(url))).choices[0].message.content == f"{QUESTION} 7"


@pytest.mark.parametrize("key_sent", ["wrong", "a" * 300])
def test_without_a_key_nothing_is_answered(server: str, key_sent: str) -> None:
    with client_of(server, key_sent) as stranger:
        for call in (stranger.models.list, lambda: stranger.chat.completions.create(model="bundled", messages=[])):
            with pytest.raises(openai.AuthenticationError) as refused:
                call()
            assert refused.value.code == "unauthorized"


def test_another_workspaces_document_is_not_there(
    ask: Asking, server: str, sessions: Sessions, tmp_path: Path, worker: None
) -> None:
    with sessions.begin() as session:
        key = add_key(session, ensure_workspace(session, "other").id, "tests")
    theirs = upload(server, key, born_digital(tmp_path / "theirs.pdf", pages=1))
    assert refusal(ask, about(stored(theirs))) == (404, "document-not-found")
    with client_of(server, key) as owner:
        model: Any = owner.chat.completions.create(model="bundled", messages=about(stored(theirs)))  # type: ignore[arg-type]
    assert model.choices[0].message.content == f"{QUESTION} 0"


def test_pages_that_are_not_there_are_refused(ask: Asking, document: str) -> None:
    assert refusal(ask, about(stored(document, 3))) == (404, "page-not-found")
    assert refusal(ask, about(stored("0" * 32))) == (404, "document-not-found")
    assert refusal(ask, about(*[stored(document)] * 11)) == (422, "invalid-request")


@pytest.mark.parametrize(
    ("messages", "more"),
    [
        ([], {}),
        ([{"role": "user", "content": QUESTION}], {}),  # it shows nothing
        (about(image(data_url(picture(7))), question=" "), {}),
        ([*about(image(data_url(picture(7)))), {"role": "assistant", "content": "12.00"}], {}),
        ([{"role": "tool", "content": "12.00", "tool_call_id": "1"}], {}),
        (about({"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}), {}),
        (about(image(data_url(picture(7)))), {"n": 2}),
        (about(image(data_url(picture(7)))), {"logprobs": True}),
        (about(image(data_url(picture(7)))), {"response_format": {"type": "json_object"}}),
        (about(image(data_url(picture(7)))), {"tools": [{"type": "function", "function": {"name": "f"}}]}),
    ],
)
def test_what_this_service_cannot_do_is_refused_and_never_passed_over(
    messages: Any, more: dict[str, Any], ask: Asking
) -> None:
    assert refusal(ask, messages, **more) == (422, "invalid-request")


def test_a_mistake_is_named_with_its_place(ask: Asking) -> None:
    with pytest.raises(openai.UnprocessableEntityError) as refused:
        ask(about(image(data_url(picture(7)))), n=2)
    assert refused.value.param == "n"
    assert refused.value.type == "invalid_request_error"


@pytest.mark.parametrize("stream", [False, True])
def test_a_model_that_fails_is_an_error_with_its_code(
    ask: Asking, worker: None, model: ScriptedModel, sessions: Sessions, settings: Settings, *, stream: bool
) -> None:
    model.acts = {"7": "loop"}
    with pytest.raises(openai.APIError) as failed:
        for _ in ask(about(image(data_url(picture(7)))), stream=stream):
            pass
    assert failed.value.code == "generation-loops"
    await_nothing(sessions, settings)


def test_without_a_reply_in_time_the_chat_is_given_up(
    ask: Asking, app: FastAPI, sessions: Sessions, settings: Settings
) -> None:
    desk = app.state.desk
    desk.settings = desk.settings.model_copy(update={"chat_seconds": 0.3})
    assert refusal(ask, about(image(data_url(picture(7))))) == (503, "service-unavailable")
    assert traces(sessions, settings) == [0] * 5


@pytest.mark.parametrize("stream", [False, True])
def test_a_caller_that_goes_away_is_not_worked_for(
    server: str, key: str, worker: None, model: ScriptedModel, sessions: Sessions, settings: Settings, *, stream: bool
) -> None:
    model.acts = {"7": "wait"}
    body = {"model": "bundled", "messages": about(image(data_url(picture(7)))), "stream": stream}
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=server, headers=headers, trust_env=False, timeout=0.5) as http:
        while not model.calls:
            with pytest.raises(httpx.ReadTimeout):
                http.post("/v1/chat/completions", json=body)
    await_nothing(sessions, settings)


def test_the_end_of_the_service_ends_a_chat(ask: Asking, app: FastAPI, sessions: Sessions, settings: Settings) -> None:
    outcomes: list[tuple[int, str | None]] = []
    asking = threading.Thread(target=lambda: outcomes.append(refusal(ask, about(image(data_url(picture(7)))))))
    asking.start()
    while traces(sessions, settings)[0] == 0:
        asking.join(0.02)
    app.state.closing.set()
    asking.join()
    assert outcomes == [(503, "service-unavailable")]
    assert traces(sessions, settings) == [0] * 5


def test_what_a_killed_service_leaves_of_a_chat_is_swept(
    process: tuple[str, int], key: str, sessions: Sessions, settings: Settings
) -> None:
    url, pid = process
    body = {"model": "bundled", "messages": about(image(data_url(picture(7))))}
    asking = threading.Thread(target=lambda: lost(f"{url}/v1/chat/completions", key, body))
    asking.start()
    while traces(sessions, settings)[0] == 0:
        asking.join(0.05)
    os.kill(pid, signal.SIGKILL)
    asking.join()
    assert traces(sessions, settings) == [1, 1, 1, 0, 1]
    with sessions.begin() as session:
        long_ago = now() - timedelta(seconds=settings.chat_seconds + 61)
        session.query(Job).update({"created_at": long_ago})
    desk = Desk(settings)
    sweep(desk)
    desk.close()
    assert traces(sessions, settings) == [0] * 5


def lost(url: str, key: str, body: dict[str, Any]) -> None:
    """Ask a service that dies before it answers."""
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(headers=headers, trust_env=False, timeout=PATIENCE) as http, pytest.raises(httpx.TransportError):
        http.post(url, json=body)


def await_nothing(sessions: Sessions, settings: Settings) -> None:
    until = time.monotonic() + PATIENCE
    while traces(sessions, settings) != [0] * 5:
        assert time.monotonic() < until, traces(sessions, settings)
        time.sleep(0.05)
