"""The service without its API: worker processes as they are started everywhere, on a real database and Redis."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from api.tether import tethered
from core.errors import FolioscopeError
from core.records import FINAL_JOB_STATES, ItemState, JobKind, JobState, Queue
from core.settings import Settings
from ingest.intake import Upload, accept
from ingest.sandbox import Sandbox
from storage import jobs, planning, schemas
from storage.blobs import BlobStore
from storage.database import Sessions
from storage.planning import NewJob
from storage.tables import Item, Job, Workspace
from tests.scripted_model import picture
from workers.send import announce

ROOT = Path(__file__).parents[2]
PATIENCE = 600.0  # seconds: two busy cores are slow


def await_that(reached: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    """Wait for a fact."""
    deadline = time.monotonic() + patience
    while not reached():
        assert time.monotonic() < deadline, f"waited in vain for: {what}"
        time.sleep(0.2)


def scan(numbers: Sequence[int]) -> bytes:
    """A TIFF whose pages carry these numbers, and still do when they have been drawn."""
    first, *others = [Image.open(io.BytesIO(picture(number))) for number in numbers]
    file = io.BytesIO()
    first.save(file, "TIFF", save_all=True, append_images=others, dpi=(100, 100))
    return file.getvalue()


@dataclass
class Worker:
    """A whole worker: supervisor, pool, model, and what they start."""

    process: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """Kill all of it with -9, at once: no process is left to start or to warn another."""
        self.process.send_signal(signal.SIGSTOP)
        for pid in [*reversed(descendants(self.process.pid)), self.process.pid]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(30)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Ask it to end, and wait; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(60)

    def said(self) -> list[dict[str, Any]]:
        """Its log so far, as objects; lines that are none are given as `raw`."""
        return [_parsed(line) for line in self.log.read_text().splitlines()]

    def events(self) -> list[str]:
        """What its log says has happened so far."""
        return [str(line.get("event")) for line in self.said()]

    def pause_model(self) -> int:
        """Stop the process that holds the model; its id, to be resumed."""
        pid = next(pid for pid in descendants(self.process.pid) if "--queues\0bulk" in _command(pid))
        os.kill(pid, signal.SIGSTOP)
        return pid

    def pause_model_at_peace(self, sessions: Sessions) -> int:
        """The same, while it writes nothing: whoever stops within a write holds the lock of SQLite for as long."""
        while True:
            pid = self.pause_model()
            with suppress(FolioscopeError), sessions.begin():
                return pid
            self.resume(pid)
            time.sleep(0.05)

    def resume(self, pid: int) -> None:
        """Let a paused process go on."""
        os.kill(pid, signal.SIGCONT)


@dataclass
class Service:
    """One machine's service, and what a person does with it."""

    sessions: Sessions
    workspace: Workspace
    settings: Settings
    folder: Path
    sandbox: Sandbox
    workers: list[Worker] = field(default_factory=list)

    def script(self, **script: Any) -> None:
        """What the scripted model does; tell it before the workers start."""
        (self.folder / "script.json").write_text(json.dumps(script | {"journal": str(self.folder / "journal")}))

    def journal(self) -> list[tuple[int, int, float]]:
        """Page number, process id, time of everything that the model was asked."""
        path = self.folder / "journal"
        lines = path.read_text().splitlines() if path.exists() else []
        return [(int(n), int(pid), float(when)) for n, pid, when in (line.split() for line in lines)]

    def start(self, queues: Sequence[Queue] = tuple(Queue), concurrency: int = 1, **changes: Any) -> Worker:
        """Start a worker."""
        settings = self.settings.model_copy(update=changes)
        environment = {
            **os.environ,
            **settings.as_environment(),
            "SCRIPTED_MODEL": str(self.folder / "script.json"),
            "PYTHONPATH": str(ROOT),
        }
        workers = [sys.executable, "-m", "workers", "--queues", ",".join(queues), "--concurrency", str(concurrency)]
        command = tethered(workers)  # a test run that is killed leaves none behind
        log = self.folder / f"worker-{len(self.workers)}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                command, env=environment, cwd=self.folder, stderr=file, stdout=file, start_new_session=True
            )
        worker = Worker(process, log)
        self.workers.append(worker)
        return worker

    def upload(self, name: str, numbers: Sequence[int]) -> str:
        """Upload a scan whose pages carry these numbers; the document's id."""
        path = self.folder / "upload"
        path.write_bytes(scan(numbers))
        blobs = BlobStore(self.settings.blobs)
        accepted = accept(self.sessions, blobs, self.workspace.id, Upload(name, path), self.sandbox)
        announce([Queue.RASTERIZE], self.settings.redis_url)
        return accepted.document_id

    def schema(self, **fields: str) -> str:
        """A schema with these fields and titles; its id."""
        body = {"type": "object", "properties": {k: {"type": "string", "title": v} for k, v in fields.items()}}
        with self.sessions.begin() as session:
            return schemas.add_schema(session, self.workspace.id, "thing", body).id

    def extract(self, schema_id: str, *document_ids: str) -> str:
        """Start reading; the job's id."""
        return self._plan(NewJob(JobKind.EXTRACT, Queue.BULK, schema_id), document_ids)

    def ask(self, question: str, *document_ids: str) -> str:
        """Start answering; the job's id."""
        return self._plan(NewJob(JobKind.ASK, Queue.INTERACTIVE, params={"question": question}), document_ids)

    def _plan(self, new: NewJob, document_ids: Sequence[str]) -> str:
        with self.sessions.begin() as session:
            job_id = planning.plan(session, self.workspace.id, new, list(document_ids) or None).id
        announce([new.queue], self.settings.redis_url)
        return job_id

    def job(self, job_id: str) -> Job:
        with self.sessions() as session:
            return jobs.get_job(session, self.workspace.id, job_id)

    def wait(self, job_id: str, patience: float = PATIENCE) -> JobState:
        """The job's final state."""
        await_that(lambda: self.job(job_id).state in FINAL_JOB_STATES, "the end of the job", patience)
        return JobState(self.job(job_id).state)

    def gaps(self, job_id: str) -> list[tuple[str, int | None, str]]:
        """Document's name, page and code of what the job misses."""
        with self.sessions() as session:
            found = jobs.gaps(session, jobs.get_job(session, self.workspace.id, job_id))
            return [(gap.document_name, gap.page, gap.code) for gap in found]

    def items(self, job_id: str) -> list[Item]:
        with self.sessions() as session:
            found = session.query(Item).filter(Item.job_id == job_id)
            return list(found.order_by(Item.document_id, Item.first_page))

    def waiting_to_be_drawn(self) -> int:
        """How many windows of pages are not drawn yet."""
        open_ = (ItemState.WAITING, ItemState.LEASED)
        with self.sessions() as session:
            return session.query(Item).filter(Item.queue == Queue.RASTERIZE, Item.state.in_(open_)).count()

    def done(self, job_id: str) -> int:
        with self.sessions() as session:
            return jobs.progress(session, job_id).done

    def leased(self, job_id: str) -> list[Item]:
        return [item for item in self.items(job_id) if item.state == ItemState.LEASED]

    def close(self) -> None:
        """Kill what still runs."""
        self.sandbox.close()
        for worker in self.workers:
            if worker.process.poll() is None:
                worker.kill()


def _parsed(line: str) -> dict[str, Any]:
    try:
        said = json.loads(line)
    except ValueError:
        return {"raw": line}
    return said if isinstance(said, dict) else {"raw": line}


def descendants(pid: int) -> list[int]:
    """The processes that a process started, and those that they started; parents first."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").iterdir():
        with suppress(OSError):
            if path.name.isdigit():
                parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(path.name))
    found = list(children.get(pid, []))
    for child in found:
        found += children.get(child, [])
    return found


def _command(pid: int) -> str:
    """The command line of a worker process."""
    command = Path(f"/proc/{pid}/cmdline").read_bytes().decode()
    return command if "workers.pool" in command else ""
