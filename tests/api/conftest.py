"""The app, a client with a key, a stranger with another, and a desk that does the work."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import make_app
from core.records import Queue
from core.settings import Settings
from ingest.limits import Limits
from ingest.sandbox import Sandbox
from storage.database import Sessions
from storage.tables import Workspace
from storage.workspaces import add_key, ensure_workspace
from tests.ingest.files import born_digital
from tests.scripted_model import ScriptedModel
from workers.desk import Desk
from workers.work import work_until_idle

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
SERVE = """
import sys, uvicorn
from api.app import app_from_environment
uvicorn.run(app_from_environment(), fd=int(sys.argv[1]), log_config=None)
"""


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """Warm children for all tests: starting one costs more than a test."""
    with Sandbox(Limits(), 2) as shared:
        yield shared


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """SQLite alone, but for files and tests that say otherwise: SQL is tested on both where it is asked."""
    url: str = request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url")
    return url


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """The service's settings, without a Redis: workers find their work by themselves."""
    return Settings(data_dir=tmp_path / "data", database_url=database_url, blob_url=str(tmp_path / "blobs"))


@pytest.fixture
def key(sessions: Sessions, workspace: Workspace) -> str:
    """A key of the workspace."""
    with sessions.begin() as session:
        return add_key(session, workspace.id, "tests")


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    """The app, not started yet."""
    return make_app(settings)


@pytest.fixture
def client(app: FastAPI, key: str, sandbox: Sandbox) -> Iterator[TestClient]:
    """A client of the running app that has a key."""
    with started(app, sandbox) as running:
        running.headers["Authorization"] = f"Bearer {key}"
        yield running


@pytest.fixture
def stranger(sessions: Sessions, client: TestClient) -> dict[str, str]:
    """The headers of a caller from another workspace."""
    with sessions.begin() as session:
        other = ensure_workspace(session, "other")
        return {"Authorization": f"Bearer {add_key(session, other.id, 'tests')}"}


@pytest.fixture
def model() -> ScriptedModel:
    """A model that says `total` is 12.00 on every page."""
    return ScriptedModel(answers={"0": {"total": "12.00", "iban": None}})


@pytest.fixture
def work(settings: Settings, sandbox: Sandbox, model: ScriptedModel) -> Iterator[Callable[[], None]]:
    """Do all work that waits, in this process."""
    desk = Desk(settings, model=model)
    own, desk.sandbox = desk.sandbox, sandbox
    yield lambda: work_until_idle(desk, tuple(Queue))
    desk.sandbox = own
    desk.close()


@pytest.fixture
def document(client: TestClient, pdf: Path) -> dict[str, Any]:
    """An uploaded document of two pages."""
    return upload(client, pdf)["documents"][0]  # type: ignore[no-any-return]


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    """A PDF of two pages."""
    return born_digital(tmp_path / "invoice.pdf", pages=2)


@contextmanager
def started(app: FastAPI, sandbox: Sandbox) -> Iterator[TestClient]:
    """A client without a key of the app, which is stopped afterwards."""
    with TestClient(app, raise_server_exceptions=False) as client:
        own, app.state.desk.sandbox = app.state.desk.sandbox, sandbox
        yield client
        app.state.desk.sandbox = own


@pytest.fixture
def server(app: FastAPI, sandbox: Sandbox, key: str) -> Iterator[str]:
    """The URL of the app behind a real server on the loopback."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=5)
        serving = uvicorn.Server(config)
        thread = threading.Thread(target=serving.run, kwargs={"sockets": [listening]})
        thread.start()
        while not serving.started and thread.is_alive():
            thread.join(0.01)
        own, app.state.desk.sandbox = app.state.desk.sandbox, sandbox
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        app.state.desk.sandbox = own
        app.state.closing.set()
        serving.should_exit = True
        thread.join()


@pytest.fixture
def process(settings: Settings, key: str) -> Iterator[tuple[str, int]]:
    """The URL and the process id of a server of its own."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        running = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(listening.fileno())],
            cwd=ROOT,
            env=os.environ | settings.as_environment(),
            pass_fds=[listening.fileno()],
        )
    try:
        with httpx.Client(trust_env=False, timeout=PATIENCE) as http:
            http.get(f"{url}/healthz").raise_for_status()
        yield url, running.pid
    finally:
        running.terminate()
        running.wait(PATIENCE)


def upload(client: TestClient, *paths: Path, **fields: str) -> dict[str, Any]:
    """Upload files by their names; the answer's body."""
    response = client.post("/v1/documents", files=parts(*paths), data=fields)
    assert response.status_code in {200, 201}, response.text
    return response.json()  # type: ignore[no-any-return]


def parts(*paths: Path) -> list[tuple[str, tuple[str, bytes]]]:
    """The files as parts of a form."""
    return [("files", (path.name, path.read_bytes())) for path in paths]


def problem(response: Any) -> tuple[int, str]:
    """Status and code of an answer that must be a problem."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    body = response.json()
    assert body["status"] == response.status_code
    assert body["title"]
    assert body["detail"]
    assert body["request_id"] == response.headers["x-request-id"]
    return response.status_code, body["code"]
