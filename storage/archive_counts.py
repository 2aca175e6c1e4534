"""How many documents and pages there are, by their states and the days of their upload."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, func, select

from storage.database import Session
from storage.paging import in_parts
from storage.tables import Document, Page

Key = tuple[str, str]  # a state, and a day of upload as YYYY-MM-DD, in UTC


@dataclass(frozen=True, slots=True)
class Counted:
    """Documents and pages by state and day; pages by the days of their documents, and by no state unless wanted."""

    documents: Counter[Key] = field(default_factory=Counter)
    pages: Counter[Key] = field(default_factory=Counter)
    unknown: int = 0  # documents whose pages only a password can tell


def count_archive(
    session: Session,
    workspace_id: str,
    document_ids: Sequence[str] | None,
    first: dt.date | None = None,
    last: dt.date | None = None,
    *,
    pages_by_state: bool = False,
) -> Counted:
    """What a workspace has, or of it these documents, uploaded from `first` to `last`, both included, in UTC."""
    found = Counted()
    unknown = 0
    parts: Iterable[Sequence[str] | None] = [None] if document_ids is None else in_parts(dict.fromkeys(document_ids))
    for some in parts:
        for state, day, number, pages, without in session.execute(_documents(session, workspace_id, some, first, last)):
            found.documents[state.value, day] += number
            found.pages["", day] += int(pages or 0)
            unknown += number - without
        if pages_by_state:
            rows = session.execute(_pages(session, workspace_id, some, first, last))
            found.pages.update({(state.value, day): number for state, day, number in rows})
    kept = Counter({key: count for key, count in found.pages.items() if bool(key[0]) == pages_by_state and count})
    return Counted(found.documents, kept, unknown)


def _documents(
    session: Session, workspace_id: str, some: Sequence[str] | None, first: dt.date | None, last: dt.date | None
) -> Select[Any]:
    day = _day(session)
    counts = (func.count(), func.sum(Document.page_count), func.count(Document.page_count))
    query = select(Document.state, day, *counts)
    return _of(query, workspace_id, some, first, last).group_by(Document.state, day)


def _pages(
    session: Session, workspace_id: str, some: Sequence[str] | None, first: dt.date | None, last: dt.date | None
) -> Select[Any]:
    day = _day(session)
    query = select(Page.state, day, func.count()).join(Document, Document.id == Page.document_id)
    return _of(query, workspace_id, some, first, last).group_by(Page.state, day)


def _of(
    query: Select[Any], workspace_id: str, some: Sequence[str] | None, first: dt.date | None, last: dt.date | None
) -> Select[Any]:
    query = query.where(Document.workspace_id == workspace_id)
    if some is not None:
        query = query.where(Document.id.in_(some))
    if first is not None:
        query = query.where(Document.created_at >= _midnight(first))
    if last is not None:
        query = query.where(Document.created_at < _midnight(last + dt.timedelta(days=1)))
    return query


def _day(session: Session) -> Any:
    if session.get_bind().dialect.name == "sqlite":
        return func.date(Document.created_at)
    return func.to_char(func.timezone("UTC", Document.created_at), "YYYY-MM-DD")


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)
