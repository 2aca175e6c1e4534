"""Bytes by their own hash, in a folder or in an object store. A blob is whole or it is not there."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from core.errors import BlobMissing, FolioscopeError, ServiceUnavailable
from storage.bucket import Bucket
from storage.folder import Folder

_KEY = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1_048_576


@dataclass(frozen=True, slots=True)
class Stored:
    """Bytes that are safe on disk."""

    sha256: str
    size: int


class _Place(Protocol):
    """Where blobs lie. Keys are valid by the time they come here; a missing blob is a FileNotFoundError."""

    def put(self, content: bytes | BinaryIO) -> tuple[str, int]: ...
    def open(self, sha256: str) -> BinaryIO: ...
    def size(self, sha256: str) -> int: ...
    def find_path(self, sha256: str) -> Path | None: ...
    def delete(self, sha256: str) -> None: ...
    def delete_if_older(self, sha256: str, moment: datetime) -> bool: ...
    def older_than(self, moment: datetime) -> Iterator[str]: ...
    def sweep_unfinished(self, moment: datetime) -> int: ...
    def mark(self, text: str) -> str: ...
    def check(self) -> None: ...


class BlobStore:
    """Blobs under a folder's path, or under an fsspec URL such as `s3://bucket/prefix`.

    Every method raises ServiceUnavailable where the store cannot be reached, or written to.
    """

    def __init__(self, url: str) -> None:
        self._place: _Place = Bucket(url) if "://" in url and not url.startswith("file://") else Folder(url)

    def put(self, content: bytes | BinaryIO) -> Stored:
        """Keep these bytes, on disk when it returns. A stream is never held in memory.

        The same bytes again are kept once and count as fresh, so that no sweep takes them from under a row that is
        about to name them.
        """
        with _reached():
            return Stored(*self._place.put(content))

    def read(self, sha256: str) -> bytes:
        """All bytes of a blob. Raises BlobMissing."""
        with self.open(sha256) as file, _reached():
            return file.read()

    def open(self, sha256: str) -> BinaryIO:
        """A blob as a stream, for the caller to close. Raises BlobMissing."""
        key = _valid(sha256)
        with _reached():
            return self._place.open(key)

    def size(self, sha256: str) -> int:
        """How many bytes a blob has. Raises BlobMissing."""
        key = _valid(sha256)
        with _reached():
            return self._place.size(key)

    def exists(self, sha256: str) -> bool:
        """Whether the bytes are there."""
        try:
            self.size(sha256)
        except BlobMissing:
            return False
        return True

    @contextmanager
    def local_path(self, sha256: str) -> Iterator[Path]:
        """A path where a program can read the blob, inside the `with`; nobody may write to it. Raises BlobMissing."""
        key = _valid(sha256)
        with _reached():
            own = self._place.find_path(key)
        if own is not None:
            yield own
            return
        with tempfile.NamedTemporaryFile(prefix="folioscope-") as copy:
            with self.open(key) as file, _reached():
                shutil.copyfileobj(file, copy, _CHUNK)
            copy.flush()
            yield Path(copy.name)

    def delete(self, sha256: str) -> None:
        """Forget a blob; one that is not there is forgotten already."""
        key = _valid(sha256)
        with _reached():
            self._place.delete(key)

    def delete_if_older(self, sha256: str, moment: datetime) -> bool:
        """Forget a blob unless it was put after `moment`, even if that happens just now. Tells whether it is gone."""
        key = _valid(sha256)
        with _reached():
            return self._place.delete_if_older(key, moment)

    def older_than(self, moment: datetime) -> Iterator[str]:
        """The blobs that nobody has put since `moment`."""
        with _reached():
            yield from (key for key in self._place.older_than(moment) if _KEY.fullmatch(key))

    def sweep_unfinished(self, moment: datetime) -> int:
        """Remove what writers left that were killed before `moment`; tells how many files."""
        with _reached():
            return self._place.sweep_unfinished(moment)

    def mark(self, text: str) -> str:
        """Leave a mark in a store that bears none; returns the mark that it bears."""
        with _reached():
            return self._place.mark(text)

    def check(self) -> None:
        """Raise ServiceUnavailable where blobs cannot be kept now."""
        with _reached():
            self._place.check()


def _valid(sha256: str) -> str:
    """A key that leads nowhere but to a blob."""
    if not _KEY.fullmatch(sha256):
        raise ValueError(f"{sha256!r} is not the SHA-256 of anything")
    return sha256


@contextmanager
def _reached() -> Iterator[None]:
    """Failures of any store in this project's words; client libraries have errors of their own, without one root."""
    try:
        yield
    except FileNotFoundError as error:
        raise BlobMissing from error
    except FolioscopeError:
        raise
    except Exception as error:
        raise ServiceUnavailable("The blob store cannot be reached, or not written to.", part="blobs") from error
