"""What Celery says comes on one line; what we say stays as it is."""

import logging

from workers.celery_logs import OneLine


def _record(name: str) -> logging.LogRecord:
    error = ConnectionError("refused")
    cause = (type(error), error, error.__traceback__)
    return logging.LogRecord(name, logging.ERROR, __file__, 1, "lost: %s\n\nagain in 2 s", ("x",), cause)


def test_their_records_become_one_line_without_a_traceback() -> None:
    record = _record("celery.worker.consumer.consumer")
    assert OneLine().filter(record)
    assert record.getMessage() == "lost: x again in 2 s"
    assert record.exc_info is None


def test_ours_keep_their_traceback() -> None:
    record = _record("workers.work")
    assert OneLine().filter(record)
    assert record.exc_info is not None
