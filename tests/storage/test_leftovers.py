"""The sweep: what nobody names goes a day later, and nothing else ever."""

import os
import threading
import time
from datetime import timedelta
from pathlib import Path
from shutil import copyfile

import pytest
from sqlalchemy import update

from storage import documents
from storage.blobs import BlobStore
from storage.database import clock, make_engine, make_sessions
from storage.documents import NewDocument
from storage.leftovers import sweep_blobs
from storage.tables import Blob
from tests.storage.world import World, drawn

DAY = timedelta(days=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


def upload(world: World, blobs: BlobStore, content: bytes) -> str:
    """What intake does: bytes first, rows afterwards."""
    sha256 = blobs.put(content).sha256
    new = NewDocument(sha256, "a.pdf", "application/pdf", len(content), 1, None)
    with world.sessions.begin() as session:
        return documents.add_document(session, world.workspace_id, new, 8).id


def make_old(world: World, folder: Path) -> None:
    """Let two days pass for every row and file."""
    with world.sessions.begin() as session:
        session.execute(update(Blob).values(named_at=clock(session) - 2 * DAY))
    then = time.time() - 2 * DAY.total_seconds()
    for path in folder.rglob("*"):
        os.utime(path, (then, then))


def test_what_a_document_or_a_page_names_is_kept_however_old(world: World, blobs: BlobStore, folder: Path) -> None:
    document_id = upload(world, blobs, b"a file")
    picture = blobs.put(b"a picture").sha256
    with world.sessions.begin() as session:
        documents.finish_page(session, document_id, drawn(1, "a picture"))
    make_old(world, folder)
    assert sweep_blobs(world.sessions, blobs) == 0
    assert blobs.read(picture) == b"a picture"


def test_what_nobody_names_goes_when_it_is_a_day_old(world: World, blobs: BlobStore, folder: Path) -> None:
    sha256 = blobs.put(b"never written down").sha256
    assert sweep_blobs(world.sessions, blobs) == 0
    make_old(world, folder)
    assert sweep_blobs(world.sessions, blobs) == 1
    assert not blobs.exists(sha256)


def test_the_bytes_of_a_deleted_document_go_a_day_later(world: World, blobs: BlobStore, folder: Path) -> None:
    document_id = upload(world, blobs, b"a file")
    with world.sessions.begin() as session:
        sha256 = documents.get_document(session, world.workspace_id, document_id).sha256
        documents.delete_document(session, world.workspace_id, document_id)
    assert sweep_blobs(world.sessions, blobs) == 0
    make_old(world, folder)
    assert sweep_blobs(world.sessions, blobs) == 1
    assert not blobs.exists(sha256)
    with world.sessions() as session:
        assert session.query(Blob).count() == 0


def test_old_bytes_that_are_uploaded_again_are_spared(world: World, blobs: BlobStore, folder: Path) -> None:
    sha256 = blobs.put(b"a file").sha256
    make_old(world, folder)
    blobs.put(b"a file")  # the upload is not written down yet
    assert sweep_blobs(world.sessions, blobs) == 0
    upload(world, blobs, b"a file")
    assert blobs.read(sha256) == b"a file"


def test_an_old_row_that_is_named_again_is_spared(world: World, blobs: BlobStore, folder: Path) -> None:
    document_id = upload(world, blobs, b"a file")
    with world.sessions.begin() as session:
        documents.delete_document(session, world.workspace_id, document_id)
    make_old(world, folder)
    document_id = upload(world, blobs, b"a file")
    with world.sessions.begin() as session:
        documents.delete_document(session, world.workspace_id, document_id)
    assert sweep_blobs(world.sessions, blobs) == 0


def test_a_sweep_does_not_take_a_row_that_an_upload_is_naming(
    postgresql_world: World, blobs: BlobStore, folder: Path
) -> None:
    world = postgresql_world
    document_id = upload(world, blobs, b"a file")
    with world.sessions.begin() as session:
        documents.delete_document(session, world.workspace_id, document_id)
    make_old(world, folder)
    sha256 = blobs.put(b"a file").sha256
    new = NewDocument(sha256, "a.pdf", "application/pdf", 6, 1, None)
    sweeper = threading.Thread(target=sweep_blobs, args=(world.sessions, blobs))
    with world.sessions.begin() as session:
        documents.add_document(session, world.workspace_id, new, 8)
        sweeper.start()
        time.sleep(0.3)  # it waits for the row that is being named
    sweeper.join()
    assert blobs.read(sha256) == b"a file"
    with world.sessions() as session:
        assert session.query(Blob.sha256).scalar() == sha256


def test_a_store_that_another_database_has_used_is_never_swept(
    world: World, blobs: BlobStore, folder: Path, sqlite_template: Path, tmp_path: Path
) -> None:
    document_id = upload(world, blobs, b"a file")
    assert sweep_blobs(world.sessions, blobs) == 0
    make_old(world, folder)
    mistyped = copyfile(sqlite_template, tmp_path / "mistyped.db")
    engine = make_engine(f"sqlite:///{mistyped}")
    assert sweep_blobs(make_sessions(engine), blobs) == 0
    engine.dispose()
    with world.sessions() as session:
        assert blobs.exists(documents.get_document(session, world.workspace_id, document_id).sha256)
