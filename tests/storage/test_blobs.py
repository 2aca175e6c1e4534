"""Blobs: whole or not there, once by their content, in a folder and in an object store."""

import hashlib
import io
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import fsspec
import pytest

from core.errors import BlobMissing, ServiceUnavailable
from storage.blobs import BlobStore

BYTES = b"some page" * 1000
SHA256 = hashlib.sha256(BYTES).hexdigest()
NEVER_ENDING_WRITER = """
import sys
from storage.blobs import BlobStore

class Slow:
    def read(self, size):
        sys.stdout.write("reading\\n")
        sys.stdout.flush()
        return b"half" * 100_000

BlobStore(sys.argv[1]).put(Slow())
"""


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BlobStore]:
    """An empty store: a folder, and an object store in memory through the same library as S3."""
    if request.param == "folder":
        yield BlobStore(str(tmp_path / "blobs"))
        return
    root = f"/{uuid4().hex}"
    yield BlobStore(f"memory:/{root}")
    memory = fsspec.filesystem("memory")
    if memory.exists(root):
        memory.rm(root, recursive=True)


def later(seconds: float = 60) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.name != "lock"]


def test_bytes_come_back_by_their_hash(store: BlobStore) -> None:
    stored = store.put(BYTES)
    assert (stored.sha256, stored.size) == (SHA256, len(BYTES))
    assert store.read(SHA256) == BYTES
    assert store.size(SHA256) == len(BYTES)
    assert store.exists(SHA256)
    with store.local_path(SHA256) as path:
        assert path.read_bytes() == BYTES
    with store.open(SHA256) as file:
        assert file.read() == BYTES


def test_a_stream_is_stored_as_its_bytes_are(store: BlobStore) -> None:
    assert store.put(io.BytesIO(BYTES)) == store.put(BYTES)
    assert store.put(b"").size == 0


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    store = BlobStore(str(tmp_path))
    for _ in range(2):
        store.put(BYTES)
        store.put(io.BytesIO(BYTES))
    assert files_in(tmp_path) == [tmp_path / SHA256[:2] / SHA256[2:4] / SHA256]


def test_what_is_not_there_is_named_as_missing(store: BlobStore) -> None:
    assert not store.exists(SHA256)
    for ask in (store.read, store.open, store.size):
        with pytest.raises(BlobMissing):
            ask(SHA256)
    with pytest.raises(BlobMissing), store.local_path(SHA256):
        pass
    store.delete(SHA256)


def test_a_deleted_blob_is_gone(store: BlobStore) -> None:
    store.put(BYTES)
    store.delete(SHA256)
    assert not store.exists(SHA256)


@pytest.mark.parametrize(
    "key", ["", "../../etc/passwd", SHA256.upper(), SHA256 + "0", SHA256[:-1] + "/", SHA256 + "\n"]
)
def test_a_key_that_is_no_hash_leads_nowhere(store: BlobStore, key: str) -> None:
    for ask in (store.read, store.open, store.size, store.exists, store.delete):
        with pytest.raises(ValueError, match="not the SHA-256"):
            ask(key)


def test_a_stream_is_never_held_in_memory(store: BlobStore) -> None:
    sizes = []

    class Stream(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            sizes.append(size)
            return super().read(size)

    store.put(Stream(b"x" * 5_000_000))
    assert len(sizes) > 3
    assert all(size and 0 < size <= 1_048_576 for size in sizes)


def test_a_writer_that_is_killed_leaves_no_blob_and_its_rest_is_swept(tmp_path: Path) -> None:
    command = [sys.executable, "-c", NEVER_ENDING_WRITER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        for _ in range(3):
            writer.stdout.readline()
        writer.kill()
    store = BlobStore(str(tmp_path))
    assert len(files_in(tmp_path)) == 1
    assert list(store.older_than(later())) == []
    assert store.sweep_unfinished(later(-60)) == 0
    assert store.sweep_unfinished(later()) == 1
    assert files_in(tmp_path) == []


def test_a_stream_that_breaks_leaves_nothing(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(size)

    with pytest.raises(ServiceUnavailable):
        BlobStore(str(tmp_path)).put(Broken())
    assert files_in(tmp_path) == []


def test_writers_of_the_same_bytes_do_not_disturb_each_other(store: BlobStore) -> None:
    contents = [os.urandom(200_000) for _ in range(3)]
    threads = [threading.Thread(target=store.put, args=(content,)) for content in contents * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [store.read(hashlib.sha256(content).hexdigest()) for content in contents] == contents


def test_only_what_nobody_put_since_counts_as_old(store: BlobStore) -> None:
    store.put(BYTES)
    assert list(store.older_than(later(-60))) == []
    assert list(store.older_than(later())) == [SHA256]
    assert not store.delete_if_older(SHA256, later(-60))
    assert store.read(SHA256) == BYTES
    assert store.delete_if_older(SHA256, later())
    assert not store.exists(SHA256)


def test_bytes_that_are_put_again_are_fresh_again(tmp_path: Path) -> None:
    store = BlobStore(str(tmp_path))
    for again in (BYTES, io.BytesIO(BYTES)):
        store.put(BYTES)
        long_ago = time.time() - 1_000_000
        os.utime(tmp_path / SHA256[:2] / SHA256[2:4] / SHA256, (long_ago, long_ago))
        assert list(store.older_than(later(-60))) == [SHA256]
        store.put(again)
        assert list(store.older_than(later(-60))) == []
        assert not store.delete_if_older(SHA256, later(-60))


def test_a_store_that_can_be_written_to_passes_its_check(store: BlobStore) -> None:
    store.check()
    assert list(store.older_than(later())) == []


def test_a_store_that_cannot_be_written_to_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    store = BlobStore(str(tmp_path / "file"))
    for ask in (store.check, lambda: store.put(BYTES)):
        with pytest.raises(ServiceUnavailable):
            ask()
