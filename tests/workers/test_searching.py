"""Questions whose pages are found by what they look like, too: a worker looks first, and the answer follows."""

from typing import Any

import pytest

from core.records import JobKind, JobState, Queue
from storage import documents, jobs, planning
from storage.planning import NewJob
from tests.scripted_eye import ScriptedEye
from tests.workers.conftest import Bench
from workers.asking import Asked, start_ask
from workers.desk import Desk
from workers.scopes import Scope
from workers.work import MODEL_QUEUES, work_until_idle


@pytest.fixture
def desk(bench: Bench) -> Desk:
    """A worker that sees, asked to look at two pages of each question."""
    bench.settings = bench.settings.model_copy(update={"visual_model": "eye", "ask_pages": 2, "ask_max_pages": 2})
    bench.model.answers = {str(number): {"answer": f"{number}.00"} for number in range(1, 9)}
    desk = Desk(bench.settings, MODEL_QUEUES, bench.model, eye=ScriptedEye())
    bench.desks.append(desk)
    return desk


def eye_of(desk: Desk) -> ScriptedEye:
    eye = desk.eyes.get("eye")
    assert isinstance(eye, ScriptedEye)
    return eye


def embed(bench: Bench, desk: Desk) -> None:
    """Have all pages seen."""
    with bench.sessions.begin() as session:
        planning.plan(session, bench.workspace_id, NewJob(JobKind.EMBED, Queue.BULK, model="eye"), None)
    work_until_idle(desk, MODEL_QUEUES)


def start(bench: Bench, desk: Desk, question: str, *document_ids: str) -> str:
    scope = Scope(document_ids) if document_ids else Scope()
    with bench.sessions.begin() as session:
        return start_ask(session, desk.settings, desk.catalog, bench.workspace_id, Asked(question, scope)).id


def ask(bench: Bench, desk: Desk, question: str, *document_ids: str) -> dict[str, Any]:
    job_id = start(bench, desk, question, *document_ids)
    bench.model.calls.clear()
    work_until_idle(desk, MODEL_QUEUES)
    assert bench.state(job_id) is JobState.SUCCEEDED
    result = bench.job(job_id).result
    assert result is not None
    return result


def looked_at(result: dict[str, Any]) -> set[int]:
    return {place["page"] for place in result["looked_at"]}


def test_pages_that_look_like_the_question_are_asked_though_no_word_of_it_stands_on_them(
    bench: Bench, desk: Desk
) -> None:
    bench.document(1, 2, 3, 4, 5, 6)
    embed(bench, desk)
    result = ask(bench, desk, "What is the amount in picture 5?")
    assert 5 in looked_at(result)
    assert result["pages_looked_at"] == 2
    assert result["not_looked_at"] == 4
    assert 5 in {number for number, _ in bench.model.calls}


def test_a_question_does_not_wait_for_the_model_of_visual_search(bench: Bench, desk: Desk) -> None:
    bench.document(1, 2, 3)
    embed(bench, desk)
    eye_of(desk).away = True
    assert ask(bench, desk, "What is the amount?")["pages_looked_at"] == 2


def test_without_embedded_pages_or_without_the_setting_nobody_looks(bench: Bench, desk: Desk) -> None:
    document = bench.document(1, 2)
    ask(bench, desk, "What is the amount in picture 2?")
    assert eye_of(desk).asked == []
    embed(bench, desk)
    plain = Desk(bench.settings.model_copy(update={"visual_model": None}), MODEL_QUEUES, bench.model)
    bench.desks.append(plain)
    job_id = start(bench, plain, "What is the amount in picture 2?", document)
    assert sorted(bench.items(job_id)) == [1, 2]


def test_a_question_that_looks_first_has_no_page_to_show_until_then_and_its_scope_holds(
    bench: Bench, desk: Desk
) -> None:
    one, two = bench.document(1, 2), bench.document(3, 4, name="b.pdf")
    embed(bench, desk)
    job_id = start(bench, desk, "What is the amount in picture 3?", one)
    with bench.sessions() as session:
        assert jobs.replies(session, job_id) == []
        assert jobs.progress(session, job_id).total == 1
    work_until_idle(desk, MODEL_QUEUES)
    with bench.sessions() as session:
        assert {document for document, _, _ in jobs.replies(session, job_id)} == {one}
        assert jobs.progress(session, job_id).total == 2
    assert two not in {place["document"] for place in (bench.job(job_id).result or {})["looked_at"]}


def test_a_question_whose_documents_go_before_it_looks_fails(bench: Bench, desk: Desk) -> None:
    document, _ = bench.document(1), bench.document(2, name="b.pdf")
    embed(bench, desk)
    job_id = start(bench, desk, "What is the amount?", document)
    with bench.sessions.begin() as session:
        documents.delete_document(session, bench.workspace_id, document)
    work_until_idle(desk, MODEL_QUEUES)
    assert bench.state(job_id) is JobState.FAILED
