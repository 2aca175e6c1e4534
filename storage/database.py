"""Engine and sessions: one way in for SQLite and PostgreSQL."""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias, cast

from sqlalchemy import Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from core.errors import ConfigurationError, ServiceUnavailable

__all__ = [
    "Engine",
    "Session",
    "Sessions",
    "check_connection",
    "clock",
    "insert_into",
    "make_engine",
    "make_sessions",
    "new_id",
    "now",
    "writing",
]

_BUSY_SECONDS = 30.0  # how long SQLite waits for another writer
_CACHE = "cache_size=-32768"  # KiB of a connection, as far as it reads so much; by default 2 MiB
_WRITES = "folioscope_writes"  # execution option of connections whose transaction will write
_Scope: TypeAlias = Iterator[Session]


class Sessions:
    """Hands out sessions: `sessions()` to read, `sessions.begin()` to write and commit at the end."""

    def __init__(self, engine: Engine) -> None:
        self._reading = engine
        self._writing = writing(engine)

    @contextmanager
    def __call__(self) -> _Scope:
        """A session for reading; nothing is committed. Raises ServiceUnavailable where the database does not answer."""
        with _answering(), Session(self._reading, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def begin(self) -> _Scope:
        """A session in a transaction that is committed at the end, or rolled back where something raises.

        On SQLite the write lock is taken at once, so that two writers wait for each other and never fail half-way.
        Raises ServiceUnavailable where the database does not answer, or had to break a ring of waiting writers.
        """
        with _answering(), Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session


def make_engine(url: str) -> Engine:
    """An engine for a SQLAlchemy URL. Raises ConfigurationError where the URL cannot be one.

    Nothing is connected yet, but the folder of an SQLite file is made.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(parsed)
    return create_engine(
        parsed,
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=20,
        hide_parameters=True,  # an error's text goes to the log: no password, no word of a document with it
    )


def make_sessions(engine: Engine) -> Sessions:
    """Sessions on this engine."""
    return Sessions(engine)


def writing(engine: Engine) -> Engine:
    """The same engine for transactions that will write: on SQLite they take the lock at their beginning."""
    return engine.execution_options(**{_WRITES: True})


def check_connection(engine: Engine) -> None:
    """Raise ServiceUnavailable where the database does not answer."""
    with _answering(), engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")


def now() -> datetime:
    """This moment, aware and UTC."""
    return datetime.now(UTC)


def clock(session: Session) -> datetime:
    """This moment by the clock that all sessions share: the server's, or this machine's for a database in a file."""
    if session.get_bind().dialect.name == "sqlite":
        return now()
    moment: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return moment.astimezone(UTC)


def insert_into(session: Session, table: Any) -> postgresql.Insert:
    """An INSERT that can say what happens on a conflict, in the words of the session's database."""
    if session.get_bind().dialect.name == "sqlite":
        return cast("postgresql.Insert", sqlite.insert(table))  # the two are alike in all that is used here
    return postgresql.insert(table)


def new_id() -> str:
    """32 hexadecimal digits that sort by the time they were made: milliseconds, then chance."""
    return f"{time.time_ns() // 1_000_000:012x}{uuid.uuid4().hex[:20]}"


@contextmanager
def _answering() -> Iterator[None]:
    """A database that is away, full, read-only or locked for too long is no fault of who asks it."""
    try:
        yield
    except (OperationalError, InterfaceError, InternalError, PoolTimeout) as error:
        raise ServiceUnavailable("The database does not answer.", part="database") from error


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigurationError("FOLIOSCOPE_DATABASE_URL is not a database URL.") from error
    if parsed.get_backend_name() == "sqlite":
        return parsed
    if parsed.drivername in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername != "postgresql+psycopg":
        raise ConfigurationError(f"The database {parsed.drivername!r} is not known; use sqlite or postgresql.")
    return parsed


def _sqlite_engine(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).absolute().parent.mkdir(parents=True, exist_ok=True)
    waiting = {"timeout": _BUSY_SECONDS, "check_same_thread": False}
    engine = create_engine(url, connect_args=waiting, hide_parameters=True)
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _set_pragmas(connection: Any, _record: object) -> None:
    """WAL lets readers go on beside one writer; foreign keys are off in SQLite until asked for."""
    connection.isolation_level = None  # the driver begins nothing by itself: `_begin` does
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY", _CACHE):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    """Readers begin in peace; a writer takes the lock at once (BEGIN IMMEDIATE)."""
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
