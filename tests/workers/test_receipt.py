"""A receipt says what became of every page, and names whatever is short."""

from core.records import FieldValue, LayerVerdict, ValueState
from storage import schemas
from storage.receipts import PageReceipt
from tests.workers.conftest import Bench
from workers.correct import correct, take_back
from workers.receipt import receipt_of_job, receipt_of_page, receipt_of_pages, shortfall
from workers.record import Corrected

FOUND = FieldValue("total", ValueState.FOUND, "12.00", 0.9, None, "key", verified=True, layer=LayerVerdict.AGREES)
ABSENT = FieldValue("iban", ValueState.ABSENT, None, 0.9, None, "key")
CUT = FieldValue("tax", ValueState.UNREADABLE, None, None, None, "key", "generation-cut-short")


def test_a_page_of_which_all_was_read_is_short_of_nothing() -> None:
    receipt = receipt_of_page([FOUND, ABSENT], {"line_items": (3, 3)})
    assert (receipt["found"], receipt["absent"], receipt["checked"], receipt["verified"]) == (1, 1, 1, 1)
    assert shortfall(receipt) is None


def test_a_field_whose_budget_ran_out_is_named_with_its_reason() -> None:
    short = shortfall(receipt_of_page([FOUND, CUT]))
    assert short is not None
    assert (short.code, short.detail) == (
        "incomplete-page",
        "1 field could not be read: tax (generation-cut-short).",
    )


def test_rows_that_were_seen_and_not_read_are_counted() -> None:
    short = shortfall(receipt_of_page([FOUND], {"line_items": (30, 28)}))
    assert short is not None
    assert short.detail == "28 of 30 rows of line_items were read."


def test_rows_that_nobody_counted_are_told_as_that_and_are_a_gap_only_where_their_list_broke_off() -> None:
    broken = FieldValue("rows", ValueState.UNREADABLE, None, None, None, "key", "generation-cut-short")
    pages = {
        1: receipt_of_page([], {"rows": (None, 7)}),
        2: receipt_of_page([], {"rows": (3, 3)}),
        3: receipt_of_page([broken], {"rows": (None, 2)}),
    }
    short = shortfall(pages[3])
    assert short is not None
    assert short.detail.endswith("How many rows rows has here is not known; 2 were read.")
    assert receipt_of_pages(pages, ())["tables"] == {"rows": {"seen": None, "read": 12}}
    assert receipt_of_pages(pages, ())["short"] == [3]


def test_a_document_tells_its_pages_apart() -> None:
    pages = {
        1: receipt_of_page([FOUND]),
        2: receipt_of_page([ABSENT], blank=True),
        3: receipt_of_page([ABSENT]),
        4: receipt_of_page([CUT]),
    }
    receipt = receipt_of_pages(pages, [5])
    assert (receipt["pages"], receipt["looked_at"], receipt["failed"]) == (5, 4, [5])
    assert (receipt["blank"], receipt["nothing_found"], receipt["short"]) == ([2], [3, 4], [4])
    whole = receipt_of_job((PageReceipt("d", "a.pdf", page, one) for page, one in pages.items()), failed=1)
    assert (whole["pages"], whole["looked_at"], whole["blank"], whole["short"], whole["failed"]) == (5, 4, 1, 1, 1)
    assert whole["nothing_found"] == 2
    why = [(one["document_name"], one["page"], one["why"]) for one in whole["gave_nothing"]]
    assert why == [("a.pdf", 2, "blank"), ("a.pdf", 3, "nothing-found"), ("a.pdf", 4, "incomplete-page")]


def test_a_job_over_many_empty_pages_counts_all_of_them_and_names_the_first() -> None:
    empty = receipt_of_page([ABSENT], blank=True)
    whole = receipt_of_job((PageReceipt("d", "a.pdf", page, empty) for page in range(1, 1_001)), failed=0)
    assert (whole["blank"], len(whole["gave_nothing"]), whole["gave_nothing"][-1]["page"]) == (1_000, 100, 100)


def test_a_job_names_the_pages_that_gave_nothing_in_their_order(bench: Bench) -> None:
    schema = bench.schema(total="total amount")
    bench.model.answers = {"1": {"total": None}, "2": {"total": "12.00"}}
    job = bench.extract(schema, bench.document(1, 2, 3, name="some.pdf", blank=[3]))
    bench.run()
    result = bench.job(job).result
    assert result is not None
    why = [(one["document_name"], one["page"], one["why"]) for one in result["gave_nothing"]]
    assert why == [("some.pdf", 1, "nothing-found"), ("some.pdf", 3, "blank")]


def test_a_job_over_a_field_that_could_not_be_read_is_partial_and_says_which(bench: Bench) -> None:
    schema, document = bench.schema(total="total amount"), bench.document(1, 2)
    bench.model.acts["2"] = "budget"
    job = bench.extract(schema, document)
    bench.run()
    assert (bench.state(job), bench.gaps(job)) == ("partial", [(2, "incomplete-page")])
    record = bench.record(document, schema)
    assert record is not None
    assert (record.complete, record.gaps[0]["page"], record.receipt["short"]) == (False, 2, [2])
    result = bench.job(job).result
    assert result is not None
    assert (result["pages"], result["looked_at"], result["short"]) == (2, 2, 1)


def test_what_a_person_says_closes_the_gap_of_its_field_alone_until_it_is_taken_back(bench: Bench) -> None:
    schema_id, document = bench.schema(total="total amount", tax="tax"), bench.document(1)
    bench.model.acts["1"] = "budget"
    bench.extract(schema_id, document)
    bench.run()
    made = ""
    for field, state, left in (("total", ValueState.FOUND, ["tax"]), ("tax", ValueState.ABSENT, [])):
        with bench.sessions.begin() as session:
            schema = schemas.get_schema_by_id(session, bench.workspace_id, schema_id)
            said = Corrected(state, "12.00" if state is ValueState.FOUND else None, None, None)
            made = correct(session, bench.workspace_id, document, schema, field, said, "Ada").id
        record = bench.record(document, schema_id)
        assert record is not None
        assert record.complete is not bool(left)
        assert [gap["detail"] for gap in record.gaps] == [
            f"1 field could not be read: {name} (generation-cut-short)." for name in left
        ]
        assert record.receipt["short"] == [1]
    with bench.sessions.begin() as session:
        take_back(session, bench.workspace_id, made, "Ada")
    record = bench.record(document, schema_id)
    assert record is not None
    assert (record.complete, len(record.gaps)) == (False, 1)
