"""The first stage of visual search where the database cannot compare vectors: they are read and compared in blocks.

What was read of a whole workspace is kept by the process for as long as nothing changes there: reading costs ten times
what comparing does.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from core.errors import TooManyPagesToCompare
from core.logs import get_log
from storage.database import Session
from storage.embeddings import KEPT, Eye, seen_by
from storage.paging import in_parts
from storage.tables import PageEmbedding

MOST_COMPARED = 100_000  # pages of one search
MOST_KEPT = 4  # workspaces of a process; each takes up to 40 MB
_AT_ONCE = 8_192  # rows

_log = get_log(__name__)


class _Block(NamedTuple):
    """Some pages, and the vectors that stand for them."""

    ids: tuple[str, ...]
    vectors: NDArray[np.float16]  # (pages, width)


class _Kept:
    """Blocks by workspace, each as of a moment. For many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blocks: OrderedDict[Any, tuple[Any, tuple[_Block, ...]]] = OrderedDict()

    def get(self, key: Any, moment: Any) -> tuple[_Block, ...] | None:
        """What was kept, unless it is of another moment."""
        with self._lock:
            known = self._blocks.get(key)
            if known is None or known[0] != moment:
                return None
            self._blocks.move_to_end(key)
            return known[1]

    def put(self, key: Any, moment: Any, blocks: tuple[_Block, ...]) -> None:
        """Keep these in place of what was kept before."""
        with self._lock:
            self._blocks[key] = (moment, blocks)
            self._blocks.move_to_end(key)
            while len(self._blocks) > MOST_KEPT:
                self._blocks.popitem(last=False)


_kept = _Kept()


def nearest_by_scan(
    session: Session,
    workspace_id: str,
    eye: Eye,
    asked: NDArray[np.float32],
    document_ids: Sequence[str] | None,
    most: int,
) -> list[str]:
    """The pages whose vectors have the largest products with this one, the nearest first: exactly.

    Raises TooManyPagesToCompare.
    """
    best: list[tuple[float, str]] = []
    for ids, vectors in _blocks(session, workspace_id, eye, document_ids):
        scores = vectors.astype(np.float32) @ asked
        few = np.argpartition(-scores, most)[:most] if len(ids) > most else np.arange(len(ids))
        best = sorted([*best, *((-float(scores[at]), ids[at]) for at in few)])[:most]
    return [page_id for _, page_id in best]


def _blocks(
    session: Session, workspace_id: str, eye: Eye, document_ids: Sequence[str] | None
) -> Iterator[_Block] | tuple[_Block, ...]:
    """All that may compare."""
    mine = (PageEmbedding.workspace_id == workspace_id, *seen_by(eye))
    query = select(PageEmbedding.page_id, PageEmbedding.compact).where(*mine)
    if document_ids is not None:
        parts = in_parts(sorted(set(document_ids)))
        return _read(session, [query.where(PageEmbedding.document_id.in_(some)) for some in parts])
    stamp = select(func.count(), func.max(PageEmbedding.created_at)).where(PageEmbedding.workspace_id == workspace_id)
    count, last = session.execute(stamp).one()
    if count > MOST_COMPARED:
        return _read(session, [query])
    key = (str(session.get_bind().engine.url), workspace_id, eye)
    blocks = _kept.get(key, (count, last))
    if blocks is None:
        blocks = tuple(_read(session, [query]))
        _kept.put(key, (count, last), blocks)
    return blocks


def _read(session: Session, queries: Sequence[Any]) -> Iterator[_Block]:
    compared = 0
    for query in queries:
        for rows in session.connection().execute(query, execution_options={"yield_per": _AT_ONCE}).partitions():
            ids, vectors = zip(*rows, strict=True)
            compared += len(ids)
            _check_number(session, compared, len(ids))
            yield _Block(ids, np.frombuffer(b"".join(vectors), KEPT).reshape(len(ids), -1))


def _check_number(session: Session, compared: int, just_now: int) -> None:
    """On SQLite too many are refused; a PostgreSQL without pgvector takes its time, and is told of once a search."""
    if compared <= MOST_COMPARED:
        return
    if session.get_bind().dialect.name == "sqlite":
        raise TooManyPagesToCompare(most=MOST_COMPARED)
    if compared - just_now <= MOST_COMPARED:
        _log.warning("visual search compares many pages without pgvector", most=MOST_COMPARED)
