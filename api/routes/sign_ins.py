"""Links that sign a browser in, once."""

from fastapi import APIRouter

from api.caller import CallerDep
from api.problems import problems
from api.wire.sign_ins import LinkOut
from storage import sign_ins

router = APIRouter(prefix="/v1/sign-in-links", tags=["workspaces"])


@router.post("", status_code=201, summary="Make a link that signs a browser in", responses=problems())
def make_link(caller: CallerDep) -> LinkOut:
    """It works once, within twelve hours, and ends with the key that asked for it."""
    if caller.key_id is None:
        return LinkOut(path="/")
    with caller.sessions.begin() as session:
        return LinkOut(path=f"/sign-in/{sign_ins.make_link(session, caller.key_id)}")
