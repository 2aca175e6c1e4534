"""A reply to a chat in the shapes of the OpenAI protocol: as a whole, or as server-sent events in pieces."""

import json
import math
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api.caller import Caller
from api.chat_tokens import portions, tokens_out
from api.problems import chat_problem
from api.talk import Talk, looks_at
from api.wire.chats import ChatIn
from api.wire.replies import AboutOut, ChatOut, ChoiceOut, LogprobsOut, ReplyMessageOut, UsageOut
from core.errors import FolioscopeError, ServiceUnavailable

NOT_FOUND = "The pages do not say."
_HEARTBEAT = 15.0  # seconds of silence after which proxies may close a connection
_CHARACTERS_PER_TOKEN = 4  # roughly, where nobody counts


def chat_out(talk: Talk, asked: ChatIn, reply: dict[str, Any]) -> ChatOut:
    """The whole answer."""
    content = _content_of(asked, reply)
    about = AboutOut(state=reply["state"], confidence=reply["confidence"], evidence=reply["evidence"])
    return ChatOut(
        id=_id_of(talk),
        created=talk.created,
        model=asked.model,
        choices=[
            ChoiceOut(
                message=ReplyMessageOut(content=content, folioscope=about),
                logprobs=tokens_out(content, reply),
                finish_reason=reply["finish_reason"],
            )
        ],
        usage=_usage(talk, reply, content),
    )


class ReplyStream(StreamingResponse):
    """The reply as server-sent events, in one of the places that a process has for streams.

    It takes over the chat, which is forgotten when the stream ends, however that comes.
    """

    media_type = "text/event-stream"

    def __init__(self, caller: Caller, talk: Talk, asked: ChatIn, opened: AsyncExitStack) -> None:
        """Raises ServiceUnavailable, and takes nothing over, where all places are taken."""
        if not caller.desk.streams.acquire(blocking=False):
            raise ServiceUnavailable("Too many streams are open now; try again, or ask without `stream`.")
        opened.callback(caller.desk.streams.release)
        self._opened = opened.pop_all()
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(_events(caller, talk, asked), headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events, then forget the chat and give the place back."""
        async with self._opened:
            await super().__call__(scope, receive, send)


async def _events(caller: Caller, talk: Talk, asked: ChatIn) -> AsyncIterator[bytes]:
    """Pieces of the reply, at last `[DONE]`; or an error, after which nothing comes."""
    yield _piece(talk, asked, {"role": "assistant", "content": ""})
    said_at = time.monotonic()
    try:
        async for reply in looks_at(caller, talk):
            if reply is not None:
                for piece in _pieces(talk, asked, reply):
                    yield piece
            elif time.monotonic() - said_at > _HEARTBEAT:
                yield b": still here\n\n"
                said_at = time.monotonic()
    except FolioscopeError as error:  # the answer has begun: its status can say nothing any more
        yield _event(chat_problem(error).model_dump())


def _pieces(talk: Talk, asked: ChatIn, reply: dict[str, Any]) -> Iterator[bytes]:
    """The reply, a few words at a time."""
    whole = chat_out(talk, asked, reply)
    choice = whole.choices[0]
    for words, tokens in portions(choice.message.content, choice.logprobs):
        yield _piece(talk, asked, {"content": words}, tokens=tokens)
    yield _piece(talk, asked, {"folioscope": choice.message.folioscope.model_dump()}, reply["finish_reason"])
    if _tells_usage(asked):
        yield _piece(talk, asked, None, usage=whole.usage)
    yield b"data: [DONE]\n\n"


def _piece(
    talk: Talk,
    asked: ChatIn,
    delta: dict[str, Any] | None,
    finish_reason: str | None = None,
    usage: UsageOut | None = None,
    tokens: LogprobsOut | None = None,
) -> bytes:
    shared = {"id": _id_of(talk), "object": "chat.completion.chunk", "created": talk.created, "model": asked.model}
    choice = {
        "index": 0,
        "delta": delta,
        "logprobs": tokens.model_dump() if tokens else None,
        "finish_reason": finish_reason,
    }
    told = {"usage": usage.model_dump() if usage else None} if _tells_usage(asked) else {}
    return _event({**shared, "choices": [] if delta is None else [choice], **told})


def _tells_usage(asked: ChatIn) -> bool:
    return asked.stream_options is not None and bool(asked.stream_options.include_usage)


def _event(data: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def _id_of(talk: Talk) -> str:
    return f"chatcmpl-{talk.job_id}"


def _content_of(asked: ChatIn, reply: dict[str, Any]) -> str:
    """What is said, up to the first stop that the caller named."""
    content = NOT_FOUND if reply["text"] is None else str(reply["text"])
    stops = [asked.stop] if isinstance(asked.stop, str) else asked.stop or []
    ends = [content.find(stop) for stop in stops if stop and stop in content]
    return content[: min(ends)] if ends else content


def _usage(talk: Talk, reply: dict[str, Any], content: str) -> UsageOut:
    prompt = _guessed("".join(text for _, text in talk.chat.turns))
    completion = reply["tokens"] if reply["tokens"] is not None else _guessed(content)
    return UsageOut(prompt_tokens=prompt, completion_tokens=completion, total_tokens=prompt + completion)


def _guessed(text: str) -> int:
    return math.ceil(len(text) / _CHARACTERS_PER_TOKEN)
