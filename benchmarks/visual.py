"""How long a search by looks takes over many pages: `python -m benchmarks.visual [--pages N]`.

Each database is filled with pages of made-up vectors: 128 wide, 1,030 patches a page, as ColPali has them. The pages
share a few blobs. Printed are the medians of the first stage, by pgvector and by the scan that does without it, and of
both stages, for texts of 30 tokens; and what a page takes in the database and in the store.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from sqlalchemy import insert, text

from benchmarks.databases import postgresql, sqlite
from core.records import DocumentState, PageState
from storage import page_vectors
from storage.blobs import BlobStore
from storage.database import Sessions, make_engine, make_sessions, new_id, now
from storage.embeddings import KEPT, Eye, compact_of, keep_vectors
from storage.migrate import upgrade
from storage.paging import in_parts
from storage.tables import Blob, Document, Page, PageEmbedding
from storage.visual import Looked, nearest_pages, visual_candidates
from storage.workspaces import ensure_workspace

WIDTH, PATCHES, TOKENS = 128, 1_030, 30
PAGES = 100  # of a document
BLOBS = 200
EYE = Eye("benchmark", "1")


def drawn(dice: np.random.Generator, count: int) -> NDArray[np.float32]:
    """So many vectors of length 1."""
    made = dice.normal(size=(count, WIDTH)).astype(np.float32)
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32)


def fill(sessions: Sessions, blobs: BlobStore, pages: int, dice: np.random.Generator) -> str:
    """A workspace with so many pages that were seen; its id."""
    hashes = [keep_vectors(blobs, drawn(dice, PATCHES)).vectors_sha256 for _ in range(BLOBS)]
    with sessions.begin() as session:
        workspace_id = ensure_workspace(session, "default").id
        session.execute(insert(Blob), [{"sha256": sha256, "named_at": now()} for sha256 in hashes])
    for some in in_parts(range(pages), PAGES):
        document, file = new_id(), f"{some[0]:064x}"
        ids = [new_id() for _ in some]
        of = {"workspace_id": workspace_id, "document_id": document}
        with sessions.begin() as session:
            session.execute(insert(Blob), {"sha256": file, "named_at": now()})
            about = {"name": "a.pdf", "media_type": "application/pdf", "size": 1, "page_count": len(some)}
            state = {"id": document, "workspace_id": workspace_id, "sha256": file, "state": DocumentState.READY}
            session.execute(insert(Document), about | state)
            rows = [of | {"id": id_, "number": at, "state": PageState.READY} for at, id_ in enumerate(ids, 1)]
            session.execute(insert(Page), rows)
            compact = [compact_of(drawn(dice, 4)).astype(KEPT).tobytes() for _ in some]
            seen = {"model": EYE.model, "revision": EYE.revision, "patches": PATCHES, **of}
            made = [
                seen | {"page_id": id_, "compact": vector, "vectors_sha256": hashes[int(dice.integers(BLOBS))]}
                for id_, vector in zip(ids, compact, strict=True)
            ]
            session.execute(insert(PageEmbedding), made)
    with sessions.begin() as session:
        page_vectors.ensure(session)
    return workspace_id


def median_ms(do: Callable[[], object], rounds: int) -> float:
    """Milliseconds on the clock."""
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        do()
        took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took)


@contextmanager
def filled(url: str, pages: int) -> Iterator[tuple[Sessions, BlobStore, str]]:
    """A database with its pages, and their blobs."""
    engine = make_engine(url)
    upgrade(engine)
    with tempfile.TemporaryDirectory() as folder:
        blobs, sessions = BlobStore(str(Path(folder) / "blobs")), make_sessions(engine)
        yield sessions, blobs, fill(sessions, blobs, pages, np.random.default_rng(1))
    engine.dispose()


def main() -> None:
    """Print a row for each way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=20)
    given = parser.parse_args()
    table = Table("database", "first stage, ms", "both stages, ms", title=f"{given.pages:,} pages")
    dice = np.random.default_rng(2)
    for name, place in (("SQLite", sqlite), ("PostgreSQL", postgresql)):
        with place() as url, filled(url, given.pages) as (sessions, blobs, workspace_id):

            def first() -> None:
                with sessions() as session:
                    nearest_pages(session, workspace_id, Looked(EYE, drawn(dice, TOKENS)), None, 100)

            def both() -> None:
                visual_candidates(sessions, blobs, workspace_id, Looked(EYE, drawn(dice, TOKENS)))

            with sessions() as session:
                by_pgvector = page_vectors.is_there(session)
            way = f"{name}, pgvector" if by_pgvector else name
            table.add_row(way, f"{median_ms(first, given.rounds):.0f}", f"{median_ms(both, given.rounds):.0f}")
            if by_pgvector:
                with sessions.begin() as session:
                    session.execute(text("DROP TABLE page_vectors"))
                figures = (f"{median_ms(first, given.rounds):.0f}", f"{median_ms(both, given.rounds):.0f}")
                table.add_row(f"{name} without it", *figures)
    Console().print(table)


if __name__ == "__main__":
    main()
