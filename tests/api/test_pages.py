import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from core.records import Queue
from core.settings import Settings
from tests.api.conftest import problem, upload
from tests.ingest.files import nested_forms
from tests.scripted_model import ScriptedModel
from workers.desk import Desk
from workers.work import work_until_idle


@pytest.fixture
def drawn(document: dict[str, Any], work: Callable[[], None]) -> str:
    """The path of a document whose pages are drawn."""
    work()
    return f"/v1/documents/{document['id']}"


def test_pages_say_how_large_they_are_and_which_words_they_carry(client: TestClient, drawn: str) -> None:
    pages = client.get(f"{drawn}/pages").json()["items"]
    assert [(p["number"], p["state"]) for p in pages] == [(1, "ready"), (2, "ready")]
    page = client.get(f"{drawn}/pages/2").json()
    assert pages[1].items() < page.items()
    assert (page["width"], page["height"], page["dpi"], page["engine"]) == (612.0, 792.0, 150.0, "mupdf")
    assert (page["image_width"], page["image_height"], page["blank"]) == (1275, 1650, False)
    assert [word["text"] for word in page["words"][:2]] == ["Page", "2"]
    assert all(0 <= side <= 1 for word in page["words"] for side in word["box"])


def test_a_page_that_is_not_drawn_yet_has_no_size_no_words_and_no_picture(
    client: TestClient, document: dict[str, Any]
) -> None:
    path = f"/v1/documents/{document['id']}/pages/1"
    page = client.get(path).json()
    assert (page["state"], page["width"], page["words"]) == ("waiting", None, [])
    response = client.get(f"{path}/image")
    assert problem(response) == (404, "page-not-found")
    assert response.json()["detail"] == "The page is not drawn yet."


def test_a_picture_is_sent_as_what_it_is_and_only_once(client: TestClient, drawn: str) -> None:
    response = client.get(f"{drawn}/pages/1/image")
    assert response.status_code == 200
    assert Image.MIME[Image.open(io.BytesIO(response.content)).format or ""] == response.headers["content-type"]
    assert response.headers["content-type"] in {"image/png", "image/jpeg"}
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "private, max-age=31536000, immutable"
    again = client.get(f"{drawn}/pages/1/image", headers={"If-None-Match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("number", ["3", "2147483647"])
def test_a_page_that_the_document_does_not_have_is_not_found(number: str, client: TestClient, drawn: str) -> None:
    assert problem(client.get(f"{drawn}/pages/{number}")) == (404, "page-not-found")
    assert problem(client.get(f"{drawn}/pages/{number}/image")) == (404, "page-not-found")


@pytest.mark.parametrize("number", ["0", "-1", "one", "2147483648", "9" * 5000])
def test_what_is_no_page_number_is_an_invalid_request(number: str, client: TestClient, drawn: str) -> None:
    assert problem(client.get(f"{drawn}/pages/{number}")) == (422, "invalid-request")


def test_a_page_that_cannot_be_drawn_says_why_and_its_document_is_ready_with_a_warning(
    client: TestClient, tmp_path: Path, settings: Settings, model: ScriptedModel
) -> None:
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(nested_forms(bad_page=2, pages=2))
    path = f"/v1/documents/{upload(client, bad)['documents'][0]['id']}"
    desk = Desk(settings.model_copy(update={"raster_cpu_seconds": 1, "raster_engines": "mupdf"}), model=model)
    work_until_idle(desk, [Queue.RASTERIZE])
    desk.close()
    document = client.get(path).json()
    assert (document["state"], document["warning"]) == ("ready", "1 of 2 pages could not be drawn and was left out.")
    page = client.get(f"{path}/pages/2").json()
    assert (page["state"], page["error"]["code"]) == ("failed", "page-took-too-long")
    response = client.get(f"{path}/pages/2/image")
    assert problem(response) == (404, "page-not-found")
    assert response.json()["detail"] == page["error"]["detail"]
