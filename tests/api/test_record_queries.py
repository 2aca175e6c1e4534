"""Records over HTTP: filtered, sorted, in chosen columns, and as files."""

import csv
import io
import json
from typing import Any
from urllib.parse import quote

import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from storage.database import Sessions
from storage.tables import Workspace
from tests.api.conftest import problem
from tests.storage.records_world import BODY, Archive, archive_in
from tests.storage.world import World

NASTY = '=HYPERLINK("http://evil","x")'


@pytest.fixture
def database_url(each_database_url: str) -> str:
    """Both kinds: what is asked here is said in SQL, or holds because of locks."""
    return each_database_url


@pytest.fixture
def archive(sessions: Sessions, workspace: Workspace, client: TestClient) -> Archive:
    archive = archive_in(World(sessions, workspace.id))
    items = [{"description": "@SUM(A1)", "amount": "-5.25 EUR", "date": "2024-01-31"}, {"description": 'a "b", c\nd'}]
    said = {"page": 1, "confidence": 0.9, "box": [0.1, 0.2, 0.3, 0.4]}
    archive.add("=1+1.pdf", total={"typed": "-1204.10 USD", **said}, vendor_name=NASTY, line_items=items, paid=False)
    archive.add(
        "b.pdf", total={"typed": None, "raw": "+a lot", "problem": "no-money"}, vendor_name="+49 30", count=10**30
    )
    broken = [{"rule": "adds up", "fields": ["total"], "detail": "99.50 is not 0.00"}]
    other = {"vendor_name": "\tx", "invoice_date": "2024-03-01", "order No-1": "-12"}
    archive.add("c.pdf", total="99.5 EUR", flags=broken, **other)
    return archive


def listed(client: TestClient, **asked: Any) -> list[str]:
    response = client.get("/v1/records/bill", params=asked)
    assert response.status_code == 200, response.text
    return [record["document_name"] for record in response.json()["items"]]


def test_records_are_filtered_and_sorted(client: TestClient, archive: Archive) -> None:
    assert listed(client, where="total < 1000 and not paid", sort="-total") == ["c.pdf", "=1+1.pdf"]
    assert listed(client, where="", sort="") == ["=1+1.pdf", "b.pdf", "c.pdf"]
    assert listed(client, where="flagged > 0") == ["c.pdf"]
    first = client.get("/v1/records/bill", params={"sort": "total", "limit": 2}).json()
    rest = client.get("/v1/records/bill", params={"sort": "total", "cursor": first["next_cursor"]}).json()
    assert [record["document_name"] for record in first["items"] + rest["items"]] == ["=1+1.pdf", "c.pdf", "b.pdf"]
    assert problem(client.get("/v1/records/bill", params={"cursor": first["next_cursor"]})) == (422, "invalid-cursor")


def test_records_that_stand_under_an_older_version_alone_are_told_on_the_first_page(
    client: TestClient, archive: Archive
) -> None:
    def older(**asked: Any) -> list[dict[str, int]]:
        told: list[dict[str, int]] = client.get("/v1/records/bill", params=asked).json()["older_versions"]
        return told

    assert older() == []
    documents = [record["document_id"] for record in client.get("/v1/records/bill").json()["items"]]
    newer = archive_in(archive.world, "bill", BODY | {"title": "Bill"})
    assert older() == older(where="paid") == [{"version": 1, "records": 3}]
    newer.say(documents[0])
    newer.add("d.pdf")
    assert older() == [{"version": 1, "records": 2}]
    assert older(document=documents[:2]) == [{"version": 1, "records": 1}]
    cursor = client.get("/v1/records/bill", params={"limit": 1}).json()["next_cursor"]
    assert older(version=1) == older(version=2) == older(cursor=cursor) == []


def test_columns_are_chosen_and_evidence_left_out(client: TestClient, archive: Archive) -> None:
    asked = {"columns": "line_items.amount,total", "where": "line_items.amount < 0"}
    (record,) = client.get("/v1/records/bill", params=asked).json()["items"]
    assert list(record["values"]) == ["total"]
    assert record["values"]["total"]["box"] == [0.1, 0.2, 0.3, 0.4]
    assert [list(row["cells"]) for row in record["tables"]["line_items"]["rows"]] == [["amount"], []]
    (plain,) = client.get("/v1/records/bill", params=asked | {"evidence": "false", "columns": "total"}).json()["items"]
    assert plain["tables"] == {}
    total = plain["values"]["total"]
    assert (total["typed"], total["box"], total["confidence"]) == (
        {"amount": "-1204.10", "currency": "USD"},
        None,
        None,
    )


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"where": "totl > 1"}, "invalid-filter"),
        ({"where": "total > 'x'"}, "invalid-filter"),
        ({"where": "1=1; DROP TABLE records"}, "invalid-filter"),
        ({"where": "(" * 1000 + "paid" + ")" * 1000}, "invalid-filter"),
        ({"where": "paid or " * 1_300 + "paid"}, "invalid-filter"),
        ({"sort": "total;DROP TABLE records"}, "invalid-column"),
        ({"sort": "line_items.amount"}, "invalid-column"),
        ({"sort": "total,tax,count,paid,status"}, "invalid-column"),
        ({"columns": "total,(SELECT sha256 FROM api_keys)"}, "invalid-column"),
        ({"document": "0" * 32}, "document-not-found"),
        ({"version": "9"}, "schema-not-found"),
    ],
)
def test_what_cannot_be_asked_is_a_problem_in_lists_and_files(
    asked: dict[str, str], expected: str, client: TestClient, archive: Archive
) -> None:
    for path in ("/v1/records/bill", "/v1/records/bill/export"):
        assert problem(client.get(path, params=asked))[1] == expected


def test_a_faulty_filter_names_its_place_and_what_comes_near(client: TestClient, archive: Archive) -> None:
    body = client.get("/v1/records/bill", params={"where": "paid and vendor_nme ~ x"}).json()
    assert (body["at"], body["near"]) == (9, ["vendor_name"])
    assert "vendor_name" in body["detail"]


def test_a_stranger_sees_nothing(client: TestClient, archive: Archive, stranger: dict[str, str]) -> None:
    for path in ("/v1/records/bill", "/v1/records/bill/export"):
        assert client.get(path, headers=stranger).status_code == 404
        assert client.get(path, headers={"Authorization": ""}).status_code == 401


def test_csv_has_typed_values_and_no_formulas(client: TestClient, archive: Archive) -> None:
    response = client.get("/v1/records/bill/export", params={"sort": "total"})
    assert response.headers["content-type"].startswith("text/csv")
    assert response.headers["content-disposition"] == 'attachment; filename="bill.csv"'
    rows = list(csv.DictReader(io.StringIO(response.text, newline="")))
    assert [row["document"] for row in rows] == ["'=1+1.pdf", "c.pdf", "b.pdf"]
    assert [row["total"] for row in rows] == ["-1204.10", "99.5", "'+a lot"]
    assert [row["total_currency"] for row in rows] == ["USD", "EUR", ""]
    assert [row["vendor_name"] for row in rows] == ["'" + NASTY, "'\tx", "'+49 30"]
    assert [row["order No-1"] for row in rows] == ["", "-12", ""]
    assert (rows[0]["paid"], rows[1]["invoice_date"], rows[2]["count"]) == ("false", "2024-03-01", str(10**30))
    assert "total_confidence" not in rows[0]
    assert [(row["flagged"], list(row)[-1]) for row in rows] == [("0", "flagged"), ("1", "flagged"), ("0", "flagged")]


def test_csv_of_a_table_has_a_row_for_each_of_its_rows(client: TestClient, archive: Archive) -> None:
    asked = {"table": "line_items", "columns": "line_items,total", "evidence": "true"}
    response = client.get("/v1/records/bill/export", params=asked)
    rows = list(csv.DictReader(io.StringIO(response.text, newline="")))
    assert [(row["row"], row["line_items.description"], row["line_items.amount"]) for row in rows] == [
        ("0", "'@SUM(A1)", "-5.25"),
        ("1", 'a "b", c\nd', ""),
    ]
    assert {row["total"] for row in rows} == {"-1204.10"}
    assert (rows[0]["total_confidence"], rows[0]["line_items.amount_raw"]) == ("0.9", "'-5.25 EUR")
    assert problem(client.get("/v1/records/bill/export", params={"table": "line_item"})) == (422, "invalid-column")


def test_jsonl_is_the_list_a_line_a_record(client: TestClient, archive: Archive) -> None:
    lines = client.get("/v1/records/bill/export", params={"format": "jsonl"}).text.splitlines()
    assert [json.loads(line) for line in lines] == client.get("/v1/records/bill").json()["items"]


def test_parquet_has_typed_columns_and_tables_within(client: TestClient, archive: Archive) -> None:
    response = client.get("/v1/records/bill/export", params={"format": "parquet"})
    table = pq.read_table(io.BytesIO(response.content)).to_pydict()
    assert table["document"] == ["=1+1.pdf", "b.pdf", "c.pdf"]
    assert [str(amount) for amount in table["total"]] == ["-1204.100000", "None", "99.500000"]
    assert table["count"] == [None, None, None]
    assert [str(day) for day in table["invoice_date"]] == ["None", "None", "2024-03-01"]
    assert [len(rows) for rows in table["line_items"]] == [2, 0, 0]
    assert table["flagged"] == [0, 0, 1]
    assert table["line_items"][0][0]["description"] == "@SUM(A1)"
    empty = client.get("/v1/records/bill/export", params={"format": "parquet", "where": "total > 1e9"})
    assert pq.read_table(io.BytesIO(empty.content)).num_rows == 0


def test_a_file_of_many_parts_has_every_record_once(
    client: TestClient, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.export.PART", 2)
    for form in ("csv", "jsonl"):
        text = client.get("/v1/records/bill/export", params={"format": form, "sort": "-total"}).text
        assert sum(text.count(name) for name in ("1+1.pdf", "b.pdf", "c.pdf")) == (3 if form == "csv" else 6)
    body = client.get(f"/v1/records/bill/export?format=parquet&where={quote('pages = 1')}").content
    assert pq.read_metadata(io.BytesIO(body)).num_rows == 3
