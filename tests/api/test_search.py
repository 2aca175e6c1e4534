"""Search over HTTP: pages are read by a job, found by their words, and by nobody else."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import problem
from tests.scripted_model import ScriptedModel


@pytest.fixture
def database_url(each_database_url: str) -> str:
    """Both kinds: what is asked here is said in SQL, or holds because of locks."""
    return each_database_url


@pytest.fixture
def read(client: TestClient, document: dict[str, Any], work: Callable[[], None]) -> dict[str, Any]:
    """The job that read both pages of the document."""
    started = client.post("/v1/jobs", json={"kind": "read"})
    assert started.status_code == 202, started.text
    work()
    return client.get(f"/v1/jobs/{started.json()['id']}").json()  # type: ignore[no-any-return]


def test_pages_are_read_by_a_job_and_found_by_their_words(
    client: TestClient, read: dict[str, Any], document: dict[str, Any], model: ScriptedModel
) -> None:
    assert (read["kind"], read["state"], read["schema"]) == ("read", "succeeded", None)
    assert read["result"] == {"pages": 2, "layer": 2, "model": 0, "blank": 0, "failed": 0}
    assert client.get("/v1/jobs").json()["items"] == [read]
    assert model.calls == []
    found = client.get("/v1/search", params={"q": '"page 2" invoice'}).json()
    (hit,) = found["items"]
    assert (hit["document_id"], hit["document_name"], hit["page"]) == (document["id"], "invoice.pdf", 2)
    assert (hit["source"], hit["values"], found["total"], found["next_cursor"]) == ("layer", [], 1, None)
    text = hit["snippet"]["text"]
    assert "Page 2" in [text[start:end] for start, end in hit["snippet"]["marks"]]
    assert all(0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1 for x0, y0, x1, y1 in hit["boxes"])


def test_a_search_goes_on_by_its_cursor_and_may_be_limited_to_documents(
    client: TestClient, read: dict[str, Any], document: dict[str, Any]
) -> None:
    asked = {"q": "customer", "limit": 1, "documents": document["id"]}
    first = client.get("/v1/search", params=asked).json()
    second = client.get("/v1/search", params=asked | {"cursor": first["next_cursor"]}).json()
    assert sorted(hit["page"] for hit in first["items"] + second["items"]) == [1, 2]
    assert (first["total"], second["next_cursor"]) == (2, None)


def test_what_cannot_be_searched_for_is_a_problem(client: TestClient, read: dict[str, Any]) -> None:
    for q in ("", "-only", "x" * 20_000, "a*", "a\x00*"):
        assert problem(client.get("/v1/search", params={"q": q})) == (422, "invalid-request"), q
    for query in ("", "?q=x&limit=0", "?q=x&limit=501"):
        assert problem(client.get(f"/v1/search{query}")) == (422, "invalid-request")
    assert problem(client.get("/v1/search", params={"q": "x", "cursor": "y"})) == (422, "invalid-cursor")
    unknown = {"q": "x", "documents": "0" * 32}
    assert problem(client.get("/v1/search", params=unknown)) == (404, "document-not-found")
    for soup in ("\\' OR 1=1 --", 'NEAR("a b", 3) acme', "a & !b | <->", "{words}:x", "\udfff page"):
        assert client.get("/v1/search", params={"q": soup.encode(errors="replace").decode()}).status_code == 200, soup


def test_a_stranger_finds_nothing(
    client: TestClient, read: dict[str, Any], document: dict[str, Any], stranger: dict[str, str]
) -> None:
    assert client.get("/v1/search", params={"q": "customer"}, headers=stranger).json()["items"] == []
    named = {"q": "customer", "documents": document["id"]}
    assert client.get("/v1/search", params=named, headers=stranger).status_code == 404
    assert client.get("/v1/search", params={"q": "customer"}, headers={"Authorization": ""}).status_code == 401


def test_a_deleted_document_is_not_found(client: TestClient, read: dict[str, Any], document: dict[str, Any]) -> None:
    assert client.delete(f"/v1/documents/{document['id']}").status_code == 204
    assert client.get("/v1/search", params={"q": "customer"}).json() == {"items": [], "total": 0, "next_cursor": None}


@pytest.mark.parametrize(
    "asked", [{"kind": "extract"}, {"kind": "read", "schema": "invoice"}, {"kind": "read", "schema_version": 1}]
)
def test_an_extraction_needs_a_schema_and_a_reading_takes_none(
    asked: dict[str, Any], client: TestClient, document: dict[str, Any]
) -> None:
    assert problem(client.post("/v1/jobs", json=asked)) == (422, "invalid-request")


def test_only_extractions_are_estimated(client: TestClient, document: dict[str, Any]) -> None:
    assert problem(client.post("/v1/jobs/estimate", json={"kind": "read"})) == (422, "invalid-request")
