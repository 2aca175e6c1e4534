"""The service against a bare loop: `python -m benchmarks.pipeline [FILES...]`.

The bare loop is one process: it opens each file, draws each page at 150 dpi by PyMuPDF and shows it to the model with
the fields of the schema. It stores nothing, checks nothing and survives nothing. The service is what `folioscope up`
starts, on a fresh data folder: the files are uploaded over HTTP, drawn in the sandboxed children, kept as blobs, read
under leases, and the clock stops when the job is final. Both have loaded their model and read a page before the clock
starts, and both give the model the same number of threads: with one thread on two cores, the service draws beside the
model. Rounds alternate; a busy machine hurts both sides. CPU seconds a page count all processes of a side while the
clock runs, and tell what the service costs over the bare loop whatever else the machine does.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from api.client import Client
from core.settings import Settings
from ingest.limits import Limits
from ingest.mupdf import MupdfEngine
from storage.schemas import fields_of
from workers.vlm.interface import Model, PageRequest, Prompt, PromptKind
from workers.vlm.registry import load_model

TARGET = 0.90
SAMPLES = Path(__file__).parents[1] / "samples"
LEFT_OUT = {"blank.pdf", "letter-locked.pdf", "invoice-truncated.pdf"}  # the service has no work with these
WARM = "invoice-01.pdf"  # read by both before the clock starts
SCHEMA = "invoice"


@dataclass(frozen=True, slots=True)
class Round:
    """One side, once through all files."""

    pages: int
    seconds: float
    cpu_seconds: float  # of all its processes


def main() -> None:
    """Print the table; end with 1 where the service stays under its share."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, help="PDFs to read; by default those of samples/")
    parser.add_argument("--threads", type=int, default=1, help="threads of the model, on both sides")
    parser.add_argument("--model", default="bundled")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--bare", action="store_true", help=argparse.SUPPRESS)  # the bare side, in its own process
    given = parser.parse_args()
    chosen = [path for path in sorted(SAMPLES.glob("*.pdf")) if path.name not in LEFT_OUT | {WARM}]
    files = [path.absolute() for path in given.files or chosen]
    settings = Settings(model=given.model, model_threads=given.threads)
    if given.bare:
        print(json.dumps(asdict(read_bare(files, settings))))
        return
    sides: dict[str, list[Round]] = {"bare loop": [], "service": []}
    for _ in range(given.rounds):
        sides["bare loop"].append(_in_a_process(files, given.model, given.threads))
        sides["service"].append(read_by_service(files, settings))
    raise SystemExit(_report(sides, given.threads))


def read_bare(files: Sequence[Path], settings: Settings) -> Round:
    """All files in this process."""
    model, engine = load_model(settings), MupdfEngine(Limits.of(settings))
    body = json.loads((Path(__file__).parents[1] / "storage" / "builtin_schemas" / f"{SCHEMA}.json").read_text())
    prompts = tuple(Prompt(field.path, PromptKind.FIELD, field.title) for field in fields_of(body))
    _read_file(SAMPLES / WARM, engine, model, prompts, settings.raster_dpi)
    began, used = time.perf_counter(), time.process_time()
    pages = sum(_read_file(path, engine, model, prompts, settings.raster_dpi) for path in files)
    return Round(pages, time.perf_counter() - began, time.process_time() - used)


def read_by_service(files: Sequence[Path], settings: Settings) -> Round:
    """All files by a service of its own, from the first byte of the upload to the end of the job."""
    with tempfile.TemporaryDirectory(prefix="folioscope-") as folder, _running(Path(folder), settings) as (client, pid):
        warm = client.upload(SAMPLES / WARM)
        client.wait(client.extract(SCHEMA, [document.id for document in warm.documents]))
        began, used = time.time(), cpu_seconds(pid)
        documents = client.upload(files).documents
        job = client.extract(SCHEMA, [document.id for document in documents])
        while job.finished_at is None:
            time.sleep(1.0)
            job = client.job(job.id)
        used = cpu_seconds(pid) - used
    if job.progress.done != job.progress.total:
        raise SystemExit(f"the service read {job.progress.done} of {job.progress.total} pages: {job.gaps}")
    return Round(job.progress.total, job.finished_at.timestamp() - began, used)


def _read_file(path: Path, engine: MupdfEngine, model: Model, prompts: tuple[Prompt, ...], dpi: float) -> int:
    file = engine.open(path, None)
    for number in range(1, file.page_count + 1):
        model.generate([PageRequest(file.draw(number, dpi).image, prompts)])
    file.close()
    return file.page_count


def _in_a_process(files: Sequence[Path], model: str, threads: int) -> Round:
    options = ["--bare", "--model", model, "--threads", str(threads)]
    command = [sys.executable, "-m", "benchmarks.pipeline", *options, *map(str, files)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - this very module
    return Round(**json.loads(done.stdout.splitlines()[-1]))


def cpu_seconds(pid: int) -> float:
    """What a process and all that it started have used so far."""
    parents, used = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended since
            fields = path.read_text().rpartition(")")[2].split()
            process = int(path.parent.name)
            parents[process], used[process] = int(fields[1]), sum(map(int, fields[11:15]))
    tree, grows = {pid}, True
    while grows:
        more = {process for process, parent in parents.items() if parent in tree} - tree
        tree, grows = tree | more, bool(more)
    return sum(used.get(process, 0) for process in tree) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _running(folder: Path, settings: Settings) -> Iterator[tuple[Client, int]]:
    """A client of a service of its own, and the service's process; it ends with the context."""
    changes = {"data_dir": folder / "data", "port": _free_port(), "log_level": "WARNING"}
    environment = os.environ | settings.model_copy(update=changes).as_environment()
    command = [sys.executable, "-m", "api.cli", "up", "--json", "--private"]
    service = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
    try:
        assert service.stdout is not None  # noqa: S101 - asked for above
        served = json.loads(service.stdout.readline())
        with Client(served["url"], Path(served["key_file"]).read_text().strip()) as client:
            yield client, service.pid
    finally:
        service.send_signal(signal.SIGTERM)
        service.wait()
        shutil.rmtree(folder / "data", ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def _report(sides: dict[str, list[Round]], threads: int) -> int:
    """Print both sides; 0 where the service reaches its share."""
    title = f"{os.cpu_count()} cores, {threads} model thread(s), load {os.getloadavg()[0]:.1f}"
    table = Table("side", "pages", "pages/s (median)", "best", "CPU s/page", title=title)
    for side, rounds in sides.items():
        speeds = [one.pages / one.seconds for one in rounds]
        used = statistics.median(one.cpu_seconds / one.pages for one in rounds)
        row = (f"{rounds[0].pages}", f"{statistics.median(speeds):.2f}", f"{max(speeds):.2f}", f"{used:.2f}")
        table.add_row(side, *row)
    Console().print(table)
    pairs = zip(sides["bare loop"], sides["service"], strict=True)
    share = statistics.median(bare.seconds / service.seconds for bare, service in pairs)
    print(f"the service reaches {share:.0%} of the bare loop, to reach: {TARGET:.0%}")
    return 0 if share >= TARGET else 1


if __name__ == "__main__":
    main()
