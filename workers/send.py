"""Senders of hints. A hint says that a queue has work, the database says which: a lost one costs time, never work."""

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from kombu.exceptions import OperationalError

from core.logs import get_log
from core.records import Queue

if TYPE_CHECKING:
    from celery import Celery

WORK_TASK = "items.work"
_KEPT_SECONDS = 60.0  # then a hint is stale: workers have looked by themselves many times
_PATIENCE = 1.0  # seconds a caller waits for a broker that does not answer
_PAUSE_SECONDS = 5.0  # after a failure, nobody waits for the broker for so long

_log = get_log(__name__)
_quiet_until: dict[str, float] = {}


def announce(queues: Iterable[Queue], redis_url: str | None) -> bool:
    """Tell the workers of these queues that there is work. Call it after the commit.

    Never raises and never waits long: with the broker down, idle workers find the work by themselves. Returns False
    where a hint was not sent.
    """
    wanted = tuple(dict.fromkeys(queues))
    if redis_url is None or time.monotonic() < _quiet_until.get(redis_url, 0.0):
        return False
    try:
        for queue in wanted:
            _app(redis_url).send_task(
                WORK_TASK, queue=queue.value, expires=_KEPT_SECONDS, retry=False, ignore_result=True
            )
    except (OperationalError, OSError) as error:
        _quiet_until[redis_url] = time.monotonic() + _PAUSE_SECONDS
        _log.warning(
            "broker unreachable, workers will find the work by polling",
            queues=[q.value for q in wanted],
            cause=str(error),
        )
        return False
    return True


def is_reachable(redis_url: str | None) -> bool:
    """Whether the broker answers within a second."""
    if redis_url is None:
        return False
    try:
        with _app(redis_url).connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, timeout=_PATIENCE)
    except (OperationalError, OSError):
        return False
    return True


def _app(redis_url: str) -> "Celery":
    from workers.app import make_app  # noqa: PLC0415 - Celery is wanted at the first hint, not at the API's start

    return make_app(redis_url, _PATIENCE)
