"""Pages of a document: what is known of them, their words, their pictures."""

from typing import Annotated

from fastapi import APIRouter, Header, Response

from api.caller import CallerDep
from api.problems import Responses, problems
from api.routes.given import DocumentId, PageNumber
from api.shapes import page_out, page_with_words_out
from api.wire.documents import PagesOut, PageWithWordsOut
from core.errors import BlobMissing, DocumentNotFound, PageNotFound
from ingest.sniff import HEAD_BYTES, MediaKind, sniff
from storage import documents

router = APIRouter(prefix="/v1/documents/{document_id}/pages", tags=["documents"])

_PICTURES: Responses = {
    200: {
        "description": "The picture.",
        "content": {kind.value: {"schema": {"type": "string"}} for kind in (MediaKind.PNG, MediaKind.JPEG)},
    },
    304: {"description": "The picture that the caller has already."},
}
_FOR_EVER = "private, max-age=31536000, immutable"  # a page that was drawn is not drawn again


class PictureResponse(Response):
    """A page's picture. Its media type says what the bytes are."""

    media_type = None


@router.get("", summary="List a document's pages", responses=problems(DocumentNotFound))
def list_pages(document_id: DocumentId, caller: CallerDep) -> PagesOut:
    """All of them, in order, without their words."""
    with caller.sessions() as session:
        document = documents.get_document(session, caller.workspace_id, document_id)
        return PagesOut(items=[page_out(page) for page in documents.pages_of(session, document.id)])


@router.get("/{number}", summary="Show a page", responses=problems(DocumentNotFound, PageNotFound))
def show_page(document_id: DocumentId, number: PageNumber, caller: CallerDep) -> PageWithWordsOut:
    """With the words of the PDF's own text layer, where it has one."""
    with caller.sessions() as session:
        return page_with_words_out(documents.get_page(session, caller.workspace_id, document_id, number))


@router.get(
    "/{number}/image",
    summary="Fetch a page's picture",
    response_class=PictureResponse,
    responses=_PICTURES | problems(DocumentNotFound, PageNotFound, BlobMissing),
)
def fetch_image(
    document_id: DocumentId,
    number: PageNumber,
    caller: CallerDep,
    if_none_match: Annotated[str | None, Header(description="An `ETag` that the caller has.")] = None,
) -> Response:
    """PNG or JPEG. A page that is not drawn yet, or cannot be, has none."""
    with caller.sessions() as session:
        page = documents.get_page(session, caller.workspace_id, document_id, number)
    if page.image_sha256 is None:
        raise PageNotFound(page.error_detail or "The page is not drawn yet.", page=page.state)
    headers = {"ETag": f'"{page.image_sha256}"', "Cache-Control": _FOR_EVER}
    if headers["ETag"] in (if_none_match or ""):
        return Response(status_code=304, headers=headers)
    picture = caller.blobs.read(page.image_sha256)
    kind = MediaKind.PNG if sniff(picture[:HEAD_BYTES]) is MediaKind.PNG else MediaKind.JPEG
    return Response(picture, media_type=kind.value, headers=headers)
