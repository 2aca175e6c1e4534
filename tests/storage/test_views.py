"""Every schema version is a typed SQL view, on both databases, behind the names that people expect."""

import re
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import inspect, text

from storage import migrate, schemas, views
from storage.database import Engine, writing
from storage.migrate import upgrade
from storage.tables import Schema
from tests.storage.records_world import BODY, Archive, archive_in
from tests.storage.world import World

DOCS = Path(__file__).parents[2] / "docs" / "sql.md"


@pytest.fixture
def archive(world: World) -> Archive:
    return archive_in(world)


def ask(archive: Archive, sql: str) -> list[Any]:
    with archive.world.sessions() as session:
        return [tuple(row) for row in session.execute(text(sql))]


def test_a_view_has_a_row_for_each_record_with_typed_columns(archive: Archive) -> None:
    archive.add("a", total="1204.10 USD", tax=-0.5, count=3, paid=True, status="Closed", invoice_date="2024-03-01")
    archive.add("b", vendor_name={"raw": "AC'ME", "typed": None}, iban="DE89370400440532013000", complete=False)
    rows = ask(
        archive,
        "SELECT document, total, total_currency, tax, count, paid, status, vendor_name, iban, complete "
        "FROM record_bill_v1 ORDER BY document",
    )
    assert [row[0] for row in rows] == ["a", "b"]
    assert (float(rows[0][1]), rows[0][2], rows[0][3], rows[0][4], bool(rows[0][5])) == (1204.1, "USD", -0.5, 3, True)
    assert rows[0][6:] == ("Closed", None, None, True)
    assert rows[1][1:6] == (None,) * 5
    assert rows[1][7:] == ("AC'ME", "DE89370400440532013000", False)
    assert ask(archive, "SELECT document FROM record_bill_v1 WHERE invoice_date >= '2024-01-01' AND total > 1000") == [
        ("a",)
    ]


def test_money_adds_up_exactly_on_postgresql(archive: Archive) -> None:
    for number in range(10):
        archive.add(str(number), total="0.10 EUR")
    (total,) = ask(archive, "SELECT sum(total) FROM record_bill_v1 WHERE total_currency = 'EUR'")[0]
    if archive.world.sessions().__enter__().get_bind().dialect.name == "postgresql":
        assert str(total) == "1.0"
    assert float(total) == pytest.approx(1)


def test_a_table_is_a_view_of_its_rows(archive: Archive) -> None:
    items = [{"description": "nails", "amount": "5 EUR", "date": "2024-01-31"}, {"description": "boat"}]
    archive.add("a", line_items=items, total="5 EUR")
    archive.add("b")
    rows = ask(
        archive,
        'SELECT document, "row", page, description, amount, amount_currency, date '
        'FROM record_bill_v1_line_items ORDER BY "row"',
    )
    assert [(row[0], row[1], row[3]) for row in rows] == [("a", 0, "nails"), ("a", 1, "boat")]
    assert (float(rows[0][4]), rows[0][5], str(rows[0][6])) == (5, "EUR", "2024-01-31")
    assert rows[1][4:] == (None, None, None)


def test_names_that_would_be_the_same_are_told_apart(archive: Archive) -> None:
    world = archive.world
    fields = {name: {"type": "string"} for name in ("a b", "a_b", "A-b", "document", "total_currency", "x" * 100)}
    body = {"type": "object", "properties": {"total": {"type": "number", "format": "money"}, **fields}}
    names = [archive_in(world, name, body) for name in ("a-b", "a_b", "x" * 100, "x" * 99 + "y")]
    with world.sessions() as session:
        made = [session.get_one(Schema, one.schema_id).views for one in names]
        known = inspect(session.connection()).get_view_names()
        columns = [c["name"] for c in inspect(session.connection()).get_columns("record_a_b_v1")]
    main = [one[""] for one in made if one]
    assert main[:2] == ["record_a_b_v1", "record_a_b_v1_2"]
    assert len(set(main)) == 4
    assert set(main) <= set(known)
    assert columns[6:12] == ["total", "total_currency", "a_b", "a_b_2", "a_b_3", "document_2"]
    assert columns[-1] == "flagged"
    assert len(columns) == len(set(columns)) == 15


def test_another_version_has_another_view_and_other_workspaces_their_name_before_it(
    archive: Archive, other: World
) -> None:
    archive.add("mine", vendor_name="acme")
    behind = archive_in(other)
    behind.add("secret", vendor_name="acme")
    with archive.world.sessions.begin() as session:
        schemas.add_schema(session, archive.world.workspace_id, "bill", BODY | {"title": "Bill"})
    assert ask(archive, "SELECT document FROM record_bill_v1") == [("mine",)]
    assert ask(archive, "SELECT document FROM record_bill_v2") == []
    assert ask(archive, "SELECT document FROM other_record_bill_v1") == [("secret",)]


def test_a_field_s_name_cannot_break_out_of_a_view(world: World) -> None:
    body = {
        "type": "object",
        "properties": {"x' OR '1'='1": {"type": "string"}, 'y" FROM blobs --': {"type": "string"}},
    }
    schema = Schema(workspace_id=world.workspace_id, name="odd", version=1, sha256="0", body=body)
    with world.sessions.begin() as session:
        session.add(schema)
        session.flush()
        views.ensure_views(session, schema)
    with world.sessions() as session:
        assert session.execute(text("SELECT * FROM record_odd_v1")).all() == []


def test_versions_from_before_there_were_views_get_theirs_when_the_database_is_migrated(
    archive: Archive, engine: Engine
) -> None:
    with archive.world.sessions.begin() as session:
        views.drop_views(session, archive.world.workspace_id)
        assert inspect(session.connection()).get_view_names() == []
    upgrade(engine)
    upgrade(engine)
    assert ask(archive, "SELECT document FROM record_bill_v1_line_items") == []


def test_an_upgrade_counts_the_broken_rules_of_old_records_and_keeps_what_looks_at_their_views(
    archive: Archive, engine: Engine
) -> None:
    archive.add("a", flags=[{"rule": "adds up"}, {"rule": "due later"}])
    archive.add("b")
    before = without_flagged(engine)
    with writing(engine).begin() as connection:
        command.downgrade(migrate._config(connection), "0009")
        connection.execute(text(f"CREATE VIEW record_bill_v1 AS {before}"))
        connection.execute(text("CREATE VIEW somebody_s AS SELECT document FROM record_bill_v1"))
        connection.execute(text("UPDATE schemas SET views = :named"), {"named": '{"": "record_bill_v1"}'})
    upgrade(engine)
    assert ask(archive, "SELECT document, flagged FROM record_bill_v1 ORDER BY document") == [("a", 2), ("b", 0)]
    assert ask(archive, "SELECT document FROM somebody_s ORDER BY document") == [("a",), ("b",)]
    assert archive.find("flagged > 0") == ["a"]


def without_flagged(engine: Engine) -> str:
    """What the view of bills selects, as it was before records had a count of their flags."""
    definition = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE name = 'record_bill_v1'",
        "postgresql": "SELECT pg_get_viewdef('record_bill_v1'::regclass)",
    }[engine.dialect.name]
    with engine.connect() as connection:
        said = str(connection.execute(text(definition)).scalar_one())
    select = said[said.index("SELECT") :].rstrip(";")
    before = re.sub(r',\s+r\.flagged( AS "flagged")?', "", select)
    assert before != select
    return before


def test_the_examples_of_the_documentation_work(world: World) -> None:
    archive = archive_in(world, "invoice", _builtin(world, "invoice"))
    archive.add("a.pdf", total="1500 EUR", vendor_name="Acme Ltd", invoice_date="2024-03-01")
    archive.add("b.pdf", total="20 EUR", vendor_name="Other")
    sections = DOCS.read_text().split("\n## ")
    queries = [block for block in _blocks(sections[-1]) if block.lstrip().startswith("SELECT")]
    assert len(queries) == 4
    for query in queries:
        ask(archive, query)
    filters = _blocks(sections[1])[1].splitlines()
    assert len(filters) == 10
    found = {line.strip(): archive.find(line) for line in filters}
    assert next(iter(found.values())) == ["a.pdf"]
    assert len([names for names in found.values() if names]) >= 3


def _blocks(section: str) -> list[str]:
    """The examples of a page: lines that are set in by four blanks."""
    return re.findall(r"(?:^    .*\n)+", section, re.MULTILINE)


def _builtin(world: World, name: str) -> dict[str, Any]:
    with world.sessions() as session:
        return schemas.get_schema(session, world.workspace_id, name).body
