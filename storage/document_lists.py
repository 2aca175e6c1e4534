"""The documents of a workspace as people look for them: narrowed to some, and in four orders, each with its cursor."""

import base64
import binascii
import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Select, func, or_, select, tuple_

from core.errors import InvalidCursor
from core.records import DocumentOrder, DocumentState
from storage.database import Session
from storage.paging import Listing, clamp
from storage.tables import Document, DocumentTag

_LONGEST_CURSOR = 2_000  # characters
_ID = 32
_MOST = 2**31
LONGEST_FOLDED = 300  # characters: a name has 255, and some letters become two

_Key: TypeAlias = str | int | None  # of the last row that was given out: its folded name, or how many pages it has


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which documents are wanted; of nothing said, all of them."""

    words: str = ""  # of the name
    found: tuple[str, ...] = ()  # documents that are wanted whatever their names are, where there are `words`
    state: DocumentState | None = None
    tag: str = ""

    @property
    def is_open(self) -> bool:
        """Whether all documents pass."""
        return not (self.words or self.state or self.tag)


@dataclass(frozen=True, slots=True)
class _Place:
    """The last row that was given out."""

    key: _Key
    document_id: str


def folded_name(name: str) -> str:
    """How names and tags are compared: without case, the forms of characters, and what cannot be printed."""
    plain = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    return "".join(c for c in plain if c.isprintable())[:LONGEST_FOLDED]


def find_documents(
    session: Session,
    workspace_id: str,
    wanted: Narrowing,
    order: DocumentOrder = DocumentOrder.NEWEST,
    cursor: str | None = None,
    limit: int = 50,
) -> Listing[Document]:
    """A part of the documents that pass, in this order. Rows that come or go meanwhile move no others.

    By name means without case; by pages, those with most first and those of which nobody knows last. Raises
    InvalidCursor, also for the cursor of another order.
    """
    limit = clamp(limit)
    place = None if cursor is None else _place_from(order, cursor)
    query = _narrowed(select(Document), workspace_id, wanted)
    rows = _rows(session, query, order, place, limit + 1)
    shown = list(rows[:limit])
    return Listing(shown, _cursor_of(order, shown[-1]) if len(rows) > limit else None)


def count_documents(session: Session, workspace_id: str, wanted: Narrowing) -> int:
    """How many documents pass."""
    return session.scalar(_narrowed(select(func.count()).select_from(Document), workspace_id, wanted)) or 0


def _narrowed(query: Select[Any], workspace_id: str, wanted: Narrowing) -> Select[Any]:
    query = query.where(Document.workspace_id == workspace_id)
    if wanted.state is not None:
        query = query.where(Document.state == wanted.state)
    if wanted.tag:
        mine = (DocumentTag.workspace_id == workspace_id, DocumentTag.tag == folded_name(wanted.tag))
        query = query.where(Document.id.in_(select(DocumentTag.document_id).where(*mine)))
    if wanted.words:
        named = Document.folded.contains(folded_name(wanted.words), autoescape=True)
        query = query.where(or_(named, Document.id.in_(wanted.found)) if wanted.found else named)
    return query


def _rows(
    session: Session, query: Select[Any], order: DocumentOrder, place: _Place | None, limit: int
) -> Sequence[Document]:
    """At most so many rows behind a place, each order along its index."""
    if order is DocumentOrder.PAGES:
        return _most_pages_first(session, query, place, limit)
    if order is DocumentOrder.NAME:
        here = tuple_(Document.folded, Document.id)
        behind = [] if place is None else [here > (place.key, place.document_id)]
        ordered = query.where(*behind).order_by(Document.folded, Document.id)
    elif order is DocumentOrder.OLDEST:
        behind = [] if place is None else [Document.id > place.document_id]
        ordered = query.where(*behind).order_by(Document.id)
    else:
        behind = [] if place is None else [Document.id < place.document_id]
        ordered = query.where(*behind).order_by(Document.id.desc())
    return session.scalars(ordered.limit(limit)).all()


def _most_pages_first(session: Session, query: Select[Any], place: _Place | None, limit: int) -> Sequence[Document]:
    """First those that are counted, then the others: where nothing comes in an order, databases differ."""
    rows: list[Document] = []
    if place is None or place.key is not None:
        counted = query.where(Document.page_count.is_not(None))
        if place is not None:
            counted = counted.where(tuple_(Document.page_count, Document.id) < (place.key, place.document_id))
        ordered = counted.order_by(Document.page_count.desc(), Document.id.desc())
        rows += session.scalars(ordered.limit(limit))
    if len(rows) < limit:
        others = query.where(Document.page_count.is_(None))
        if place is not None and place.key is None:
            others = others.where(Document.id < place.document_id)
        rows += session.scalars(others.order_by(Document.id.desc()).limit(limit - len(rows)))
    return rows


def _cursor_of(order: DocumentOrder, document: Document) -> str:
    """The opaque cursor behind this row."""
    keys: dict[DocumentOrder, _Key] = {DocumentOrder.NAME: document.folded, DocumentOrder.PAGES: document.page_count}
    said = json.dumps([order.value, keys.get(order), document.id], separators=(",", ":"))
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def _place_from(order: DocumentOrder, cursor: str) -> _Place:
    """Raises InvalidCursor."""
    try:
        text = base64.b64decode(cursor[:_LONGEST_CURSOR] + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        said = json.loads(text)
    except (binascii.Error, ValueError, RecursionError):
        said = None
    match said:
        case [order.value, key, str() as document_id] if _fits(order, key) and _is_id(document_id):
            return _Place(key, document_id)
        case [str() as other, _, _] if other != order.value and other in set(DocumentOrder):
            raise InvalidCursor("The cursor belongs to another order; start again without it.")
    raise InvalidCursor("The cursor is broken; take next_cursor as it was given.")


def _fits(order: DocumentOrder, key: object) -> bool:
    """Whether it can be one: whoever makes a cursor up gets no error of the database."""
    if order is DocumentOrder.NAME:
        return isinstance(key, str) and len(key) <= LONGEST_FOLDED and key.isprintable()
    if order is DocumentOrder.PAGES:
        return key is None or (isinstance(key, int) and not isinstance(key, bool) and 0 <= key < _MOST)
    return key is None


def _is_id(text: str) -> bool:
    return len(text) == _ID and all(c in "0123456789abcdef" for c in text)
