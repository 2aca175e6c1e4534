"""A view for each schema version and one for each of its tables: typed columns for people with SQL tools.

`record_invoice_v1` has a row for each record, `record_invoice_v1_line_items` one for each row of that table. Names of
workspaces other than `default` go before. Which names a version has stands in its row. A column is looked up value by
value, so a query reads only the columns that it names. docs/sql.md tells people more.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType

from sqlalchemy import inspect, select, text
from sqlalchemy.exc import InternalError, ProgrammingError

from core.records import FieldKind
from storage.database import Session
from storage.record_values import NO_ROW
from storage.schema_bodies import Reader
from storage.tables import Schema, Workspace
from storage.wanted import Field, TableField, Wanted

UNPREFIXED = "default"  # the workspace whose views carry its schemas' names alone
LONGEST_NAME = 63  # bytes, of PostgreSQL
_LOCK = 0x7669657773  # "views": held on PostgreSQL by who names and makes some
_HASH = 8  # digits


def ensure_views(session: Session, schema: Schema) -> None:
    """Make the views of this version, if it has none yet."""
    if schema.views is not None:
        return
    if _is_postgresql(session):
        session.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        session.refresh(schema, ["views"])
        if schema.views is not None:
            return
    wanted = Reader(schema.body).read()
    workspace = session.scalars(select(Workspace.name).where(Workspace.id == schema.workspace_id)).one()
    columns = _POSTGRESQL if _is_postgresql(session) else _SQLITE
    made: dict[str, str] = {}
    for path, statement in _views(schema.id, wanted, columns):
        name = _free_name(session, _name(workspace, schema, path))
        _run(session, f"CREATE VIEW {_quoted(name)} AS {statement}")
        made[path] = name
    schema.views = made
    session.flush()


def ensure_all_views(session: Session) -> None:
    """Make the views of all versions that have none."""
    for schema in session.scalars(select(Schema).where(Schema.views.is_(None)).order_by(Schema.id)).all():
        ensure_views(session, schema)


def renew_views(session: Session) -> None:
    """Make the views that are there anew, under their names, as columns may have come since: the new ones are last."""
    columns = _POSTGRESQL if _is_postgresql(session) else _SQLITE
    for schema in session.scalars(select(Schema).order_by(Schema.id)).all():
        for path, statement in _views(schema.id, Reader(schema.body).read(), columns):
            if name := (schema.views or {}).get(path):
                _replace(session, _quoted(name), statement)


def drop_views(session: Session, workspace_id: str) -> None:
    """Remove the views of a workspace that is to be deleted: no foreign key takes them with it."""
    for schema in session.scalars(select(Schema).where(Schema.workspace_id == workspace_id)).all():
        for name in reversed(list((schema.views or {}).values())):
            _run(session, f"DROP VIEW IF EXISTS {_quoted(name)}")
        schema.views = None
    session.flush()


def _views(schema_id: str, wanted: Wanted, columns: "_Columns") -> Iterator[tuple[str, str]]:
    """The SELECT of each view, by the path of its table."""
    yield "", _of_records(schema_id, wanted.fields, columns)
    for table in wanted.tables:
        yield table.path, _of_rows(schema_id, table, columns)


def _of_records(schema_id: str, fields: Sequence[Field], columns: "_Columns") -> str:
    own = {
        "record_id": "r.id",
        "document_id": "r.document_id",
        "document": "d.name",
        "complete": "r.complete",
        "unsure": "r.unsure",
        "updated_at": "r.updated_at",
    }
    row = f'v.record_id = r.id AND v."row" = {NO_ROW}'
    last = {"flagged": "r.flagged"}  # so that no column that people know has another place or name by it
    chosen = _chosen(own, [(field, field.path) for field in fields], row, columns, last)
    source = "records AS r JOIN documents AS d ON d.id = r.document_id"
    return f"SELECT {chosen} FROM {source} WHERE r.schema_id = {_literal(schema_id)}"  # noqa: S608 - all literals are quoted


def _of_rows(schema_id: str, table: TableField, columns: "_Columns") -> str:
    paths = [(field, f"{table.path}.{field.path}") for field in table.fields]
    among = ", ".join(_literal(path) for _, path in paths)
    row = 'v.record_id = t.record_id AND v."row" = t."row"'
    own = {
        "record_id": "t.record_id",
        "document_id": "r.document_id",
        "document": "d.name",
        "row": 't."row"',
        "page": f"(SELECT min(v.page) FROM record_values AS v WHERE {row} AND v.field IN ({among}))",  # noqa: S608 - all literals are quoted
    }
    mine = f"v.schema_id = {_literal(schema_id)} AND v.field IN ({among})"
    rows = f'SELECT DISTINCT v.record_id, v."row" FROM record_values AS v WHERE {mine}'  # noqa: S608 - all literals are quoted
    source = f"({rows}) AS t JOIN records AS r ON r.id = t.record_id JOIN documents AS d ON d.id = r.document_id"
    return f"SELECT {_chosen(own, paths, row, columns)} FROM {source}"  # noqa: S608 - all literals are quoted


def _chosen(
    own: Mapping[str, str],
    fields: Sequence[tuple[Field, str]],
    row: str,
    columns: "_Columns",
    last: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The columns of a view: what a record has itself, then one for each field, of money another for its currency.

    What else a record has comes last.
    """
    named = dict(own)
    for field, path in fields:
        where = f"FROM record_values AS v WHERE {row} AND v.field = {_literal(path)}"
        slug = _slug(field.path)
        typed = columns.get(field.kind, columns[FieldKind.EMAIL])
        named[_apart(slug, named)] = f"(SELECT {typed} {where})"
        if field.kind is FieldKind.MONEY:
            named[_apart(f"{slug}_currency", named)] = f"(SELECT v.currency {where})"
    for name, expression in last.items():
        named[_apart(name, named)] = expression
    return ", ".join(f"{expression} AS {_quoted(name)}" for name, expression in named.items())


def _replace(session: Session, view: str, statement: str) -> None:
    """Make a view anew. Where people have views of their own on it, PostgreSQL adds columns to it, or leaves it so."""
    ways = [[f"DROP VIEW IF EXISTS {view}", f"CREATE VIEW {view} AS {statement}"]]
    if _is_postgresql(session):
        ways.insert(0, [f"CREATE OR REPLACE VIEW {view} AS {statement}"])
    for way in ways:
        with suppress(ProgrammingError, InternalError), session.begin_nested():
            for each in way:
                _run(session, each)
            return


def _name(workspace: str, schema: Schema, path: str) -> str:
    prefix = "" if workspace == UNPREFIXED else f"{_slug(workspace)}_"
    table = f"_{_slug(path)}" if path else ""
    return _short(f"{prefix}record_{_slug(schema.name)}_v{schema.version}{table}")


def _free_name(session: Session, name: str) -> str:
    """The name, or where something else has it already, as with schemas `a-b` and `a_b`, the name with a number."""
    known = inspect(session.connection())
    free, number = name, 1
    while known.has_table(free):
        number += 1
        free = _short(name, f"_{number}")
    return free


def _apart(name: str, taken: Mapping[str, str]) -> str:
    """A column's name that no column before it has."""
    free, number = _short(name), 1
    while free in taken:
        number += 1
        free = _short(name, f"_{number}")
    return free


def _short(name: str, end: str = "") -> str:
    """At most as long as a name may be; what is cut off is told by a hash."""
    if len(name) + len(end) <= LONGEST_NAME:
        return name + end
    mark = "_" + hashlib.sha256(name.encode()).hexdigest()[:_HASH]
    return name[: LONGEST_NAME - len(mark) - len(end)] + mark + end


def _slug(name: str) -> str:
    """A name that needs no quotes, as far as it is not a word of SQL."""
    return re.sub(r"[^a-z0-9_]", "_", name.lower())


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(value: str) -> str:
    """A definition takes no parameters; names of fields and ids hold no quotes, and would be harmless if they did."""
    return "'" + value.replace("'", "''") + "'"


def _run(session: Session, statement: str) -> None:
    session.connection().exec_driver_sql(statement, execution_options={"no_parameters": True})


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


_Columns = Mapping[FieldKind, str]
_EXACT = "CAST(v.millionths AS numeric) / 1000000"
_SQLITE: _Columns = {
    FieldKind.TEXT: "coalesce(v.text, v.raw)",
    FieldKind.EMAIL: "v.text",  # and of all codes
    FieldKind.NUMBER: "v.number",
    FieldKind.MONEY: "v.number",
    FieldKind.INTEGER: "CAST(v.number AS INTEGER)",
    FieldKind.BOOLEAN: "CAST(v.number AS INTEGER)",
    FieldKind.DATE: "v.date",
}
_POSTGRESQL: _Columns = {
    **_SQLITE,
    FieldKind.MONEY: f"trim_scale(coalesce({_EXACT}, CAST(v.number AS numeric)))",
    FieldKind.INTEGER: "coalesce(v.millionths / 1000000, CASE WHEN abs(v.number) < 9e18 THEN v.number::bigint END)",
    FieldKind.BOOLEAN: "v.number <> 0",
    FieldKind.DATE: "CAST(v.date AS date)",
}
