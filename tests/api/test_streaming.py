"""An upload on its way through a real server: flat in memory, and gone without a trace when its sender goes away."""

import socket
import time
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from core.settings import Settings
from storage.database import Sessions
from storage.documents import list_documents
from storage.tables import Workspace
from tests.ingest.files import raw_pdf

MB = 1_000_000
PATIENCE = 60.0


def large_pdf(path: Path, size: int) -> Path:
    """A PDF of one empty page, and `size` bytes that no page shows."""
    small = raw_pdf(
        {
            1: b"<</Type/Catalog/Pages 2 0 R>>",
            2: b"<</Type/Pages/Kids[10 0 R]/Count 1>>",
            10: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>>",
        }
    )
    head, tail = small.split(b"\n", 1)
    del head
    padding = b"%" + b"x" * 998 + b"\n"
    with path.open("wb") as file:
        file.write(b"%PDF-1.7\n")
        for _ in range(size // len(padding)):
            file.write(padding)
        offset = file.tell() - len(b"%PDF-1.7\n")
        file.write(shifted(tail, offset))
    return path


def shifted(objects: bytes, offset: int) -> bytes:
    """The objects with a cross-reference table for where they stand now."""
    body, _, table = objects.partition(b"xref\n")
    lines = [
        b"%010d%s" % (int(line[:10]) + offset, line[10:]) if line.endswith(b" n ") else line
        for line in table.split(b"\n")
    ]
    start = lines.index(b"startxref")
    lines[start + 1] = b"%d" % (int(lines[start + 1]) + offset)
    return body + b"xref\n" + b"\n".join(lines)


def peak_memory(pid: int) -> int:
    """The most bytes that the process ever had in memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) * 1024


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_memory_stays_flat_over_a_large_upload(process: tuple[str, int], key: str, tmp_path: Path) -> None:
    url, pid = process
    with httpx.Client(
        base_url=url, headers={"Authorization": f"Bearer {key}"}, trust_env=False, timeout=PATIENCE
    ) as http:
        for size in (1 * MB, 200 * MB):
            path = large_pdf(tmp_path / f"{size}.pdf", size)
            before = peak_memory(pid)
            with path.open("rb") as file:
                response = http.post("/v1/documents", files=[("files", (path.name, file))])
            assert response.status_code == 201, response.text
            assert response.json()["documents"][0]["size"] == path.stat().st_size
    assert peak_memory(pid) - before < 20 * MB


def test_an_upload_whose_sender_goes_away_leaves_nothing(
    server: str, app: FastAPI, key: str, settings: Settings, sessions: Sessions, workspace: Workspace
) -> None:
    host, port = server.removeprefix("http://").split(":")
    head = (
        f"POST /v1/documents HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\nIdempotency-Key: gone\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000000\r\n\r\n"
        '--x\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n\r\n%PDF-1.7\n'
    )
    with socket.create_connection((host, int(port))) as sending:
        sending.sendall(head.encode() + bytes(3 * MB))
        wait_until(lambda: any(path.stat().st_size for path in landed(settings)))
    wait_until(lambda: landed(settings) == [])
    with sessions() as session:
        assert list_documents(session, workspace.id).items == []
    assert list((settings.data_dir.parent / "blobs").rglob("*.*")) == []
    with httpx.Client(base_url=server, headers={"Authorization": f"Bearer {key}"}, trust_env=False) as http:
        again = http.post("/v1/documents", files=[("files", ("a", b"text"))], headers={"Idempotency-Key": "gone"})
        assert again.status_code == 415  # the key was not used up


def landed(settings: Settings) -> list[Path]:
    return [path for path in (settings.data_dir / "uploads").rglob("*") if path.is_file()]


def wait_until(come: object) -> None:
    """Wait for something that happens in another thread. Fails when it never does."""
    assert callable(come)
    deadline = time.monotonic() + PATIENCE
    while not come():
        assert time.monotonic() < deadline
        time.sleep(0.01)
