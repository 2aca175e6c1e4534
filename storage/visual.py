"""Pages found by what they look like, in two stages: the compact vectors of all of them, then every patch of the best.

The first stage is exact: pgvector has it where PostgreSQL has pgvector, else they are scanned.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from core.errors import BlobMissing
from core.logs import get_log
from storage import page_vectors
from storage.blobs import BlobStore
from storage.database import Session, Sessions
from storage.embeddings import KEPT, Eye, compact_of, seen_by
from storage.paging import in_parts
from storage.tables import Page, PageEmbedding
from storage.vector_scan import nearest_by_scan

CANDIDATES = 100  # pages of the second stage

_log = get_log(__name__)


@dataclass(frozen=True, slots=True)
class Looked:
    """What is looked for: the vectors of a text, (tokens, width), and who made them."""

    eye: Eye
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Seen:
    """A page that looks like what is asked."""

    page_id: str
    document_id: str
    page: int
    score: float  # the sum over the text's tokens of the closest patch: of this text alone


def visual_candidates(
    sessions: Sessions,
    blobs: BlobStore,
    workspace_id: str,
    asked: Looked,
    document_ids: Sequence[str] | None = None,
    limit: int = CANDIDATES,
) -> list[Seen]:
    """The pages of a workspace, or of some of its documents, that look most like what is asked, the best first.

    Only what the same revision of the same model saw is compared. Raises TooManyPagesToCompare. Call it without a
    transaction: blobs are read.
    """
    with sessions() as session:
        near = nearest_pages(session, workspace_id, asked, document_ids, max(limit, CANDIDATES))
        rows = _rows(session, workspace_id, asked.eye, near)
    seen = []
    for row in rows:
        vectors = _vectors_of(blobs, row, asked.vectors.shape[1])
        if vectors is not None:
            seen.append(Seen(row.page_id, row.document_id, row.number, late_interaction(asked.vectors, vectors)))
    return sorted(seen, key=lambda one: (-one.score, one.page_id))[:limit]


def late_interaction(asked: NDArray[np.float32], page: NDArray[np.float32]) -> float:
    """The sum over the text's vectors, (tokens, width), of the closest of the page's, (patches, width): MaxSim."""
    return float((asked @ page.T).max(axis=1).sum())  # (tokens, patches), (tokens,)


def nearest_pages(
    session: Session, workspace_id: str, asked: Looked, document_ids: Sequence[str] | None, most: int
) -> list[str]:
    """The first stage: the ids of the pages whose compact vectors are nearest, the nearest first."""
    compact = compact_of(asked.vectors)
    if page_vectors.is_there(session):
        eye = (asked.eye.model, asked.eye.revision)
        near = page_vectors.nearest(session, workspace_id, eye, compact.astype(KEPT).tobytes(), document_ids, most)
        return [page_id for page_id, _ in near]
    return nearest_by_scan(session, workspace_id, asked.eye, compact, document_ids, most)


def _rows(session: Session, workspace_id: str, eye: Eye, page_ids: Sequence[str]) -> list[Any]:
    columns = (PageEmbedding.page_id, PageEmbedding.document_id, PageEmbedding.vectors_sha256, PageEmbedding.patches)
    query = select(*columns, Page.number).join(Page, Page.id == PageEmbedding.page_id)
    mine = (PageEmbedding.workspace_id == workspace_id, *seen_by(eye))
    return [
        row
        for some in in_parts(page_ids)
        for row in session.execute(query.where(*mine, PageEmbedding.page_id.in_(some)))
    ]


def _vectors_of(blobs: BlobStore, row: Any, width: int) -> NDArray[np.float32] | None:
    """A page's vectors, (patches, width); None where its blob is lost: one page must not cost the others."""
    try:
        kept = blobs.read(row.vectors_sha256)
    except BlobMissing:
        _log.warning("the vectors of a page are lost; embed it again", page=row.page_id)
        return None
    return np.frombuffer(kept, KEPT).reshape(row.patches, width).astype(np.float32)
