"""Search over the words of pages and the values that were read from them."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.caller import CallerDep
from api.problems import problems
from api.routes.given import Cursor, Limit, OfDocuments
from api.wire.search import FoundValueOut, HitOut, SearchOut, SnippetOut
from core.errors import DocumentNotFound, InvalidCursor
from storage import documents
from storage.search import Hit, find_pages
from storage.search_query import LONGEST_QUERY, parse_search

router = APIRouter(prefix="/v1/search", tags=["search"])

Asked = Annotated[
    str,
    Query(
        max_length=LONGEST_QUERY,
        description='Words, "phrases", beginnings (inv*), either OR or, and -not.',
        examples=['"total due" acme OR meyer -draft'],
    ),
]


@router.get("", summary="Search pages", responses=problems(DocumentNotFound, InvalidCursor))
def search_pages(
    q: Asked,
    caller: CallerDep,
    of: Annotated[OfDocuments, Query(alias="documents")] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> SearchOut:
    """The pages that have all of the words, the best first, each with the lines that hold them.

    A page is found by its reading and by the values that were extracted from it, with the names of their fields.
    """
    asked = parse_search(q)
    with caller.sessions() as session:
        for document_id in of or ():
            documents.get_document(session, caller.workspace_id, document_id)
        found = find_pages(session, caller.workspace_id, asked, of or (), limit=limit, cursor=cursor)
    return SearchOut(items=[_hit_out(hit) for hit in found.hits], total=found.total, next_cursor=found.next_cursor)


def _hit_out(hit: Hit) -> HitOut:
    return HitOut(
        document_id=hit.document_id,
        document_name=hit.document_name,
        page=hit.page,
        score=hit.score,
        snippet=SnippetOut(text=hit.snippet.text, marks=list(hit.snippet.marks)),
        boxes=[box.as_list() for box in hit.boxes],
        values=[FoundValueOut(field=value.field, raw=value.raw, box=value.box) for value in hit.values],
        source=hit.source,
    )
