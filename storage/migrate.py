"""Tables are made by the migrations alone, everywhere: on SQLite, on PostgreSQL, in tests.

Views of schema versions are made with these; versions from before there were any get theirs after a migration, and so
does visual search its table of pgvector, where PostgreSQL has that. A migration makes views that are there anew.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from storage import page_vectors
from storage.database import Engine, Session, writing
from storage.views import ensure_all_views, renew_views

_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 0x666F6C696F  # "folio": the advisory lock that one migrating process holds on PostgreSQL


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest form, in one transaction. Several processes may call it at once."""
    with writing(engine).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        before = MigrationContext.configure(connection).get_current_heads()
        command.upgrade(_config(connection), "head")
        with Session(connection) as session:  # within the same transaction
            if MigrationContext.configure(connection).get_current_heads() != before:
                renew_views(session)
            ensure_all_views(session)
            page_vectors.ensure(session)
            session.commit()


def is_current(engine: Engine) -> bool:
    """Whether the database has the newest form."""
    with engine.connect() as connection:
        known = MigrationContext.configure(connection).get_current_heads()
    return set(known) == set(ScriptDirectory.from_config(_config()).get_heads())


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
