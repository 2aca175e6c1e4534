"""A chat from its request to its reply: pictures kept, pages found, a job planned, awaited, and all of it forgotten."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import anyio
from starlette.concurrency import run_in_threadpool

from api.caller import Caller
from api.chat_pictures import keep_picture
from api.chat_wishes import check_wishes, schema_wished
from api.watch import pause, pause_after
from api.wire.chats import AssistantMessage, ChatIn, DocumentPart, ImagePart, Message, SystemMessage, TextPart
from core.errors import FolioscopeError, InvalidRequest, ModelNotFound, ServiceUnavailable, UnknownModel
from core.logs import get_log
from core.records import Queue
from storage import chats
from storage.chats import Chat, ChatPage
from workers import send
from workers.vlm.catalog import Entry

_log = get_log(__name__)


@dataclass(frozen=True, slots=True)
class Talk:
    """A chat that a worker may reply to."""

    job_id: str
    chat: Chat
    created: int  # seconds of the epoch
    until: float  # on the monotonic clock: when nobody waits any longer


@asynccontextmanager
async def talk_of(caller: Caller, asked: ChatIn) -> AsyncIterator[Talk]:
    """Begin a chat, and forget it at the end, however that comes.

    Raises InvalidRequest, ModelNotFound, CannotBeDone, ServiceUnavailable, and what is wrong with a picture, a page or
    a document.
    """
    until = time.monotonic() + caller.settings.chat_seconds
    check_wishes(asked, _entry_named(caller, asked.model))
    kept: list[str] = []
    job_id = None
    try:
        pages = await anyio.to_thread.run_sync(_pages_of, caller, asked, until, kept, limiter=caller.desk.chats)
        await _until_drawn(caller, pages, until)
        budget = asked.max_completion_tokens or asked.max_tokens
        schema, logprobs = schema_wished(asked), bool(asked.logprobs)
        chat = Chat(_turns_of(asked.messages), tuple(pages), asked.model, budget, schema, logprobs)
        job_id = await run_in_threadpool(_plan, caller, chat)
        yield Talk(job_id, chat, int(time.time()), until)
    finally:
        with anyio.CancelScope(shield=True):
            await run_in_threadpool(_forget, caller, job_id, kept)


async def looks_at(caller: Caller, talk: Talk) -> AsyncIterator[dict[str, Any] | None]:
    """Look for the reply again and again, until it is there: None and None, and at last the reply.

    Raises what the chat failed by, ServiceUnavailable without a reply in time.
    """
    while True:
        began = time.monotonic()
        reply = await run_in_threadpool(_look, caller, talk)
        yield reply
        if reply is not None:
            return
        _check_time(caller, talk.until)
        await pause(caller, pause_after(time.monotonic() - began))


def _entry_named(caller: Caller, name: str) -> Entry:
    try:
        return caller.desk.catalog.entry(name)
    except UnknownModel as error:
        raise ModelNotFound(error.detail) from error


def _turns_of(messages: list[Message]) -> tuple[tuple[str, str], ...]:
    """Who said what, as roles and texts. Raises InvalidRequest where the user has not the last word."""
    turns = [(_role_of(message), _text_of(message)) for message in messages]
    role, text = turns[-1]
    if role != "user" or not text.strip():
        raise InvalidRequest("The last message must be the user's, with a text.")
    return tuple((role, text) for role, text in turns if text)


def _role_of(message: Message) -> str:
    return "system" if isinstance(message, SystemMessage) else message.role


def _text_of(message: Message) -> str:
    if message.content is None or isinstance(message.content, str):
        return message.content or ""
    return "\n".join(part.text for part in message.content if isinstance(part, TextPart))


def _shown_in(messages: list[Message]) -> list[ImagePart | DocumentPart]:
    """What the user shows, in order."""
    parts = [
        part
        for message in messages
        if not isinstance(message, SystemMessage | AssistantMessage) and not isinstance(message.content, str)
        for part in message.content
    ]
    return [part for part in parts if not isinstance(part, TextPart)]


def _pages_of(caller: Caller, asked: ChatIn, until: float, kept: list[str]) -> list[ChatPage]:
    """All that the chat shows, documents as their pages. The blobs of pictures are added to `kept` as they are made."""
    _turns_of(asked.messages)  # a mistake there is cheaper than a picture
    shown = _shown_in(asked.messages)
    if not shown:
        raise InvalidRequest("The chat shows nothing: send a picture as `image_url`, or pages as `document`.")
    most = caller.settings.chat_max_pages
    _check_count(len(shown), most)
    named = [_pages_named(caller, part) for part in shown if isinstance(part, DocumentPart)]
    pictures = [part for part in shown if isinstance(part, ImagePart)]
    _check_count(sum(map(len, named)) + len(pictures), most)
    stored, pages, number = iter(named), [], 0
    for part in shown:
        if isinstance(part, DocumentPart):
            pages += next(stored)
        else:
            _check_time(caller, until)
            number += 1
            page = keep_picture(caller, part.image_url.url, number)
            kept += [page.sha256 or ""]
            pages.append(page)
    return pages


def _pages_named(caller: Caller, part: DocumentPart) -> list[ChatPage]:
    with caller.sessions() as session:
        return chats.pages_named(session, caller.workspace_id, part.document.id, part.document.pages)


def _check_count(pages: int, most: int) -> None:
    if pages > most:
        raise InvalidRequest(f"The chat shows {pages} pictures and pages; at most {most} are taken.")


async def _until_drawn(caller: Caller, pages: list[ChatPage], until: float) -> None:
    """Wait until every page has a picture. Raises what went wrong with one that never will."""
    while True:
        began = time.monotonic()
        if await run_in_threadpool(_are_drawn, caller, pages):
            return
        _check_time(caller, until)
        await pause(caller, pause_after(time.monotonic() - began))


def _are_drawn(caller: Caller, pages: list[ChatPage]) -> bool:
    with caller.sessions() as session:
        return all(chats.find_page(session, caller.workspace_id, page) is not None for page in pages)


def _plan(caller: Caller, chat: Chat) -> str:
    with caller.sessions.begin() as session:
        job_id = chats.plan(session, caller.workspace_id, chat)
    send.announce([Queue.INTERACTIVE], caller.settings.redis_url)
    return job_id


def _look(caller: Caller, talk: Talk) -> dict[str, Any] | None:
    with caller.sessions() as session:
        return chats.find_reply(session, caller.workspace_id, talk.job_id)


def _forget(caller: Caller, job_id: str | None, kept: list[str]) -> None:
    """Delete the chat and its pictures. What cannot be reached now is left to the sweeper: the reply is there."""
    try:
        if job_id is not None:
            with caller.sessions.begin() as session:
                chats.forget(session, job_id)
        for sha256 in kept:
            caller.blobs.delete(sha256)
    except FolioscopeError as error:
        _log.warning("a chat is left to the sweeper", code=error.code, job=job_id)


def _check_time(caller: Caller, until: float) -> None:
    if caller.desk.closing.is_set():
        raise ServiceUnavailable("The service ends; ask again.")
    if time.monotonic() >= until:
        raise ServiceUnavailable(f"There is no reply after {caller.settings.chat_seconds:g} seconds; ask again later.")
