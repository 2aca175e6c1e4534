"""Blobs in a folder: `aa/bb/<sha256>`, written aside, flushed to the disk and renamed into place."""

import fcntl
import hashlib
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

_CHUNK = 1_048_576
_ASIDE = "unfinished"
_MARK = "belongs-to"


class Folder:
    """A folder of this machine, or one that several machines mount."""

    def __init__(self, url: str) -> None:
        self._root = Path(url.removeprefix("file://")).absolute()

    def put(self, content: bytes | BinaryIO) -> tuple[str, int]:
        """Write aside, flush, rename. A blob that is there already is only made fresh."""
        if isinstance(content, bytes):
            sha256 = hashlib.sha256(content).hexdigest()
            if self._renew(sha256):
                return sha256, len(content)
            content = BytesIO(content)
        aside = self._root / _ASIDE / uuid.uuid4().hex
        aside.parent.mkdir(parents=True, exist_ok=True)
        try:
            sha256, size = _write(aside, content)
            if not self._renew(sha256):
                self._move_in(aside, sha256)
        finally:
            aside.unlink(missing_ok=True)
        return sha256, size

    def open(self, sha256: str) -> BinaryIO:
        """The file itself."""
        return self._path(sha256).open("rb")

    def size(self, sha256: str) -> int:
        """By the file's own size."""
        return self._path(sha256).stat().st_size

    def find_path(self, sha256: str) -> Path | None:
        """The file itself, no copy."""
        self.size(sha256)
        return self._path(sha256)

    def delete(self, sha256: str) -> None:
        """Unlink; who has it open can read on."""
        self._path(sha256).unlink(missing_ok=True)

    def delete_if_older(self, sha256: str, moment: datetime) -> bool:
        """Look and unlink while nobody can make it fresh."""
        path = self._path(sha256)
        with self._lock(fcntl.LOCK_EX), suppress(FileNotFoundError):
            if path.stat().st_mtime >= moment.timestamp():
                return False
            path.unlink()
        return True

    def older_than(self, moment: datetime) -> Iterator[str]:
        """Walk the folder, one subfolder in memory at a time."""
        for path in self._root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            if _is_older(path, moment):
                yield path.name

    def sweep_unfinished(self, moment: datetime) -> int:
        """What lies aside for so long has no writer any more."""
        left = [path for path in self._root.glob(f"{_ASIDE}/*") if _is_older(path, moment)]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def mark(self, text: str) -> str:
        """Leave a mark where there is none; the mark that is there."""
        path = self._root / _MARK
        self._root.mkdir(parents=True, exist_ok=True)
        with self._lock(fcntl.LOCK_EX):
            if not path.exists():
                path.write_text(text)
            return path.read_text()

    def check(self) -> None:
        """Write a file and remove it."""
        aside = self._root / _ASIDE / uuid.uuid4().hex
        aside.parent.mkdir(parents=True, exist_ok=True)
        aside.touch()
        aside.unlink()

    def _path(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256[2:4] / sha256

    def _renew(self, sha256: str) -> bool:
        """Make a blob fresh that is there. False where it is not."""
        with self._lock(fcntl.LOCK_SH), suppress(FileNotFoundError):
            os.utime(self._path(sha256))
            return True
        return False

    def _move_in(self, aside: Path, sha256: str) -> None:
        path = self._path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock(fcntl.LOCK_SH):
            aside.replace(path)
        for folder in (path.parent, path.parent.parent, self._root):
            _flush_folder(folder)

    @contextmanager
    def _lock(self, kind: int) -> Iterator[None]:
        """Writers share it; a sweep has it alone while it looks at one blob and removes it."""
        self._root.mkdir(parents=True, exist_ok=True)
        with (self._root / "lock").open("ab") as file:
            fcntl.flock(file, kind)
            yield


def _write(path: Path, content: BinaryIO) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
            size += file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest(), size


def _flush_folder(path: Path) -> None:
    """A rename lasts once its folder is flushed."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_older(path: Path, moment: datetime) -> bool:
    with suppress(FileNotFoundError):
        return path.stat().st_mtime < moment.timestamp()
    return False
