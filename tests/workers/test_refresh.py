"""Records of a database from before values were typed are found by filters after an upgrade, asked of no model.

`before_typed_values.json` holds what version 0002 of the database had after three documents were extracted: two of them
whole, and one of which a generation ran out of its budget.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import JSON, DateTime, MetaData, select

from storage import migrate, records, schemas
from storage.database import Engine, Sessions, make_engine, make_sessions, writing
from storage.filters import parse_filter
from storage.queries import Query, find_records
from storage.sorting import parse_sort
from storage.tables import RecordValue, StaleRecord
from tests.conftest import DATABASES
from workers.refresh import refresh_records

OLD = Path(__file__).parents[1] / "data" / "before_typed_values.json"
EACH = pytest.mark.parametrize("empty_database_url", DATABASES, indirect=True)


def old_database(url: str) -> tuple[Engine, dict[str, Any]]:
    """The old database, upgraded to the newest form as `folioscope` does when it starts; and what it held."""
    engine, held = make_engine(url), json.loads(OLD.read_text())
    with writing(engine).begin() as connection:
        command.upgrade(migrate._config(connection), "0002")  # as the old version made it
        tables = MetaData()
        tables.reflect(connection, only=list(held))
        for name, rows in held.items():
            for row in rows:
                connection.execute(tables.tables[name].insert().values(typed(tables.tables[name], row)))
    migrate.upgrade(engine)
    return engine, held


def typed(table: Any, row: dict[str, Any]) -> dict[str, Any]:
    """Moments are texts in JSON, and what is JSON in a column is not told from null by its absence."""
    moments = {c.name for c in table.columns if isinstance(c.type, DateTime)}
    json_null = {c.name: None for c in table.columns if isinstance(c.type, JSON) and c.name in row}
    return json_null | {
        name: datetime.fromisoformat(value + "+00:00") if name in moments else value for name, value in row.items()
    }


def find(sessions: Sessions, held: dict[str, Any], where: str, sort: str | None = None) -> list[str]:
    schema = held["schemas"][0]
    wanted = schemas.wanted_of(schema["body"])
    query = Query(schema["workspace_id"], schema["id"], parse_filter(where, wanted), parse_sort(sort, wanted))
    with sessions() as session:
        return [document.name for _, document in find_records(session, query).items]


@EACH
def test_records_from_before_values_were_typed_are_found_by_them_after_an_upgrade(empty_database_url: str) -> None:
    engine, held = old_database(empty_database_url)
    sessions = make_sessions(engine)
    assert find(sessions, held, "total > 0") == []
    refresh_records(sessions, 100)
    assert find(sessions, held, "total > 1000") == ["acme.pdf"]
    assert find(sessions, held, "vendor_name ~ 'söhne' and invoice_date < 2024-01-01") == ["meyer.pdf"]
    assert find(sessions, held, "invoice_date is found", "invoice_date,-total") == [
        "meyer.pdf",
        "short.pdf",
        "acme.pdf",
    ]
    assert find(sessions, held, "note is unreadable") == ["short.pdf"]
    engine.dispose()


@EACH
def test_what_is_made_anew_keeps_its_place_and_its_texts_and_is_not_made_twice(empty_database_url: str) -> None:
    engine, held = old_database(empty_database_url)
    sessions = make_sessions(engine)
    assert [refresh_records(sessions, 2) for _ in range(3)] == [2, 1, 0]
    for old in held["records"]:
        with sessions() as session:
            record = records.find_record(session, old["document_id"], old["schema_id"])
            assert record is not None
            assert record.id == old["id"]
            assert {f: e.get("raw") for f, e in record.values.items()} == {
                f: e.get("raw") for f, e in old["values"].items()
            }
    engine.dispose()


@EACH
def test_a_record_that_cannot_be_made_anew_keeps_none_of_the_others_back(empty_database_url: str) -> None:
    engine, held = old_database(empty_database_url)
    sessions = make_sessions(engine)
    with engine.begin() as connection:
        broken = MetaData()
        broken.reflect(connection, only=["schemas"])
        table, schema = broken.tables["schemas"], held["schemas"][0]
        other = schema | {"id": "f" * 32, "name": "odd", "body": {"type": "object", "properties": {"x": {"type": "?"}}}}
        connection.execute(table.insert().values(typed(table, other)))
        broken.reflect(connection, only=["records"])
        first = broken.tables["records"]
        oldest = first.c.id == min(one["id"] for one in held["records"])
        connection.execute(first.update().where(oldest).values(schema_id="f" * 32))
    refresh_records(sessions, 100)
    with sessions() as session:
        assert session.scalars(select(StaleRecord.record_id)).all() == []
        assert len(set(session.scalars(select(RecordValue.record_id)))) == len(held["records"]) - 1
    engine.dispose()
