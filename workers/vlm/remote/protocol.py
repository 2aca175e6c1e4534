"""What goes to a server and what comes back, in the form that all of them share, whichever client carries it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, Protocol

from workers.vlm.interface import Token

_LONGEST_MESSAGE = 300  # characters of what a server says about itself


class Fault(StrEnum):
    """What went wrong without an answer."""

    AWAY = "away"  # nobody answers at this address
    SLOW = "slow"  # no answer in time
    BROKEN = "broken"  # an answer that breaks off, or that is none


class Trouble(Exception):
    """A request without a reply: the status of the answer, or what there was instead of one."""

    def __init__(
        self, says: str, *, status: int | None = None, fault: Fault | None = None, retry_after: float | None = None
    ) -> None:
        """`says` holds no secret."""
        super().__init__(says)
        self.says, self.status, self.fault, self.retry_after = says, status, fault, retry_after


class Server(Protocol):
    """A client of one server."""

    def say(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """The body of one chat completion. Raises Trouble."""
        ...

    def close(self) -> None:
        """Let go of the connections."""
        ...


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model said, and how that ended."""

    text: str
    finish: str  # stop, length, content_filter, or whatever else the server says
    tokens: tuple[Token, ...] | None
    refused: bool = False


def reply_of(body: Mapping[str, Any]) -> Reply:
    """The reply in a completion's body. Raises Trouble where it has none."""
    try:
        choice = body["choices"][0]
        message = choice["message"]
        text = message.get("content") or ""
        finish = str(choice.get("finish_reason") or "")
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise Trouble("its answer holds no message", fault=Fault.BROKEN) from error
    if not isinstance(text, str):
        raise Trouble("its answer holds a message that is no text", fault=Fault.BROKEN)
    refused = finish == "content_filter" or bool(message.get("refusal"))
    return Reply(text, finish, _tokens_in(choice.get("logprobs")), refused)


def seconds_until(header: str | None) -> float | None:
    """What a Retry-After header says: seconds, or a moment."""
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def cleaned(message: object, secret: str | None) -> str:
    """What a server says about a failure, as one short line without our key, which some repeat."""
    text = " ".join(str(message).split())
    if secret:
        text = text.replace(secret, "***")
    return text[:_LONGEST_MESSAGE]


def _tokens_in(logprobs: Any) -> tuple[Token, ...] | None:
    """The tokens with their probabilities; None where they are not given whole."""
    try:
        content = logprobs["content"]
        tokens = tuple(
            Token(
                bytes(t["bytes"]) if t.get("bytes") is not None else str(t["token"]).encode(errors="replace"),
                min(1.0, math.exp(t["logprob"])),
            )
            for t in content
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return None
    return tokens or None
