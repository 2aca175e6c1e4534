"""Values: what each page says about each field of a schema."""

from collections.abc import Sequence

from sqlalchemy import delete, insert, select

from core.errors import PageNotFound
from core.records import Box, FieldValue
from storage.database import Session
from storage.tables import Page, Value


def replace_values(  # noqa: PLR0913, PLR0917 - a row is its columns
    session: Session,
    workspace_id: str,
    document_id: str,
    page_id: str,
    schema_id: str,
    job_id: str,
    model: str,
    found: Sequence[FieldValue],
) -> None:
    """Make `found` the page's only values under this schema, so that a second run is harmless. Raises PageNotFound."""
    mine = (Page.workspace_id == workspace_id, Page.document_id == document_id, Page.id == page_id)
    number = session.scalars(select(Page.number).where(*mine)).one_or_none()
    if number is None:
        raise PageNotFound
    session.execute(delete(Value).where(Value.page_id == page_id, Value.schema_id == schema_id))
    shared = {
        "workspace_id": workspace_id,
        "document_id": document_id,
        "page_id": page_id,
        "page_number": number,
        "schema_id": schema_id,
        "job_id": job_id,
        "model": model,
    }
    rows = [
        shared
        | {
            "field": value.field,
            "state": value.state,
            "raw": value.raw,
            "confidence": value.confidence,
            "box": value.box.as_list() if value.box else None,
            "inference_key": value.inference_key,
            "reason": value.reason,
            "verified": value.verified,
            "layer": value.layer,
            "seen": value.seen,
        }
        for value in found
    ]
    if rows:
        session.execute(insert(Value), rows)


def values_of(session: Session, document_id: str, schema_id: str) -> list[tuple[int, FieldValue]]:
    """Page number and value, in order of pages and, on a page, in the order in which they were written."""
    mine = (Value.document_id == document_id, Value.schema_id == schema_id)
    rows = session.scalars(select(Value).where(*mine).order_by(Value.page_number, Value.id))
    return [(row.page_number, _from(row)) for row in rows]


def pages_read_after(session: Session, document_id: str, schema_id: str, job_id: str) -> set[int]:
    """The pages whose values under this schema are of a job that was planned after this one."""
    later = (Value.document_id == document_id, Value.schema_id == schema_id, Value.job_id > job_id)
    return set(session.scalars(select(Value.page_number).where(*later).distinct()))


def model_of(session: Session, document_id: str, schema_id: str) -> str | None:
    """The model that read the newest of the document's values under this schema; None where there are none."""
    mine = (Value.document_id == document_id, Value.schema_id == schema_id)
    return session.scalars(select(Value.model).where(*mine).order_by(Value.id.desc()).limit(1)).one_or_none()


def _from(row: Value) -> FieldValue:
    box = Box(*row.box) if row.box else None
    checked = (row.verified, row.layer, row.seen)
    return FieldValue(row.field, row.state, row.raw, row.confidence, box, row.inference_key, row.reason, *checked)
