"""The files that pages load."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.web.site import ASSETS, asset_response

router = APIRouter(include_in_schema=False)


@router.get(ASSETS + "{name:path}")
def fetch_asset(name: str, request: Request) -> Response:
    """A style sheet, a script or a picture of ours."""
    return asset_response(name, request.headers)
