"""What pages said to jobs that describe, classify or locate: read from their items, by page and by document."""

import base64
import binascii
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy import Select, select, tuple_

from core.errors import InvalidCursor, InvalidRequest
from core.records import ItemState, JobKind
from storage.database import Session, Sessions
from storage.paging import MOST, Listing, clamp, in_parts, list_rows
from storage.tables import Item, Job, JobDocument

Found = TypeVar("Found")

KINDS = frozenset({JobKind.DESCRIBE, JobKind.CLASSIFY, JobKind.LOCATE})
_ID_BYTES, _PAGE_BYTES = 16, 4


@dataclass(frozen=True, slots=True)
class PageFinding:
    """What a page said, as its item keeps it; or why it said nothing, as far as that is known."""

    document_id: str
    document_name: str
    page: int
    state: ItemState
    result: dict[str, Any]
    error_code: str | None
    error_detail: str | None


@dataclass(frozen=True, slots=True)
class DocumentFindings:
    """A document that a job covers, with what its pages said, in order; or why none of them could be looked at."""

    document_id: str
    document_name: str
    pages: tuple[PageFinding, ...]
    error_code: str | None
    error_detail: str | None


def check_kind(job: Job) -> None:
    """Raises InvalidRequest for a job whose pages say nothing of this kind."""
    if job.kind not in KINDS:
        raise InvalidRequest(f"A job that does `{job.kind}` has no findings; those of describe, classify, locate have.")


def list_pages(
    session: Session,
    job_id: str,
    cursor: str | None = None,
    limit: int = 50,
    *,
    document_id: str | None = None,
    found: bool = False,
) -> Listing[PageFinding]:
    """The job's pages in order; with `found`, only those that said something. Raises InvalidCursor."""
    limit = clamp(limit)
    query = _of_pages(job_id)
    if document_id is not None:
        query = query.where(Item.document_id == document_id)
    if found:
        query = query.where(Item.result["text"].as_string().is_not(None))
    if cursor is not None:
        query = query.where(tuple_(Item.document_id, Item.first_page) > _decoded(cursor))
    rows = [_page(row) for row in session.execute(query.limit(limit + 1))]
    shown = rows[:limit]
    more = len(rows) > limit
    return Listing(shown, _encoded(shown[-1].document_id, shown[-1].page) if more else None)


def list_documents(
    session: Session, job_id: str, cursor: str | None = None, limit: int = 50
) -> Listing[DocumentFindings]:
    """The documents that the job covers, with what their pages said. Raises InvalidCursor."""
    covered = select(JobDocument).where(JobDocument.job_id == job_id)
    listing = list_rows(session, covered, JobDocument.document_id, cursor, limit, newest_first=False)
    pages = _pages_of(session, job_id, [row.document_id for row in listing.items])
    found = [
        DocumentFindings(
            row.document_id, row.name, tuple(pages.get(row.document_id, ())), row.error_code, row.error_detail
        )
        for row in listing.items
    ]
    return Listing(found, listing.next_cursor)


def each_page(sessions: Sessions, job_id: str) -> Iterator[PageFinding]:
    """All of the job's pages in order, some at a time: no transaction stays open between."""
    return _each(sessions, job_id, list_pages)


def each_document(sessions: Sessions, job_id: str) -> Iterator[DocumentFindings]:
    """All of the job's documents in order, in the same way."""
    return _each(sessions, job_id, list_documents)


def _each(
    sessions: Sessions, job_id: str, parts: Callable[[Session, str, str | None, int], Listing[Found]]
) -> Iterator[Found]:
    cursor: str | None = None
    while True:
        with sessions() as session:
            listing = parts(session, job_id, cursor, MOST)
        yield from listing.items
        cursor = listing.next_cursor
        if cursor is None:
            return


def _of_pages(job_id: str) -> Select[Any]:
    name = select(JobDocument.name).where(JobDocument.job_id == job_id, JobDocument.document_id == Item.document_id)
    columns = (Item.document_id, name.scalar_subquery().label("name"), Item.first_page, Item.state, Item.result)
    query = select(*columns, Item.error_code, Item.error_detail).where(Item.job_id == job_id)
    return query.order_by(Item.document_id, Item.first_page)


def _pages_of(session: Session, job_id: str, document_ids: Sequence[str]) -> dict[str, list[PageFinding]]:
    found: dict[str, list[PageFinding]] = {}
    for some in in_parts(document_ids):
        rows = session.execute(_of_pages(job_id).where(Item.document_id.in_(some)))
        for document_id, pages in groupby(map(_page, rows), key=lambda page: page.document_id):
            found[document_id] = list(pages)
    return found


def _page(row: Any) -> PageFinding:
    result = row.result or {}
    return PageFinding(
        row.document_id, row.name or "", row.first_page, row.state, result, row.error_code, row.error_detail
    )


def _encoded(document_id: str, page: int) -> str:
    """The opaque cursor behind this page."""
    last = bytes.fromhex(document_id) + page.to_bytes(_PAGE_BYTES, "big")
    return base64.urlsafe_b64encode(last).decode().rstrip("=")


def _decoded(cursor: str) -> tuple[str, int]:
    """Document and page that were given out last. Raises InvalidCursor."""
    try:
        last = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        last = b""
    if len(last) != _ID_BYTES + _PAGE_BYTES:
        raise InvalidCursor("The cursor is broken; take next_cursor as it was given.")
    return last[:_ID_BYTES].hex(), int.from_bytes(last[_ID_BYTES:], "big")
