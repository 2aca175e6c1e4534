"""Inferences by their content: what a model said once is not asked again in the same workspace."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from storage.database import Session, insert_into
from storage.paging import in_parts
from storage.tables import Inference

_NEWEST = 2_000  # inferences that an estimate looks at


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


def latest(session: Session, workspace_id: str, model: str) -> Inference | None:
    """The newest thing that a model of this name said here: it tells revision and decoding."""
    mine = (Inference.workspace_id == workspace_id, Inference.model == model)
    return session.scalars(select(Inference).where(*mine).order_by(Inference.created_at.desc()).limit(1)).one_or_none()


def known_keys(session: Session, workspace_id: str, keys: Iterable[str]) -> set[str]:
    """Which of these are known."""
    known: set[str] = set()
    for some in in_parts(sorted(set(keys))):
        mine = (Inference.workspace_id == workspace_id, Inference.key.in_(some))
        known |= set(session.scalars(select(Inference.key).where(*mine)))
    return known


def seconds_a_page(session: Session, workspace_id: str, model: str) -> float | None:
    """How long the model took for a page, over the newest of what it said here; None where it said nothing yet."""
    mine = (Inference.workspace_id == workspace_id, Inference.model == model)
    newest = select(Inference.image_sha256, Inference.seconds).where(*mine)
    some = newest.order_by(Inference.created_at.desc()).limit(_NEWEST).subquery()
    pages, seconds = session.execute(select(func.count(some.c.image_sha256.distinct()), func.sum(some.c.seconds))).one()
    return seconds / pages if pages else None
