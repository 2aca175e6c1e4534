"""What people corrected comes back as examples that a trainer takes: what was asked, what is right, what was said."""

import io
import json
from collections.abc import Callable
from typing import Any
from zipfile import ZipFile

import pytest
from fastapi.testclient import TestClient

from storage.blobs import BlobStore
from storage.database import Sessions
from storage.tables import Workspace
from tests.api.conftest import problem
from tests.api.table_rows import put_rows

INVOICE = {"kind": "extract", "schema": "invoice"}
NASTY = ["\u2028line\u2029", "=1+1", "x" * 10_000, "\u202egnp", '"}]}', "\U0001f642", "1\n2", "<image>"]


@pytest.fixture
def read(client: TestClient, document: dict[str, Any], work: Callable[[], None]) -> str:
    """The id of a document of two pages that was read as an invoice: total 12.00 on both, no IBAN on either."""
    client.post("/v1/jobs", json=INVOICE)
    work()
    return str(document["id"])


@pytest.fixture
def rows(read: str, sessions: Sessions, workspace: Workspace) -> str:
    """The same document, with two rows of a table on its first page and one on its second."""
    put_rows(sessions, workspace.id, read, {1: [("Paper", "3.00"), ("Ink", "9.00")], 2: [("Glue", None)]})
    return read


def correct(client: TestClient, document_id: str, field: str, **said: Any) -> None:
    response = client.patch(f"/v1/records/invoice/{document_id}/values/{field}", json=said)
    assert response.status_code == 200, response.text


def export(client: TestClient, form: str, **asked: str) -> tuple[ZipFile, list[Any], list[Any], list[Any]]:
    """The zip, and its lists: examples, sources, what was left out."""
    response = client.get("/v1/corrections/export", params={"format": form, **asked})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/zip"
    archive = ZipFile(io.BytesIO(response.content))
    assert archive.testzip() is None
    lists = [
        [json.loads(line) for line in archive.read(f"{name}.jsonl").split(b"\n")[:-1]]
        for name in ("corrections", "sources", "left_out")
    ]
    for example in lists[0]:
        check_shape(example, form, set(archive.namelist()))
    return archive, *lists  # type: ignore[return-value]


def check_shape(example: dict[str, Any], form: str, files: set[str]) -> None:
    """As the documentation of TRL has it for models that see: a place for each picture, and nothing but known parts."""
    turns = {"sft": ["messages"], "preference": ["prompt", "chosen", "rejected"]}[form]
    assert list(example) == [*turns, "images"]
    messages = [message for name in turns for message in example[name]]
    assert all(set(message) == {"role", "content"} for message in messages)
    parts = [part for message in messages for part in message["content"]]
    assert all(part == {"type": "image"} or (set(part) == {"type", "text"} and part["text"]) for part in parts)
    assert sum(part["type"] == "image" for part in parts) == len(example["images"])
    assert set(example["images"]) <= files
    assert [message["role"] for message in messages] == ["user", *["assistant"] * (len(messages) - 1)]


def asked_and_said(example: dict[str, Any]) -> tuple[str, ...]:
    """The prompt and the replies of an example."""
    messages = example.get("messages") or [*example["prompt"], *example["chosen"], *example["rejected"]]
    return tuple(message["content"][-1]["text"] for message in messages)


def test_a_correction_becomes_an_example_of_what_the_model_was_asked(client: TestClient, read: str) -> None:
    correct(client, read, "total", raw="$1,204.00")
    correct(client, read, "vendor_name", absent=True)
    archive, examples, sources, left_out = export(client, "sft")
    by_field = {
        next(iter(s["corrections"].values())): asked_and_said(e) for e, s in zip(examples, sources, strict=True)
    }
    prompt, said = by_field["total"]
    assert "Read the total on this page." in prompt
    assert json.loads(said) == {"value": "$1,204.00"}
    assert json.loads(by_field["vendor_name"][1]) == {"value": None}
    assert left_out == []
    assert {(s["document"], s["schema"], s["page"], s["model"]) for s in sources} == {(read, "invoice", 1, "scripted")}
    (name,) = {name for example in examples for name in example["images"]}
    assert archive.namelist().count(name) == 1  # two examples of one page
    assert archive.read(name) == client.get(f"/v1/documents/{read}/pages/1/image").content


def test_the_right_reply_is_preferred_to_the_model_s_and_to_none_where_it_said_nothing(
    client: TestClient, read: str
) -> None:
    correct(client, read, "total", raw="first try")
    correct(client, read, "total", raw="$1,204.00")  # what the model said is not what the first person said
    correct(client, read, "iban", raw="DE89 3704 0044 0532 0130 00", page=2)
    _, examples, sources, _ = export(client, "preference")
    replies = {
        next(iter(source["corrections"].values())): [json.loads(said)["value"] for said in asked_and_said(example)[1:]]
        for example, source in zip(examples, sources, strict=True)
    }
    assert replies == {"total": ["$1,204.00", "12.00"], "iban": ["DE89 3704 0044 0532 0130 00", None]}
    assert {source["page"] for source in sources} == {1, 2}


def test_a_field_without_more_to_say_about_it_is_asked_for_in_plain_words(
    client: TestClient, document: dict[str, Any], work: Callable[[], None]
) -> None:
    body = {"type": "object", "properties": {"total": {"type": "string"}, "paid": {"type": "boolean"}}}
    client.post("/v1/schemas", json={"name": "invoice", "body": body})
    client.post("/v1/jobs", json=INVOICE)
    work()
    correct(client, document["id"], "total", absent=True)
    correct(client, document["id"], "paid", raw="yes")
    _, examples, _, _ = export(client, "preference")
    plain, truth = sorted((asked_and_said(example) for example in examples), key=lambda said: said[1])
    assert plain[1:] == ("none", "12.00")
    assert json.loads(truth[1]) == {"value": True}


def test_what_is_undone_teaches_nothing_and_what_cannot_teach_is_named_with_its_reason(
    client: TestClient, read: str
) -> None:
    correct(client, read, "tax", raw="1.00")
    correct(client, read, "tax", undo=True)
    correct(client, read, "iban", raw="DE89 3704 0044 0532 0130 00")  # on which of two pages, nobody has said
    correct(client, read, "total", raw="12.00")  # the model was right
    _, examples, _, left_out = export(client, "sft")
    assert [json.loads(asked_and_said(example)[1]) for example in examples] == [{"value": "12.00"}]
    assert [(list(u["corrections"].values()), u["why"]) for u in left_out] == [(["iban"], "page-unknown")]
    archive, examples, _, left_out = export(client, "preference")
    assert examples == []
    assert {u["why"] for u in left_out} == {"page-unknown", "said-the-same"}
    assert not [name for name in archive.namelist() if name.startswith("images/")]


def test_cells_are_taught_with_the_rows_of_their_page(client: TestClient, rows: str) -> None:
    correct(client, rows, "line_items[1].amount", raw="9.50")
    correct(client, rows, "line_items[1].description", raw="Ink, black")
    correct(client, rows, "line_items[2].amount", raw="7.00")
    _, examples, sources, _ = export(client, "preference", schema="invoice")
    assert [(sorted(s["corrections"].values()), s["page"]) for s in sources] == [
        (["line_items[1].amount", "line_items[1].description"], 1),
        (["line_items[2].amount"], 2),
    ]
    told = [tuple(json.loads(said)["rows"] for said in asked_and_said(example)[1:]) for example in examples]
    ((right, wrong), (late, before)) = told
    assert "Count the rows of the table of line items" in asked_and_said(examples[0])[0]
    assert [(row["description"], row["amount"]) for row in right] == [("Paper", "3.00"), ("Ink, black", "9.50")]
    assert [(row["description"], row["amount"]) for row in wrong] == [("Paper", "3.00"), ("Ink", "9.00")]
    assert (late[0]["amount"], before[0]["amount"]) == ("7.00", None)


@pytest.mark.parametrize("form", ["sft", "preference"])
def test_any_text_comes_back_as_it_was_said(client: TestClient, read: str, form: str) -> None:
    fields = ["invoice_number", "vendor_name", "customer_name", "vat_number", "iban", "subtotal", "tax", "total"]
    for field, raw in zip(fields, NASTY, strict=True):
        correct(client, read, field, raw=raw, page=1)
    _, examples, sources, _ = export(client, form)
    said = {
        next(iter(source["corrections"].values())): json.loads(asked_and_said(example)[1])["value"]
        for example, source in zip(examples, sources, strict=True)
    }
    assert said == dict(zip(fields, NASTY, strict=True))


def test_an_export_is_of_one_workspace_and_of_one_schema(
    client: TestClient, read: str, stranger: dict[str, str]
) -> None:
    correct(client, read, "total", raw="1.00")
    assert export(client, "sft", schema="receipt")[1:] == ([], [], [])
    url = "/v1/corrections/export"
    theirs = client.get(url, params={"format": "sft"}, headers=stranger)
    assert ZipFile(io.BytesIO(theirs.content)).read("corrections.jsonl") == b""
    assert problem(client.get(url, params={"format": "sft", "schema": "nonsense"})) == (404, "schema-not-found")
    assert problem(client.get(url, params={"format": "csv"}))[1] == "invalid-request"
    assert problem(client.get(url))[1] == "invalid-request"


def test_a_picture_that_is_gone_costs_its_examples_alone(client: TestClient, read: str, blobs: BlobStore) -> None:
    correct(client, read, "total", raw="1.00", page=1)
    correct(client, read, "tax", raw="2.00", page=2)
    etag = client.get(f"/v1/documents/{read}/pages/1/image").headers["etag"]
    blobs.delete(etag.strip('"'))
    _, examples, _, left_out = export(client, "sft")
    assert len(examples) == 1
    assert [(list(u["corrections"].values()), u["why"]) for u in left_out] == [(["total"], "no-picture")]


def test_a_document_that_is_deleted_takes_its_corrections_along(client: TestClient, read: str) -> None:
    correct(client, read, "total", raw="1.00")
    client.delete(f"/v1/documents/{read}")
    assert export(client, "sft")[1:] == ([], [], [])
    assert client.get("/v1/corrections").json()["items"] == []
