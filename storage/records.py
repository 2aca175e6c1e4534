"""Records: the values of one document under one schema version."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import case, delete, exists, func, select
from sqlalchemy.orm import aliased

from storage.database import Session, clock, insert_into
from storage.tables import Record, Schema, StaleRecord

_MOST_OLDER = 10_000  # records that are looked at for a hint
_MOST_VERSIONS = 20
_NEWER = aliased(Record)


def replace_record(  # noqa: PLR0913, PLR0917 - a row is its columns
    session: Session,
    workspace_id: str,
    document_id: str,
    schema_id: str,
    job_id: str,
    complete: bool,  # noqa: FBT001 - given by name
    values: Mapping[str, Any],
    gaps: Sequence[Any],
    model: str | None,
    tables: Mapping[str, Any] | None = None,
    flags: Sequence[Any] = (),
    receipt: Mapping[str, Any] | None = None,
    unsure: int = 0,
) -> Record:
    """Make this the document's one record under the schema. It keeps its id, and so its place in listings."""
    key = {"document_id": document_id, "schema_id": schema_id}
    said = {
        "workspace_id": workspace_id,
        "job_id": job_id,
        "complete": complete,
        "values": dict(values),
        "tables": dict(tables or {}),
        "gaps": list(gaps),
        "flags": list(flags),
        "receipt": dict(receipt or {}),
        "unsure": unsure,
        "flagged": len(flags),
        "model": model,
        "updated_at": clock(session),
    }
    row = insert_into(session, Record).values(key | said)
    session.execute(row.on_conflict_do_update(index_elements=list(key), set_=said))
    mine = (Record.document_id == document_id, Record.schema_id == schema_id)
    return session.scalars(select(Record).where(*mine), execution_options={"populate_existing": True}).one()


def find_record(session: Session, document_id: str, schema_id: str) -> Record | None:
    """The document's record under this schema version."""
    mine = (Record.document_id == document_id, Record.schema_id == schema_id)
    return session.scalars(select(Record).where(*mine)).one_or_none()


def of_schema_name(session: Session, document_id: str, name: str) -> list[Record]:
    """The document's records under every version of this schema."""
    query = select(Record).join(Schema, Schema.id == Record.schema_id)
    return list(session.scalars(query.where(Record.document_id == document_id, Schema.name == name)))


def of_document(session: Session, workspace_id: str, document_id: str) -> list[tuple[Record, Schema]]:
    """The records of a document under all schemas, older versions of each first."""
    query = select(Record, Schema).join(Schema, Schema.id == Record.schema_id)
    mine = (Record.workspace_id == workspace_id, Record.document_id == document_id)
    rows = session.execute(query.where(*mine).order_by(Schema.name, Schema.version)).all()
    return [(record, schema) for record, schema in rows]


def under_older_versions(
    session: Session, schema: Schema, document_ids: Collection[str] | None = None
) -> list[tuple[int, int]]:
    """Older versions of this schema with how many of their records are of documents that have none under this one.

    The newest version first, those without any left out. Only the newest 10,000 records are looked at: it is a hint.
    """
    older = (Schema.workspace_id == schema.workspace_id, Schema.name == schema.name, Schema.version < schema.version)
    versions = select(Schema.id, Schema.version).where(*older).order_by(Schema.version.desc()).limit(_MOST_VERSIONS)
    found, left = [], _MOST_OLDER
    for schema_id, version in session.execute(versions).all():
        some = select(Record.document_id).where(Record.schema_id == schema_id)
        if document_ids is not None:
            some = some.where(Record.document_id.in_(document_ids))
        looked_at = some.order_by(Record.id.desc()).limit(left).subquery()
        has_newer = exists().where(_NEWER.document_id == looked_at.c.document_id, _NEWER.schema_id == schema.id)
        lacking = func.coalesce(func.sum(case((has_newer, 0), else_=1)), 0)
        count, without = session.execute(select(func.count(), lacking).select_from(looked_at)).one()
        found += [(version, int(without))] if without else []
        left -= count
        if left <= 0:
            break
    return found


def newest_receipts(session: Session, workspace_id: str, name: str, model: str, limit: int) -> list[Mapping[str, Any]]:
    """The receipts of the records that this model read last under any version of this schema."""
    query = select(Record.receipt).join(Schema, Schema.id == Record.schema_id)
    mine = (Schema.workspace_id == workspace_id, Schema.name == name, Record.model == model)
    return list(session.scalars(query.where(*mine).order_by(Record.updated_at.desc()).limit(limit)))


def read_by(session: Session, workspace_id: str, model: str) -> list[tuple[str, str]]:
    """Document and schema of every record of the workspace that this model read."""
    mine = (Record.workspace_id == workspace_id, Record.model == model)
    query = select(Record.document_id, Record.schema_id).where(*mine).order_by(Record.id)
    return [(document_id, schema_id) for document_id, schema_id in session.execute(query)]


def made_by(session: Session, job_id: str, schema_id: str) -> set[str]:
    """The documents whose record under this schema the job made."""
    mine = (Record.schema_id == schema_id, Record.job_id == job_id)
    return set(session.scalars(select(Record.document_id).where(*mine)))


def stale(session: Session, most: int) -> list[Record]:
    """Records that an older version of the code made, the oldest first, at most so many."""
    query = select(Record).join(StaleRecord, StaleRecord.record_id == Record.id)
    return list(session.scalars(query.order_by(Record.id).limit(most)))


def refreshed(session: Session, record_id: str) -> None:
    """This record is stale no more. Harmless twice."""
    session.execute(delete(StaleRecord).where(StaleRecord.record_id == record_id))
