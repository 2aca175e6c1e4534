"""Tables come from migrations alone, safe at any time and from many processes at once."""

import subprocess
import sys
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from storage.database import Engine, make_engine
from storage.migrate import is_current, upgrade
from storage.tables import Base
from tests.conftest import DATABASES

UPGRADE = """
import sys
from storage.database import make_engine
from storage.migrate import upgrade
sys.stdin.readline()
upgrade(make_engine(sys.argv[1]))
"""


def is_a_table_like_others(name: str | None, kind: str, _parents: Any) -> bool:
    """SQLite's full-text index is a table to itself, and has more of them; pgvector's is made beside the others."""
    return kind != "table" or not (name or "").startswith(("passages_fts", "page_vectors"))


def test_migrations_make_exactly_the_tables_that_the_code_knows(engine: Engine) -> None:
    with engine.connect() as connection:
        opts = {"compare_type": True, "include_name": is_a_table_like_others}
        context = MigrationContext.configure(connection, opts=opts)
        changes = compare_metadata(context, Base.metadata)
    on_postgresql_alone = {"ix_passages_vector"} if engine.dialect.name == "sqlite" else set()
    assert [change for change in changes if getattr(change[1], "name", None) not in on_postgresql_alone] == []


@pytest.mark.parametrize("empty_database_url", DATABASES, indirect=True)
def test_a_database_without_tables_is_not_current_until_it_is_migrated(empty_database_url: str) -> None:
    engine = make_engine(empty_database_url)
    assert not is_current(engine)
    upgrade(engine)
    assert is_current(engine)
    assert set(Base.metadata.tables) < set(inspect(engine).get_table_names())
    engine.dispose()


def test_migrating_again_changes_nothing_and_loses_nothing(engine: Engine) -> None:
    with engine.begin() as connection:
        row = {"id": "0" * 32, "name": "kept", "created_at": "2026-01-01 00:00:00"}
        connection.execute(text("INSERT INTO workspaces (id, name, created_at) VALUES (:id, :name, :created_at)"), row)
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT name FROM workspaces")).scalars().all() == ["kept"]


@pytest.mark.parametrize("empty_database_url", DATABASES, indirect=True)
def test_processes_that_migrate_at_once_wait_for_each_other(empty_database_url: str) -> None:
    command = [sys.executable, "-c", UPGRADE, empty_database_url]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    outcomes = [(process.communicate()[1], process.returncode) for process in processes]
    assert outcomes == [("", 0)] * 3
    engine = make_engine(empty_database_url)
    assert is_current(engine)
    engine.dispose()
