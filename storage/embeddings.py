"""What pages look like, kept for visual search: a vector for each patch as a blob, and one for all of them in the row.

Vectors are kept as float16. Those of another model, or of another revision of the same one, never compare.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import exists, select

from storage import documents, page_vectors
from storage.blobs import BlobStore
from storage.database import Session, insert_into, now
from storage.tables import Page, PageEmbedding

KEPT = np.dtype("<f2")  # how vectors are written down


@dataclass(frozen=True, slots=True)
class Eye:
    """The model that saw pages: vectors of different eyes do not compare."""

    model: str  # a name of the catalog
    revision: str


@dataclass(frozen=True, slots=True)
class Embedding:
    """A page's vectors, as its row names them; the blob is in the store."""

    compact: bytes  # (width,) float16, of length 1
    vectors_sha256: str  # (patches, width) float16
    patches: int


def keep_vectors(blobs: BlobStore, vectors: NDArray[np.float32]) -> Embedding:
    """Put a page's vectors, (patches, width), into the store. Write the row that names them soon."""
    stored = blobs.put(np.ascontiguousarray(vectors, KEPT).tobytes())
    return Embedding(compact_of(vectors).astype(KEPT).tobytes(), stored.sha256, len(vectors))


def compact_of(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vector that stands for all of these: their mean, of length 1."""
    mean = vectors.mean(axis=0, dtype=np.float32)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12), np.float32)


def is_embedded(session: Session, page_id: str, eye: Eye) -> bool:
    """Whether the page was seen by this very eye."""
    return bool(session.scalar(select(exists().where(PageEmbedding.page_id == page_id, *seen_by(eye)))))


def find_twin(session: Session, workspace_id: str, image_sha256: str, eye: Eye) -> Embedding | None:
    """The vectors of a page of this workspace that has the same picture: what looks the same is seen once."""
    columns = (PageEmbedding.compact, PageEmbedding.vectors_sha256, PageEmbedding.patches)
    alike = select(*columns).join(Page, Page.id == PageEmbedding.page_id)
    mine = (PageEmbedding.workspace_id == workspace_id, Page.workspace_id == workspace_id)
    row = session.execute(alike.where(*mine, Page.image_sha256 == image_sha256, *seen_by(eye)).limit(1)).one_or_none()
    return None if row is None else Embedding(row.compact, row.vectors_sha256, row.patches)


def put_embedding(
    session: Session, workspace_id: str, document_id: str, page_id: str, eye: Eye, made: Embedding
) -> None:
    """Make this what the page looks like to the model, in place of what another revision saw.

    Raises DocumentNotFound where the document was deleted meanwhile.
    """
    documents.get_document(session, workspace_id, document_id, for_update=True)
    documents.name_blob(session, made.vectors_sha256)
    row = {
        "page_id": page_id,
        "model": eye.model,
        "workspace_id": workspace_id,
        "document_id": document_id,
        "revision": eye.revision,
        "compact": made.compact,
        "vectors_sha256": made.vectors_sha256,
        "patches": made.patches,
        "created_at": now(),
    }
    written = insert_into(session, PageEmbedding).values(row)
    changes = {name: written.excluded[name] for name in row if name not in {"page_id", "model"}}
    session.execute(written.on_conflict_do_update(index_elements=["page_id", "model"], set_=changes))
    page_vectors.put(session, page_id, eye.model, made.compact)


def seen_by(eye: Eye) -> tuple[Any, Any]:
    """The conditions of what this very eye saw."""
    return PageEmbedding.model == eye.model, PageEmbedding.revision == eye.revision
