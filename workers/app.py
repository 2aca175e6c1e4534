"""The Celery app, whose messages are hints: acknowledged early, without results; and the workers that hear them."""

import os
import sys
from collections.abc import Sequence
from functools import lru_cache

from celery import Celery
from kombu.entity import Queue as Line

from core.records import Queue
from core.settings import Settings
from workers.supervise import Kept, Supervisor

_WORKER_PATIENCE = 10.0  # seconds of silence after which a worker connects anew; longer than its blocking reads


@lru_cache
def make_app(redis_url: str | None, patience: float = _WORKER_PATIENCE) -> Celery:
    """The app on this broker. Without one it hears no hints, and its workers find their work by polling."""
    app = Celery("folioscope", broker=redis_url or "memory://", set_as_current=False)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        result_backend=None,
        task_ignore_result=True,
        task_acks_late=False,
        task_queues=[Line(queue.value) for queue in Queue],  # type: ignore[no-untyped-call]
        task_default_queue=Queue.BULK.value,
        task_publish_retry=False,
        worker_prefetch_multiplier=1,
        worker_proc_alive_timeout=60.0,  # a busy machine may be slow to start a pool process
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={"socket_connect_timeout": 1.0, "socket_timeout": patience, "max_retries": 0},
        imports=(),
    )
    return app


def run_worker(settings: Settings, queues: Sequence[Queue], concurrency: int = 1) -> int:
    """Serve queues until SIGTERM or SIGINT, then give back what is leased and end, children included.

    Rasterizing runs in a pool of `concurrency` processes, the model in one process of its own; one that dies is started
    again. Returns 0, or the code of a worker that can never start. Call it in the main thread.
    """
    pools: dict[str, list[Queue]] = {
        "rasterize": [queue for queue in queues if queue is Queue.RASTERIZE],
        "model": [queue for queue in queues if queue is not Queue.RASTERIZE],
    }
    return Supervisor([_kept(name, served, settings, concurrency) for name, served in pools.items() if served]).run()


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
