"""Sees to it that a worker goes on hearing hints when its broker was away for a moment.

An acknowledgement that is lost with the connection is only logged by Celery; its message then counts as being worked on
for ever, the window of messages is full, and the worker hears nothing more. Connecting anew makes the window empty.
"""

from typing import Any

from celery import bootsteps
from celery.worker import state

_LOOK_SECONDS = 5.0


class Hearing(bootsteps.StartStopStep):  # type: ignore[misc]
    """Looks whether the window is full though nothing is being worked on; twice in a row, and it connects anew."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **_: Any) -> None:
        self._deaf = 0
        self._timer: Any = None
        super().__init__(consumer)

    def start(self, consumer: Any) -> None:
        """Begin with a window that is empty."""
        self._deaf = 0
        self._timer = consumer.timer.call_repeatedly(_LOOK_SECONDS, self.look, (consumer,))

    def stop(self, _consumer: Any) -> None:
        """Look no more; a new connection begins anew."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def look(self, consumer: Any) -> None:
        """Raise what a lost connection raises, so that the consumer connects anew."""
        idle = not state.reserved_requests and not state.active_requests
        self._deaf = self._deaf + 1 if idle and not consumer.task_consumer.channel.qos.can_consume() else 0
        if self._deaf > 1:
            raise ConnectionResetError("an acknowledgement was lost")
