"""Bytes by their own hash, in a folder or in an object store. A blob is whole or it is not there."""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from core.errors import BlobMissing
from storage.bucket import Bucket
from storage.folder import Folder

_KEY = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Stored:
    """Bytes that are safe on disk."""

    sha256: str
    size: int


class _Place(Protocol):
    """What a place for blobs can do. Keys are valid by the time they come here."""

    def put(self, content: bytes | BinaryIO) -> tuple[str, int]: ...
    def open(self, sha256: str) -> BinaryIO: ...
    def size(self, sha256: str) -> int: ...
    def local_path(self, sha256: str) -> AbstractContextManager[Path]: ...
    def delete(self, sha256: str) -> None: ...
    def delete_if_older(self, sha256: str, moment: datetime) -> bool: ...
    def older_than(self, moment: datetime) -> Iterator[str]: ...
    def sweep_unfinished(self, moment: datetime) -> int: ...
    def check(self) -> None: ...


class BlobStore:
    """Blobs under a folder's path, or under an fsspec URL such as `s3://bucket/prefix`."""

    def __init__(self, url: str) -> None:
        self._place: _Place = Bucket(url) if "://" in url and not url.startswith("file://") else Folder(url)

    def put(self, content: bytes | BinaryIO) -> Stored:
        """Keep these bytes, on disk when it returns. A stream is never held in memory.

        The same bytes again are kept once and count as fresh, so that no sweep takes them from under a row that is
        about to name them.
        """
        return Stored(*self._place.put(content))

    def read(self, sha256: str) -> bytes:
        """All bytes of a blob. Raises BlobMissing."""
        with self.open(sha256) as file:
            return file.read()

    def open(self, sha256: str) -> BinaryIO:
        """A blob as a stream, for the caller to close. Raises BlobMissing."""
        return self._place.open(_valid(sha256))

    def size(self, sha256: str) -> int:
        """How many bytes a blob has. Raises BlobMissing."""
        return self._place.size(_valid(sha256))

    def exists(self, sha256: str) -> bool:
        """Whether the bytes are there."""
        try:
            self.size(sha256)
        except BlobMissing:
            return False
        return True

    def local_path(self, sha256: str) -> AbstractContextManager[Path]:
        """A path where a program can read the blob, inside the `with`; nobody may write to it. Raises BlobMissing."""
        return self._place.local_path(_valid(sha256))

    def delete(self, sha256: str) -> None:
        """Forget a blob; one that is not there is forgotten already."""
        self._place.delete(_valid(sha256))

    def delete_if_older(self, sha256: str, moment: datetime) -> bool:
        """Forget a blob unless it was put after `moment`, even if that happens just now. Tells whether it is gone."""
        return self._place.delete_if_older(_valid(sha256), moment)

    def older_than(self, moment: datetime) -> Iterator[str]:
        """The blobs that nobody has put since `moment`."""
        return (key for key in self._place.older_than(moment) if _KEY.fullmatch(key))

    def sweep_unfinished(self, moment: datetime) -> int:
        """Remove what writers left that were killed before `moment`; tells how many files."""
        return self._place.sweep_unfinished(moment)

    def check(self) -> None:
        """Raise ServiceUnavailable where blobs cannot be kept now."""
        self._place.check()


def _valid(sha256: str) -> str:
    """A key that leads nowhere but to a blob."""
    if not _KEY.fullmatch(sha256):
        raise ValueError(f"{sha256!r} is not the SHA-256 of anything")
    return sha256
