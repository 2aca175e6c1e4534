"""A service on each database, with short leases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import Settings
from ingest.limits import Limits
from ingest.sandbox import Sandbox
from storage.database import Sessions
from storage.tables import Workspace
from tests.integration.service import Service


@pytest.fixture
def service(
    sessions: Sessions, workspace: Workspace, database_url: str, redis_url: str, tmp_path: Path
) -> Iterator[Service]:
    """No worker runs yet."""
    settings = Settings(
        data_dir=tmp_path,
        database_url=database_url,
        redis_url=redis_url,
        model="tests.scripted_model:load",
        lease_seconds=4,
        poll_seconds=1,
        sweep_seconds=1,
        announce_again_seconds=3,
        log_json=True,
    )
    service = Service(sessions, workspace, settings, tmp_path, Sandbox(Limits.of(settings)))
    service.script()
    yield service
    service.close()
