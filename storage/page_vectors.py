"""The vectors that stand for pages, once more where PostgreSQL can compare them itself: by pgvector.

The table is no part of the migrations' tables: it is made beside them where the extension is there and may be used,
and everything works without it. Its rows follow those of `page_embeddings`, which alone are the truth.
"""

import struct
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.logs import get_log
from storage.database import Session

_log = get_log(__name__)

_MAKE = """
CREATE TABLE IF NOT EXISTS page_vectors (
    page_id VARCHAR(32) NOT NULL,
    model TEXT NOT NULL,
    compact HALFVEC NOT NULL,
    CONSTRAINT pk_page_vectors PRIMARY KEY (page_id, model),
    CONSTRAINT fk_page_vectors_page_id_model_page_embeddings FOREIGN KEY (page_id, model)
        REFERENCES page_embeddings (page_id, model) ON DELETE CASCADE
)
"""
_MISSING = """
SELECT page_id, model, compact FROM page_embeddings AS seen
WHERE NOT EXISTS (SELECT 1 FROM page_vectors AS kept WHERE kept.page_id = seen.page_id AND kept.model = seen.model)
"""
_PUT = """
INSERT INTO page_vectors (page_id, model, compact) VALUES (:page_id, :model, CAST(:compact AS HALFVEC))
ON CONFLICT (page_id, model) DO UPDATE SET compact = excluded.compact
"""
_NEAREST = """
SELECT seen.page_id, -(kept.compact <#> CAST(:asked AS HALFVEC)) AS score
FROM page_embeddings AS seen JOIN page_vectors AS kept ON kept.page_id = seen.page_id AND kept.model = seen.model
WHERE seen.workspace_id = :workspace_id AND seen.model = :model AND seen.revision = :revision
AND (:everywhere OR seen.document_id = ANY(:document_ids))
ORDER BY kept.compact <#> CAST(:asked AS HALFVEC), seen.page_id LIMIT :most
"""


def ensure(session: Session) -> bool:
    """Make the table where it can be made, and fill in what it lacks; tells whether it is there. Harmless twice."""
    if session.get_bind().dialect.name != "postgresql":
        return False
    try:
        with session.begin_nested():
            session.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
            session.execute(text(_MAKE))
    except DBAPIError as error:
        cause = str(error.orig).strip().splitlines()
        _log.info("visual search does without pgvector", cause=cause[0] if cause else "")
        return False
    rows = session.execute(text(_MISSING), execution_options={"yield_per": 1000})
    for some in rows.partitions():
        session.execute(text(_PUT), [{**row._mapping, "compact": written(row.compact)} for row in some])  # noqa: SLF001 - the library's own way to a row's names
    return True


def is_there(session: Session) -> bool:
    """Whether the database compares vectors itself."""
    if session.get_bind().dialect.name != "postgresql":
        return False
    return session.execute(text("SELECT to_regclass('page_vectors')")).scalar_one() is not None


def put(session: Session, page_id: str, model: str, compact: bytes) -> None:
    """Follow the row of the page's embedding, which was written just now."""
    if is_there(session):
        session.execute(text(_PUT), {"page_id": page_id, "model": model, "compact": written(compact)})


def nearest(
    session: Session,
    workspace_id: str,
    eye: tuple[str, str],
    asked: bytes,
    document_ids: Sequence[str] | None,
    most: int,
) -> list[tuple[str, float]]:
    """The pages whose vectors are nearest to this one (float16), with their products, the nearest first: exactly.

    `eye` is model and revision.
    """
    given = {"workspace_id": workspace_id, "model": eye[0], "revision": eye[1], "asked": written(asked), "most": most}
    within = {"everywhere": document_ids is None, "document_ids": list(document_ids or ())}
    return [(row.page_id, float(row.score)) for row in session.execute(text(_NEAREST), given | within)]


def written(compact: bytes) -> str:
    """A vector of float16 as pgvector reads it."""
    return "[" + ",".join(f"{number:.6g}" for number in struct.unpack(f"<{len(compact) // 2}e", compact)) + "]"
