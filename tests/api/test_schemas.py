import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import problem

BODY = {"type": "object", "properties": {"order_number": {"type": "string"}, "total": {"type": "number"}}}


def test_the_built_in_schemas_are_there_with_their_fields(client: TestClient) -> None:
    schemas = client.get("/v1/schemas").json()["items"]
    assert [s["name"] for s in schemas] == ["form", "invoice", "letter", "receipt", "statement"]
    invoice = client.get("/v1/schemas/invoice").json()
    assert invoice == schemas[1]
    (iban,) = (field for field in invoice["fields"] if field["path"] == "iban")
    assert (iban["title"], iban["type"], iban["kind"]) == ("iban", "string", "iban")
    (items,) = invoice["tables"]
    assert (items["path"], items["fields"][3]["path"]) == ("line_items", "amount")
    assert invoice["rules"][1]["fields"] == ["subtotal", "tax", "total"]


def test_a_schema_is_added_once_and_a_new_body_is_its_next_version(client: TestClient) -> None:
    first = client.post("/v1/schemas", json={"name": "order", "body": BODY})
    assert first.status_code == 201
    assert (first.json()["version"], first.json()["body"]) == (1, BODY)
    assert [f["path"] for f in first.json()["fields"]] == ["order_number", "total"]
    assert client.post("/v1/schemas", json={"name": "order", "body": BODY}).json() == first.json()
    second = client.post("/v1/schemas", json={"name": "order", "body": BODY | {"title": "Order"}}).json()
    assert second["version"] == 2
    assert client.get("/v1/schemas/order").json() == second
    assert client.get("/v1/schemas/order", params={"version": 1}).json() == first.json()


@pytest.mark.parametrize("path", ["order", "invoice?version=9", "%00", "Invoice", "..%2Finvoice"])
def test_a_schema_that_is_not_there_is_not_found(path: str, client: TestClient) -> None:
    assert problem(client.get(f"/v1/schemas/{path}"))[0] == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"type": "string"},
        {"type": "object", "properties": {}},
        {"type": "object", "properties": {"a.b": {"type": "string"}}},
        {"type": "object", "properties": {"a": {"type": "string", "title": "x" * 1000}}},
        {"type": "object", "properties": {"a": {"$ref": "http://example.org/a.json"}}},
    ],
)
def test_a_body_that_cannot_be_extracted_by_is_refused(body: dict[str, Any], client: TestClient) -> None:
    response = client.post("/v1/schemas", json={"name": "order", "body": body})
    assert problem(response) == (422, "invalid-schema")


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "order", "body": {"type": "object", "properties": {"a": {"type": "string", "title": "\\u0000"}}}}',
        '{"name": "order", "body": {"type": "object", "properties": {"a": {"type": "string", "title": "\\ud800"}}}}',
        '{"name": "order", "body": {"type": "object", "properties": {"a": {"type": "string", "x": NaN}}}}',
        '{"name": "order", "body": {"x": ' + "[" * 900 + "]" * 900 + "}}",
        '{"name": "order", "body": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"name": "order", "body": {"x": ' + "9" * 5000 + "}}",
        '{"name": "Order", "body": {}}',
        '{"name": "order", "body": {}, "more": 1}',
        '{"name": "order"}',
        "{",
        "\udcff",
        "",
    ],
)
def test_json_that_cannot_be_kept_is_refused_and_never_a_crash(text: str, client: TestClient) -> None:
    content = text.encode("utf-8", "surrogateescape")
    response = client.post("/v1/schemas", content=content, headers={"Content-Type": "application/json"})
    assert problem(response)[0] == 422


def test_a_mistake_is_named_with_its_place_but_what_was_sent_is_not_sent_back(client: TestClient) -> None:
    response = client.post("/v1/schemas", json={"name": "PRIVATE NAME", "body": BODY})
    assert response.json()["errors"][0]["place"] == "body.name"
    assert "PRIVATE" not in json.dumps(response.json())


def test_a_refused_body_is_told_with_the_pointers_of_its_faults(client: TestClient) -> None:
    properties = {"a": {"oneOf": [{"type": "string"}], "type": "string"}, "b/c": {"type": "string"}}
    response = client.post("/v1/schemas", json={"name": "order", "body": {"type": "object", "properties": properties}})
    assert problem(response) == (422, "invalid-schema")
    told = response.json()
    assert told["pointer"] == "/properties/a/oneOf"
    assert told["pointer"] in told["detail"]
    assert [fault["pointer"] for fault in told["faults"]] == ["/properties/a/oneOf", "/properties/b~1c"]


def test_versions_are_listed_and_compared(client: TestClient) -> None:
    properties: dict[str, Any] = {
        "number": {"type": "string"},
        "total": {"type": "string", "format": "money", "description": "All in all."},
        "lines": {"type": "array", "items": {"type": "object", "properties": {"amount": {"type": "number"}}}},
    }
    wishes = {"rules": ["total > 0"], "target": 0.99, "text_layer": False}
    later = {"type": "object", "properties": properties, "folioscope": wishes}
    for body in (BODY, later):
        client.post("/v1/schemas", json={"name": "order", "body": body})
    versions = client.get("/v1/schemas/order/versions").json()["items"]
    assert [version["version"] for version in versions] == [2, 1]
    found = client.get("/v1/schemas/order/diff").json()
    assert (found["older"], found["newer"]) == (1, 2)
    assert found["added"] == ["number", "lines", "lines.amount"]
    assert found["removed"] == ["order_number"]
    changes = {(change["path"], change["word"]): (change["before"], change["after"]) for change in found["changes"]}
    assert changes == {
        ("total", "kind"): ("number", "money"),
        ("total", "type"): ("number", "string"),
        ("total", "description"): (None, "All in all."),
        (None, "target"): (None, 0.99),
        (None, "text_layer"): (True, False),
    }
    assert (found["rules_added"], found["rules_removed"]) == (["total > 0"], [])
    same = client.get("/v1/schemas/order/diff", params={"older": 2, "newer": 2}).json()
    assert not same["added"] + same["removed"] + same["changes"] + same["rules_added"] + same["rules_removed"]


@pytest.mark.parametrize("path", ["order/versions", "order/diff", "invoice/diff?newer=9", "invoice/diff?older=9"])
def test_versions_that_are_not_there_are_not_found(path: str, client: TestClient) -> None:
    assert problem(client.get(f"/v1/schemas/{path}"))[0] == 404
