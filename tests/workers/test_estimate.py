"""What an extraction would take is told before it is begun, and costs nothing."""

import pytest

from core.errors import DocumentNotFound
from storage import records, schemas
from tests.workers.conftest import Bench
from workers.estimate import By, Estimate, Reader, estimate
from workers.vlm.catalog import read_catalog


def _estimate(bench: Bench, schema_id: str, *document_ids: str, checks: bool = False) -> Estimate:
    with bench.sessions() as session:
        schema = schemas.get_schema_by_id(session, bench.workspace_id, schema_id)
        reader = Reader("scripted", checks_unasked=checks)
        return estimate(session, bench.workspace_id, schema, list(document_ids) or None, reader)


def test_pages_are_counted_by_what_would_become_of_them(bench: Bench) -> None:
    schema = bench.schema(total="total amount", date="date")
    document = bench.document(1, 2, 3, 4, blank=(2,), failed=(3,))
    bench.waiting_document(5, "b.pdf")
    said = _estimate(bench, schema)
    assert (said.documents, said.pages, said.pages_blank, said.pages_failed) == (2, 9, 1, 1)
    assert (said.pages_known, said.pages_to_read, said.inferences, said.seconds) == (0, 7, 14, None)
    assert _estimate(bench, schema, document).pages_to_read == 2


def test_what_was_read_is_known_and_a_new_version_costs_only_its_new_fields(bench: Bench) -> None:
    document = bench.document(1, 2)
    first = bench.schema(total="total amount")
    bench.extract(first, document)
    bench.run()
    again = _estimate(bench, first, document)
    assert (again.pages_known, again.pages_to_read, again.inferences) == (2, 0, 0)
    second = bench.schema(total="total amount", date="date")
    more = _estimate(bench, second, document)
    assert (more.pages_known, more.pages_to_read, more.inferences) == (0, 2, 2)
    asked = len(bench.model.calls)
    bench.extract(second, document)
    bench.run()
    assert [keys for _, keys in bench.model.calls[asked:]] == [("date",), ("date",)]


def test_equal_pictures_are_counted_once(bench: Bench) -> None:
    schema = bench.schema(total="total amount")
    one, two = bench.document(1, name="one.pdf"), bench.document(1, name="two.pdf")
    said = _estimate(bench, schema, one, two)
    assert (said.pages, said.pages_to_read, said.inferences) == (2, 1, 1)


def test_an_unknown_document_is_named_as_an_error(bench: Bench) -> None:
    with pytest.raises(DocumentNotFound):
        _estimate(bench, bench.schema(total="total amount"), "0" * 32)


def test_tables_are_counted_where_the_model_reads_rows(bench: Bench) -> None:
    bench.document(1, 2)
    with bench.sessions() as session:
        invoice = schemas.get_schema(session, bench.workspace_id, "invoice")
        asked = {
            rows: estimate(session, bench.workspace_id, invoice, None, Reader("scripted", rows=rows)).inferences
            for rows in (True, False)
        }
    assert asked[True] == asked[False] + 2


def test_the_bundled_model_has_a_pace_before_it_has_read_anything_and_others_have_none(bench: Bench) -> None:
    bench.document(1, 2)
    other = read_catalog(bench.settings.model_copy(update={"model": "tests.scripted_model:load"}))
    with bench.sessions() as session:
        schema = schemas.get_schema_by_id(session, bench.workspace_id, bench.schema(total="total amount"))
        told = {
            reader.model: estimate(session, bench.workspace_id, schema, None, reader).seconds
            for reader in (Reader.of(other, "bundled"), Reader.of(other))
        }
    assert told == {"bundled": 2.0, "tests.scripted_model:load": None}


def test_what_is_estimated_is_what_is_asked(bench: Bench) -> None:
    document = bench.document(1, 2)
    with bench.sessions() as session:
        invoice = schemas.get_schema(session, bench.workspace_id, "invoice").id
    told = _estimate(bench, invoice, document).inferences
    bench.extract(invoice, document, verify=False)
    bench.run()
    assert _estimate(bench, invoice, document).inferences == 0
    assert told == sum(len(keys) for _, keys in bench.model.calls[:2])


def test_boxes_read_again_are_bounded_by_the_fields_until_records_tell_how_many_there_are(bench: Bench) -> None:
    row = {"type": "object", "properties": {"amount": {"type": "string"}}}
    fields = {"total": {"type": "string"}, "iban": {"type": "string"}, "lines": {"type": "array", "items": row}}
    document = bench.document(1, 2)
    with bench.sessions.begin() as session:
        schema = schemas.add_schema(session, bench.workspace_id, "lined", {"type": "object", "properties": fields}).id
    assert _estimate(bench, schema).checks_by is By.NOTHING
    told = _estimate(bench, schema, checks=True)
    assert (told.inferences, told.checks, told.checks_by) == (6, 4, By.FIELDS)
    receipt = {"looked_at": 3, "blank": [2], "checked": 16}
    with bench.sessions.begin() as session:
        mine = (bench.workspace_id, document, schema, "0" * 32)
        records.replace_record(session, *mine, complete=True, values={}, gaps=[], model="scripted", receipt=receipt)
    told = _estimate(bench, schema, checks=True)
    assert (told.inferences, told.checks, told.checks_by) == (6, 16, By.RECORDS)
