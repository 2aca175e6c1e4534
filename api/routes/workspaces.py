"""Workspaces for a while: to try something with one's own schemas, and to leave nothing behind."""

from datetime import timedelta

from fastapi import APIRouter

from api.caller import CallerDep
from api.problems import problems
from api.wire.workspaces import TemporaryOut
from core.errors import Conflict
from storage import workspaces

router = APIRouter(prefix="/v1/workspaces", tags=["workspaces"])

KEPT = timedelta(days=1)


@router.post("/temporary", status_code=201, summary="Make a workspace for a while", responses=problems(Conflict))
def make_temporary(caller: CallerDep) -> TemporaryOut:
    """It has this one's schemas and calibrations, no documents, and a key of its own. It goes by itself after a day."""
    with caller.sessions.begin() as session:
        made, key = workspaces.add_temporary(session, caller.workspace_id, KEPT)
        return TemporaryOut(key=key, expires_at=made.expires_at)


@router.delete(
    "/temporary",
    status_code=204,
    summary="Delete the workspace that was made for a while",
    responses=problems(Conflict),
)
def delete_temporary(caller: CallerDep) -> None:
    """Delete the workspace that the key opens, with everything in it, if it was made for a while."""
    with caller.sessions.begin() as session:
        workspaces.delete_temporary(session, caller.workspace_id)
