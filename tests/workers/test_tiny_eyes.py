"""Visual search by checkpoints of the real families, tiny and random: from the picture to the page that is found."""

from pathlib import Path

import numpy as np
import pytest
import torch

from core.records import JobKind, JobState, Queue
from storage import lookups, planning
from storage.blobs import BlobStore
from storage.lookups import Lookup
from storage.planning import NewJob
from storage.tables import Page, PageEmbedding
from storage.visual import Looked, visual_candidates
from tests.workers.conftest import Bench
from tests.workers.vlm.embedding.tiny_searchers import FAMILIES, WIDTH
from workers.desk import Desk
from workers.embed import eye_of
from workers.pages import picture_of
from workers.work import MODEL_QUEUES, work_until_idle


@pytest.fixture(scope="module", params=sorted(FAMILIES))
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    made: Path = tmp_path_factory.mktemp(request.param)
    FAMILIES[request.param](made)
    return str(made)


@pytest.fixture
def desk(bench: Bench, folder: str) -> Desk:
    """A worker that has the checkpoint, and has embedded twelve pages of two documents by it."""
    torch.set_num_threads(1)
    settings = bench.settings.model_copy(update={"visual_model": folder, "model_threads": 1})
    desk = Desk(settings, MODEL_QUEUES, bench.model)
    bench.desks.append(desk)
    bench.document(*range(1, 7))
    bench.document(*range(7, 13), name="b.pdf")
    with bench.sessions.begin() as session:
        job_id = planning.plan(session, bench.workspace_id, NewJob(JobKind.EMBED, Queue.BULK, model=folder), None).id
    work_until_idle(desk, MODEL_QUEUES)
    assert bench.state(job_id) is JobState.SUCCEEDED
    return desk


def kept_vectors(bench: Bench, blobs: BlobStore) -> dict[str, np.ndarray[tuple[int, int], np.dtype[np.float32]]]:
    """The vectors of each page as the store has them."""
    with bench.sessions() as session:
        rows = session.query(PageEmbedding).all()
    return {
        row.page_id: np.frombuffer(blobs.read(row.vectors_sha256), "<f2").reshape(row.patches, WIDTH).astype(np.float32)
        for row in rows
    }


def test_the_page_whose_own_vectors_are_asked_for_is_found_first(bench: Bench, desk: Desk, folder: str) -> None:
    model = desk.eyes.get(folder)
    with bench.sessions() as session:
        pages = {page.id: page.image_sha256 or "" for page in session.query(Page)}
    for page_id, sha256 in list(pages.items())[::3]:
        (planted,) = model.embed_pages([picture_of(bench.blobs, sha256)])
        found = visual_candidates(
            bench.sessions, bench.blobs, bench.workspace_id, Looked(eye_of(folder, model), planted)
        )
        assert found[0].page_id == page_id
        assert found[0].score == pytest.approx(len(planted), rel=1e-2)


def test_a_text_finds_the_pages_in_the_order_of_a_plain_loop(bench: Bench, desk: Desk, folder: str) -> None:
    with bench.sessions.begin() as session:
        job_id = lookups.plan(session, bench.workspace_id, Lookup("When is the rent due?", folder, None, 12))
    work_until_idle(desk, MODEL_QUEUES)
    with bench.sessions() as session:
        found = lookups.find_seen(session, bench.workspace_id, job_id) or []
    asked = desk.eyes.get(folder).embed_query("When is the rent due?").tolist()
    plain = {
        page_id: sum(max(sum(a * b for a, b in zip(q, p, strict=True)) for p in patches.tolist()) for q in asked)
        for page_id, patches in kept_vectors(bench, bench.blobs).items()
    }
    assert len(found) == 12
    assert [page.page_id for page in found] == sorted(plain, key=lambda page_id: (-plain[page_id], page_id))
    assert [page.score for page in found] == pytest.approx([plain[page.page_id] for page in found], rel=1e-3)
