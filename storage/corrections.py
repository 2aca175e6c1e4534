"""Corrections: what people say instead of the model. All of them are kept; of a field, the last one counts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import func, select, tuple_

from core.records import Box, ValueState
from storage.database import Session, new_id
from storage.paging import Listing, list_rows
from storage.tables import Correction


@dataclass(frozen=True, slots=True)
class NewCorrection:
    """What a person says about a field of a document under a schema."""

    schema_name: str
    field: str  # its path; of a cell with its row in the record, from 0
    state: ValueState  # found or absent
    raw: str | None
    page: int | None
    box: Box | None
    undone: bool  # takes the last correction back: the model counts again
    before: dict[str, Any]  # the value as it stood, with the model that read it
    made_by: str
    takes_back: str | None = None  # the one that counts as never made: what stood before it counts again


def add_correction(session: Session, workspace_id: str, document_id: str, new: NewCorrection) -> Correction:
    """Write a correction down, behind all others of the document. The record is not made anew by this.

    Hold the document while you call it: the last one counts, whatever the clocks of the machines say.
    """
    correction = Correction(
        id=_id_behind(session.scalar(select(func.max(Correction.id)).where(Correction.document_id == document_id))),
        workspace_id=workspace_id,
        document_id=document_id,
        schema_name=new.schema_name,
        field=new.field,
        state=new.state,
        raw=new.raw,
        page=new.page,
        box=new.box.as_list() if new.box else None,
        undone=new.undone,
        before=new.before,
        made_by=new.made_by,
        takes_back=new.takes_back,
    )
    session.add(correction)
    session.flush()
    return correction


def of_document(session: Session, document_id: str, schema_name: str) -> list[Correction]:
    """Everything that was said about a document under any version of a schema, in the order in which it was said."""
    mine = (Correction.document_id == document_id, Correction.schema_name == schema_name)
    return list(session.scalars(select(Correction).where(*mine).order_by(Correction.id)))


def find_correction(session: Session, workspace_id: str, correction_id: str) -> Correction | None:
    """One of the workspace's corrections."""
    mine = (Correction.workspace_id == workspace_id, Correction.id == correction_id)
    return session.scalars(select(Correction).where(*mine)).one_or_none()


def standing(said: Iterable[Correction]) -> list[Correction]:
    """Those that were not taken back, in the order given; rows that take others back are gone with these."""
    told = list(said)
    gone = {row.takes_back for row in told if row.takes_back is not None}
    return [row for row in told if row.takes_back is None and row.id not in gone]


def list_corrections(
    session: Session, workspace_id: str, schema_name: str | None = None, cursor: str | None = None, limit: int = 50
) -> Listing[Correction]:
    """The workspace's corrections, also those that count no longer, the newest first. Raises InvalidCursor."""
    query = select(Correction).where(Correction.workspace_id == workspace_id)
    if schema_name is not None:
        query = query.where(Correction.schema_name == schema_name)
    return list_rows(session, query, Correction.id, cursor, limit, newest_first=True)


def corrected_documents(
    session: Session, workspace_id: str, schema_name: str | None, after: tuple[str, str] | None, limit: int
) -> list[tuple[str, str]]:
    """Documents about which something was said, each with the schema's name, in order and behind `after`."""
    where = Correction.document_id, Correction.schema_name
    query = select(*where).where(Correction.workspace_id == workspace_id).distinct().order_by(*where).limit(limit)
    if schema_name is not None:
        query = query.where(Correction.schema_name == schema_name)
    if after is not None:
        query = query.where(tuple_(*where) > after)
    return [(row.document_id, row.schema_name) for row in session.execute(query)]


def all_counting(session: Session, workspace_id: str, schema_name: str | None = None) -> Iterator[Correction]:
    """Every correction that counts, by document and field: what people know about a model's mistakes."""
    query = select(Correction).where(Correction.workspace_id == workspace_id)
    if schema_name is not None:
        query = query.where(Correction.schema_name == schema_name)
    by_field = query.order_by(Correction.document_id, Correction.schema_name, Correction.field, Correction.id)
    for _, told in groupby(session.scalars(by_field.execution_options(yield_per=500)), _field_of):
        left = standing(told)
        if left and not left[-1].undone:
            yield left[-1]


def _id_behind(newest: str | None) -> str:
    """An id that sorts behind this one: within a millisecond chance would decide, and clocks differ."""
    made = new_id()
    return made if newest is None or made > newest else f"{int(newest, 16) + 1:032x}"


def _field_of(row: Correction) -> tuple[str, str, str]:
    return row.document_id, row.schema_name, row.field
