"""Whether the process lives, whether it can work, and its figures."""

from fastapi import APIRouter, Request, Response

from api.desk import FrontDesk
from api.problems import Responses, open_problems
from api.readiness import parts_of
from api.wire.health import AliveOut, PartsOut
from core.errors import ServiceUnavailable

router = APIRouter(tags=["service"])

_FIGURES: Responses = {
    200: {"description": "Prometheus' text format.", "content": {"text/plain": {"schema": {"type": "string"}}}}
}


class FiguresResponse(Response):
    """Prometheus' text format."""

    media_type = "text/plain; version=0.0.4"


@router.get("/healthz", summary="Say whether the process lives", responses=open_problems())
def healthz() -> AliveOut:
    """Looks at nothing else."""
    return AliveOut(alive=True)


@router.get("/readyz", summary="Say whether the service can work", responses=open_problems(ServiceUnavailable))
def readyz(request: Request) -> PartsOut:
    """Part by part. Without Redis the service works on, slower, so that part alone is no failure."""
    parts = parts_of(_desk(request))
    wrong = [f"{name}: {state}" for name, state in parts.items() if state != "ok" and name != "redis"]
    if wrong:
        raise ServiceUnavailable(f"Not ready: {'; '.join(wrong)}.", parts=parts)
    return PartsOut(ready=True, parts=parts)


@router.get(
    "/metrics",
    summary="Show the service's figures",
    response_class=FiguresResponse,
    responses=_FIGURES | open_problems(),
)
def metrics(request: Request) -> Response:
    """Requests by route and status, and what waits in each queue."""
    return FiguresResponse(_desk(request).metrics.text())


def _desk(request: Request) -> FrontDesk:
    desk: FrontDesk = request.app.state.desk
    return desk
