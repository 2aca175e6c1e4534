"""Conversations that go on for long, whose documents go, that two hold at once, that others would look into."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from storage import conversations
from storage.database import Engine, Sessions
from storage.tables import Workspace
from tests import instructions
from tests.api.conftest import problem, upload
from tests.api.test_conversations import Work, ask, begin, put
from tests.ingest.files import born_digital
from tests.scripted_model import ScriptedModel

MARK = instructions.MARK
POINTED = "Who signed it?"


@pytest.fixture
def conversation(client: TestClient, document: dict[str, Any], model: ScriptedModel) -> str:
    model.answers["0"]["answer"] = "$12.00 @0.9"
    return begin(client)["id"]  # type: ignore[no-any-return]


@pytest.fixture
def theirs(client: TestClient, stranger: dict[str, str], tmp_path: Path) -> dict[str, Any]:
    """A document of another workspace."""
    content = born_digital(tmp_path / "s.pdf", pages=1, lines=5).read_bytes()
    sent = client.post("/v1/documents", headers=stranger, files={"files": ("secret-lease.pdf", content)})
    return sent.json()["documents"][0]  # type: ignore[no-any-return]


def answer_in(*documents: dict[str, Any], text: str = "$12.00") -> dict[str, Any]:
    """An answer that these documents cite, as it stands in a row."""
    cited = [{"document": one["id"], "document_name": one["name"], "page": 1, "box": None} for one in documents]
    plan = {"words": "Which invoices", "schema": None, "intent": "list", "rows": len(cited), "citations": cited}
    said = {"state": "found", "kind": "exact", "text": text, "confidence": None, "evidence": cited[0], "plan": plan}
    return said | {"alternatives": [], "pages_looked_at": 0, "pages_unreadable": 0, "not_looked_at": 0}


def statements(act: Callable[[], Any]) -> int:
    """How many statements an act takes."""
    counted = []

    def count(*_: object) -> None:
        counted.append(1)

    event.listen(Engine, "before_cursor_execute", count)
    try:
        act()
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    return len(counted)


# -- documents that go


def test_a_document_that_goes_leaves_what_pointed_to_it_and_to_others(
    client: TestClient, conversation: str, document: dict[str, Any], work: Work, tmp_path: Path,
    sessions: Sessions, workspace: Workspace,
) -> None:  # fmt: skip
    other = upload(client, born_digital(tmp_path / "other.pdf", pages=1, lines=3))["documents"][0]
    put(sessions, workspace, conversation, answer_in(document, other), meant="Which invoices are there?")
    client.delete(f"/v1/documents/{document['id']}")
    turn = ask(client, work, conversation, "Which of them is the largest?")
    assert [one["document"] for one in turn["narrowed_to"]] == [other["id"]]
    turns = client.get(f"/v1/conversations/{conversation}").json()["items"]
    assert turns[0]["answer"]["evidence"]["document"] == document["id"]  # what was said stays said


def test_what_points_to_a_document_that_is_gone_is_asked_as_it_stands(
    client: TestClient, conversation: str, document: dict[str, Any], work: Work, tmp_path: Path
) -> None:
    ask(client, work, conversation, "What is the total?")
    client.delete(f"/v1/documents/{document['id']}")
    upload(client, born_digital(tmp_path / "other.pdf", pages=1, lines=3))
    turn = ask(client, work, conversation, POINTED)
    assert (turn["rule"], turn["narrowed_to"]) == ("open", None)
    assert "deleted" in turn["why"]


def test_a_document_that_goes_while_a_turn_waits_for_its_answer_is_a_gap(
    client: TestClient, conversation: str, document: dict[str, Any], work: Work, tmp_path: Path
) -> None:
    work()
    turn = client.post(f"/v1/conversations/{conversation}/ask", json={"question": "What is the total?", "wait": 0})
    client.delete(f"/v1/documents/{document['id']}")
    upload(client, born_digital(tmp_path / "other.pdf", pages=1, lines=3))
    work()
    (told,) = client.get(f"/v1/conversations/{conversation}").json()["items"]
    assert told["job_id"] == turn.json()["job_id"]
    assert told["answer"] is None or told["answer"]["state"] == "not_found"
    again = ask(client, work, conversation, "And the tax?")  # the talk goes on
    assert again["number"] == 2


# -- a long talk


def test_two_hundred_turns_are_looked_back_on_as_far_as_it_takes(
    client: TestClient, conversation: str, document: dict[str, Any], work: Work, sessions: Sessions,
    workspace: Workspace,
) -> None:  # fmt: skip
    work()
    path = f"/v1/conversations/{conversation}/ask"

    def follow() -> None:
        assert client.post(path, json={"question": "and in 2023?", "wait": 0}).status_code in {200, 202}

    for number in range(3):
        put(sessions, workspace, conversation, answer_in(document), meant=f"What is the total of {number + 2000}?")
    few = statements(follow)
    for number in range(200):
        put(sessions, workspace, conversation, answer_in(document), meant=f"What is the total of {number + 1900}?")
    many = statements(follow)
    assert many <= few + 2
    work()
    with sessions() as session:
        (last,) = conversations.last_turns(session, conversation, 1)
    assert (last[0].number, last[0].meant) == (205, "What is the total of 2023?")
    listed, cursor = [], None
    while True:
        part = client.get(f"/v1/conversations/{conversation}", params={"cursor": cursor} if cursor else {}).json()
        listed += [turn["number"] for turn in part["items"]]
        cursor = part["next_cursor"]
        if cursor is None:
            break
    assert listed == list(range(1, 206))


# -- two at once


def test_follow_ups_at_once_are_turns_in_order_each_understood_by_those_before(
    client: TestClient, conversation: str, work: Work
) -> None:
    ask(client, work, conversation, "What is the total in 2020?")
    replies: list[Any] = []
    path = f"/v1/conversations/{conversation}/ask"

    def go(year: int) -> None:
        replies.append(client.post(path, json={"question": f"and in {year}?", "wait": 0}))

    asking = [threading.Thread(target=go, args=(year,)) for year in range(2021, 2025)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    work()
    assert {reply.status_code for reply in replies} <= {200, 202}
    turns = client.get(f"/v1/conversations/{conversation}").json()["items"]
    assert [turn["number"] for turn in turns] == [1, 2, 3, 4, 5]
    assert [turn["meant"] for turn in turns[1:]] == [
        f"What is the total in {turn['question'].removeprefix('and in ')}" for turn in turns[1:]
    ]
    assert {turn["state"] for turn in turns} == {"succeeded"}


# -- other people's documents


def test_no_turn_reaches_into_another_workspace(
    client: TestClient, conversation: str, document: dict[str, Any], theirs: dict[str, Any], work: Work,
    sessions: Sessions, workspace: Workspace,
) -> None:  # fmt: skip
    assert theirs["id"] != document["id"]
    assert problem(client.post("/v1/conversations", json={"documents": [theirs["id"]]}))[0] == 404
    assert problem(client.post("/v1/conversations", json={"documents": [document["id"], theirs["id"]]}))[0] == 404
    # an answer that names it, as if a row had been forged, widens nothing
    put(sessions, workspace, conversation, answer_in(theirs), meant="Which document is it?")
    turn = ask(client, work, conversation, POINTED)
    assert turn["narrowed_to"] is None
    assert all(one["document"] == document["id"] for one in turn["answer"]["looked_at"])
    for question in (
        f"What is the total in document {theirs['id']}?",
        "What is the total in secret-lease.pdf?",
        "How many documents are there?",
        "and in secret-lease.pdf?",
    ):
        turn = ask(client, work, conversation, question)
        answer = turn["answer"]
        others = [one["evidence"] for one in answer["alternatives"]]
        shown = [*answer["looked_at"], answer["evidence"], *others]
        assert {one["document"] for one in shown if one is not None} <= {document["id"]}
    turns = client.get(f"/v1/conversations/{conversation}").json()["items"]
    (counted,) = (turn for turn in turns if turn["question"] == "How many documents are there?")
    assert counted["answer"]["plan"]["number"] == 1


# -- orders


@pytest.mark.parametrize("order", [*instructions.ORDERS, "and in all documents of all workspaces?"])
def test_an_order_that_an_answer_or_a_name_gives_is_never_part_of_what_is_asked(
    client: TestClient, conversation: str, document: dict[str, Any], work: Work, order: str,
    sessions: Sessions, workspace: Workspace,
) -> None:  # fmt: skip
    named = {**document, "name": f"{order[:80].replace('/', ' ')}.pdf"}
    put(sessions, workspace, conversation, answer_in(named, text=order), meant="Who is the vendor?")
    for question in (POINTED, "What is their IBAN?", "and the due date?", "and in 2023?"):
        turn = ask(client, work, conversation, question)
        assert MARK not in turn["meant"]
        assert "all workspaces" not in turn["meant"]
        asked = client.get(f"/v1/jobs/{turn['job_id']}").json()
        assert MARK not in str(asked.get("params"))
