import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from api.client import Client
from api.desk import FrontDesk
from core.records import DocumentState
from ingest import intake
from storage.blobs import BlobStore
from storage.database import Sessions
from storage.documents import list_documents
from storage.tables import Workspace
from tests.api.conftest import parts, problem, upload
from tests.ingest.files import born_digital, encrypted, image_file, zero_pages


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "note.txt"
    path.write_text("Not a document, but a note.\n")
    return path


def test_an_uploaded_file_is_a_document_that_is_being_drawn(client: TestClient, pdf: Path, blobs: BlobStore) -> None:
    response = client.post("/v1/documents", files=parts(pdf))
    assert response.status_code == 201
    (document,) = response.json()["documents"]
    assert document["name"] == "invoice.pdf"
    assert (document["page_count"], document["size"]) == (2, pdf.stat().st_size)
    assert (document["state"], document["created"]) == ("rasterizing", True)
    assert document["media_type"] == "application/pdf"
    assert document["error"] is None
    assert blobs.read(document["sha256"]) == pdf.read_bytes()


def test_the_same_bytes_are_the_same_document(client: TestClient, pdf: Path, document: dict[str, Any]) -> None:
    response = client.post("/v1/documents", files=[("files", ("again.pdf", pdf.read_bytes()))])
    assert response.status_code == 200
    names = {"names": ["invoice.pdf", "again.pdf"]}
    assert response.json()["documents"] == [document | names | {"created": False}]


def test_good_files_go_in_and_each_refused_one_is_named(
    client: TestClient, pdf: Path, note: Path, tmp_path: Path
) -> None:
    picture = image_file(tmp_path / "scan.png", Image.new("L", (300, 400), 200))
    nothing = tmp_path / "nothing.pdf"
    nothing.touch()
    body = upload(client, note, pdf, nothing, picture)
    assert [d["name"] for d in body["documents"]] == ["invoice.pdf", "scan.png"]
    assert [(r["name"], r["code"]) for r in body["refused"]] == [
        ("note.txt", "unsupported-file"),
        ("nothing.pdf", "empty-file"),
    ]
    assert body["refused"][0]["title"] == "The file is neither a PDF nor a PNG, JPEG or TIFF image"
    assert body["refused"][0]["detail"] == "This is a text file; send a PDF, PNG, JPEG or TIFF file."


def test_a_zip_is_unpacked_and_its_entries_are_named(client: TestClient, pdf: Path, note: Path, tmp_path: Path) -> None:
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as packing:
        packing.write(pdf, "2026/invoice.pdf")
        packing.write(note, "2026/note.txt")
    body = upload(client, archive)
    assert [d["name"] for d in body["documents"]] == ["all.zip/2026/invoice.pdf"]
    assert [r["name"] for r in body["refused"]] == ["all.zip/2026/note.txt"]


def refused_files() -> dict[str, tuple[bytes, int, str]]:
    good = io.BytesIO()
    Image.new("L", (50, 50)).save(good, "PNG")
    return {
        "text": (b"just text", 415, "unsupported-file"),
        "empty": (b"", 422, "empty-file"),
        "no pages": (zero_pages(), 422, "no-pages"),
        "half a picture": (good.getvalue()[:60], 422, "truncated-file"),
        "broken zip": (b"PK\x03\x04 and no more", 422, "bad-archive"),
    }


@pytest.mark.parametrize("kind", sorted(refused_files()))
def test_a_single_file_that_is_refused_is_its_own_problem_and_leaves_no_row(
    kind: str, client: TestClient, sessions: Sessions, workspace: Workspace
) -> None:
    content, status, code = refused_files()[kind]
    assert problem(client.post("/v1/documents", files=[("files", ("x", content))])) == (status, code)
    with sessions() as session:
        assert list_documents(session, workspace.id).items == []


def test_only_where_all_files_are_refused_it_is_an_error_that_names_them(client: TestClient, note: Path) -> None:
    response = client.post("/v1/documents", files=[*parts(note), ("files", ("b.pdf", b""))])
    assert problem(response) == (422, "rejected-file")
    assert [r["code"] for r in response.json()["refused"]] == ["unsupported-file", "empty-file"]


def test_a_file_over_its_limit_is_named_and_the_others_go_in(
    client: TestClient, pdf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = client.app.state.desk.settings  # type: ignore[attr-defined]
    limit = pdf.stat().st_size + 1
    monkeypatch.setattr(client.app.state.desk, "settings", settings.model_copy(update={"max_file_bytes": limit}))  # type: ignore[attr-defined]
    big = tmp_path / "big.pdf"
    big.write_bytes(pdf.read_bytes() + bytes(2_000_000))
    body = upload(client, big, pdf)
    assert [d["name"] for d in body["documents"]] == ["invoice.pdf"]
    assert [(r["name"], r["code"]) for r in body["refused"]] == [("big.pdf", "file-too-large")]
    assert problem(client.post("/v1/documents", files=parts(big))) == (413, "file-too-large")


def test_names_are_kept_as_they_were_but_lead_nowhere(client: TestClient, pdf: Path) -> None:
    response = client.post("/v1/documents", files=[("files", ("../Ordner/Réchnung 日本.pdf", pdf.read_bytes()))])
    assert response.json()["documents"][0]["name"] == "Ordner/Réchnung 日本.pdf"


def test_a_protected_document_waits_for_its_password_and_opens_with_it(
    client: TestClient, tmp_path: Path, work: Callable[[], None]
) -> None:
    waiting = upload(client, encrypted(tmp_path / "secret.pdf", "sesame"))["documents"][0]
    assert (waiting["state"], waiting["page_count"]) == ("needs_password", None)
    unlock = f"/v1/documents/{waiting['id']}/unlock"
    assert problem(client.post(unlock, json={"password": "wrong"})) == (422, "wrong-password")
    opened = client.post(unlock, json={"password": "sesame"})
    assert opened.status_code == 200
    assert (opened.json()["state"], opened.json()["page_count"]) == ("rasterizing", 2)
    assert problem(client.post(unlock, json={"password": "sesame"})) == (409, "conflict")
    work()
    assert client.get(f"/v1/documents/{waiting['id']}").json()["state"] == "ready"


def test_unlocking_waits_in_the_places_of_uploads_and_not_in_those_of_other_requests(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = upload(client, encrypted(tmp_path / "secret.pdf", "sesame"))["documents"][0]
    desk: FrontDesk = client.app.state.desk  # type: ignore[attr-defined]
    unlock, taken = intake.unlock, []

    def watched(*given: Any) -> DocumentState:
        taken.append(desk.uploads.borrowed_tokens)
        return unlock(*given)

    monkeypatch.setattr(intake, "unlock", watched)
    assert client.post(f"/v1/documents/{waiting['id']}/unlock", json={"password": "sesame"}).status_code == 200
    assert taken == [1]


def test_a_password_can_come_with_the_upload(client: TestClient, tmp_path: Path) -> None:
    path = encrypted(tmp_path / "secret.pdf", "sesame")
    assert problem(client.post("/v1/documents", files=parts(path), data={"password": "no"})) == (422, "wrong-password")
    assert upload(client, path, password="sesame")["documents"][0]["page_count"] == 2


def test_documents_are_listed_newest_first_part_by_part(client: TestClient, tmp_path: Path) -> None:
    for number in range(3):
        upload(client, born_digital(tmp_path / f"{number}.pdf", pages=1, lines=number + 1))
    first = client.get("/v1/documents", params={"limit": 2}).json()
    assert [d["name"] for d in first["items"]] == ["2.pdf", "1.pdf"]
    rest = client.get("/v1/documents", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [d["name"] for d in rest["items"]] == ["0.pdf"]
    assert rest["next_cursor"] is None


def test_a_list_can_be_asked_for_one_state(
    client: TestClient, document: dict[str, Any], tmp_path: Path, work: Callable[[], None]
) -> None:
    work()
    upload(client, encrypted(tmp_path / "secret.pdf", "sesame"))
    ready = client.get("/v1/documents", params={"state": "ready"}).json()["items"]
    assert [d["id"] for d in ready] == [document["id"]]
    assert problem(client.get("/v1/documents", params={"state": "tired"})) == (422, "invalid-request")


@pytest.mark.parametrize("cursor", ["x", "%00", "AAAA", "AZq8P30eWgybfk8qbYwbMA=="])
def test_a_cursor_that_nobody_gave_out_is_refused_or_empty(cursor: str, client: TestClient) -> None:
    response = client.get(f"/v1/documents?cursor={cursor}")
    assert response.status_code == 200 or problem(response) == (422, "invalid-cursor")


def test_a_deleted_document_is_gone_and_may_come_back(client: TestClient, pdf: Path, document: dict[str, Any]) -> None:
    path = f"/v1/documents/{document['id']}"
    assert client.delete(path).status_code == 204
    assert problem(client.get(path)) == (404, "document-not-found")
    assert problem(client.delete(path)) == (404, "document-not-found")
    again = upload(client, pdf)["documents"][0]
    assert again["created"]
    assert again["id"] != document["id"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"--x\r\n", "cut off"),
        (b"no form at all", "not the multipart form"),
        (b"--x\r\nContent-Disposition: form-data; name=files\r\n\r\nabc\r\n--x--\r\n", "not known"),
        (b'--x\r\nContent-Disposition: form-data; name=other; filename="a"\r\n\r\nabc\r\n--x--\r\n', "not known"),
        (b"--x\r\nContent-Disposition: form-data; name=password\r\n\r\n\xff\r\n--x--\r\n", "not text"),
        (b"--x\r\nContent-Disposition: form-data; name=password\r\n\r\nabc\r\n--x--\r\n", "no file"),
        (b"--x\r\nContent-Disposition: form-data; name=password\r\n\r\n" + b"a" * 5000 + b"\r\n--x--\r\n", "bytes"),
        (b"--x\r\n\r\nabc\r\n--x--\r\n", "not known"),
    ],
)
def test_a_form_that_cannot_be_taken_is_refused_with_what_is_wrong(body: bytes, said: str, client: TestClient) -> None:
    response = client.post("/v1/documents", content=body, headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert problem(response) == (422, "invalid-request")
    assert said in response.json()["detail"]
    assert left_over(client) == []


def test_an_upload_that_is_no_form_is_told_so(client: TestClient) -> None:
    response = client.post("/v1/documents", json={"files": []})
    assert problem(response) == (422, "invalid-request")
    assert "multipart/form-data" in response.json()["detail"]


def left_over(client: TestClient) -> list[Path]:
    root: Path = client.app.state.desk.settings.data_dir  # type: ignore[attr-defined]
    return [path for path in root.rglob("*") if path.is_file()]


def test_documents_are_listed_by_name_tag_and_order(client: TestClient, tmp_path: Path) -> None:
    made = upload(client, *(born_digital(tmp_path / f"{n}.pdf", pages=p) for n, p in (("b", 1), ("A", 3), ("c", 2))))
    ids = {one["name"]: one["id"] for one in made["documents"]}

    def listed(**asked: str) -> list[str]:
        return [one["name"] for one in client.get("/v1/documents", params=asked).json()["items"]]

    tagged = client.put(f"/v1/documents/{ids['b.pdf']}/tags", json={"tags": ["To pay, 2026", "2026"]})
    assert tagged.json()["tags"] == ["2026", "to pay"]
    assert listed(order="name") == ["A.pdf", "b.pdf", "c.pdf"]
    assert listed(order="pages") == ["A.pdf", "c.pdf", "b.pdf"]
    assert listed(name="B.P") == listed(tag="To Pay") == ["b.pdf"]
    assert listed(tag="\0") == []
    assert problem(client.get("/v1/documents", params={"order": "size"})) == (422, "invalid-request")
    cursor = client.get("/v1/documents", params={"limit": 1, "order": "name"}).json()["next_cursor"]
    assert listed(order="name", cursor=cursor) == ["b.pdf", "c.pdf"]
    assert problem(client.get("/v1/documents", params={"cursor": cursor})) == (422, "invalid-cursor")


def test_a_stranger_tags_nothing(client: TestClient, stranger: dict[str, str], document: dict[str, Any]) -> None:
    place = f"/v1/documents/{document['id']}"
    assert problem(client.put(f"{place}/tags", json={"tags": ["x"]}, headers=stranger)) == (404, "document-not-found")
    assert problem(client.put(f"{place}/tags", json={"tags": ["x" * 51]})) == (422, "invalid-request")
    assert client.get(place).json()["tags"] == []


def test_a_program_tags_documents_and_lists_them_by_it(server: str, key: str, tmp_path: Path) -> None:
    with Client(server, key) as folioscope:
        for name in ("b", "a"):
            document = folioscope.upload_file(born_digital(tmp_path / f"{name}.pdf", pages=1))
            assert folioscope.tag(document.id, ["To pay"]).tags == ("to pay",)
        assert [one.name for one in folioscope.documents(tag="to pay", order="name")] == ["a.pdf", "b.pdf"]
        assert [one.name for one in folioscope.documents(name="B.")] == ["b.pdf"]
