"""A question over an archive: the right pages are asked, only their answers count, and what is not there is said so."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from core.errors import DocumentNotFound, InvalidFilter, InvalidRequest, SchemaNotFound
from core.records import Box, JobState, ReadingSource
from storage import documents, readings, schemas
from storage.readings import NewReading, ReadLine
from storage.tables import Job
from tests.workers.conftest import Bench
from workers.asking import Asked, start_ask
from workers.scopes import EVERYTHING, Scope
from workers.vlm.catalog import read_catalog

SOLE = "What is the IBAN of Schulze AG?"
IBAN = "DE89370400440532013000"


def add(bench: Bench, number: int, *pages: str, source: ReadingSource = ReadingSource.LAYER, sure: float = 0.99) -> str:
    """A document whose pages are read, the first of them picture `number` and so on; its id."""
    document_id = bench.document(*range(number, number + len(pages)), name=f"{number}.pdf")
    with bench.sessions.begin() as session:
        for at, text in enumerate(pages, 1):
            lines = [ReadLine(line, Box(0, 0, 1, 1), sure) for line in text.split("\n")]
            page = documents.get_page(session, bench.workspace_id, document_id, at).id
            readings.put_reading(session, bench.workspace_id, document_id, page, NewReading(source, None, lines))
    return document_id


def ask(bench: Bench, question: str, scope: Scope = EVERYTHING, **settings: Any) -> Job:
    """The job of a question, done."""
    asked = Asked(question, scope)
    kept = bench.settings.model_copy(update=settings)
    with bench.sessions.begin() as session:
        job_id = start_ask(session, kept, read_catalog(kept), bench.workspace_id, asked).id
    bench.run()
    return bench.job(job_id)


def result(bench: Bench, question: str, scope: Scope = EVERYTHING, **settings: Any) -> dict[str, Any]:
    found = ask(bench, question, scope, **settings).result
    assert found is not None
    return found


def says(bench: Bench, replies: Mapping[int, str | None]) -> None:
    bench.model.answers = {str(number): {"answer": text} for number, text in replies.items()}


def asked_pages(bench: Bench) -> list[int]:
    return sorted(number for number, _ in bench.model.calls)


def others(bench: Bench, count: int = 5) -> None:
    """Invoices of other companies, each with an IBAN that a model reads with confidence."""
    for number in range(100, 100 + count):
        add(bench, number, f"Rechnung Weber {number} GmbH\nIBAN DE{number}\nTotal 5,00")


def test_the_page_that_has_the_name_is_asked_and_answers_with_its_place(bench: Bench) -> None:
    right = add(bench, 1, "Rechnung Schulze AG\nIBAN DE89 3704")
    others(bench)
    says(bench, {1: f"{IBAN} @0.8"} | dict.fromkeys(range(100, 105), "DE99111111111111111111 @0.99"))
    found = result(bench, SOLE)
    assert (found["state"], found["kind"], found["text"]) == ("found", "read", IBAN)
    assert (found["evidence"]["document"], found["evidence"]["page"]) == (right, 1)
    assert found["looked_at"] == [{"document": right, "document_name": "1.pdf", "page": 1}]
    assert asked_pages(bench) == [1]
    assert found["searched"] == {"words": ["schulze", "ag", "iban"], "pages": 6, "unread": 0}


def test_where_nobody_of_that_name_is_no_page_is_asked_and_the_words_are_told(bench: Bench) -> None:
    others(bench)
    job = ask(bench, SOLE)
    assert job.result is not None
    assert (job.state, job.result["state"], job.result["text"]) == (JobState.SUCCEEDED, "not_found", None)
    assert (job.result["pages_looked_at"], job.result["searched"]["pages"]) == (0, 5)
    assert bench.model.calls == []


def test_an_invoice_whose_number_differs_in_a_digit_is_another_one(bench: Bench) -> None:
    add(bench, 1, "Invoice INV-2024/0077\nTotal 9.00")
    says(bench, {1: "9.00 @0.99"})
    assert result(bench, "What is the total of invoice INV-2024/0078?")["state"] == "not_found"
    assert result(bench, "What is the total of invoice INV 20240077?")["text"] == "9.00"


def test_a_page_that_was_misread_answers_where_the_reading_was_in_doubt(bench: Bench) -> None:
    add(bench, 1, "Rechnung Schuize AG\nIBAN", source=ReadingSource.MODEL, sure=0.6)
    others(bench)
    says(bench, {1: f"{IBAN} @0.8"})
    assert result(bench, SOLE)["text"] == IBAN


def test_the_name_may_stand_on_another_page_of_the_document(bench: Bench) -> None:
    right = add(bench, 1, "Vertrag mit der Schulze AG", "Allgemeines", "Konto IBAN DE89")
    others(bench)
    says(bench, {1: None, 2: None, 3: f"{IBAN} @0.8"})
    found = result(bench, SOLE)
    assert (found["text"], found["evidence"]["document"], found["evidence"]["page"]) == (IBAN, right, 3)


def test_pages_that_nobody_has_read_are_asked_too_and_counted_beyond_the_limit(bench: Bench) -> None:
    others(bench)
    bench.document(1, 2, 3, name="scan.pdf")
    says(bench, {1: None, 2: f"{IBAN} @0.8", 3: None})
    found = result(bench, SOLE)
    assert (found["text"], found["searched"]["unread"], found["not_looked_at"]) == (IBAN, 3, 0)
    assert asked_pages(bench) == [1, 2, 3]
    assert result(bench, "What is the IBAN of Schulze & Co?", ask_max_pages=2)["not_looked_at"] == 1


def test_where_a_page_that_was_read_fits_only_as_many_are_asked_that_nobody_has_read(bench: Bench) -> None:
    add(bench, 1, "Rechnung Schulze AG\nIBAN DE89 3704")
    bench.document(*range(11, 21), name="scan.pdf")
    says(bench, {1: f"{IBAN} @0.8"} | dict.fromkeys(range(11, 21)))
    found = result(bench, SOLE, ask_pages=3)
    assert (found["text"], found["pages_looked_at"], found["not_looked_at"]) == (IBAN, 4, 7)
    assert result(bench, "What is the IBAN of Meyer GmbH?", ask_pages=3)["pages_looked_at"] == 10


def test_a_question_does_not_wait_for_pages_that_are_still_being_drawn_unless_it_names_their_document(
    bench: Bench,
) -> None:
    add(bench, 1, "Rechnung Schulze AG\nIBAN DE89 3704")
    bench.document(2, name="scan.pdf")
    uploaded = bench.waiting_document(4)
    says(bench, {1: f"{IBAN} @0.8", 2: None})
    job = ask(bench, SOLE)
    assert (job.state, asked_pages(bench)) == (JobState.SUCCEEDED, [1, 2])
    assert job.result is not None
    assert (job.result["searched"]["unread"], job.result["not_looked_at"]) == (5, 4)
    named = ask(bench, SOLE, Scope((uploaded,)))
    assert (named.state, len(bench.items(named.id))) == (JobState.QUEUED, 4)


def test_pages_that_agree_support_each_other_whatever_their_blanks(bench: Bench) -> None:
    first = add(bench, 1, "Schulze AG IBAN DE89")
    second = add(bench, 2, "Schulze AG IBAN DE89")
    says(bench, {1: f"{IBAN} @0.6", 2: "DE89 3704 0044 0532 0130 00 @0.5"})
    found = result(bench, SOLE)
    assert (found["evidence"]["document"], found["alternatives"]) == (first, [])
    assert 0.6 < found["confidence"] < 0.8
    assert [(one["document"], one["page"]) for one in found["supported_by"]] == [(second, 1)]


def test_an_answer_that_repeats_the_question_or_is_of_another_kind_is_none(bench: Bench) -> None:
    add(bench, 1, "Schulze AG IBAN DE89")
    says(bench, {1: "Schulze AG @0.99"})
    assert result(bench, SOLE)["state"] == "not_found"
    says(bench, {1: "Musterstadt @0.99"})
    bench.model.revision = "2"
    bench.desks[0].close()
    bench.desks.clear()
    assert result(bench, SOLE)["state"] == "not_found"


def test_no_more_pages_are_asked_than_the_settings_say_and_the_others_are_counted(bench: Bench) -> None:
    for number in range(1, 6):
        add(bench, number, f"Schulze AG {number} IBAN DE89")
    found = result(bench, SOLE, ask_pages=2)
    assert (found["pages_looked_at"], found["not_looked_at"]) == (2, 3)


def test_a_question_that_names_documents_is_asked_of_no_others(bench: Bench) -> None:
    add(bench, 1, "Letter of Meyer, rent due")
    one = add(bench, 2, "Miete der Wohnung")
    says(bench, {1: "first @0.9", 2: "second @0.8"})
    assert result(bench, "When is the rent due?", Scope((one,)))["text"] == "second"
    assert asked_pages(bench) == [2]


def test_the_documents_of_records_that_pass_a_filter_are_a_scope(bench: Bench) -> None:
    schema = bench.schema(vendor="vendor")
    wanted, other = add(bench, 1, "Acme Ltd IBAN"), add(bench, 2, "Meyer IBAN")
    bench.model.answers = {
        "1": {"vendor": "Acme", "answer": "one @0.9"},
        "2": {"vendor": "Meyer", "answer": "two @0.9"},
    }
    bench.extract(schema, wanted, other)
    bench.run()
    bench.model.calls.clear()
    found = result(bench, "Which colour has it?", Scope(None, "thing", 'vendor ~ "acme"'))
    assert found["text"] == "one"
    assert asked_pages(bench) == [1]
    assert result(bench, "Which colour has it?", Scope(None, "thing", 'vendor = "nobody"'))["searched"]["pages"] == 0


def test_a_scope_that_makes_no_sense_is_refused_and_says_where(bench: Bench) -> None:
    bench.schema(vendor="vendor")
    with pytest.raises(InvalidRequest):
        ask(bench, SOLE)  # there is no document
    add(bench, 1, "Acme")
    with pytest.raises(DocumentNotFound):
        ask(bench, SOLE, Scope(("0" * 32,)))
    with pytest.raises(SchemaNotFound):
        ask(bench, SOLE, Scope(None, "nothing"))
    with pytest.raises(InvalidFilter) as caught:
        ask(bench, SOLE, Scope(None, "thing", "vendr = 1"))
    assert (caught.value.facts["pointer"], caught.value.facts["at"]) == ("/records/where", 0)


@pytest.mark.parametrize(
    "scope", [EVERYTHING, Scope(("a", "b")), Scope(None, "thing", "total > 1"), Scope(None, "thing")]
)
def test_a_scope_is_kept_as_it_is(scope: Scope) -> None:
    assert Scope.of(scope.as_params()) == scope


def test_what_is_offered_costs_the_time_of_the_model_that_would_read_it(bench: Bench) -> None:
    bench.document(1, 2)
    with bench.sessions.begin() as session:
        schemas.add_schema(session, bench.workspace_id, "invoice", {"properties": {"total": {"type": "number"}}})
    seconds = {
        model: result(bench, "How many invoices are there?", model=model)["plan"]["offer"]["seconds"]
        for model in ("bundled", "tests.scripted_model:load")
    }
    assert seconds == {"bundled": 2.0, "tests.scripted_model:load": None}


def test_a_question_from_another_world_is_asked_of_nobody(bench: Bench) -> None:
    others(bench)
    questions: Sequence[str] = (
        "How high is the Matterhorn?",
        "What is the boiling point of ethanol?",
        "Who won the match?",
    )
    for question in questions:
        assert result(bench, question)["state"] == "not_found"
    assert bench.model.calls == []
