"""Inferences by their content: what a model said once is not asked again in the same workspace."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from storage.database import Session, insert_into
from storage.paging import in_parts
from storage.tables import Inference


def find(session: Session, workspace_id: str, keys: Iterable[str]) -> dict[str, Inference]:
    """The inferences that are known of these."""
    found: dict[str, Inference] = {}
    for some in in_parts(sorted(set(keys))):
        query = select(Inference).where(Inference.workspace_id == workspace_id, Inference.key.in_(some))
        found |= {row.key: row for row in session.scalars(query)}
    return found


def store(session: Session, workspace_id: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep these; one that is known already stays as it is."""
    mine = [{"workspace_id": workspace_id, **row} for row in rows]
    if mine:
        mine.sort(key=lambda row: str(row["key"]))  # in one order, so that two writers never wait in a ring
        session.execute(insert_into(session, Inference).on_conflict_do_nothing(), mine)
