"""All workers of one machine: they begin once the database is ready, and are kept alive until they are asked to end."""

import os
import sys
import time
from collections.abc import Sequence

from core.errors import FolioscopeError
from core.logs import get_log
from core.records import Queue
from core.settings import Settings
from storage.database import Engine, check_connection, make_engine
from storage.migrate import is_current
from workers.supervise import Kept, Supervisor
from workers.vlm.catalog import BUNDLED, read_catalog

_MOST_PROCESSES = 4  # each holds the model and torch, about 600 MB

_log = get_log(__name__)


def run_workers(settings: Settings, queues: Sequence[Queue], concurrency: int = 1) -> int:
    """Serve queues until SIGTERM or SIGINT, then give back what is leased and end, children included.

    Rasterizing runs in a pool of `concurrency` processes, the model in processes of its own; one that dies is started
    again. Returns 0, or the code of a worker that can never start. Call it in the main thread.
    Raises ConfigurationError.
    """
    await_database(settings)
    drawn = [queue for queue in queues if queue is Queue.RASTERIZE]
    shown = [queue for queue in queues if queue is not Queue.RASTERIZE]
    kept = [_kept("rasterize", drawn, settings, concurrency)] if drawn else []
    if shown:
        processes, threads = model_shares(settings, os.cpu_count() or 1)
        each = settings.model_copy(update={"model_threads": threads})
        kept += [_kept("model", shown, each, concurrency) for _ in range(processes)]
    return Supervisor(kept).run()


def model_shares(settings: Settings, cores: int) -> tuple[int, int]:
    """How many processes hold the model, and how many threads each has; 0 threads are torch's own choice.

    The bundled model's pages are so small that two threads on one are hardly faster than one: side by side they are.
    A model of visual search is as large as others are, and each process would hold it, too. Raises ConfigurationError.
    """
    if settings.model_processes:
        return settings.model_processes, settings.model_threads or max(1, cores // settings.model_processes)
    catalog = read_catalog(settings)
    if catalog.default != BUNDLED or catalog.visual is not None or settings.model_threads:
        return 1, settings.model_threads
    processes = min(_MOST_PROCESSES, cores)
    return processes, cores // processes


def await_database(settings: Settings) -> None:
    """Wait until the database answers and its tables are the newest. Raises ConfigurationError where it never can."""
    engine = make_engine(settings.database)
    told = None
    try:
        while (trouble := _trouble_with(engine)) is not None:
            if trouble != told:
                _log.warning("waiting for the database", reason=trouble)
            told = trouble
            time.sleep(settings.poll_seconds)
    finally:
        engine.dispose()


def _trouble_with(engine: Engine) -> str | None:
    try:
        check_connection(engine)
    except FolioscopeError as error:
        return error.detail
    return None if is_current(engine) else "Its tables are not up to date; run `folioscope migrate`."


def _kept(name: str, queues: Sequence[Queue], settings: Settings, concurrency: int) -> Kept:
    command = [
        sys.executable,
        "-m",
        "workers.pool",
        "--queues",
        ",".join(queues),
        "--concurrency",
        str(concurrency),
        "--parent",
        str(os.getpid()),
    ]
    return Kept(name, command, settings.as_environment())
