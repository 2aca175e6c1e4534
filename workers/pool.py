"""One Celery worker, as the supervisor starts it: prefork for rasterizing, solo for the model."""

import argparse
import ctypes
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence

from celery import signals

import workers.tasks  # noqa: F401 - registers the task
from core.errors import FolioscopeError
from core.logs import get_log, set_up_logs
from core.records import Queue
from core.settings import Settings
from ingest.limits import Limits
from ingest.sandbox import Sandbox
from workers.app import make_app
from workers.celery_logs import calm_logs
from workers.desk import get_desk, open_desk
from workers.environment import read_settings
from workers.hearing import Hearing
from workers.rounds import start_rounds
from workers.supervise import HOPELESS

_TASKS_PER_CHILD = 500  # then a rasterizing process is replaced by a fresh one
_ON_PARENTS_DEATH = 1  # PR_SET_PDEATHSIG, linux/prctl.h

_log = get_log(__name__)


def main() -> int:
    """Serve queues until SIGTERM or SIGINT. Returns `HOPELESS` where the settings can never work."""
    os.umask(0o077)  # what workers keep is their owner's alone
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queues", required=True)
    parser.add_argument("--concurrency", type=int, default=1)
    parser.add_argument("--parent", type=int, default=os.getppid())
    given = parser.parse_args()
    _end_with(given.parent)
    set_up_logs()
    try:
        settings = read_settings()
        set_up_logs(settings.log_level, as_json=settings.log_json)
        serve(settings, tuple(Queue(name) for name in given.queues.split(",")), given.concurrency)
    except FolioscopeError as error:
        _log.error("the worker cannot start", code=error.code, detail=error.detail)
        return HOPELESS
    except KeyboardInterrupt:  # before Celery took the signal over
        return 0
    return 0


def serve(settings: Settings, queues: Sequence[Queue], concurrency: int) -> None:
    """Run the worker in this process until it is asked to end. Raises what makes a start hopeless."""
    calm_logs(settings.log_level)
    signals.worker_shutting_down.connect(_say_ending, weak=False)
    if Queue.RASTERIZE in queues:
        _serve_forked(settings, queues, concurrency)
    else:
        _serve_alone(settings, queues)
    _log.info("worker ended", queues=[queue.value for queue in queues])


def _serve_forked(settings: Settings, queues: Sequence[Queue], concurrency: int) -> None:
    """Pool processes, each with a desk of its own, built after the fork and recycled."""
    Sandbox(Limits.of(settings))  # an engine must be there: found out before the fork

    def begin(**_: object) -> None:
        start_rounds(open_desk(settings, queues))

    def end(**_: object) -> None:
        get_desk().close()

    signals.worker_process_init.connect(begin, weak=False)
    signals.worker_process_shutdown.connect(end, weak=False)
    _run(settings, queues, "prefork", concurrency)


def _serve_alone(settings: Settings, queues: Sequence[Queue]) -> None:
    """One process that owns the model and works in it."""
    desk = open_desk(settings, queues)
    _ = desk.model  # a default that cannot be had is found out at the start
    signals.worker_shutting_down.connect(lambda **_: _by_itself(desk.stopping.set), weak=False)
    start_rounds(desk)
    try:
        _run(settings, queues, "solo", 1)
    finally:
        desk.close()


def _run(settings: Settings, queues: Sequence[Queue], pool: str, concurrency: int) -> None:
    names = [queue.value for queue in queues]
    app = make_app(settings.redis_url)
    app.steps["consumer"].add(Hearing)
    worker = app.Worker(
        pool=pool,
        concurrency=concurrency,
        queues=names,
        hostname=f"{'-'.join(names)}-{os.getpid()}@{socket.gethostname()}",
        max_tasks_per_child=_TASKS_PER_CHILD,
        loglevel=settings.log_level,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
    )
    _log.info("worker ready", queues=names, pool=pool, processes=concurrency, hints=settings.redis_url is not None)
    worker.start()


def _say_ending(**_: object) -> None:
    _by_itself(lambda: _log.info("worker is asked to end"))


def _by_itself(do: Callable[[], object]) -> None:
    """For signal handlers, which must not take a lock: whom they interrupt may hold it."""
    threading.Thread(target=do, name="ending").start()


def _end_with(parent: int) -> None:
    """Ask the kernel, where it can, for a SIGTERM when the supervisor is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_ON_PARENTS_DEATH, signal.SIGTERM)
    if os.getppid() != parent:  # it was quicker
        sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
