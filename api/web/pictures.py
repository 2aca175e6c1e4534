"""The pictures of pages as pages of ours show them: whole but pressed, or small for lists."""

import io

from fastapi import APIRouter, Request
from PIL import Image
from starlette.responses import Response

from api.caller import Caller
from api.routes.given import DocumentId, PageNumber
from api.web.visitor import VisitorDep
from core.errors import PageNotFound
from storage import documents

router = APIRouter(prefix="/documents/{document_id}/pages/{number}", include_in_schema=False)

THUMBNAIL = (160, 226)  # pixels
_FOR_EVER = "private, max-age=31536000, immutable"


@router.get("/image")
def show_picture(document_id: DocumentId, number: PageNumber, visitor: VisitorDep, request: Request) -> Response:
    """The page's picture with as many pixels as the model saw, in a third of the bytes."""
    drawn = _drawn(visitor.caller, document_id, number)
    headers = {"ETag": f'"{drawn}.webp"', "Cache-Control": _FOR_EVER}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(_pressed(visitor.caller.blobs.read(drawn), 75), media_type="image/webp", headers=headers)


@router.get("/thumbnail")
def show_thumbnail(document_id: DocumentId, number: PageNumber, visitor: VisitorDep) -> Response:
    """The page's picture, small."""
    picture = visitor.caller.blobs.read(_drawn(visitor.caller, document_id, number))
    return Response(_pressed(picture, 60, THUMBNAIL), media_type="image/webp", headers={"Cache-Control": _FOR_EVER})


def _drawn(caller: Caller, document_id: str, number: int) -> str:
    """Which blob is the picture of a page. Raises DocumentNotFound and PageNotFound."""
    with caller.sessions() as session:
        page = documents.get_page(session, caller.workspace_id, document_id, number, with_words=False)
    if page.image_sha256 is None:
        raise PageNotFound(page.error_detail or "The page is not drawn yet.")
    return page.image_sha256


def _pressed(picture: bytes, quality: int, within: tuple[int, int] | None = None) -> bytes:
    """As WebP, of its own size or made to fit within so many pixels; quick rather than as small as can be."""
    with Image.open(io.BytesIO(picture)) as image:
        if within:
            image.draft("L", within)
            image.thumbnail(within, Image.Resampling.BOX, reducing_gap=2.0)
        pressed = io.BytesIO()
        image.save(pressed, "WEBP", quality=quality, method=2)
        return pressed.getvalue()
