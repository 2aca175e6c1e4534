"""Calibrations: what a model's confidence means in a workspace, a curve for each kind of field."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select

from storage.database import Session
from storage.tables import Calibration


@dataclass(frozen=True, slots=True)
class NewCurve:
    """A curve of one kind, and how evidence counts for it."""

    kind: str  # a FieldKind, `absent`, or `any`
    said: list[float]
    meant: list[float]
    evidence: dict[str, Any]
    values_seen: int


def replace(session: Session, workspace_id: str, model: str, curves: Sequence[NewCurve]) -> None:
    """Make these the workspace's only curves of the model. Records are not made anew by this."""
    forget(session, workspace_id, model)
    session.add_all(
        Calibration(
            workspace_id=workspace_id,
            model=model,
            kind=curve.kind,
            said=curve.said,
            meant=curve.meant,
            evidence=curve.evidence,
            values_seen=curve.values_seen,
        )
        for curve in curves
    )
    session.flush()


def forget(session: Session, workspace_id: str, model: str) -> bool:
    """Delete the workspace's curves of the model. False where there are none."""
    mine = (Calibration.workspace_id == workspace_id, Calibration.model == model)
    gone = session.scalars(delete(Calibration).where(*mine).returning(Calibration.id)).all()
    return bool(gone)


def of_model(session: Session, workspace_id: str, model: str) -> list[Calibration]:
    """The workspace's curves of a model, by kind."""
    mine = (Calibration.workspace_id == workspace_id, Calibration.model == model)
    return list(session.scalars(select(Calibration).where(*mine).order_by(Calibration.kind)))


def of_workspace(session: Session, workspace_id: str) -> list[Calibration]:
    """All curves of the workspace, by model and kind: a handful, as they are fitted model by model."""
    mine = select(Calibration).where(Calibration.workspace_id == workspace_id)
    return list(session.scalars(mine.order_by(Calibration.model, Calibration.kind)))
