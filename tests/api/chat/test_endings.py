"""How chats end: by a failure, too late, with a caller that goes away or a service that dies; nothing is left."""

import os
import signal
import threading
from datetime import timedelta
from typing import Any

import httpx
import openai
import pytest
from fastapi import FastAPI

from core.settings import Settings
from storage.database import Sessions, now
from storage.tables import Job
from tests.api.chat.conftest import PATIENCE, Asking, about, await_nothing, data_url, image, refusal, traces
from tests.scripted_model import ScriptedModel, picture
from workers.desk import Desk
from workers.sweep import sweep

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the worker's tests take both


def lost(url: str, key: str, body: dict[str, Any]) -> None:
    """Ask a service that dies before it answers."""
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(headers=headers, trust_env=False, timeout=PATIENCE) as http, pytest.raises(httpx.TransportError):
        http.post(url, json=body)


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
