"""How many documents and pages there are, counted whatever was read of them."""

import datetime as dt
from typing import Any

import pytest

from core.records import DocumentState, PageState
from storage.database import Sessions, new_id
from storage.tables import Blob, Document, Page, Workspace
from workers.plans.archive import ArchiveAnswer, archive_answer

TODAY = dt.date(2026, 11, 26)
READY, FAILED, LOCKED = DocumentState.READY, DocumentState.FAILED, DocumentState.NEEDS_PASSWORD


@pytest.fixture
def ids(sessions: Sessions, workspace: Workspace) -> list[str]:
    """Three documents of three, two and one pages, one that failed, and one that needs a password."""
    made = [
        add(sessions, workspace.id, 3, READY, dt.datetime(2026, 11, 26, 0, 30, tzinfo=dt.UTC)),
        add(sessions, workspace.id, 2, READY, dt.datetime(2026, 10, 31, 23, 59, 59, tzinfo=dt.UTC), failed=1),
        add(sessions, workspace.id, 1, READY, dt.datetime(2025, 3, 1, tzinfo=dt.UTC)),
        add(sessions, workspace.id, 1, FAILED, dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC), failed=1),
        add(sessions, workspace.id, None, LOCKED, dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)),
    ]
    with sessions.begin() as session:
        other = Workspace(name="other")
        session.add(other)
        session.flush()
        other_id = other.id
    add(sessions, other_id, 9, READY, dt.datetime(2026, 11, 26, tzinfo=dt.UTC))
    return made


def add(
    sessions: Sessions, workspace_id: str, pages: int | None, state: DocumentState, when: dt.datetime, failed: int = 0
) -> str:
    sha256 = f"{new_id()}{new_id()}"[:64]
    with sessions.begin() as session:
        session.add(Blob(sha256=sha256))
        session.flush()
        document = Document(
            workspace_id=workspace_id, sha256=sha256, name="a.pdf", media_type="application/pdf", size=1,
            page_count=pages, state=state, created_at=when,
        )  # fmt: skip
        session.add(document)
        session.flush()
        for number in range(1, (pages or 0) + 1):
            drawn = PageState.FAILED if number <= failed else PageState.READY
            session.add(Page(workspace_id=workspace_id, document_id=document.id, number=number, state=drawn))
        return document.id


def ask(
    sessions: Sessions, workspace: Workspace, question: str, document_ids: list[str] | None = None
) -> ArchiveAnswer | None:
    with sessions() as session:
        return archive_answer(session, workspace.id, question, document_ids, TODAY)


def plan(sessions: Sessions, workspace: Workspace, question: str, document_ids: list[str] | None = None) -> Any:
    answer = ask(sessions, workspace, question, document_ids)
    assert answer is not None, question
    return answer.plan


@pytest.mark.parametrize(
    ("question", "number"),
    [
        ("How many documents are there?", 5),
        ("how many files do we have in total", 5),
        ("Number of PDFs", 5),
        ("What is the number of documents in the archive?", 5),
        ("Wie viele Dokumente gibt es?", 5),
        ("Anzahl der Dateien", 5),
        ("How many pages are there?", 7),
        ("Wie viele Seiten haben wir insgesamt?", 7),
        ("How many documents failed?", 1),
        ("How many documents need a password?", 1),
        ("How many pages could not be drawn?", 2),
        ("How many documents were uploaded today?", 2),
        ("How many documents were uploaded in 2025?", 1),
        ("How many documents were uploaded in October 2026?", 1),
        ("How many pages were uploaded since 2026-11-01?", 4),
        ("How many documents were uploaded before 2026-11-01?", 2),
        ("Wie viele Dokumente wurden im letzten Jahr hochgeladen?", 1),
    ],
)
def test_documents_and_pages_are_counted_exactly(
    sessions: Sessions, workspace: Workspace, ids: list[str], question: str, number: int
) -> None:
    assert plan(sessions, workspace, question)["number"] == number


@pytest.mark.parametrize(
    "question",
    [
        "How many documents are from 2025?",  # their own days, not those of the upload
        "How many documents are invoices?",
        "How many documents mention Acme?",
        'How many "documents" are there?',
        "How many pages does the lease have?",
        "How many documents?s are there by vendor?",
        "Which documents are there?",
        "documents",
        "How many",
        "",
    ],
)
def test_what_asks_for_more_is_left_to_others(
    sessions: Sessions, workspace: Workspace, ids: list[str], question: str
) -> None:
    assert ask(sessions, workspace, question) is None


def test_the_words_say_what_was_counted(sessions: Sessions, workspace: Workspace, ids: list[str]) -> None:
    answer = ask(sessions, workspace, "How many documents and pages are there?")
    assert answer is not None
    assert answer.text == (
        "5 documents and 7 pages. Number of documents and pages. "
        "A file that was uploaded several times counts once. "
        "Of these 1 failed, 3 ready, 1 waiting for a password. "
        "Not counted: the pages of 1 document that needs a password."
    )
    assert [(group["key"], group["number"]) for group in answer.plan["groups"]] == [("documents", 5), ("pages", 7)]
    assert (answer.result()["kind"], answer.result()["state"], answer.plan["number"]) == ("exact", "found", None)


def test_counts_are_told_by_state_and_by_the_days_of_upload(
    sessions: Sessions, workspace: Workspace, ids: list[str]
) -> None:
    def groups(question: str) -> dict[str, int]:
        return {group["key"]: group["number"] for group in plan(sessions, workspace, question)["groups"]}

    assert groups("How many documents are there by state?") == {"failed": 1, "ready": 3, "waiting for a password": 1}
    assert groups("How many pages are there by state?") == {"failed": 2, "ready": 5}
    assert groups("How many documents were uploaded per month?") == {"2025-03": 1, "2026-10": 1, "2026-11": 3}
    assert groups("How many pages are there by upload date?") == {
        "2025-03-01": 1,
        "2026-10-31": 2,
        "2026-11-25": 1,
        "2026-11-26": 3,
    }


def test_a_question_about_some_documents_counts_these(sessions: Sessions, workspace: Workspace, ids: list[str]) -> None:
    said = plan(sessions, workspace, "How many pages are there?", ids[:2])
    assert (said["number"], said["words"]) == (5, "Number of pages among those that the question is about")
    assert plan(sessions, workspace, "How many documents are there?", [])["number"] == 0
