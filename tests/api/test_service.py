import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from api.app import make_app
from core.settings import Settings
from ingest.sandbox import Sandbox
from tests.api.conftest import problem, started

ROOT = Path(__file__).parents[2]


def test_a_service_that_can_work_says_so_part_by_part_and_redis_alone_is_no_failure(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"alive": True}
    ready = client.get("/readyz")
    assert ready.status_code == 200
    parts = ready.json()["parts"]
    assert {name: parts[name] for name in ("database", "migrations", "blobs")} == dict.fromkeys(
        ("database", "migrations", "blobs"), "ok"
    )
    assert parts["redis"] == "Redis does not answer; workers find their work by polling."


def test_a_redis_that_answers_is_named(settings: Settings, sandbox: Sandbox, redis_url: str) -> None:
    with started(make_app(settings.model_copy(update={"redis_url": redis_url})), sandbox) as client:
        assert client.get("/readyz").json()["parts"]["redis"] == "ok"


def test_a_database_without_tables_is_not_ready_and_says_what_to_do(tmp_path: Path, sandbox: Sandbox) -> None:
    with started(make_app(Settings(data_dir=tmp_path / "empty")), sandbox) as client:
        response = client.get("/readyz")
        assert problem(response) == (503, "service-unavailable")
        assert "folioscope migrate" in response.json()["parts"]["migrations"]


def test_the_figures_count_requests_by_route_and_what_waits(
    client: TestClient, document: dict[str, Any], work: Callable[[], None]
) -> None:
    client.get(f"/v1/documents/{document['id']}")
    client.get("/v1/documents/unknown")
    figures = client.get("/metrics").text
    shown = 'folioscope_http_requests_total{method="GET",route="/v1/documents/{document_id}",status="%s"} 1.0'
    assert shown % 200 in figures
    assert shown % 404 in figures
    assert 'folioscope_items_waiting{queue="rasterize"} 1.0' in figures
    assert "folioscope_database_up 1.0" in figures
    work()
    assert 'folioscope_items_waiting{queue="rasterize"} 1.0' not in client.get("/metrics").text


def test_an_app_that_is_only_made_touches_nothing(tmp_path: Path) -> None:
    make_app(Settings(data_dir=tmp_path / "data")).openapi()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_of_its_uploads_is_removed_by_the_next(settings: Settings, sandbox: Sandbox) -> None:
    left = settings.data_dir / "uploads" / "killed" / "request"
    left.mkdir(parents=True)
    (left / "000000").write_bytes(b"half a file")
    with started(make_app(settings), sandbox), started(make_app(settings), sandbox):
        assert not left.exists()
        assert len(list((settings.data_dir / "uploads").iterdir())) == 2  # neither removes the other's
    assert list((settings.data_dir / "uploads").iterdir()) == []


def test_the_api_starts_where_there_is_no_torch(tmp_path: Path) -> None:
    started_bare = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"torch", "transformers", "safetensors", "tokenizers", "scipy"}:
            raise ModuleNotFoundError(name=name)

sys.meta_path.insert(0, Missing())
from fastapi.testclient import TestClient
from api.app import app_from_environment

with TestClient(app_from_environment()) as client:
    assert client.get("/healthz").status_code == 200
slow = {"celery.app", "pymupdf", "PIL.ImageDraw", "alembic", "numpy", "redis", "workers.vlm.registry", "workers.work"}
assert not slow & set(sys.modules), slow & set(sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", started_bare],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={"FOLIOSCOPE_DATA_DIR": str(tmp_path), "PATH": ""},
    )
    assert done.returncode == 0, done.stderr
