"""Pages found by what they look like, in two stages: the compact vectors of all of them, then every patch of the best.

The first stage is exact: pgvector has it where PostgreSQL has pgvector, else the vectors are read and compared here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from core.errors import BlobMissing, TooManyPagesToCompare
from core.logs import get_log
from storage import page_vectors
from storage.blobs import BlobStore
from storage.database import Session, Sessions
from storage.embeddings import KEPT, Eye, compact_of, seen_by
from storage.paging import in_parts
from storage.tables import Page, PageEmbedding

CANDIDATES = 100  # pages of the second stage
MOST_COMPARED = 100_000  # pages of the first stage, where the vectors are read and compared here
_AT_ONCE = 8_192  # rows

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
    return _scan(session, workspace_id, asked.eye, compact, document_ids, most)


def _scan(
    session: Session,
    workspace_id: str,
    eye: Eye,
    asked: NDArray[np.float32],
    document_ids: Sequence[str] | None,
    most: int,
) -> list[str]:
    """Compare block by block, and keep the best."""
    best: list[tuple[float, str]] = []
    compared = 0
    for query in _queries(workspace_id, eye, document_ids):
        for rows in session.execute(query, execution_options={"yield_per": _AT_ONCE}).partitions():
            compared += len(rows)
            _check_number(session, compared)
            kept = np.frombuffer(b"".join(row.compact for row in rows), KEPT).reshape(len(rows), -1)
            scores = kept.astype(np.float32) @ asked
            few = np.argpartition(-scores, most)[:most] if len(rows) > most else np.arange(len(rows))
            best += [(-float(scores[at]), rows[at].page_id) for at in few]
            best = sorted(best)[:most]
    return [page_id for _, page_id in best]


def _queries(workspace_id: str, eye: Eye, document_ids: Sequence[str] | None) -> list[Any]:
    """All rows that may compare, in as many queries as the documents' ids need."""
    mine = (PageEmbedding.workspace_id == workspace_id, *seen_by(eye))
    query = select(PageEmbedding.page_id, PageEmbedding.compact).where(*mine)
    if document_ids is None:
        return [query]
    return [query.where(PageEmbedding.document_id.in_(some)) for some in in_parts(sorted(set(document_ids)))]


def _check_number(session: Session, compared: int) -> None:
    """On SQLite too many are refused; a PostgreSQL without pgvector takes its time, and is told of."""
    if compared <= MOST_COMPARED:
        return
    if session.get_bind().dialect.name == "sqlite":
        raise TooManyPagesToCompare(most=MOST_COMPARED)
    if compared - MOST_COMPARED <= _AT_ONCE:
        _log.warning("visual search compares many pages without pgvector", pages=compared)


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
