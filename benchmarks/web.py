"""What a first visit to each page of the web page costs: the server's time, beside 200 ms, and bytes, beside 150 kB.

Over a workspace of 2,000 documents with a record each, seeded straight into storage, served over the loopback. The time
is from the request to the last byte of the page itself, beside the CPU time that it took of this process, in which both
server and client are: on a busy machine that says more. Its bytes are those of the page and all files that it loads,
pressed as a browser gets them, without pictures of documents. `python -m benchmarks.web`
"""

import argparse
import io
import random
import re
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from PIL import Image, ImageDraw
from sqlalchemy import insert

from api.app import make_app
from core.records import Decision, DocumentState, FieldKind, JobKind, JobState, PageState, Queue
from core.settings import Settings
from storage import conversations, schemas
from storage.blobs import BlobStore
from storage.database import Session, make_engine, make_sessions, new_id
from storage.migrate import upgrade
from storage.record_values import NO_ROW, row_of
from storage.tables import Blob, Document, Job, Page, Record, RecordValue
from storage.workspaces import ensure_workspace

MOST_MS = 200
MOST_BYTES = 150_000
_LOADED = re.compile(r'(?:href|src)="(/assets/[^"]+)"')
_SIZE = (1240, 1754)  # of a page's picture
_JOBS = 200
_UNSURE = 0.1  # the share of values that need a review


@dataclass(frozen=True, slots=True)
class Seeded:
    """What is there to be shown."""

    document_id: str
    job_id: str
    conversation_id: str


def seed(session: Session, blobs: BlobStore, documents: int) -> Seeded:
    """Documents of one page with a record each, jobs, and a conversation."""
    workspace_id = ensure_workspace(session, "default").id
    schema = schemas.get_schema(session, workspace_id, "invoice")
    dice = random.Random(0)  # noqa: S311 - made-up invoices
    picture = blobs.put(_picture()).sha256
    session.execute(insert(Blob), [{"sha256": sha} for sha in (picture, *(f"{n:064x}" for n in range(documents)))])
    ids = [new_id() for _ in range(documents)]
    rows: list[dict[str, Any]] = [
        {
            "id": id_, "workspace_id": workspace_id, "sha256": f"{number:064x}", "name": f"invoice-{number}.pdf",
            "media_type": "application/pdf", "size": 50_000, "page_count": 1, "state": DocumentState.READY,
        }
        for number, id_ in enumerate(ids)
    ]  # fmt: skip
    session.execute(insert(Document), rows)
    session.execute(insert(Page), [_page(workspace_id, id_, picture) for id_ in ids])
    for number, id_ in enumerate(ids):
        _add_record(session, workspace_id, schema.id, id_, _entries(number, dice))
    jobs = [_job(workspace_id, schema.id) for _ in range(_JOBS)]
    session.add_all(jobs)
    talk = conversations.create(session, workspace_id, {}, None)
    for number in range(10):
        asked = _question(workspace_id, f"What is the total of invoice {number}?", ids[number])
        session.add(asked)
        session.flush()
        conversations.add_turn(session, talk, asked.params["question"], asked.params["question"], asked.id)
    return Seeded(ids[0], jobs[0].id, talk.id)


def pages(seeded: Seeded) -> list[str]:
    """The addresses that are measured."""
    return [
        "/", f"/documents/{seeded.document_id}", "/review", "/records", "/records/invoice",
        "/records/invoice?where=total%20%3E%3D%201000&sort=-total", "/schemas", "/ask",
        f"/conversations/{seeded.conversation_id}", "/jobs", f"/jobs/{seeded.job_id}",
    ]  # fmt: skip


def measure(client: httpx.Client, place: str, rounds: int) -> tuple[float, float, int]:
    """The medians of the time and of the CPU time, in ms, and the bytes of a first visit."""
    shown = client.get(place)
    shown.raise_for_status()
    files = set(_LOADED.findall(shown.text))
    weight = _sent(shown) + sum(_sent(client.get(file)) for file in files)
    times, busy = [], []
    for _ in range(rounds):
        began, worked = time.perf_counter(), time.process_time()
        client.get(place)
        times.append(1000 * (time.perf_counter() - began))
        busy.append(1000 * (time.process_time() - worked))
    return statistics.median(times), statistics.median(busy), weight


def main() -> None:
    """Seed, serve, and print a line a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), require_key=False)
        engine = make_engine(settings.database)
        upgrade(engine)
        with make_sessions(engine).begin() as session:
            seeded = seed(session, BlobStore(settings.blobs), given.documents)
        engine.dispose()
        with _served(settings) as url, httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
            print(f"{'page':40} {'median ms':>9} {'CPU ms':>8} {'kB':>6}   ({MOST_MS} ms and {MOST_BYTES // 1000} kB)")
            for place in pages(seeded):
                median, busy, weight = measure(client, place, given.rounds)
                name = re.sub(r"[0-9a-f]{32}", "ID", place)
                kept = "" if median < MOST_MS and weight < MOST_BYTES else "   too much"
                print(f"{name[:40]:40} {median:9.0f} {busy:8.0f} {weight / 1000:6.1f}{kept}")


def _add_record(
    session: Session, workspace_id: str, schema_id: str, document_id: str, entries: dict[str, dict[str, Any]]
) -> None:
    """A record and its values, as a merge writes them."""
    record_id = new_id()
    unsure = sum(entry["decision"] == Decision.NEEDS_REVIEW.value for entry in entries.values())
    row = {
        "id": record_id, "workspace_id": workspace_id, "document_id": document_id, "schema_id": schema_id,
        "job_id": "0" * 32, "complete": True, "values": entries, "gaps": [], "unsure": unsure,
    }  # fmt: skip
    session.execute(insert(Record), [row])
    of = {"record_id": record_id, "document_id": document_id, "schema_id": schema_id, "workspace_id": workspace_id}
    values = [asdict(row_of(field, NO_ROW, _KINDS[field], entry)) | of for field, entry in entries.items()]
    session.execute(insert(RecordValue), values)


_KINDS = {
    "vendor_name": FieldKind.TEXT, "invoice_number": FieldKind.TEXT, "invoice_date": FieldKind.DATE,
    "total": FieldKind.MONEY, "tax": FieldKind.MONEY,
}  # fmt: skip


def _entries(number: int, dice: random.Random) -> dict[str, dict[str, Any]]:
    amount = f"{dice.uniform(1, 10_000):.2f}"
    day = f"202{dice.randrange(6)}-0{dice.randrange(1, 9)}-1{dice.randrange(9)}"
    said = {
        "vendor_name": (f"acme-{dice.randrange(200)} ltd",) * 2, "invoice_number": (f"N-{number}",) * 2,
        "invoice_date": (day, day), "total": (f"EUR {amount}", {"amount": amount, "currency": "EUR"}),
        "tax": (f"EUR {amount}", {"amount": amount, "currency": "EUR"}),
    }  # fmt: skip
    return {
        field: {
            "state": "found", "raw": raw, "typed": typed, "confidence": 0.93, "page": 1,
            "box": [0.1, 0.1 + place / 10, 0.4, 0.13 + place / 10], "verified": True,
            "decision": (Decision.NEEDS_REVIEW if dice.random() < _UNSURE else Decision.ACCEPTED).value,
        }
        for place, (field, (raw, typed)) in enumerate(said.items())
    }  # fmt: skip


def _page(workspace_id: str, document_id: str, picture: str) -> dict[str, Any]:
    return {
        "workspace_id": workspace_id, "document_id": document_id, "number": 1, "state": PageState.READY,
        "width": 595.0, "height": 842.0, "dpi": 150.0, "engine": "mupdf", "image_sha256": picture,
        "image_width": _SIZE[0], "image_height": _SIZE[1], "blank": False,
    }  # fmt: skip


def _job(workspace_id: str, schema_id: str) -> Job:
    return Job(
        id=new_id(), workspace_id=workspace_id, kind=JobKind.EXTRACT, state=JobState.SUCCEEDED, queue=Queue.BULK,
        schema_id=schema_id, params={},
    )  # fmt: skip


def _question(workspace_id: str, question: str, document_id: str) -> Job:
    evidence = {"document": document_id, "document_name": "invoice.pdf", "page": 1, "box": [0.1, 0.2, 0.4, 0.23]}
    result = {
        "state": "found", "text": "EUR 12.00", "confidence": 0.93, "evidence": evidence, "alternatives": [],
        "pages_looked_at": 8, "pages_unreadable": 0, "not_looked_at": 0,
    }  # fmt: skip
    return Job(
        id=new_id(), workspace_id=workspace_id, kind=JobKind.ASK, state=JobState.SUCCEEDED, queue=Queue.INTERACTIVE,
        params={"question": question, "scope": {}}, result=result,
    )  # fmt: skip


def _picture() -> bytes:
    """A page with some lines."""
    drawn = Image.new("L", _SIZE, 255)
    pen = ImageDraw.Draw(drawn)
    for line in range(60):
        pen.text((100, 100 + 25 * line), f"Line {line} of an invoice, 12.00 EUR " * 3, fill=0)
    file = io.BytesIO()
    drawn.save(file, "PNG")
    return file.getvalue()


def _sent(answer: httpx.Response) -> int:
    """The bytes of an answer as they were sent."""
    return answer.num_bytes_downloaded


@contextmanager
def _served(settings: Settings) -> Iterator[str]:
    """The app behind a server on a free port of the loopback."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        app = make_app(settings)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started and thread.is_alive():
            thread.join(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        app.state.closing.set()
        server.should_exit = True
        thread.join()


if __name__ == "__main__":
    main()
