"""Blobs in an object store, through fsspec. An object appears whole or not at all; that is the store's own promise."""

import hashlib
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, cast

import fsspec

_CHUNK = 1_048_576
_MARK = "belongs-to"
_FRESH = timedelta(hours=1)  # an object this young is not sent again


class Bucket:
    """A prefix of a bucket, by its URL."""

    def __init__(self, url: str) -> None:
        self._files, root = fsspec.url_to_fs(url, use_listings_cache=False)
        self._root = root.rstrip("/")

    def put(self, content: bytes | BinaryIO) -> tuple[str, int]:
        """Hash on the way to a local copy, then send it; also where it is there already, for that makes it fresh."""
        with tempfile.NamedTemporaryFile(prefix="folioscope-") as copy:
            digest = hashlib.sha256()
            for chunk in _chunks(content):
                digest.update(chunk)
                copy.write(chunk)
            copy.flush()
            sha256, size = digest.hexdigest(), copy.tell()
            if not self._is_fresh(sha256):
                self._files.makedirs(self._path(sha256).rpartition("/")[0], exist_ok=True)
                self._files.put_file(copy.name, self._path(sha256))
        return sha256, size

    def open(self, sha256: str) -> BinaryIO:
        """A stream that reads ahead in blocks."""
        return cast("BinaryIO", self._files.open(self._path(sha256), "rb"))

    def size(self, sha256: str) -> int:
        """As the store tells it."""
        return int(self._files.size(self._path(sha256)))

    def find_path(self, sha256: str) -> Path | None:  # noqa: ARG002 - every place is asked the same way
        """None: objects are on no disk of this machine."""
        return None

    def delete(self, sha256: str) -> None:
        """Remove the object if there is one."""
        if self._files.exists(self._path(sha256)):
            self._files.rm_file(self._path(sha256))

    def delete_if_older(self, sha256: str, moment: datetime) -> bool:
        """Look again just before: an object store has no lock, so a put in the same instant can be missed."""
        if self._files.exists(self._path(sha256)) and _moment_of(self._files.info(self._path(sha256))) >= moment:
            return False
        self.delete(sha256)
        return True

    def older_than(self, moment: datetime) -> Iterator[str]:
        """One subfolder's listing in memory at a time."""
        for first in range(256):
            folder = f"{self._root}/{first:02x}"
            found = self._files.find(folder, detail=True) if self._files.exists(folder) else {}
            for path, info in found.items():
                if _moment_of(info) < moment:
                    yield path.rpartition("/")[2]

    def sweep_unfinished(self, moment: datetime) -> int:  # noqa: ARG002 - every place is asked the same way
        """Nothing: what was not sent whole is no object."""
        return 0

    def mark(self, text: str) -> str:
        """Leave a mark where there is none; the mark that is there."""
        path = f"{self._root}/{_MARK}"
        if not self._files.exists(path):
            self._files.makedirs(self._root, exist_ok=True)
            self._files.pipe_file(path, text.encode())
        return bytes(self._files.cat_file(path)).decode()

    def check(self) -> None:
        """Ask the store for the prefix."""
        self._files.exists(self._root)

    def _path(self, sha256: str) -> str:
        return f"{self._root}/{sha256[:2]}/{sha256[2:4]}/{sha256}"

    def _is_fresh(self, sha256: str) -> bool:
        path = self._path(sha256)
        return self._files.exists(path) and _moment_of(self._files.info(path)) > datetime.now(UTC) - _FRESH


def _chunks(content: bytes | BinaryIO) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    while chunk := content.read(_CHUNK):
        yield chunk


def _moment_of(info: dict[str, Any]) -> datetime:
    """When an object was put, by the name that its store has for that."""
    moment = info.get("LastModified") or info.get("created") or info["mtime"]
    if isinstance(moment, int | float):
        return datetime.fromtimestamp(moment, UTC)
    return cast("datetime", moment).astimezone(UTC)
