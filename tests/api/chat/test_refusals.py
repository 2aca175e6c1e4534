"""What a chat is refused, each time with its reason in the form of the OpenAI protocol."""

import io
from pathlib import Path
from typing import Any

import openai
import pytest
from fastapi import FastAPI
from PIL import Image

from api.fetch import Fetcher
from core.settings import Settings
from storage.database import Sessions
from storage.workspaces import add_key, ensure_workspace
from tests.api.chat.conftest import QUESTION, Asking, about, client_of, data_url, image, refusal, stored, traces, upload
from tests.api.test_fetch import sending, serving
from tests.ingest.files import born_digital
from tests.scripted_model import ScriptedModel, picture

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the worker's tests take both


def png(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("1", (width, height)).save(file, "PNG")
    return file.getvalue()


def tiff_of_two() -> bytes:
    file = io.BytesIO()
    page = Image.new("L", (40, 40))
    page.save(file, "TIFF", save_all=True, append_images=[page])
    return file.getvalue()


def test_a_model_that_is_not_there_is_refused(ask: Asking) -> None:
    assert refusal(ask, about(image(data_url(picture(7)))), model="gpt-7") == (404, "model-not-found")


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
        (about(image(data_url(picture(7)))), {"response_format": {"type": "yaml"}}),
        (about(image(data_url(picture(7)))), {"response_format": {"type": "json_schema"}}),
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
