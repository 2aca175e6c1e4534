"""What a running `folioscope up` leaves for the command line on the same machine: a lock, its address, its key."""

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from core.errors import ConfigurationError
from core.settings import Settings

_LOCK, _ADDRESS, _KEY = "lock", "service.json", "key"
# how a service's data begins
_OURS = (_LOCK, _ADDRESS, _KEY, "models.toml", "folioscope.db", "blobs", "uploads", "redis", "up.log")


@dataclass(frozen=True, slots=True)
class Running:
    """Where a service listens, and the folder of its data."""

    url: str
    pid: int
    data_dir: str


@contextmanager
def holding(data_dir: Path) -> Iterator[None]:
    """Have a data folder for oneself. Raises ConfigurationError where another process has it."""
    make_private(data_dir)
    with (data_dir / _LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ConfigurationError(_taken(data_dir)) from error
        yield


def make_private(folder: Path) -> None:
    """Have a folder that only its owner can enter: a new one, or this user's that holds nothing but a service's data.

    Raises ConfigurationError where there is none that can be written to.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"The data folder {folder} cannot be made: {error.strerror}.") from error
    if not os.access(folder, os.W_OK):
        raise ConfigurationError(f"The data folder {folder} cannot be written to; set FOLIOSCOPE_DATA_DIR to another.")
    if _is_own(folder) and all(entry.name.startswith(_OURS) for entry in folder.iterdir()):
        folder.chmod(0o700)


@contextmanager
def announced(running: Running, *, to_all: bool) -> Iterator[None]:
    """Write down where the service listens while it does, in its folder and, `to_all`, for this user anywhere."""
    places = [Path(running.data_dir) / _ADDRESS, *([_of_user()] if to_all else [])]
    text = json.dumps({"url": running.url, "pid": running.pid, "data_dir": running.data_dir})
    for place in places:
        with suppress(OSError):  # a home that cannot be written to only costs comfort
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            place.write_text(text)
    try:
        yield
    finally:
        for place in places:
            with suppress(OSError):
                if place.read_text() == text:
                    place.unlink()


def find_running(data_dir: Path) -> Running | None:
    """The service that runs on this folder, as it says; where the folder is none of this user's, the user's last one.

    A file or folder of somebody else's is passed over, and a service on another machine is none that runs here. Which
    folder the key is in, a file within a folder cannot say: it is that folder.
    """
    if _is_own(data_dir):
        found = _read_own(data_dir / _ADDRESS)
        return replace(found, data_dir=str(data_dir.absolute())) if found else None
    return _read_own(_of_user())


def address_of(settings: Settings) -> tuple[str, str | None]:
    """The URL and the key that the command line uses: from the settings, else of the service on this machine.

    A key that was found on this machine is only sent to this machine's service.
    """
    local = find_running(settings.data_dir)
    url = settings.api_url or (local.url if local else reachable_url(settings.host, settings.port))
    if settings.api_key is not None:
        return url, settings.api_key.get_secret_value()
    ours = settings.api_url is None or (local is not None and local.url == settings.api_url.rstrip("/"))
    folder = Path(local.data_dir) if local else settings.data_dir
    return url, read_key(folder) if ours and (local or _is_own(folder)) else None


def reachable_url(host: str, port: int) -> str:
    """The URL by which this machine reaches a service that listens there."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104 - translated, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def read_key(data_dir: Path) -> str | None:
    """The key that `up` keeps in its folder."""
    try:
        return (data_dir / _KEY).read_text().strip() or None
    except OSError:
        return None


def keep_key(data_dir: Path, key: str) -> Path:
    """Keep a key so that only the folder's owner can read it."""
    place = data_dir / _KEY
    place.unlink(missing_ok=True)
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(key + "\n")
    return place


def _is_own(place: Path) -> bool:
    """Whether there is such a file or folder, and it is this user's: what others leave about is not to be followed."""
    try:
        return place.stat().st_uid == os.getuid()
    except OSError:
        return False


def _is_here(url: str) -> bool:
    """Whether it is a URL as `up` writes it, of this machine: nobody can bind another's address."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if url.lower() != reachable_url(host, parts.port or 0):
            return False
        if host in {"localhost", socket.gethostname().lower()} or ip_address(host).is_loopback:
            return True
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trying:
            trying.bind((host, 0))
    except (OSError, ValueError):
        return False
    return True


def _taken(data_dir: Path) -> str:
    running = _read(data_dir / _ADDRESS)
    where = f" (process {running.pid}, {running.url})" if running else ""
    return f"A folioscope up runs on {data_dir} already{where}; stop it, or set FOLIOSCOPE_DATA_DIR to another folder."


def _of_user() -> Path:
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state, "folioscope", _ADDRESS)


def _read_own(place: Path) -> Running | None:
    found = _read(place) if _is_own(place.parent) and _is_own(place) else None
    return found if found and _is_here(found.url) else None


def _read(place: Path) -> Running | None:
    try:
        body = json.loads(place.read_text())
        return Running(str(body["url"]), int(body["pid"]), str(body["data_dir"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
