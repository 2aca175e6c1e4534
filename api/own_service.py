"""A whole service for a while: `folioscope up` as a child, ready when it is handed out, ended afterwards."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from api.client import Client
from api.door import free_port
from api.running import make_private, read_key
from api.tether import tethered
from core.errors import ConfigurationError, FolioscopeError, ServiceUnavailable
from core.settings import Settings

_HOST = "127.0.0.1"
_GRACE_SECONDS = 60.0  # what `up` gives its own children, and some
_ENDING_SECONDS = 5.0  # from the first sign of an end to the end
_NOT_ITS_OWN = ("DATABASE_URL", "BLOB_URL", "API_URL", "API_KEY", "HOST")  # it must not touch the caller's archive


@dataclass(frozen=True, slots=True)
class OwnService:
    """A running service and where it is."""

    url: str
    client: Client
    data_dir: Path


@contextmanager
def own_service(settings: Settings, data_dir: Path) -> Iterator[OwnService]:
    """Start a service on a folder of its own, with the same model, and end it afterwards, children included.

    It listens where the settings say, or on a free port where that one is taken. Raises what `up` says when it cannot
    start.
    """
    make_private(data_dir)
    log = data_dir / "up.log"
    command = [sys.executable, "-P", "-m", "api.cli", "up", "--private", "--json"]
    with log.open("wb") as errors:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            tethered(command),
            env=_environment(data_dir, free_port(_HOST, settings.port)) | _models_of(settings),
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,  # Ctrl-C reaches us alone, and we end it
        )
    try:
        url = _url_said_by(process, log)
        with Client(url, read_key(data_dir)) as client:
            yield OwnService(url, client, data_dir)
    except ServiceUnavailable as error:
        raise _end_of(process, log) or error from error
    finally:
        _end(process)


def _environment(data_dir: Path, port: int) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if name not in {f"FOLIOSCOPE_{n}" for n in _NOT_ITS_OWN}}
    return ours | {
        "FOLIOSCOPE_DATA_DIR": str(data_dir),
        "FOLIOSCOPE_HOST": _HOST,
        "FOLIOSCOPE_PORT": str(port),
        "PYTHONSAFEPATH": "1",
    }


def _models_of(settings: Settings) -> dict[str, str]:
    """The caller's models file, which is not found in another data folder."""
    return {} if settings.models is None else {"FOLIOSCOPE_MODELS_FILE": str(settings.models.absolute())}


def _url_said_by(process: subprocess.Popen[bytes], log: Path) -> str:
    """Where the service says that it listens. Raises the reason that it gave when it ended instead."""
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    line = process.stdout.readline()
    if line:
        return str(json.loads(line)["url"])
    raise _end_of(process, log) or ServiceUnavailable(f"The service does not start. Its log is {log}.")


def _end_of(process: subprocess.Popen[bytes], log: Path) -> FolioscopeError | None:
    """Why the service ended by itself, in its own words; None where it runs."""
    try:
        code = process.wait(_ENDING_SECONDS)
    except subprocess.TimeoutExpired:
        return None
    said = log.read_text(errors="replace")
    of_a_part = [text for _, text in re.findall(r"\[error.*detail=(['\"])(.+)\1", said)]
    of_itself = re.findall(r"^folioscope: (.+) \(", said, re.MULTILINE)
    reason = (of_a_part or of_itself or ["it ended without a word."])[-1]
    kind = ConfigurationError if code == ConfigurationError.exit_code else ServiceUnavailable
    return kind(f"The service cannot run: {reason} Its log is {log}.")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
