"""Large and strange documents end in a defined state, with all that is there."""

import json

import pytest

from api.export import Format, Wish, exported
from core.errors import InvalidSchema
from core.records import JobState
from storage import queries, schemas
from storage.filters import parse_filter
from tests.workers.conftest import Bench

PAGES, ROWS = 60, 50  # of a page
COLUMNS = {"what": {"type": "string"}, "amount": {"type": "string", "format": "money"}}
LONG = {
    "type": "object",
    "properties": {
        "holder": {"type": "string"},
        "lines": {"type": "array", "items": {"type": "object", "properties": COLUMNS}},
    },
}


def test_a_schema_of_200_fields_is_read_and_one_of_201_is_refused(bench: Bench) -> None:
    schema, document = bench.schema(**{f"field_{n}": f"field {n}" for n in range(200)}), bench.document(1)
    job = bench.extract(schema, document)
    bench.run()
    record = bench.record(document, schema)
    assert bench.state(job) is JobState.SUCCEEDED
    assert record is not None
    assert [value["raw"] for value in record.values.values()] == [f"field {n} 1" for n in range(200)]
    with pytest.raises(InvalidSchema, match="201 fields"):
        bench.schema(**{f"field_{n}": f"field {n}" for n in range(201)})


def test_3000_rows_over_60_pages_are_all_in_the_record_its_filters_and_its_export(bench: Bench) -> None:
    with bench.sessions.begin() as session:
        schema = schemas.add_schema(session, bench.workspace_id, "long", LONG).id
    for page in range(1, PAGES + 1):
        numbers = range((page - 1) * ROWS, page * ROWS)
        bench.model.tables[str(page)] = {"lines": [{"what": f"thing {n}", "amount": f"{n}.50 EUR"} for n in numbers]}
    document = bench.document(*range(1, PAGES + 1))
    job = bench.extract(schema, document)
    bench.run()
    record = bench.record(document, schema)
    assert bench.state(job) is JobState.SUCCEEDED
    assert record is not None
    table = record.tables["lines"]
    assert (table["seen"], table["read"], len(table["rows"])) == (3_000, 3_000, 3_000)
    wanted = schemas.wanted_of(LONG)
    with bench.sessions() as session:
        version = schemas.get_schema_by_id(session, bench.workspace_id, schema)
        for said, passing in (("lines.amount > 2999", 1), ("lines.amount > 3000", 0), ("lines.what ~ 'g 2999'", 1)):
            query = queries.Query(bench.workspace_id, schema, parse_filter(said, wanted))
            assert len(queries.find_records(session, query).items) == passing
    query = queries.Query(bench.workspace_id, schema)
    wish = Wish(version, wanted, query, Format.CSV, table="lines")
    lines = b"".join(exported(bench.sessions, wish)).decode().splitlines()
    assert len(lines) == 3_001
    assert all(f"thing {n}" in line for n, line in enumerate(lines[1:]))
    (whole,) = b"".join(exported(bench.sessions, Wish(version, wanted, query, Format.JSONL))).splitlines()
    assert len(json.loads(whole)["tables"]["lines"]["rows"]) == 3_000
