import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from core.records import JobKind, JobState, Queue
from storage import conversations
from storage.database import Sessions, new_id
from storage.tables import Conversation, Job, Workspace
from tests.api.conftest import problem, upload
from tests.ingest.files import born_digital
from tests.scripted_model import ScriptedModel

Work = Callable[[], None]


@pytest.fixture
def conversation(client: TestClient, document: dict[str, Any], model: ScriptedModel) -> str:
    """A conversation over all documents, and a model that answers every question with $12.00."""
    model.answers["0"]["answer"] = "$12.00 @0.9"
    return begin(client)["id"]  # type: ignore[no-any-return]


def begin(client: TestClient, **about: Any) -> dict[str, Any]:
    response = client.post("/v1/conversations", json=about)
    assert response.status_code == 201, response.text
    return response.json()  # type: ignore[no-any-return]


def ask(client: TestClient, work: Work, conversation: str, question: str) -> dict[str, Any]:
    """Ask, let it be answered, and look at the turn."""
    asked = client.post(f"/v1/conversations/{conversation}/ask", json={"question": question, "wait": 0})
    assert asked.status_code in {200, 202}, asked.text
    work()
    turns = client.get(f"/v1/conversations/{conversation}").json()["items"]
    return turns[asked.json()["number"] - 1]  # type: ignore[no-any-return]


def put(sessions: Sessions, workspace: Workspace, conversation: str, result: dict[str, Any], **turn: Any) -> None:
    """A turn whose answer is known: as an exact answer leaves it."""
    with sessions.begin() as session:
        job = Job(
            id=new_id(), workspace_id=workspace.id, kind=JobKind.ASK, state=JobState.SUCCEEDED,
            queue=Queue.INTERACTIVE, params={"question": turn["meant"], "scope": {}}, result=result,
        )  # fmt: skip
        session.add(job)
        session.flush()
        mine = session.get(Conversation, conversation)
        assert mine is not None
        conversations.add_turn(session, mine, turn["meant"], turn["meant"], job.id)


def test_a_question_waits_for_its_answer_and_tells_how_it_was_understood(
    client: TestClient, conversation: str, document: dict[str, Any], work: Work
) -> None:
    work()
    answered: list[Any] = []
    body = {"question": "What is the total?", "wait": 60}
    asking = threading.Thread(
        target=lambda: answered.append(client.post(f"/v1/conversations/{conversation}/ask", json=body))
    )
    asking.start()
    while asking.is_alive():
        work()
        asking.join(0.05)
    (response,) = answered
    assert response.status_code == 200
    turn = response.json()
    assert (turn["number"], turn["meant"], turn["rule"], turn["narrowed_to"]) == (1, body["question"], "first", None)
    assert (turn["answer"]["state"], turn["answer"]["text"]) == ("found", "$12.00")
    assert turn["answer"]["evidence"]["document"] == document["id"]


def test_a_follow_up_is_asked_as_it_is_meant(client: TestClient, conversation: str, work: Work) -> None:
    ask(client, work, conversation, "What is the total of Acme in 2022?")
    turn = ask(client, work, conversation, "and in 2023?")
    assert (turn["number"], turn["question"], turn["rule"]) == (2, "and in 2023?", "parts")
    assert turn["meant"] == "What is the total of Acme in 2023?"
    assert client.get(f"/v1/jobs/{turn['job_id']}").json()["question"] == turn["meant"]


def test_a_pointing_word_narrows_the_question_to_the_document_of_the_last_answer(
    client: TestClient, conversation: str, document: dict[str, Any], work: Work, model: ScriptedModel, tmp_path: Path
) -> None:
    ask(client, work, conversation, "What is the total?")
    upload(client, born_digital(tmp_path / "other.pdf", pages=1, lines=3))
    work()
    turn = ask(client, work, conversation, "Who signed it?")
    assert (turn["meant"], turn["rule"], turn["narrowed_count"]) == ("Who signed the document?", "points", 1)
    assert turn["narrowed_to"] == [{"document": document["id"], "document_name": "invoice.pdf"}]
    assert turn["answer"]["pages_looked_at"] == 2
    again = ask(client, work, conversation, "When was it paid?")  # it goes on about the same
    assert [one["document"] for one in again["narrowed_to"]] == [document["id"]]


def test_what_points_to_nothing_is_asked_and_says_so(client: TestClient, conversation: str, work: Work) -> None:
    ask(client, work, conversation, "What is the total?")
    client.delete(f"/v1/documents/{client.get('/v1/documents').json()['items'][0]['id']}")
    upload_again = client.get("/v1/documents").json()["items"]
    assert upload_again == []
    refused = client.post(f"/v1/conversations/{conversation}/ask", json={"question": "Who signed it?"})
    assert problem(refused) == (422, "invalid-request")  # there is no document left at all
    assert len(client.get(f"/v1/conversations/{conversation}").json()["items"]) == 1


def counted(document: dict[str, Any], rows: int) -> dict[str, Any]:
    """The exact answer to a question of how many invoices there are, which cites one of them."""
    cited = {"document": document["id"], "document_name": "invoice.pdf", "page": 1, "box": None}
    plan = {"words": "Number of invoices", "schema": "invoice", "intent": "count", "rows": rows, "citations": [cited]}
    result = {"state": "found", "kind": "exact", "text": str(rows), "confidence": None, "evidence": cited, "plan": plan}
    return result | {"alternatives": [], "pages_looked_at": 0, "pages_unreadable": 0, "not_looked_at": 0}


def test_all_rows_of_an_exact_answer_are_meant_by_them(
    client: TestClient,
    conversation: str,
    document: dict[str, Any],
    work: Work,
    sessions: Sessions,
    workspace: Workspace,
) -> None:
    put(sessions, workspace, conversation, counted(document, 1), meant="How many invoices are there?")
    turn = ask(client, work, conversation, "Who signed them?")
    assert (turn["meant"], turn["narrowed_count"]) == ("Who signed the invoices?", 1)
    shown = client.get(f"/v1/conversations/{conversation}").json()["items"][0]
    assert (shown["answer"]["kind"], shown["answer"]["plan"]["intent"]) == ("exact", "count")


def test_rows_that_an_exact_answer_does_not_cite_are_meant_too(
    client: TestClient,
    conversation: str,
    document: dict[str, Any],
    work: Work,
    sessions: Sessions,
    workspace: Workspace,
    tmp_path: Path,
) -> None:
    upload(client, born_digital(tmp_path / "other.pdf", pages=1, lines=3))
    client.post("/v1/jobs", json={"kind": "extract", "schema": "invoice"})
    work()
    put(sessions, workspace, conversation, counted(document, 2), meant="How many invoices are there?")
    assert ask(client, work, conversation, "Who signed them?")["narrowed_count"] == 2


def test_a_conversation_is_about_its_documents(
    client: TestClient, document: dict[str, Any], work: Work, model: ScriptedModel, tmp_path: Path
) -> None:
    model.answers["0"]["answer"] = "$12.00 @0.9"
    other = upload(client, born_digital(tmp_path / "other.pdf", pages=1, lines=3))["documents"][0]
    made = begin(client, documents=[other["id"]])
    assert (made["document_count"], made["records"], made["turns"]) == (1, None, 0)
    turn = ask(client, work, made["id"], "What is the total?")
    assert turn["answer"]["evidence"]["document"] == other["id"]
    assert client.delete(f"/v1/documents/{other['id']}").status_code == 204
    gone = client.post(f"/v1/conversations/{made['id']}/ask", json={"question": "And the tax?"})
    assert problem(gone) == (404, "document-not-found")


def test_a_conversation_may_be_about_the_documents_of_some_records(
    client: TestClient, document: dict[str, Any]
) -> None:
    made = begin(client, records={"schema": "invoice", "where": "total >= 1000"})
    assert made["records"] == {"schema": "invoice", "where": "total >= 1000"}


def test_a_conversation_about_nothing_is_refused(client: TestClient, document: dict[str, Any]) -> None:
    for body, expected in (
        ({"documents": ["0" * 32]}, (404, "document-not-found")),
        ({"documents": []}, (422, "invalid-request")),
        ({"records": {"schema": "nothing"}}, (404, "schema-not-found")),
        ({"records": {"schema": "invoice", "where": "total >="}}, (422, "invalid-filter")),
        ({"records": {"schema": "invoice"}, "documents": ["0" * 32]}, (422, "invalid-request")),
        ({"model": "nobody"}, (422, "unknown-model")),
        ({"about": "all"}, (422, "invalid-request")),
    ):
        assert problem(client.post("/v1/conversations", json=body)) == expected, body
    assert client.get("/v1/conversations").json()["items"] == []


def test_a_question_that_cannot_be_asked_is_no_turn(client: TestClient, conversation: str) -> None:
    for body in ({}, {"question": " "}, {"question": "x" * 1001}, {"question": "why", "wait": 61}):
        refused = client.post(f"/v1/conversations/{conversation}/ask", json=body)
        assert problem(refused) == (422, "invalid-request"), body
    assert client.get(f"/v1/conversations/{conversation}").json()["items"] == []


def test_two_questions_at_once_get_numbers_of_their_own(client: TestClient, conversation: str) -> None:
    numbers: list[int] = []
    path = f"/v1/conversations/{conversation}/ask"

    def go() -> None:
        numbers.append(client.post(path, json={"question": "What is the total?", "wait": 0}).json()["number"])

    asking = [threading.Thread(target=go) for _ in range(6)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6]


def test_the_same_question_under_the_same_key_is_one_turn(client: TestClient, conversation: str, work: Work) -> None:
    sent = {"headers": {"Idempotency-Key": "c1"}, "json": {"question": "What is the total?", "wait": 0}}
    path = f"/v1/conversations/{conversation}/ask"
    first = client.post(path, **sent)  # type: ignore[arg-type]
    work()
    again = client.post(path, **sent)  # type: ignore[arg-type]
    assert (first.status_code, again.status_code) == (202, 200)
    assert again.json()["job_id"] == first.json()["job_id"]
    assert len(client.get(f"/v1/conversations/{conversation}").json()["items"]) == 1
    begun = {client.post("/v1/conversations", json={}, headers={"Idempotency-Key": "c2"}).json()["id"] for _ in "ab"}
    assert len(begun) == 1


def test_turns_and_conversations_come_in_parts(client: TestClient, conversation: str, work: Work) -> None:
    for question in ("What is the total?", "and the tax?", "and the date?"):
        ask(client, work, conversation, question)
    first = client.get(f"/v1/conversations/{conversation}", params={"limit": 2}).json()
    rest = client.get(
        f"/v1/conversations/{conversation}", params={"limit": 2, "cursor": first["next_cursor"]}
    ).json()  # fmt: skip
    assert [turn["number"] for turn in first["items"] + rest["items"]] == [1, 2, 3]
    assert rest["next_cursor"] is None
    newer = begin(client)["id"]
    listed = client.get("/v1/conversations", params={"limit": 1}).json()
    assert [one["id"] for one in listed["items"]] == [newer]
    last = client.get("/v1/conversations", params={"cursor": listed["next_cursor"]}).json()["items"]
    assert [(one["id"], one["turns"], one["first_question"]) for one in last] == [
        (conversation, 3, "What is the total?")
    ]
    assert problem(client.get(f"/v1/conversations/{conversation}", params={"cursor": "?"})) == (422, "invalid-cursor")


def test_a_deleted_conversation_is_gone_and_its_answers_stay(client: TestClient, conversation: str, work: Work) -> None:
    turn = ask(client, work, conversation, "What is the total?")
    assert client.delete(f"/v1/conversations/{conversation}").status_code == 204
    for response in (
        client.get(f"/v1/conversations/{conversation}"),
        client.delete(f"/v1/conversations/{conversation}"),
        client.post(f"/v1/conversations/{conversation}/ask", json={"question": "And the tax?"}),
    ):
        assert problem(response) == (404, "conversation-not-found")
    assert client.get(f"/v1/jobs/{turn['job_id']}").json()["result"]["text"] == "$12.00"


def test_a_conversation_stays_in_its_workspace(client: TestClient, conversation: str, stranger: dict[str, str]) -> None:
    path = f"/v1/conversations/{conversation}"
    for response in (
        client.get(path, headers=stranger),
        client.delete(path, headers=stranger),
        client.post(f"{path}/ask", json={"question": "Why?"}, headers=stranger),
    ):
        assert problem(response) == (404, "conversation-not-found")
    assert client.get("/v1/conversations", headers=stranger).json()["items"] == []
    assert client.get(path).json()["conversation"]["turns"] == 0
