"""Pages that look like what a text says: the text seen by the model of visual search, and compared to pages."""

from collections.abc import Callable

import numpy as np

from core.errors import InvalidOutput
from core.records import ClaimedItem
from storage import ledger, lookups
from storage.blobs import BlobStore
from storage.database import Sessions
from storage.lookups import Lookup, SeenPage
from storage.visual import Looked, visual_candidates
from workers.embed import eye_of
from workers.vlm.embedding.interface import EmbeddingModel


def find_pages_like(
    sessions: Sessions, blobs: BlobStore, model: EmbeddingModel, workspace_id: str, lookup: Lookup
) -> list[SeenPage]:
    """The pages of a workspace, or of some documents, that look most like what a text says, the best first.

    `model` is the one that the lookup names. Raises TooManyPagesToCompare and InvalidOutput.
    """
    vectors = model.embed_query(lookup.text)
    if not np.isfinite(vectors).all():
        raise InvalidOutput("The model of visual search gave numbers that are none; a larger dtype may help.")
    asked = Looked(eye_of(lookup.model, model), vectors)
    seen = visual_candidates(sessions, blobs, workspace_id, asked, lookup.documents, lookup.limit)
    return [SeenPage(one.page_id, one.document_id, one.page, one.score) for one in seen]


def look_up(
    sessions: Sessions, blobs: BlobStore, get_model: Callable[[str], EmbeddingModel], owner: str, item: ClaimedItem
) -> None:
    """Finish the item of a lookup with the pages that it finds.

    Raises TooManyPagesToCompare, InvalidOutput, ModelUnavailable, LeaseLost, and JobNotFound where nobody waits for it
    any more.
    """
    with sessions() as session:
        lookup = lookups.get_lookup(session, item.workspace_id, item.job_id)
    seen = find_pages_like(sessions, blobs, get_model(lookup.model), item.workspace_id, lookup)
    with sessions.begin() as session:
        ledger.finish(session, owner, item.id, item.attempt, {"pages": [page.as_row() for page in seen]})
