"""What fits into one request and is far too much of it: refused before it costs the service its time."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from api.wire.chats import ChatIn

TEXT = {"type": "text", "text": "a"}
ASKED = {"role": "user", "content": "What is the total?"}

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    "body",
    [
        {"messages": [ASKED] * 1001},
        {"messages": [{"role": "user", "content": [TEXT] * 2001}]},
        {"messages": [{"role": "user", "content": [TEXT] * 3}] * 900},
        {"messages": [{"role": "nobody"}] * 1001},
        {"messages": [ASKED]} | {f"unknown{number}": 1 for number in range(200)},
    ],
    ids=["messages", "parts", "parts of all messages", "messages of no form", "members"],
)
def test_too_much_of_anything_is_refused_as_one_mistake(client: TestClient, body: dict[str, Any]) -> None:
    answer = client.post("/v1/chat/completions", json={"model": "bundled", **body})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid-request")
    assert "at most 1000 messages, and 2000 parts" in answer.json()["error"]["message"]


def test_a_mistake_in_a_message_is_told_in_words_of_the_protocol(client: TestClient) -> None:
    body = {"model": "bundled", "messages": [{"role": "user", "content": [{"type": "text", "text": 3}]}]}
    said = client.post("/v1/chat/completions", json=body).json()["error"]
    assert said["param"] == "messages.0.user.content.parts.0.text.text"
    assert "function" not in said["message"]


def test_the_most_that_a_chat_may_be_is_taken(database_url: str) -> None:
    del database_url
    words = [{"role": "user", "content": [TEXT, TEXT]}] * 1000
    assert len(ChatIn.model_validate({"model": "bundled", "messages": words}).messages) == 1000
    with pytest.raises(ValidationError):
        ChatIn.model_validate({"model": "bundled", "messages": "x" * 1001})
