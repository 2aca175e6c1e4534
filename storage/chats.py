"""Chats: jobs of a single item that live as long as somebody waits for the reply, and no longer.

The pictures that come with a chat are blobs that no document names. A chat that is forgotten takes them along; what a
killed process leaves behind is forgotten by the sweeper.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Self

from sqlalchemy import delete, insert, select

from core.errors import JobNotFound, PageNotFound, PasswordNeeded, UnreadablePage, error_named
from core.records import DocumentState, ItemState, JobKind, PageState, Queue
from storage import documents
from storage.database import Session, clock, new_id
from storage.tables import Blob, Item, Job


@dataclass(frozen=True, slots=True)
class ChatPage:
    """What a chat shows to the model: a picture that came with it, or a page of a document."""

    number: int  # from 1: of the picture among those that came with the chat, or of the page in its document
    document_id: str | None = None  # None: a picture that came with the chat
    sha256: str | None = None  # of such a picture
    blank: bool = False  # of such a picture


@dataclass(frozen=True, slots=True)
class Chat:
    """What is asked: who said what, the user at last, and about which pages."""

    turns: tuple[tuple[str, str], ...]  # role and text
    pages: tuple[ChatPage, ...]  # at least one
    model: str | None = None  # a name of the catalog; None: the worker's default
    budget: int | None = None  # most tokens of the reply; None: the model's own
    schema: Mapping[str, Any] | None = None  # JSON Schema of the whole reply; None: any text
    logprobs: bool = False  # whether the reply is to be told with its tokens and how likely they were

    @property
    def pictures(self) -> list[str]:
        """The blobs of the pictures that came with the chat."""
        return [page.sha256 for page in self.pages if page.sha256 is not None]

    def to_params(self) -> dict[str, Any]:
        """As a job's row keeps it."""
        return {
            "turns": [list(turn) for turn in self.turns],
            "pages": [asdict(page) for page in self.pages],
            "model": self.model,
            "budget": self.budget,
            "schema": None if self.schema is None else dict(self.schema),
            "logprobs": self.logprobs,
        }

    @classmethod
    def of_params(cls, params: Mapping[str, Any]) -> Self:
        """From a job's row."""
        turns = tuple((str(role), str(text)) for role, text in params["turns"])
        pages = tuple(ChatPage(**page) for page in params["pages"])
        wishes = params.get("schema"), bool(params.get("logprobs"))
        return cls(turns, pages, params["model"], params["budget"], *wishes)


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A page's picture as a blob, and whether anything is on it."""

    sha256: str
    blank: bool


def plan(session: Session, workspace_id: str, chat: Chat) -> str:
    """A job with one item that can be claimed at once; its id. The chat's pictures are in the blob store."""
    for sha256 in chat.pictures:
        documents.name_blob(session, sha256)
    job = Job(
        id=new_id(), workspace_id=workspace_id, kind=JobKind.CHAT, queue=Queue.INTERACTIVE, params=chat.to_params()
    )
    session.add(job)
    session.flush()
    item = {"workspace_id": workspace_id, "job_id": job.id, "job_kind": JobKind.CHAT, "queue": Queue.INTERACTIVE}
    span = {"first_page": 1, "last_page": len(chat.pages), "ready": True, "announced_at": clock(session)}
    session.execute(insert(Item).values(**item, **span))
    return job.id


def get_chat(session: Session, workspace_id: str, job_id: str) -> Chat:
    """What is asked. Raises JobNotFound where nobody waits for the reply any more."""
    mine = (Job.workspace_id == workspace_id, Job.id == job_id, Job.kind == JobKind.CHAT)
    params = session.scalars(select(Job.params).where(*mine)).one_or_none()
    if params is None:
        raise JobNotFound
    return Chat.of_params(params)


def find_reply(session: Session, workspace_id: str, job_id: str) -> dict[str, Any] | None:
    """The model's reply; None while there is none. Raises what the chat failed by, JobNotFound for a forgotten one."""
    mine = (Item.workspace_id == workspace_id, Item.job_id == job_id)
    item = session.execute(
        select(Item.state, Item.result, Item.error_code, Item.error_detail).where(*mine)
    ).one_or_none()
    if item is None:
        raise JobNotFound
    if item.state is ItemState.FAILED:
        raise error_named(item.error_code or "", item.error_detail)
    reply: dict[str, Any] | None = item.result if item.state is ItemState.DONE else None
    return reply


def find_page(session: Session, workspace_id: str, page: ChatPage) -> ShownPage | None:
    """The picture of a page; None while it is not drawn yet.

    Raises DocumentNotFound, PageNotFound, and the page's own failure where it could not be drawn.
    """
    if page.sha256 is not None:
        return ShownPage(page.sha256, page.blank)
    row = documents.get_page(session, workspace_id, page.document_id or "", page.number, with_words=False)
    if row.state is PageState.FAILED:
        raise error_named(row.error_code or UnreadablePage.code, row.error_detail)
    return None if row.image_sha256 is None else ShownPage(row.image_sha256, blank=row.blank is True)


def pages_named(session: Session, workspace_id: str, document_id: str, numbers: Sequence[int] | None) -> list[ChatPage]:
    """These pages of a document, by default all.

    Raises DocumentNotFound, PageNotFound, and what is wrong with a document that has no pages to show.
    """
    document = documents.get_document(session, workspace_id, document_id)
    if document.state is DocumentState.NEEDS_PASSWORD:
        raise PasswordNeeded
    if document.state is DocumentState.FAILED:
        raise error_named(document.error_code or UnreadablePage.code, document.error_detail)
    there = [page.number for page in documents.pages_of(session, document.id)]
    missing = [number for number in numbers or () if number not in there]
    if missing:
        raise PageNotFound(f"The document has no page {missing[0]}.")
    return [ChatPage(number, document.id) for number in (there if numbers is None else numbers)]


def forget(session: Session, job_id: str) -> list[str]:
    """Delete a chat with all that was said; who works on it breaks off. Returns its pictures, for the store to delete.

    Harmless twice.
    """
    session.execute(select(Item.id).where(Item.job_id == job_id).with_for_update()).all()  # in the ledger's order
    chat = select(Job).where(Job.id == job_id, Job.kind == JobKind.CHAT)
    job = session.scalars(chat.with_for_update()).one_or_none()
    if job is None:
        return []
    pictures = Chat.of_params(job.params).pictures
    session.execute(delete(Job).where(Job.id == job_id))
    session.execute(delete(Blob).where(Blob.sha256.in_(pictures)))
    session.expunge(job)
    return pictures


def overdue(session: Session, seconds: float, limit: int = 100) -> list[str]:
    """The chats that nobody can be waiting for any more, because they are older than this; their ids."""
    long_ago = clock(session) - timedelta(seconds=seconds)
    query = select(Job.id).where(Job.kind == JobKind.CHAT, Job.created_at < long_ago).order_by(Job.id)
    return list(session.scalars(query.limit(limit)))
