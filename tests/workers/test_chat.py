"""A chat: replied to from its pages, and gone without a trace when nobody waits for it."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from core.errors import (
    DocumentNotFound,
    FolioscopeError,
    GenerationLoops,
    InvalidRequest,
    JobNotFound,
    PoisonPage,
    UnreadablePage,
)
from core.records import Queue, StopReason
from storage import chats, documents, jobs, ledger
from storage.chats import Chat, ChatPage
from storage.database import now
from storage.tables import Blob, Inference, Item, Job
from tests.scripted_model import ScriptedModel, picture
from tests.talker import Talker
from tests.workers.conftest import Bench
from workers.desk import Desk
from workers.sweep import sweep
from workers.vlm.interface import Capability, Role, Turn
from workers.work import work_once

TURNS = (("system", "Be brief."), ("user", "Hello!"), ("assistant", "Hello."), ("user", "When is it due?"))


def given(bench: Bench, number: int, page: int, *, blank: bool = False) -> ChatPage:
    """A picture that came with the chat."""
    return ChatPage(number, sha256=bench.blobs.put(picture(page)).sha256, blank=blank)


def begin(bench: Bench, *pages: ChatPage) -> str:
    with bench.sessions.begin() as session:
        return chats.plan(session, bench.workspace_id, Chat(TURNS, pages))


def reply(bench: Bench, chat: str) -> dict[str, Any] | None:
    with bench.sessions() as session:
        return chats.find_reply(session, bench.workspace_id, chat)


def replied(bench: Bench, chat: str) -> dict[str, Any]:
    bench.run()
    found = reply(bench, chat)
    assert found is not None
    return found


def failure(bench: Bench, chat: str) -> FolioscopeError:
    bench.run()
    with pytest.raises(FolioscopeError) as failed:
        reply(bench, chat)
    return failed.value


def forget(bench: Bench, chat: str) -> list[str]:
    with bench.sessions.begin() as session:
        return chats.forget(session, chat)


def talking(bench: Bench, **how: Any) -> Talker:
    talker = Talker(**how)
    bench.model = talker  # type: ignore[assignment]
    return talker


def test_a_model_that_can_talk_sees_all_pages_and_all_turns_at_once(bench: Bench) -> None:
    talker = talking(bench)
    document = bench.document(5, 6)
    chat = begin(bench, given(bench, 1, 7), ChatPage(2, document))
    said = replied(bench, chat)
    assert (said["text"], said["finish_reason"], said["model"]) == ("I see 7, 6", "stop", "talker")
    assert (said["confidence"], said["tokens"], said["evidence"]) == (0.25, 2, None)
    assert talker.told == [tuple(Turn(Role(role), text) for role, text in TURNS)]


def test_a_chat_is_replied_to_by_the_model_that_it_names(bench: Bench) -> None:
    chat = Chat((("user", "Hello"),), (given(bench, 1, 7),), model="large")
    with bench.sessions.begin() as session:
        job_id = chats.plan(session, bench.workspace_id, chat)
    desk = Desk(bench.settings, [Queue.INTERACTIVE], bench.model, {"large": Talker()})
    bench.desks.append(desk)
    assert replied(bench, job_id)["text"] == "I see 7"
    assert bench.model.calls == []


def test_a_reply_that_ran_out_of_its_budget_says_so(bench: Bench) -> None:
    talking(bench, stop=StopReason.BUDGET)
    said = replied(bench, begin(bench, given(bench, 1, 7)))
    assert (said["text"], said["finish_reason"]) == ("I see 7", "length")


@pytest.mark.parametrize(
    ("how", "code"),
    [({"stop": StopReason.LOOP}, "generation-loops"), ({"error": "invalid-output"}, "invalid-output")],
)
def test_a_reply_that_is_none_fails_the_chat_with_its_reason(bench: Bench, how: dict[str, Any], code: str) -> None:
    talking(bench, **how)
    assert failure(bench, begin(bench, given(bench, 1, 7))).code == code


def test_any_other_model_is_asked_the_last_turn_of_each_page_and_the_surest_answer_wins(bench: Bench) -> None:
    bench.model.answers = {"5": {"answer": None}, "6": {"answer": "9 May @0.9"}, "7": {"answer": "June @0.5"}}
    document = bench.document(5, 6)
    said = replied(bench, begin(bench, given(bench, 1, 7), ChatPage(1, document), ChatPage(2, document)))
    assert (said["state"], said["text"], said["confidence"]) == ("found", "9 May", 0.9)
    assert said["evidence"] == {"document": document, "page": 2, "box": [0.1, 0.2, 0.3, 0.4]}
    said = replied(bench, begin(bench, given(bench, 1, 5), given(bench, 2, 7)))
    assert (said["text"], said["evidence"]) == ("June", {"picture": 2, "box": [0.1, 0.2, 0.3, 0.4]})


@pytest.mark.parametrize("answer", [None, "June @0.1"])
def test_where_no_page_says_it_surely_enough_nothing_is_said(bench: Bench, answer: str | None) -> None:
    bench.model.answers = {"7": {"answer": answer}}
    said = replied(bench, begin(bench, given(bench, 1, 7)))
    assert (said["state"], said["text"], said["evidence"]) == ("not_found", None, None)


def test_a_page_without_an_answer_of_its_own_costs_the_others_nothing(bench: Bench) -> None:
    bench.model.acts = {"5": "loop"}
    assert replied(bench, begin(bench, given(bench, 1, 5), given(bench, 2, 6)))["text"] == "When is it due? 6"
    assert isinstance(failure(bench, begin(bench, given(bench, 1, 5))), GenerationLoops)


def test_a_blank_page_is_not_shown_to_a_model_that_answers_questions(bench: Bench) -> None:
    document = bench.document(5, blank=[1])
    said = replied(bench, begin(bench, ChatPage(1, document), given(bench, 1, 6, blank=True)))
    assert (said["state"], bench.model.calls) == ("not_found", [])


def test_a_model_that_can_neither_talk_nor_answer_says_so(bench: Bench) -> None:
    talking(bench, capabilities=frozenset({Capability.READ}))
    assert isinstance(failure(bench, begin(bench, given(bench, 1, 7))), InvalidRequest)


def test_a_document_that_is_deleted_before_the_reply_fails_the_chat_with_that_reason(bench: Bench) -> None:
    document = bench.document(5)
    chat = begin(bench, ChatPage(1, document))
    with bench.sessions.begin() as session:
        documents.delete_document(session, bench.workspace_id, document)
    assert isinstance(failure(bench, chat), DocumentNotFound)


def test_a_page_that_could_not_be_drawn_fails_the_chat_with_that_reason(bench: Bench) -> None:
    document = bench.document(5, 6, failed=[2])
    assert isinstance(failure(bench, begin(bench, ChatPage(2, document))), UnreadablePage)


def test_a_chat_whose_worker_was_killed_is_replied_to_by_another(bench: Bench) -> None:
    chat = begin(bench, given(bench, 1, 7))
    with bench.sessions.begin() as session:
        assert ledger.claim(session, "killed", [Queue.INTERACTIVE], 1, lease_seconds=-1) is not None
    sweep(bench.desk())
    assert replied(bench, chat)["text"] == "When is it due? 7"


def test_a_chat_that_kills_its_workers_is_given_up(bench: Bench) -> None:
    chat = begin(bench, given(bench, 1, 7))
    desk = bench.desk()
    for _ in range(desk.settings.max_attempts):
        with bench.sessions.begin() as session:
            assert ledger.claim(session, "killed", [Queue.INTERACTIVE], 1, lease_seconds=-1) is not None
        with bench.sessions.begin() as session:
            ledger.expire(session, desk.settings.max_attempts)
    assert isinstance(failure(bench, chat), PoisonPage)


def test_a_chat_that_is_forgotten_is_broken_off_and_leaves_nothing(bench: Bench) -> None:
    bench.model.acts = {"7": "wait"}
    page = given(bench, 1, 7)
    chat = begin(bench, page)
    working = threading.Thread(target=bench.run)
    working.start()
    while not bench.model.calls:
        working.join(0.01)
    assert forget(bench, chat) == [page.sha256]
    working.join()
    assert forget(bench, chat) == []
    with pytest.raises(JobNotFound):
        reply(bench, chat)
    with bench.sessions() as session:
        assert [session.query(table).count() for table in (Job, Item, Blob, Inference)] == [0, 0, 0, 0]


def test_a_chat_that_was_forgotten_before_its_turn_costs_the_next_one_nothing(bench: Bench) -> None:
    first, second = begin(bench, given(bench, 1, 7)), begin(bench, given(bench, 1, 8))
    forget(bench, first)
    assert replied(bench, second)["text"] == "When is it due? 8"


def test_what_is_said_in_a_chat_is_kept_nowhere_but_in_the_chat(bench: Bench) -> None:
    chat = begin(bench, given(bench, 1, 7))
    replied(bench, chat)
    with bench.sessions() as session:
        assert session.query(Inference).count() == 0
        assert jobs.list_jobs(session, bench.workspace_id).items == []
        assert jobs.unsettled(session) == []
        with pytest.raises(JobNotFound):
            jobs.get_job(session, bench.workspace_id, chat)


def test_a_chat_that_nobody_can_be_waiting_for_is_swept_with_its_pictures(bench: Bench) -> None:
    old, young = given(bench, 1, 7), given(bench, 1, 8)
    left, awaited = begin(bench, old), begin(bench, young)
    desk = bench.desk(chat_seconds=100)
    with bench.sessions.begin() as session:
        session.query(Job).filter(Job.id == left).update({"created_at": now() - timedelta(seconds=200)})
    sweep(desk)
    assert [bench.blobs.exists(page.sha256 or "") for page in (old, young)] == [False, True]
    with pytest.raises(JobNotFound):
        reply(bench, left)
    assert reply(bench, awaited) is None


def test_chats_and_other_work_share_the_queue(bench: Bench) -> None:
    bench.model = ScriptedModel()
    chat, job = begin(bench, given(bench, 1, 7)), bench.ask("Who?", bench.document(5))
    desk = bench.desk()
    for _ in range(2):  # one of each claim
        assert work_once(desk, [Queue.INTERACTIVE]) == (Queue.INTERACTIVE,)
    assert reply(bench, chat) is not None
    assert bench.job(job).result is not None
