"""Pages to values: what the model says becomes values with evidence; what it said once is not asked again."""

from core.records import ItemState, JobState, Queue
from storage import calibrations, review, schemas, values
from tests.workers.conftest import Bench
from workers.confidence import Curve, TrustTable, rows_of
from workers.work import MODEL_QUEUES, work_once


def test_every_page_is_read_and_the_record_says_what_the_document_holds(bench: Bench) -> None:
    schema = bench.schema(total="total amount", iban="IBAN")
    bench.model.answers = {"1": {"total": "12.00", "iban": None}, "2": {"total": None, "iban": "DE12 @0.6"}}
    document = bench.document(1, 2)
    job = bench.extract(schema, document)
    bench.run()
    record = bench.record(document, schema)
    assert record is not None
    assert (record.complete, record.gaps, record.model) == (True, [], "scripted")
    total, iban = record.values["total"], record.values["iban"]
    assert (total["state"], total["raw"], total["page"], total["box"]) == ("found", "12.00", 1, [0.1, 0.2, 0.3, 0.4])
    assert (iban["raw"], iban["page"], iban["confidence"]) == ("DE12", 2, 0.6)
    assert bench.state(job) is JobState.SUCCEEDED
    assert bench.states(job) == [ItemState.DONE, ItemState.DONE]


def test_a_page_that_was_read_once_is_not_asked_again_by_a_second_job(bench: Bench) -> None:
    schema, document = bench.schema(total="total amount", iban="IBAN"), bench.document(1, 2)
    bench.extract(schema, document)
    bench.run()
    first = bench.record(document, schema)
    bench.model.calls.clear()
    again = bench.extract(schema, document)
    bench.run()
    second = bench.record(document, schema)
    assert bench.model.calls == []
    assert bench.state(again) is JobState.SUCCEEDED
    assert first is not None
    assert second is not None
    assert (second.job_id, second.values) == (again, first.values)


def test_only_the_changed_prompt_of_a_new_schema_version_is_asked(bench: Bench) -> None:
    document = bench.document(1)
    bench.extract(bench.schema(total="total amount", iban="IBAN"), document)
    bench.run()
    bench.model.calls.clear()
    changed = bench.schema(total="total with tax", iban="IBAN")
    bench.extract(changed, document)
    bench.run()
    assert bench.model.calls == [(1, ("total",))]
    record = bench.record(document, changed)
    assert record is not None
    assert (record.values["total"]["raw"], record.values["iban"]["raw"]) == ("total with tax 1", "IBAN 1")


def test_a_version_that_only_sets_a_target_asks_nothing_and_its_records_have_decisions(bench: Bench) -> None:
    line = Curve((0.0, 1.0), (0.0, 1.0), 1_000)
    body = {"type": "object", "properties": {"total": {"type": "string"}, "iban": {"type": "string"}}}
    with bench.sessions.begin() as session:
        table = TrustTable({"any": line, "absent": line})
        calibrations.replace(session, bench.workspace_id, "scripted", rows_of(table))
        plain = schemas.add_schema(session, bench.workspace_id, "thing", body).id
        aimed = schemas.add_schema(session, bench.workspace_id, "thing", body | {"folioscope": {"target": 0.95}}).id
    bench.model.answers = {"1": {"total": "12.00 @0.97", "iban": "DE12 @0.6"}}
    document = bench.document(1)
    bench.extract(plain, document)
    bench.run()
    bench.model.calls.clear()
    bench.extract(aimed, document)
    bench.run()
    assert bench.model.calls == []
    before, after = bench.record(document, plain), bench.record(document, aimed)
    assert before is not None
    assert after is not None
    assert [before.values[name]["decision"] for name in ("total", "iban")] == [None, None]
    assert [after.values[name]["decision"] for name in ("total", "iban")] == ["accepted", "needs_review"]
    assert (before.unsure, after.unsure) == (0, 1)


def test_the_same_picture_in_another_document_is_not_asked_again(bench: Bench) -> None:
    schema = bench.schema(total="total amount")
    one, two = bench.document(1, name="one.pdf"), bench.document(1, name="two.pdf")
    bench.extract(schema, one, two)
    bench.run()
    assert bench.model.calls == [(1, ("total",))]
    records = [bench.record(document, schema) for document in (one, two)]
    assert [record and record.values["total"]["raw"] for record in records] == ["total amount 1"] * 2


def test_another_revision_of_the_model_reads_anew(bench: Bench) -> None:
    schema, document = bench.schema(total="total amount"), bench.document(1)
    bench.extract(schema, document)
    bench.run()
    bench.model.revision, bench.model.answers = "2", {"1": {"total": "13.00"}}
    bench.extract(schema, document)
    bench.run()
    record = bench.record(document, schema)
    assert record is not None
    assert record.values["total"]["raw"] == "13.00"
    assert record.values["total"]["alternatives"] == []


def test_fields_with_equal_titles_are_asked_once(bench: Bench) -> None:
    schema, document = bench.schema(a="amount", b="amount"), bench.document(1)
    bench.extract(schema, document)
    bench.run()
    assert bench.model.calls == [(1, ("a",))]
    record = bench.record(document, schema)
    assert record is not None
    assert {name: entry["raw"] for name, entry in record.values.items()} == {"a": "amount 1", "b": "amount 1"}


def test_a_blank_page_gives_no_values_and_is_not_shown_to_the_model(bench: Bench) -> None:
    schema, document = bench.schema(total="total amount"), bench.document(1, blank=[1])
    job = bench.extract(schema, document)
    bench.run()
    assert bench.model.calls == []
    record = bench.record(document, schema)
    assert record is not None
    assert (record.values["total"]["state"], bench.state(job)) == ("absent", JobState.SUCCEEDED)


def test_a_blank_document_waits_for_no_review(bench: Bench) -> None:
    body = {"type": "object", "properties": {"total": {"type": "string"}}, "folioscope": {"target": 0.95}}
    with bench.sessions.begin() as session:
        schema = schemas.add_schema(session, bench.workspace_id, "thing", body).id
    empty, printed = bench.document(1, 2, name="empty.pdf", blank=[1, 2]), bench.document(3)
    bench.extract(schema, empty, printed)
    bench.run()
    record = bench.record(empty, schema)
    assert record is not None
    assert (record.unsure, record.values["total"]["decision"]) == (0, "accepted")
    with bench.sessions() as session:
        (waiting,) = review.waiting(session, bench.workspace_id, limit=10)
    assert waiting.document_id == printed


def test_a_generation_that_was_cut_short_or_loops_is_never_a_value(bench: Bench) -> None:
    bench.model.acts = {"1": "budget", "2": "loop"}
    schema = bench.schema(total="total amount")
    cut, loops = bench.document(1, name="one.pdf"), bench.document(2, name="two.pdf")
    bench.extract(schema, cut, loops)
    bench.run()
    found = [bench.record(document, schema) for document in (cut, loops)]
    assert [record and (record.values["total"]["state"], record.values["total"]["reason"]) for record in found] == [
        ("unreadable", "generation-cut-short"),
        ("unreadable", "generation-loops"),
    ]


def test_a_page_without_a_picture_is_missing_for_the_reason_it_could_not_be_drawn(bench: Bench) -> None:
    schema, document = bench.schema(total="total amount"), bench.document(1, 2, 3, failed=[2])
    job = bench.extract(schema, document)
    bench.run()
    assert [number for number, _ in bench.model.calls] == [1, 3]
    assert bench.state(job) is JobState.PARTIAL
    assert bench.gaps(job) == [(2, "unreadable-page")]
    record = bench.record(document, schema)
    assert record is not None
    assert (record.complete, [gap["page"] for gap in record.gaps]) == (False, [2])


def test_a_second_reading_replaces_the_first(bench: Bench) -> None:
    schema, document = bench.schema(total="total amount"), bench.document(1)
    for _ in range(2):
        bench.extract(schema, document)
        bench.run()
    with bench.sessions() as session:
        assert [page for page, _ in values.values_of(session, document, schema)] == [1]


def test_questions_go_before_bulk_work_between_claims(bench: Bench) -> None:
    schema, document = bench.schema(total="total amount"), bench.document(1, 2, 3)
    desk = bench.desk(model_batch=1)
    bench.extract(schema, document)
    assert work_once(desk, MODEL_QUEUES) == (Queue.BULK,)
    bench.ask("What is due?", document)
    assert [work_once(desk, MODEL_QUEUES) for _ in range(4)] == [(Queue.INTERACTIVE,)] * 3 + [(Queue.BULK,)]
