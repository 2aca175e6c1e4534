"""Calibrations: what a model's confidence means in this workspace, fitted on values whose truth is known."""

from collections.abc import Sequence
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Path

from api.caller import CallerDep
from api.problems import problems
from api.wire.calibrations import CalibratedOut, CalibrationIn, CalibrationOut, CalibrationsOut, CurveOut
from core.errors import CalibrationNotFound, InvalidRequest, RequestTooLarge, TooLittleTruth
from storage import calibrations
from storage.tables import Calibration
from workers.calibrate import calibrate, merge_model_again
from workers.confidence import Labelled, still_packaged

router = APIRouter(prefix="/v1/calibrations", tags=["calibrations"])

ModelNamed = Annotated[str, Path(max_length=500, description="A model's name, as records have it.", examples=["big"])]


@router.get("", summary="List calibrations", responses=problems())
def list_calibrations(caller: CallerDep) -> CalibrationsOut:
    """This workspace's own; a model that it has not calibrated goes by what it came with, if it came with any."""
    with caller.sessions() as session:
        rows = calibrations.of_workspace(session, caller.workspace_id)
        by_model = groupby(rows, key=lambda row: row.model)
        return CalibrationsOut(items=[_shown(list(some)) for _, some in by_model])


@router.post(
    "",
    status_code=200,
    summary="Calibrate a model",
    responses=problems(TooLittleTruth, InvalidRequest, RequestTooLarge),
)
def calibrate_model(said: CalibrationIn, caller: CallerDep) -> CalibratedOut:
    """Fit what a model's confidence means on these values and on all corrections, in place of what was fitted before.

    Its records are made anew by it before the answer comes. To repeat it is harmless.
    """
    values = [Labelled(one.kind, one.confidence, one.right, one.verified, one.layer) for one in said.values]
    with caller.sessions.begin() as session:
        calibrate(session, caller.workspace_id, said.model, values)
        shown = _shown(calibrations.of_model(session, caller.workspace_id, said.model))
    merged = merge_model_again(caller.sessions, caller.workspace_id, said.model)
    return CalibratedOut(**dict(shown), records=merged)


@router.delete(
    "/{model:path}", status_code=204, summary="Forget a calibration", responses=problems(CalibrationNotFound)
)
def forget_calibration(model: ModelNamed, caller: CallerDep) -> None:
    """The model's confidence means again what it came with; its records are made anew by that."""
    with caller.sessions.begin() as session:
        if not calibrations.forget(session, caller.workspace_id, model):
            raise CalibrationNotFound
    merge_model_again(caller.sessions, caller.workspace_id, model)


def _shown(rows: Sequence[Calibration]) -> CalibrationOut:
    curves = {row.kind: CurveOut(values=row.values_seen, said=row.said, meant=row.meant) for row in rows}
    first = rows[0]
    return CalibrationOut(
        model=first.model,
        evidence=first.evidence,
        curves=curves,
        packaged=still_packaged(curves, first.model),
        created_at=first.created_at,
    )
