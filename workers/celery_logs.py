"""What Celery and its libraries may say in our logs: warnings, each on one line, without tracebacks."""

import logging
import os
import warnings

from celery import signals
from celery.platforms import SecurityWarning

_CHATTY = ("celery", "kombu", "billiard", "amqp", "redis", "py")  # the last: warnings


class OneLine(logging.Filter):
    """Brings the records of these libraries to one line."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let everything pass, theirs shortened."""
        if record.name.partition(".")[0] in _CHATTY:
            record.msg, record.args = " ".join(record.getMessage().split()), None
            record.exc_info = record.exc_text = record.stack_info = None
        return True


def calm_logs(level: str) -> None:
    """Keep Celery from setting up logs of its own, and from a line a hint; at DEBUG it may say everything.

    Nothing of ours goes to standard output, so what Celery prints there, past all logs, is dropped.
    """
    signals.setup_logging.connect(_keep_logs, weak=False)
    warnings.simplefilter("ignore", SecurityWarning)  # root and pickles are dangerous together: we take JSON alone
    with open(os.devnull, "wb") as nothing:  # noqa: PTH123 - a descriptor is wanted, no path
        os.dup2(nothing.fileno(), 1)
    if level.upper() == "DEBUG":
        return
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    for handler in logging.getLogger().handlers:
        handler.addFilter(OneLine())


def _keep_logs(**_: object) -> None:
    """Celery leaves the logs alone where somebody answers this signal."""
