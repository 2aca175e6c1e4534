"""The tokens of a reply, as the worker wrote them down, in the shape of the OpenAI protocol."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from api.wire.replies import LogprobsOut, TokenOut

_WORDS = 8  # in one piece


def tokens_out(content: str, reply: dict[str, Any]) -> LogprobsOut | None:
    """Those of what is given, which a stop may have ended before the model did; None where nobody asked for them."""
    kept = reply.get("logprobs")
    if kept is None:
        return None
    tokens = [(bytes.fromhex(data), float(logprob)) for data, logprob in kept]
    said, given = b"".join(data for data, _ in tokens), content.encode()
    end = said.find(given) + len(given) if given in said else len(said)
    out, at = [], 0
    for data, logprob in tokens:
        if at < end:
            out.append(TokenOut(token=data.decode(errors="replace"), bytes=list(data), logprob=logprob))
        at += len(data)
    return LogprobsOut(content=out)


def portions(content: str, told: LogprobsOut | None) -> Iterator[tuple[str, LogprobsOut | None]]:
    """What is given, a few words at a time, each with the tokens that begin in it; the last with all that are left."""
    tokens = [] if told is None else told.content
    said = b"".join(bytes(token.bytes) for token in tokens)
    end = max(0, said.find(content.encode()))  # in bytes
    pieces = re.findall(rf"(?:\s*\S+){{1,{_WORDS}}}\s*", content)
    taken = 0
    for number, words in enumerate(pieces, 1):
        end += len(words.encode())
        until = len(tokens) if number == len(pieces) else _begun_before(end, tokens)
        yield words, None if told is None else LogprobsOut(content=tokens[taken:until])
        taken = until


def _begun_before(end: int, tokens: Sequence[TokenOut]) -> int:
    """How many tokens begin before this byte."""
    at = 0
    for number, token in enumerate(tokens):
        if at >= end:
            return number
        at += len(token.bytes)
    return len(tokens)
