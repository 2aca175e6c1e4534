"""Rows of a table on the pages of a document, as if a model had just read them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import update

from core.records import Box, FieldValue, ValueState
from storage import documents, records, schemas, values
from storage.database import Sessions
from storage.tables import Item
from workers.merge import merge_again
from workers.receipt import receipt_of_page

COLUMNS = ("description", "amount")


def put_rows(
    sessions: Sessions, workspace_id: str, document_id: str, found: Mapping[int, Sequence[tuple[str, str | None]]]
) -> None:
    """Let these rows be all that stands on these pages of a document that was read as an invoice."""
    with sessions.begin() as session:
        schema = schemas.get_schema(session, workspace_id, "invoice")
        record = records.find_record(session, document_id, schema.id)
        assert record is not None
        for page in documents.pages_of(session, document_id):
            if page.number not in found:
                continue
            rows = found[page.number]
            cells = [
                FieldValue(f"line_items[{n}].{name}", ValueState.FOUND, raw, 0.9, Box(0.1, 0.2, 0.3, 0.4), None)
                for n, row in enumerate(rows)
                for name, raw in zip(COLUMNS, row, strict=True)
                if raw is not None
            ]
            whose = (session, workspace_id, document_id, page.id, schema.id, record.job_id, "scripted")
            values.replace_values(*whose, cells)
            mine = (Item.job_id == record.job_id, Item.first_page == page.number)
            receipt = receipt_of_page(cells, {"line_items": (len(rows), len(rows))})
            session.execute(update(Item).where(*mine).values(result=receipt))
        merge_again(session, record)
