"""Records: what was read under a schema, a row a document."""

from fastapi import APIRouter

from api.caller import CallerDep
from api.problems import problems
from api.routes.given import Cursor, Limit, OfDocument, SchemaNamed, Version
from api.shapes import record_out
from api.wire.records import RecordsOut
from core.errors import DocumentNotFound, InvalidCursor, SchemaNotFound
from storage import documents, records, schemas

router = APIRouter(prefix="/v1/records", tags=["records"])


@router.get("/{schema}", summary="List records", responses=problems(SchemaNotFound, DocumentNotFound, InvalidCursor))
def list_records(
    schema: SchemaNamed,
    caller: CallerDep,
    version: Version = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    document: OfDocument = None,
) -> RecordsOut:
    """The oldest first. Every value has its page, its box and a confidence."""
    with caller.sessions() as session:
        asked = schemas.get_schema(session, caller.workspace_id, schema, version)
        only = document and [documents.get_document(session, caller.workspace_id, document).id]
        listing = records.list_records(session, caller.workspace_id, asked.id, cursor, limit, only or None)
        items = [record_out(record, of, asked) for record, of in listing.items]
        return RecordsOut(items=items, next_cursor=listing.next_cursor)
