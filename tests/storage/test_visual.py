"""What pages look like: kept, found by two stages, behind walls, and gone with their documents."""

import os
import time
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import select, text, update

from core.errors import DocumentNotFound, TooManyPagesToCompare
from storage import documents, page_vectors, vector_scan
from storage.blobs import BlobStore
from storage.database import clock
from storage.embeddings import Eye, compact_of, find_twin, is_embedded, keep_vectors, put_embedding
from storage.leftovers import sweep_blobs
from storage.tables import Blob, Page, PageEmbedding
from storage.visual import Looked, Seen, late_interaction, nearest_pages, visual_candidates
from tests.storage.world import World

WIDTH = 8
EYE = Eye("eye", "r1")


def vectors(seed: int, count: int = 12) -> NDArray[np.float32]:
    """Vectors of length 1, alike for the same seed."""
    made = np.random.default_rng(seed).normal(size=(count, WIDTH)).astype(np.float32)
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32)


def pages_of(world: World, document_id: str) -> list[str]:
    with world.sessions() as session:
        return [page.id for page in documents.pages_of(session, document_id)]


def embed(world: World, blobs: BlobStore, document_id: str, seeds: dict[int, int], eye: Eye = EYE) -> None:
    """Let pages, by their numbers, look as their seeds say."""
    ids = pages_of(world, document_id)
    for number, seed in seeds.items():
        made = keep_vectors(blobs, vectors(seed, 10 + number))
        with world.sessions.begin() as session:
            put_embedding(session, world.workspace_id, document_id, ids[number - 1], eye, made)


def find(
    world: World, blobs: BlobStore, asked: NDArray[np.float32], document_ids: list[str] | None = None, eye: Eye = EYE
) -> list[Seen]:
    return visual_candidates(world.sessions, blobs, world.workspace_id, Looked(eye, asked), document_ids)


def test_the_page_whose_vectors_are_asked_for_is_found_first(world: World, blobs: BlobStore) -> None:
    one, two = world.add(4), world.add(3)
    embed(world, blobs, one, {1: 1, 2: 2, 3: 3, 4: 4})
    embed(world, blobs, two, {1: 5, 2: 6, 3: 7})
    found = find(world, blobs, vectors(6, 12))
    assert (found[0].document_id, found[0].page) == (two, 2)
    assert found[0].score == pytest.approx(12, rel=1e-2)
    assert len(found) == 7
    assert [seen.score for seen in found] == sorted((seen.score for seen in found), reverse=True)
    assert {seen.document_id for seen in find(world, blobs, vectors(6, 12), [one])} == {one}
    assert find(world, blobs, vectors(6, 12), []) == []


def test_what_was_kept_of_a_workspace_is_forgotten_as_soon_as_something_changes_there(
    world: World, other: World, blobs: BlobStore
) -> None:
    one, two = world.add(2), world.add(1)
    embed(world, blobs, one, {1: 1, 2: 2})
    embed(other, blobs, other.add(1), {1: 9})
    assert [len(find(place, blobs, vectors(1))) for place in (world, other, world)] == [2, 1, 2]
    embed(world, blobs, two, {1: 3})
    assert find(world, blobs, vectors(3, 11))[0].document_id == two
    embed(world, blobs, one, {1: 4})  # in place of what it looked like
    assert find(world, blobs, vectors(4, 11))[0].score == pytest.approx(11, rel=1e-2)
    with world.sessions.begin() as session:
        documents.delete_document(session, world.workspace_id, two)
    assert {seen.document_id for seen in find(world, blobs, vectors(3))} == {one}


def test_late_interaction_is_the_sum_of_the_closest_patches() -> None:
    asked, page = vectors(1, 5), vectors(2, 30)
    plain = sum(max(sum(a * b for a, b in zip(q, p, strict=True)) for p in page.tolist()) for q in asked.tolist())
    assert late_interaction(asked, page) == pytest.approx(plain, rel=1e-5)


def test_the_first_stage_is_exact(world: World, blobs: BlobStore) -> None:
    document_id = world.add(30)
    embed(world, blobs, document_id, {number: number for number in range(1, 31)})
    asked = vectors(99, 6)
    scores = {number: float(compact_of(vectors(number, 10 + number)) @ compact_of(asked)) for number in range(1, 31)}
    ids = pages_of(world, document_id)
    best = [ids[number - 1] for number in sorted(scores, key=lambda number: -scores[number])[:5]]
    with world.sessions() as session:
        assert nearest_pages(session, world.workspace_id, Looked(EYE, asked), None, 5) == best


def test_what_another_revision_or_model_saw_is_never_compared(world: World, blobs: BlobStore) -> None:
    document_id = world.add(3)
    embed(world, blobs, document_id, {1: 1, 2: 2})
    embed(world, blobs, document_id, {2: 2}, Eye("eye", "r2"))  # in place of what r1 saw
    embed(world, blobs, document_id, {3: 3}, Eye("other", "r1"))
    assert [seen.page for seen in find(world, blobs, vectors(2, 5))] == [1]
    assert [seen.page for seen in find(world, blobs, vectors(2, 5), eye=Eye("eye", "r2"))] == [2]
    assert [seen.page for seen in find(world, blobs, vectors(2, 5), eye=Eye("other", "r1"))] == [3]
    with world.sessions() as session:
        first, second, _ = pages_of(world, document_id)
        assert (is_embedded(session, first, EYE), is_embedded(session, second, EYE)) == (True, False)


def test_pages_of_another_workspace_are_neither_found_nor_taken_for_twins(
    world: World, other: World, blobs: BlobStore
) -> None:
    mine, theirs = world.add(1), other.add(1)
    embed(other, blobs, theirs, {1: 1})
    with world.sessions() as session:
        picture = session.scalars(select(Page.image_sha256).where(Page.document_id == theirs)).one() or ""
        assert find_twin(session, other.workspace_id, picture, EYE) is not None
        assert find_twin(session, world.workspace_id, picture, EYE) is None
        assert find_twin(session, other.workspace_id, picture, Eye("eye", "r2")) is None
    assert find(world, blobs, vectors(1)) == []
    assert find(world, blobs, vectors(1), [mine, theirs]) == []


def test_a_deleted_document_takes_its_embeddings_along_and_a_day_later_their_blobs(
    world: World, blobs: BlobStore, tmp_path: Path
) -> None:
    kept, gone = world.add(1), world.add(1)
    embed(world, blobs, kept, {1: 1})
    embed(world, blobs, gone, {1: 2})
    with world.sessions() as session:
        hashes = dict(session.execute(select(PageEmbedding.document_id, PageEmbedding.vectors_sha256)).all())
    with world.sessions.begin() as session:
        documents.delete_document(session, world.workspace_id, gone)
    assert [seen.document_id for seen in find(world, blobs, vectors(2))] == [kept]
    with world.sessions.begin() as session:
        session.execute(update(Blob).values(named_at=clock(session) - timedelta(days=2)))
    then = time.time() - 2 * 86_400
    for path in (tmp_path / "blobs").rglob("*"):
        os.utime(path, (then, then))
    sweep_blobs(world.sessions, blobs)
    assert (blobs.exists(hashes[kept]), blobs.exists(hashes[gone])) == (True, False)


def test_a_page_that_was_deleted_meanwhile_is_not_written(world: World, blobs: BlobStore) -> None:
    document_id = world.add(1)
    (page_id,) = pages_of(world, document_id)
    with world.sessions.begin() as session:
        documents.delete_document(session, world.workspace_id, document_id)
    made = keep_vectors(blobs, vectors(1))
    with pytest.raises(DocumentNotFound), world.sessions.begin() as session:
        put_embedding(session, world.workspace_id, document_id, page_id, EYE, made)


def test_a_page_whose_vectors_are_lost_costs_no_other_page(world: World, blobs: BlobStore) -> None:
    document_id = world.add(2)
    embed(world, blobs, document_id, {1: 1, 2: 2})
    blobs.delete(keep_vectors(blobs, vectors(1, 11)).vectors_sha256)
    assert [seen.page for seen in find(world, blobs, vectors(1, 11))] == [2]


def test_sqlite_refuses_to_compare_more_pages_than_it_can(
    world: World, blobs: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    document_id = world.add(3)
    embed(world, blobs, document_id, {1: 1, 2: 2, 3: 3})
    monkeypatch.setattr(vector_scan, "MOST_COMPARED", 2)
    with world.sessions() as session:
        on_sqlite = session.get_bind().dialect.name == "sqlite"
    if on_sqlite:
        with pytest.raises(TooManyPagesToCompare):
            find(world, blobs, vectors(1))
    else:
        assert len(find(world, blobs, vectors(1))) == 3


def test_a_postgresql_without_pgvector_finds_the_same_pages(postgresql_world: World, blobs: BlobStore) -> None:
    world = postgresql_world
    document_id = world.add(30)
    embed(world, blobs, document_id, {number: number for number in range(1, 31)})
    asked = Looked(EYE, vectors(7, 17))
    with world.sessions() as session:
        assert page_vectors.is_there(session)
        by_pgvector = nearest_pages(session, world.workspace_id, asked, [document_id], 5)
    with world.sessions.begin() as session:
        session.execute(text("DROP TABLE page_vectors"))
    with world.sessions() as session:
        assert nearest_pages(session, world.workspace_id, asked, [document_id], 5) == by_pgvector
    assert find(world, blobs, vectors(7, 17))[0].page == 7


def test_pgvector_that_comes_later_is_told_of_the_pages_that_are_there(
    postgresql_world: World, blobs: BlobStore
) -> None:
    world = postgresql_world
    document_id = world.add(2)
    with world.sessions.begin() as session:
        session.execute(text("DROP TABLE page_vectors"))
    embed(world, blobs, document_id, {1: 1, 2: 2})
    for _ in range(2):
        with world.sessions.begin() as session:
            assert page_vectors.ensure(session)
    with world.sessions() as session:
        assert session.execute(text("SELECT count(*) FROM page_vectors")).scalar_one() == 2
    assert find(world, blobs, vectors(2, 12))[0].page == 2


def test_a_postgresql_that_gives_no_pgvector_is_no_trouble(
    postgresql_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_vectors, "_MAKE", "CREATE TABLE nowhere.page_vectors (compact no_such_type)")
    with postgresql_world.sessions.begin() as session:
        assert not page_vectors.ensure(session)
        assert session.scalar(text("SELECT 1")) == 1  # the transaction goes on
