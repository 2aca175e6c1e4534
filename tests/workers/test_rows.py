"""Tables: rows of pages become values of cells, and a document's rows; what is missing is said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from core.records import Box, FieldKind, FieldValue, JobState, StopReason, ValueState
from storage import schemas
from storage.wanted import Field, TableField
from tests.protocol_server import says_json, served
from tests.scripted_model import ScriptedModel
from tests.workers.conftest import Bench
from tests.workers.vlm.remote.reached import model_of
from workers.rows import repeated
from workers.vlm.interface import AGAINST, Capability, Cell, Generation, PageRequest, Table

KINDS = {"date": "date", "what": None, "amount": "money", "balance": "money"}


def listing(bench: Bench) -> str:
    """A schema with a field and a table; its id."""
    columns = {name: {"type": "string"} | ({"format": kind} if kind else {}) for name, kind in KINDS.items()}
    items = {"type": "array", "title": "movements", "items": {"type": "object", "properties": columns}}
    body = {"type": "object", "properties": {"holder": {"type": "string"}, "moves": items}}
    with bench.sessions.begin() as session:
        return schemas.add_schema(session, bench.workspace_id, "listing", body).id


def moves(*said: tuple[str, str, str, str]) -> list[dict[str, str]]:
    return [dict(zip(KINDS, row, strict=True)) for row in said]


RENT, SALARY = ("1 May 2025", "Rent", "-800.00", "1200.00"), ("2 May 2025", "Salary", "2000.00", "3200.00")
BREAD, BUS = ("3 May 2025", "Bread", "-4.00", "3196.00"), ("4 May 2025", "Bus", "-3.00", "3193.00")
MILK = ("5 May 2025", "Milk", "-1.00", "3192.00")


def texts(table: Mapping[str, Any]) -> list[tuple[int, str, str]]:
    return [(row["page"], row["cells"]["what"]["raw"], row["cells"]["amount"]["raw"]) for row in table["rows"]]


def test_the_rows_of_all_pages_are_one_table_in_order_and_counted(bench: Bench) -> None:
    schema = listing(bench)
    bench.model.tables = {"1": {"moves": moves(RENT, SALARY)}, "2": {"moves": moves(BREAD)}}
    document = bench.document(1, 2)
    job = bench.extract(schema, document)
    bench.run()
    record = bench.record(document, schema)
    assert record is not None
    table = record.tables["moves"]
    assert texts(table) == [(1, "Rent", "-800.00"), (1, "Salary", "2000.00"), (2, "Bread", "-4.00")]
    assert (table["seen"], table["read"], record.complete) == (3, 3, True)
    cell = table["rows"][2]["cells"]["amount"]
    assert cell["typed"]["amount"] == "-4.00"
    assert (cell["page"], cell["box"], cell["model_confidence"]) == (2, [0.1, 0.2, 0.3, 0.4], 0.9)
    assert bench.state(job) is JobState.SUCCEEDED


def test_rows_that_were_read_once_are_not_asked_again(bench: Bench) -> None:
    schema, document = listing(bench), bench.document(1)
    bench.model.tables = {"1": {"moves": moves(RENT, SALARY)}}
    bench.extract(schema, document)
    bench.run()
    first = bench.record(document, schema)
    bench.model.calls.clear()
    bench.extract(schema, document)
    bench.run()
    second = bench.record(document, schema)
    assert bench.model.calls == []
    assert first is not None
    assert second is not None
    assert second.tables == first.tables


def test_a_row_that_was_seen_and_not_read_makes_the_job_partial(bench: Bench) -> None:
    schema = listing(bench)
    bench.model.tables = {"1": {"moves": [*moves(RENT, SALARY), {"seen": ""}]}}
    document = bench.document(1)
    job = bench.extract(schema, document)
    bench.run()
    record = bench.record(document, schema)
    assert record is not None
    assert (record.tables["moves"]["seen"], record.tables["moves"]["read"], record.complete) == (3, 2, False)
    assert bench.state(job) is JobState.PARTIAL
    assert bench.gaps(job) == [(1, "incomplete-page")]


def test_a_blank_page_has_no_rows_and_lacks_none(bench: Bench) -> None:
    schema = listing(bench)
    bench.model.tables = {"1": {"moves": moves(RENT, SALARY)}}
    document = bench.document(1, 2, blank=[2])
    job = bench.extract(schema, document)
    bench.run()
    record = bench.record(document, schema)
    assert record is not None
    assert len(record.tables["moves"]["rows"]) == 2
    assert bench.state(job) is JobState.SUCCEEDED


@dataclass
class Plain(ScriptedModel):
    """A model that reads no rows."""

    capabilities: frozenset[Capability] = frozenset({Capability.EXTRACT})


def test_a_model_that_reads_no_rows_leaves_the_table_as_a_gap(bench: Bench) -> None:
    bench.model = Plain()
    schema, document = listing(bench), bench.document(1)
    job = bench.extract(schema, document)
    bench.run()
    assert bench.state(job) is JobState.PARTIAL
    record = bench.record(document, schema)
    assert record is not None
    assert "moves (model-cannot)" in record.gaps[0]["detail"]
    assert bench.model.calls == [(1, ("holder",))]


@dataclass
class Tired(ScriptedModel):
    """A model whose budget runs out within a table, behind its first row."""

    def _page(self, request: PageRequest, cancelled: Any) -> list[Generation]:
        made = super()._page(request, cancelled)
        row = {"what": Cell("Rent", Box(0.1, 0.1, 0.2, 0.2), 0.9), "amount": Cell(f"{AGAINST}800.00", None, None)}
        return [*made[:1], Generation(None, None, None, StopReason.BUDGET, 0.0, table=Table((row,), 1))]


def test_a_table_that_was_cut_short_keeps_its_whole_rows_and_says_that_more_may_be_there(bench: Bench) -> None:
    bench.model = Tired()
    schema, document = listing(bench), bench.document(1)
    job = bench.extract(schema, document)
    bench.run()
    record = bench.record(document, schema)
    assert record is not None
    assert texts(record.tables["moves"]) == [(1, "Rent", "-800.00")]
    assert (record.tables["moves"]["seen"], record.tables["moves"]["read"]) == (None, 1)
    assert "moves (generation-cut-short)" in record.gaps[0]["detail"]
    assert bench.state(job) is JobState.PARTIAL


@dataclass
class Silent(ScriptedModel):
    """A model that lists rows to the end, and does not say how many there are."""

    def _rows(self, said: list[dict[str, str]]) -> Generation:
        whole = super()._rows(said)
        return replace(whole, table=Table(() if whole.table is None else whole.table.rows, None))


def test_rows_that_a_model_did_not_count_are_never_told_as_all_there_are(bench: Bench) -> None:
    bench.model = Silent(tables={"1": {"moves": moves(RENT, SALARY)}})
    schema, document = listing(bench), bench.document(1, 2)
    job = bench.extract(schema, document)
    bench.run()
    record, result = bench.record(document, schema), bench.job(job).result
    assert record is not None
    assert result is not None
    assert (record.tables["moves"]["seen"], record.tables["moves"]["read"]) == (None, 2)
    assert result["tables"] == {"moves": {"seen": None, "read": 2}}
    assert (bench.state(job), bench.gaps(job)) == (JobState.SUCCEEDED, [])


def test_a_model_behind_an_api_that_skips_rows_which_it_counted_leaves_a_gap(bench: Bench) -> None:
    with served() as server:
        rows = [dict(zip(KINDS, row, strict=True)) for row in (RENT, SALARY)]
        server.plays(says_json({"count": 5, "rows": rows, "holder": "Ann"}))
        bench.models["big"] = model_of(server)
        schema, document = listing(bench), bench.document(1)
        job = bench.extract(schema, document, model="big")
        bench.run()
    record = bench.record(document, schema)
    assert record is not None
    assert record.gaps[0]["detail"] == "2 of 5 rows of moves were read."
    assert bench.state(job) is JobState.PARTIAL


def test_a_row_that_a_page_prints_again_is_one_row(bench: Bench) -> None:
    schema = listing(bench)
    bench.model.tables = {"1": {"moves": moves(RENT, SALARY, BREAD, BUS)}, "2": {"moves": moves(BUS, MILK)}}
    document = bench.document(1, 2)
    bench.extract(schema, document)
    bench.run()
    record = bench.record(document, schema)
    assert record is not None
    table = record.tables["moves"]
    assert [what for _, what, _ in texts(table)] == ["Rent", "Salary", "Bread", "Bus", "Milk"]
    assert (table["seen"], table["read"], record.complete) == (5, 5, True)


ITEMS = TableField(
    "items",
    "items",
    None,
    (
        Field("no", "position", None, FieldKind.INTEGER, "integer"),
        Field("what", "description", None, FieldKind.TEXT, "string"),
        Field("amount", "amount", None, FieldKind.MONEY, "string"),
    ),
)
NUMBERED = [("1", "Tea", "2.00"), ("2", "Tea", "2.00"), ("3", "Tea", "2.00"), ("4", "Bun", "1.00")]
PLAIN = [("Tea", "2.00"), ("Bun", "1.00"), ("Bun", "1.00"), ("Jam", "3.00")]


def rows(said: Sequence[Sequence[str]]) -> list[dict[str, FieldValue]]:
    return [
        {
            name: FieldValue(name, ValueState.FOUND, text, 0.9, None, None)
            for name, text in zip(("no", "what", "amount")[-len(row) :], row, strict=True)
        }
        for row in said
    ]


@pytest.mark.parametrize(
    ("before", "after", "count"),
    [
        (NUMBERED, [("4", "Bun", "1.00"), ("5", "Oil", "3.00")], 1),
        (NUMBERED, [*NUMBERED[-2:], ("5", "Oil", "3.00")], 2),
        (NUMBERED, [("5", "Bun", "1.00")], 0),
        (PLAIN, [("Jam", "3.00"), ("Oil", "4.00")], 0),
        (PLAIN, [], 0),
    ],
)
def test_equal_rows_at_a_page_break_are_one_only_where_a_column_tells(
    before: Sequence[Sequence[str]], after: Sequence[Sequence[str]], count: int
) -> None:
    assert repeated(ITEMS, rows(before), rows(after)) == count
