"""A question: asked of every page, answered once, with its evidence."""

from core.records import JobState
from tests.workers.conftest import Bench


def test_a_question_is_answered_by_the_page_that_knows(bench: Bench) -> None:
    bench.model.answers = {"1": {"answer": None}, "2": {"answer": "9 May @0.8"}, "3": {"answer": "June @0.2"}}
    document = bench.document(1, 2, 3, name="letter.pdf")
    job = bench.job(bench.ask("When is it due?", document))
    bench.run()
    job = bench.job(job.id)
    assert job.result is not None
    assert (job.state, job.result["state"], job.result["text"]) == (JobState.SUCCEEDED, "found", "9 May")
    evidence = {"document": document, "document_name": "letter.pdf", "page": 2, "box": [0.1, 0.2, 0.3, 0.4]}
    assert job.result["evidence"] == evidence
    assert (job.result["pages_looked_at"], job.result["not_looked_at"]) == (3, 0)


def test_where_no_page_knows_that_is_the_answer(bench: Bench) -> None:
    bench.model.answers = {"1": {"answer": None}}
    job = bench.ask("When is it due?", bench.document(1))
    bench.run()
    result = bench.job(job).result
    assert result is not None
    assert (result["state"], result["text"], result["evidence"]) == ("not_found", None, None)


def test_pages_that_could_not_be_read_are_counted_beside_the_answer(bench: Bench) -> None:
    bench.model.acts = {"1": "loop"}
    job = bench.ask("When is it due?", bench.document(1, 2, 3, failed=[2]))
    bench.run()
    result = bench.job(job).result
    assert result is not None
    assert (bench.state(job), result["text"]) == (JobState.PARTIAL, "When is it due? 3")
    assert (result["pages_looked_at"], result["pages_unreadable"]) == (2, 2)


def test_the_same_question_to_the_same_page_is_not_asked_again(bench: Bench) -> None:
    document = bench.document(1)
    first = bench.ask("What is due?", document)
    bench.run()
    bench.model.calls.clear()
    second = bench.ask("What is due?", document)
    bench.run()
    assert bench.model.calls == []
    assert bench.job(second).result == bench.job(first).result


def test_a_blank_page_is_not_shown_to_the_model(bench: Bench) -> None:
    job = bench.ask("What is due?", bench.document(1, blank=[1]))
    bench.run()
    assert bench.model.calls == []
    assert bench.state(job) is JobState.SUCCEEDED
