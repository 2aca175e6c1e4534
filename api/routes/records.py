"""Records: what was read under a schema, a row a document."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from api.export import Format, Wish, exported, media_type_of
from api.problems import Responses, problems
from api.record_shapes import chosen_record_out, older_out
from api.routes.asked import RecordsAskedDep
from api.routes.given import Cursor, Limit, SchemaNamed
from api.wire.records import RecordsOut
from core.errors import DocumentNotFound, InvalidColumn, InvalidCursor, InvalidFilter, SchemaNotFound
from storage import documents, queries, records

router = APIRouter(prefix="/v1/records", tags=["records"])

_PROBLEMS = (SchemaNotFound, DocumentNotFound, InvalidFilter, InvalidColumn)
_FILE: Responses = {
    200: {
        "description": "The file, as it is made.",
        "content": {media_type_of(form): {"schema": {"type": "string", "format": "binary"}} for form in Format},
    }
}

FormatGiven = Annotated[Format, Query(alias="format", description="Which kind of file.", examples=["csv"])]
TableGiven = Annotated[
    str | None,
    Query(max_length=1_000, description="A row for each row of this table, not of each record.", examples=[None]),
]


@router.get("/{schema}", summary="List records", responses=problems(*_PROBLEMS, InvalidCursor))
def list_records(schema: SchemaNamed, asked: RecordsAskedDep, limit: Limit = 50, cursor: Cursor = None) -> RecordsOut:
    """The oldest first, unless `sort` says otherwise. Every value has its page, its box and a confidence.

    Without a `version`, the first page tells of records that still stand under older versions.
    """
    with asked.caller.sessions() as session:
        read = asked.read(session, schema)
        tables, evidence = bool(read.chosen.tables), read.evidence is not False
        listing = queries.find_records(session, read.query, cursor, limit, tables=tables)
        names = documents.all_names(session, [document.id for _, document in listing.items])
        items = [
            chosen_record_out(record, of, read.schema, read.chosen, names.get(of.id, ()), evidence=evidence)
            for record, of in listing.items
        ]
        tells = read.latest and cursor is None
        older = records.under_older_versions(session, read.schema, read.query.document_ids) if tells else []
        return RecordsOut(items=items, next_cursor=listing.next_cursor, older_versions=older_out(older))


@router.get(
    "/{schema}/export",
    status_code=200,
    summary="Export records",
    response_class=StreamingResponse,
    responses=_FILE | problems(*_PROBLEMS),
)
def export_records(
    schema: SchemaNamed, asked: RecordsAskedDep, format_: FormatGiven = Format.CSV, table: TableGiven = None
) -> StreamingResponse:
    """All records that pass, as a file: it is sent while it is made, and breaks off where that goes wrong.

    CSV and Parquet hold typed values; money is an amount and a currency. JSONL holds the records as they are listed.
    """
    with asked.caller.sessions() as session:
        read = asked.read(session, schema)
        evidence = format_ is Format.JSONL if read.evidence is None else read.evidence
        wish = Wish(read.schema, read.chosen, read.query, format_, table, evidence)
    parts = exported(asked.caller.sessions, wish)
    name = f"{read.schema.name}.{format_.value}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(parts, media_type=media_type_of(format_), headers=headers)
