"""The wire between the service and its drawing child: a JSON header and raw bytes, each with its length before it.

The child chews untrusted files and may be taken over by one, so nothing it sends is unpickled or believed: lengths are
checked before memory is set aside, and every header is checked field by field by whoever reads it.
"""

import json
import os
import select
import struct
import time
from collections.abc import Callable
from typing import IO, TypeAlias

_LENGTHS = struct.Struct(">II")
_MAX_HEADER = 16_000_000
_MAX_BODY = 512_000_000

Header: TypeAlias = dict[str, object]


class BrokenFrame(Exception):
    """What came over the pipe is not a frame."""


class PipeClosed(Exception):
    """The other side is gone."""


class PipeSilent(Exception):
    """The other side said nothing in time."""


def write_frame(stream: IO[bytes], header: Header, body: bytes = b"") -> None:
    """Send one frame and flush."""
    head = json.dumps(header, separators=(",", ":")).encode()
    stream.write(_LENGTHS.pack(len(head), len(body)))
    stream.write(head)
    stream.write(body)
    stream.flush()


def read_frame(fd: int, deadline: float | None = None) -> tuple[Header, bytes]:
    """Receive one frame, whole, before `deadline` on the monotonic clock.

    Raises PipeClosed at the end of the stream, PipeSilent when time is up, BrokenFrame when it is no frame.
    """
    head_length, body_length = _LENGTHS.unpack(_read_exactly(fd, _LENGTHS.size, deadline))
    if head_length > _MAX_HEADER or body_length > _MAX_BODY:
        raise BrokenFrame(f"a frame of {head_length} and {body_length} bytes")
    head = _read_exactly(fd, head_length, deadline)
    body = _read_exactly(fd, body_length, deadline)
    try:
        header = json.loads(head)
    except (ValueError, RecursionError) as error:
        raise BrokenFrame("the header is not JSON") from error
    if not isinstance(header, dict):
        raise BrokenFrame("the header is not an object")
    return header, bytes(body)


def _read_exactly(fd: int, size: int, deadline: float | None) -> bytearray:
    buffer = bytearray(size)
    view = memoryview(buffer)
    ready = _readiness(fd, deadline)
    got = 0
    while got < size:
        ready()
        count = os.readv(fd, [view[got:]])
        if count == 0:
            raise PipeClosed
        got += count
    return buffer


def _readiness(fd: int, deadline: float | None) -> Callable[[], None]:
    """A call that returns when `fd` can be read, and raises PipeSilent when the deadline passes first."""
    if deadline is None:
        return lambda: None
    poll = select.poll()
    poll.register(fd, select.POLLIN | select.POLLHUP)

    def wait() -> None:
        left = deadline - time.monotonic()
        if not poll.poll(max(0.0, left) * 1000):
            raise PipeSilent

    return wait
