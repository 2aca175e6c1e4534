import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from api.client import Client
from api.parcels import Source
from api.results import Job
from core.errors import (
    DocumentNotFound,
    InvalidSchema,
    JobNotFound,
    PageNotFound,
    SchemaNotFound,
    ServiceUnavailable,
    Unauthorized,
    UnsupportedFile,
)
from core.records import Box, JobState
from tests.api.commands.conftest import ROOT, Live
from tests.ingest.files import born_digital
from tests.scripted_model import picture

pytestmark = pytest.mark.timeout(120)


class Forwarding(BaseHTTPRequestHandler):
    """Hands requests on to the service. The first is done there like the others, but its answer is lost on the way."""

    target = ""
    lost: threading.Event

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        answer = httpx.post(f"{self.target}{self.path}", headers=headers, content=content)
        if not self.lost.is_set():
            self.lost.set()
            self.close_connection = True
            return
        self.send_response(answer.status_code)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
        """Tests are quiet."""


@contextmanager
def losing_the_first_answer(url: str) -> Iterator[str]:
    """The service behind a line that loses its first answer."""
    lost = threading.Event()
    line = type("Line", (Forwarding,), {"target": url, "lost": lost})
    with ThreadingHTTPServer(("127.0.0.1", 0), line) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
    assert lost.is_set()


def test_the_example_of_the_readme_runs_as_it_stands(
    live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    block = (ROOT / "README.md").read_text().partition("## From Python\n")[2].partition("\n## ")[0]
    code = "\n".join(line.removeprefix("    ") for line in block.splitlines())
    (tmp_path / "invoice.pdf").write_bytes(live.picture("invoice.png", 1).read_bytes())
    (tmp_path / ".folioscope").mkdir()
    (tmp_path / ".folioscope" / "key").write_text(f"{live.key}\n")  # where `up` keeps it
    monkeypatch.chdir(tmp_path)
    exec(code.replace("http://127.0.0.1:8470", live.url), {})  # noqa: S102 - our own README
    assert "$12.00 0.97 1 Box(x0=0.1, y0=0.2, x1=0.3, y1=0.4)" in capsys.readouterr().out


def test_many_small_files_are_uploaded_in_few_requests_and_read_over_many_pages_of_records(
    live: Live, tmp_path: Path
) -> None:
    for number in range(60):
        (tmp_path / f"{number:02}.png").write_bytes(picture(1_000 + number))
    told: list[tuple[int, int]] = []
    with live.client() as folioscope:
        done = folioscope.upload(tmp_path, progress=lambda sent, total: told.append((sent, total)))
        ids = [document.id for document in done.documents]
        assert [document.name for document in done.documents] == [f"{number:02}.png" for number in range(60)]
        assert len(told) == 2
        assert told[-1][0] == told[-1][1]
        seen: list[Job] = []
        job = folioscope.wait(folioscope.extract("letter", ids), seen.append)
        assert (job.state, job.progress.done) == (JobState.SUCCEEDED, 60)
        assert seen[-1] == job
        found = {record.document_id: record.values["subject"].raw for record in folioscope.records("letter")}
        assert [found[document] for document in ids] == [f"subject {1_000 + number}" for number in range(60)]
        for document in ids:
            folioscope.delete(document)


def test_a_document_has_pages_with_words_and_pictures_until_it_is_deleted(live: Live, tmp_path: Path) -> None:
    with live.client() as folioscope:
        document = folioscope.upload_file(born_digital(tmp_path / "two.pdf", pages=2))
        assert document.created
        assert folioscope.extract("letter", [document.id]).progress.total == 2
        folioscope.wait(folioscope.extract("letter", [document.id]))
        assert [page.number for page in folioscope.pages(document.id)] == [1, 2]
        words = folioscope.page(document.id, 2).words
        assert words is not None
        assert [word.text for word in words[:2]] == ["Page", "2"]
        assert isinstance(words[0].box, Box)
        assert folioscope.image(document.id, 1)[:4] in {b"\x89PNG", b"\xff\xd8\xff\xe0"}
        with pytest.raises(PageNotFound):
            folioscope.page(document.id, 3)
        folioscope.delete(document.id)
        with pytest.raises(DocumentNotFound):
            folioscope.document(document.id)


def test_bytes_go_up_under_a_name(live: Live) -> None:
    with live.client() as folioscope:
        document = folioscope.upload_file(Source.of_stream(picture(77), "from memory.png"))
        assert folioscope.document(document.id).name == "from memory.png"
        with pytest.raises(UnsupportedFile):
            folioscope.upload_file(Source.of_stream(b"plain words", "notes.txt"))


def test_a_connection_that_breaks_does_nothing_twice(live: Live) -> None:
    with losing_the_first_answer(live.url) as url, Client(url, live.key) as folioscope:
        document = folioscope.upload_file(Source.of_stream(picture(88), "once.png"))
    assert document.created  # as the lost answer said
    with losing_the_first_answer(live.url) as url, Client(url, live.key) as folioscope:
        job = folioscope.extract("receipt", [document.id])
    with live.client() as folioscope:
        assert [listed.id for listed in folioscope.jobs() if listed.id >= job.id] == [job.id]


def test_an_error_is_raised_as_the_class_of_its_code(live: Live) -> None:
    with live.client() as folioscope:
        with pytest.raises(SchemaNotFound):
            folioscope.schema("nonsense")
        with pytest.raises(JobNotFound):
            folioscope.job("0" * 32)
        with pytest.raises(InvalidSchema) as refused:
            folioscope.add_schema("empty", {"type": "object", "properties": {}})
        assert refused.value.facts["status"] == 422
    with Client(live.url, "wrong") as stranger, pytest.raises(Unauthorized):
        stranger.schemas()


def test_where_nothing_listens_the_error_says_what_to_do() -> None:
    with Client("http://127.0.0.1:1") as folioscope, pytest.raises(ServiceUnavailable, match="folioscope up"):
        folioscope.schemas()


def test_something_else_that_listens_there_is_not_taken_for_the_service() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:

        def answer() -> None:
            for _ in range(5):
                caller, _ = door.accept()
                with caller:
                    caller.recv(65_536)
                    caller.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")

        thread = threading.Thread(target=answer)
        thread.start()
        with (
            Client(f"http://127.0.0.1:{door.getsockname()[1]}") as folioscope,
            pytest.raises(ServiceUnavailable, match="is not Folioscope"),
        ):
            folioscope.schemas()
        thread.join()
