"""Search over the words of pages and the values that were read from them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool

from api.caller import Caller, CallerDep
from api.problems import problems
from api.routes.given import Cursor, Limit, OfDocuments
from api.visual import pages_that_look_like
from api.wire.search import FoundValueOut, HitOut, SearchMode, SearchOut, SnippetOut
from core.errors import (
    DocumentNotFound,
    InvalidCursor,
    ModelUnavailable,
    ServiceUnavailable,
    TooManyPagesToCompare,
    VisualSearchOff,
)
from storage import documents
from storage.fusion import fuse
from storage.lookups import SeenPage
from storage.search import Hit, Ranked, find_pages, hits_of, rank_pages
from storage.search_query import LONGEST_QUERY, Search, parse_search

router = APIRouter(prefix="/v1/search", tags=["search"])

Asked = Annotated[
    str,
    Query(
        max_length=LONGEST_QUERY,
        description='Words, "phrases", beginnings (inv*), either OR or, and -not.',
        examples=['"total due" acme OR meyer -draft'],
    ),
]


@router.get(
    "",
    summary="Search pages",
    responses=problems(
        DocumentNotFound, InvalidCursor, VisualSearchOff, TooManyPagesToCompare, ServiceUnavailable, ModelUnavailable
    ),
)
async def search_pages(
    q: Asked,
    caller: CallerDep,
    of: Annotated[OfDocuments, Query(alias="documents")] = None,
    mode: Annotated[SearchMode, Query(description="By words, by looks, or by both.")] = SearchMode.TEXT,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> SearchOut:
    """The pages that have all of the words, the best first, each with the lines that hold them.

    A page is found by its reading and by the values that were extracted from it, with the names of their fields. Where
    the service has a model of visual search, pages are found by what they look like, too: those that were embedded.
    """
    if mode is SearchMode.TEXT:
        return await run_in_threadpool(_by_words, caller, q, of or (), limit, cursor)
    if cursor is not None:
        raise InvalidCursor("Only a search by words goes on by a cursor.")
    search = parse_search(q) if mode is SearchMode.BOTH else None
    await run_in_threadpool(_check, caller, of or ())
    seen = await pages_that_look_like(caller, q, of)
    return await run_in_threadpool(_by_looks, caller, search, seen, of or (), limit)


def _by_words(caller: Caller, q: str, of: Sequence[str], limit: int, cursor: str | None) -> SearchOut:
    asked = parse_search(q)
    _check(caller, of)
    with caller.sessions() as session:
        found = find_pages(session, caller.workspace_id, asked, of, limit=limit, cursor=cursor)
    return SearchOut(items=[_hit_out(hit) for hit in found.hits], total=found.total, next_cursor=found.next_cursor)


def _by_looks(
    caller: Caller, search: Search | None, seen: Sequence[SeenPage], of: Sequence[str], limit: int
) -> SearchOut:
    """The pages in the order of their looks, made one with that of a search by words where there is one."""
    looks = {page.page_id: Ranked(page.score, 0, page.document_id, page.page, page.page_id) for page in seen}
    with caller.sessions() as session:
        if search is None:
            ranked = list(looks.values())
        else:
            words = {page.page_id: page for page in rank_pages(session, caller.workspace_id, search, of)}
            ranked = [replace((words | looks)[page], score=score) for page, score in fuse(words, looks)]
        hits = hits_of(session, search, ranked[:limit])
    return SearchOut(items=[_hit_out(hit) for hit in hits], total=len(ranked), next_cursor=None)


def _check(caller: Caller, of: Sequence[str]) -> None:
    """Raises DocumentNotFound."""
    with caller.sessions() as session:
        for document_id in of:
            documents.get_document(session, caller.workspace_id, document_id)


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
