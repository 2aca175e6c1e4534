"""Records as a table: filtered, sorted, each cell a way to where it stands, and all of it as a file."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.export import Format
from api.routes.asked import RecordsAsked
from api.routes.given import Cursor, SchemaNamed
from api.routes.records import export_records
from api.web.site import render
from api.web.values import shown_values
from api.web.visitor import Visitor, VisitorDep
from core.errors import InvalidColumn, InvalidFilter
from storage import queries, schemas

router = APIRouter(prefix="/records", include_in_schema=False)

A_PAGE = 50  # records

TextGiven = Annotated[str, Query(max_length=10_000)]


@router.get("")
def show_schemas(visitor: VisitorDep) -> Response:
    """The schemas whose records there are to see."""
    with visitor.caller.sessions() as session:
        names = [schema.name for schema in schemas.list_schemas(session, visitor.caller.workspace_id)]
    return render(visitor, "schemas.html", names=sorted(set(names)))


@router.get("/{schema}")
def show_records(
    schema: SchemaNamed, visitor: VisitorDep, where: TextGiven = "", sort: TextGiven = "", cursor: Cursor = None
) -> Response:
    """One part of the records that pass. What is wrong with a filter stands beside it."""
    asked = RecordsAsked(visitor.caller, where or None, sort or None)
    try:
        return _table(visitor, schema, asked, where, sort, cursor)
    except (InvalidFilter, InvalidColumn) as error:
        plain = _table(visitor, schema, RecordsAsked(visitor.caller), where, sort, None, wrong=error.detail)
        plain.status_code = error.status
        return plain


@router.get("/{schema}/export")
def export(
    schema: SchemaNamed,
    visitor: VisitorDep,
    where: TextGiven = "",
    sort: TextGiven = "",
    format_: Annotated[Format, Query(alias="format")] = Format.CSV,
) -> Response:
    """All records that pass, as a file."""
    return export_records(schema, RecordsAsked(visitor.caller, where or None, sort or None), format_)


def _table(
    visitor: Visitor, name: str, asked: RecordsAsked, where: str, sort: str, cursor: str | None, wrong: str = ""
) -> Response:
    with visitor.caller.sessions() as session:
        read = asked.read(session, name)
        listing = queries.find_records(session, read.query, cursor, A_PAGE, tables=False)
        rows = [(document, record, shown_values(record, read.schema)) for record, document in listing.items]
        columns = [(field.path, field.title) for field in read.chosen.fields]
        said = {key: text for key, text in (("where", where), ("sort", sort)) if text and not wrong}
        further = urlencode(said | {"cursor": listing.next_cursor}) if listing.next_cursor else None
        return render(
            visitor,
            "records.html",
            schema=read.schema,
            columns=columns,
            rows=rows,
            where=where,
            sort=sort,
            wrong=wrong,
            further=further,
            as_file=urlencode(said),
            formats=[form.value for form in Format],
        )
