"""The documents of a workspace as a list: searched, narrowed and ordered; and what to do when there is nothing."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.samples import first_samples
from api.shapes import documents_out
from api.web.signing import HOME
from api.web.site import render
from api.web.visitor import VisitorDep
from core.errors import InvalidRequest
from core.records import DocumentOrder, DocumentState
from storage import document_lists, schemas, tags
from storage.database import Session
from storage.document_lists import Narrowing
from storage.search import documents_with
from storage.search_query import parse_search

router = APIRouter(include_in_schema=False)

LIST = "documents"  # the part of the page that is loaded alone, by its id
A_PAGE = 50  # documents

TextGiven = Annotated[str, Query(max_length=1_000)]
WordGiven = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a visitor wants to see, as the page's address says it. What it cannot mean is left out."""

    q: str = ""
    state: DocumentState | None = None
    tag: str = ""
    order: DocumentOrder = DocumentOrder.NEWEST
    cursor: str | None = None

    @classmethod
    def of(cls, q: str, state: str, tag: str, order: str, cursor: str | None) -> "Wish":
        """From the words of an address."""
        return cls(
            q.strip(),
            DocumentState(state) if state in set(DocumentState) else None,
            document_lists.folded_name(tag),
            DocumentOrder(order) if order in set(DocumentOrder) else DocumentOrder.NEWEST,
            cursor or None,
        )

    @property
    def is_open(self) -> bool:
        """Whether all documents are wanted."""
        return not (self.q or self.state or self.tag)

    def address(self, **other: str) -> str:
        """Where the same is shown, but for what is said otherwise; without another cursor, from the beginning."""
        order = "" if self.order is DocumentOrder.NEWEST else self.order.value
        said = {"q": self.q, "state": self.state.value if self.state else "", "tag": self.tag, "order": order, **other}
        if said["order"] == DocumentOrder.NEWEST:
            said["order"] = ""
        asked = urlencode({name: text for name, text in said.items() if text})
        return f"{HOME}?{asked}" if asked else HOME

    @property
    def here(self) -> str:
        """Where this part of the list is shown."""
        return self.address(cursor=self.cursor or "")


@router.get(HOME)
def show_documents(
    visitor: VisitorDep,
    request: Request,
    q: TextGiven = "",
    state: WordGiven = "",
    tag: WordGiven = "",
    order: WordGiven = "",
    cursor: TextGiven | None = None,
) -> Response:
    """The list, or the part of the page that is the list where the page asks for it anew."""
    wish = Wish.of(q, state, tag, order, cursor)
    workspace_id = visitor.caller.workspace_id
    part = request.headers.get("hx-target") == LIST
    with visitor.caller.sessions() as session:
        pages = _pages_with(session, workspace_id, wish.q)
        wanted = Narrowing(wish.q, tuple(pages), wish.state, wish.tag)
        listing = document_lists.find_documents(session, workspace_id, wanted, wish.order, wish.cursor, A_PAGE)
        count = document_lists.count_documents(session, workspace_id, wanted)
        whole = count if wish.is_open else document_lists.count_documents(session, workspace_id, Narrowing())
        shown = documents_out(session, listing.items)
        names = sorted({schema.name for schema in schemas.list_schemas(session, workspace_id)})
        known = [] if part else tags.known_tags(session, workspace_id)
    answer = render(
        visitor,
        "document_rows.html" if part else "documents.html",
        documents=shown,
        wish=wish,
        next_place=wish.address(cursor=listing.next_cursor) if listing.next_cursor else None,
        count=count,
        whole=whole,
        pages=pages,
        states=list(DocumentState),
        orders=list(DocumentOrder),
        known_tags=known,
        schemas=names,
        samples=len(first_samples()),
        waiting=any(one.state is DocumentState.RASTERIZING for one in shown),
    )
    if part:
        answer.headers["HX-Replace-Url"] = wish.here
    return answer


def _pages_with(session: Session, workspace_id: str, q: str) -> dict[str, int]:
    """The documents that say so, each with a page that does; none where there is no word to look for."""
    if not q:
        return {}
    try:
        search = parse_search(q)
    except InvalidRequest:  # as names have signs, too
        return {}
    return documents_with(session, workspace_id, search)
