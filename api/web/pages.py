"""A document: the pictures of its pages with the boxes of its values over them, and its record beside them."""

import io

from fastapi import APIRouter, Request
from PIL import Image
from starlette.responses import Response

from api.routes.given import DocumentId, PageNumber
from api.routes.pages import fetch_image
from api.shapes import documents_out, page_out
from api.web.site import render
from api.web.values import shown_records
from api.web.visitor import VisitorDep
from core.errors import PageNotFound
from storage import documents

router = APIRouter(prefix="/documents", include_in_schema=False)

THUMBNAIL = (160, 226)  # pixels
_FOR_EVER = "private, max-age=31536000, immutable"


@router.get("/{document_id}")
def show_document(document_id: DocumentId, visitor: VisitorDep, page: int = 1, schema: str = "") -> Response:
    """One page of a document, the strip of all, and what was read from it under a schema."""
    caller = visitor.caller
    with caller.sessions() as session:
        document = documents.get_document(session, caller.workspace_id, document_id)
        (shown,) = documents_out(session, [document])
        pages = [page_out(one) for one in documents.pages_of(session, document.id)]
        records = shown_records(session, caller.workspace_id, document.id)
    number = min(max(1, page), max(1, len(pages)))
    chosen = next((one for one in records if one.schema == schema), records[0] if records else None)
    return render(
        visitor,
        "document.html",
        document=shown,
        pages=pages,
        number=number,
        page=pages[number - 1] if pages else None,
        records=records,
        record=chosen,
    )


@router.get("/{document_id}/pages/{number}/image")
def show_picture(document_id: DocumentId, number: PageNumber, visitor: VisitorDep, request: Request) -> Response:
    """The page's picture, as the API gives it."""
    return fetch_image(document_id, number, visitor.caller, request.headers.get("if-none-match"))


@router.get("/{document_id}/pages/{number}/thumbnail")
def show_thumbnail(document_id: DocumentId, number: PageNumber, visitor: VisitorDep) -> Response:
    """The page's picture, small."""
    caller = visitor.caller
    with caller.sessions() as session:
        page = documents.get_page(session, caller.workspace_id, document_id, number, with_words=False)
    if page.image_sha256 is None:
        raise PageNotFound(page.error_detail or "The page is not drawn yet.")
    picture = _made_small(caller.blobs.read(page.image_sha256))
    return Response(picture, media_type="image/webp", headers={"Cache-Control": _FOR_EVER})


def _made_small(picture: bytes) -> bytes:
    with Image.open(io.BytesIO(picture)) as image:
        image.draft("L", THUMBNAIL)
        image.thumbnail(THUMBNAIL, Image.Resampling.BOX, reducing_gap=2.0)
        small = io.BytesIO()
        image.save(small, "WEBP", quality=60)
        return small.getvalue()
