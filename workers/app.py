"""The Celery app, whose messages are hints: JSON, acknowledged early, without results."""

from functools import lru_cache

from celery import Celery
from kombu.entity import Queue as Line

from core.records import Queue

_WORKER_PATIENCE = 10.0  # seconds of silence after which a worker connects anew; longer than its blocking reads


@lru_cache
def make_app(redis_url: str | None, patience: float = _WORKER_PATIENCE) -> Celery:
    """The app on this broker. Without one it hears no hints, and its workers find their work by polling."""
    app = Celery("folioscope", broker=redis_url or "memory://localhost/", set_as_current=False)
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
        worker_cancel_long_running_tasks_on_connection_loss=True,  # concerns late acknowledgements: there are none
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={"socket_connect_timeout": 1.0, "socket_timeout": patience, "max_retries": 0},
        imports=(),
    )
    return app
