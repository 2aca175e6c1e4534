"""What pages look like, told by a model of visual search: seen once by picture, model and revision, then kept."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.errors import FolioscopeError, InvalidOutput
from core.logs import get_log
from core.records import ClaimedItem
from storage import embeddings, ledger
from storage.blobs import BlobStore
from storage.database import Session, Sessions
from storage.embeddings import Embedding, Eye
from workers.infer import Interrupted
from workers.pages import Picture, find_picture, picture_of
from workers.vlm.embedding.interface import EmbeddingModel

_log = get_log(__name__)


def embed_page(
    sessions: Sessions,
    blobs: BlobStore,
    get_model: Callable[[str], EmbeddingModel],
    name: str,
    owner: str,
    item: ClaimedItem,
    cancelled: Callable[[], bool],
) -> None:
    """Keep what the item's page looks like to the model of this name, and finish the item; for a blank page, at once.

    Raises InvalidOutput, LeaseLost, Interrupted, and the page's own failure.
    """
    with sessions() as session:
        picture = find_picture(session, item)
    if picture.blank:
        with sessions.begin() as session:
            ledger.finish(session, owner, item.id, item.attempt, {"state": "blank"})
        return
    model = get_model(name)
    eye = eye_of(name, model)
    with sessions() as session:
        done, made = _known(session, item, picture, eye)
    if not done and made is None:
        if cancelled():
            raise Interrupted
        made = embeddings.keep_vectors(blobs, _seen_by(model, [picture_of(blobs, picture.sha256)])[0])
    with sessions.begin() as session:
        ledger.finish(session, owner, item.id, item.attempt, {"state": "seen"})
        if made is not None:
            embeddings.put_embedding(session, item.workspace_id, item.document_id, picture.page_id, eye, made)


def embed_ahead(
    sessions: Sessions,
    blobs: BlobStore,
    get_model: Callable[[str], EmbeddingModel],
    name: str,
    items: Sequence[ClaimedItem],
) -> None:
    """Show the pages of a claim to the model as one batch, and keep what it sees: each item then finds that.

    It ends no item and raises nothing: what it cannot do, each item does by itself, and tells how that ends.
    """
    try:
        model = get_model(name)
        eye = eye_of(name, model)
        with sessions() as session:
            unseen = [(item, picture) for item in items if (picture := _unseen(session, item, eye)) is not None]
        missing = {picture.sha256: (item, picture) for item, picture in unseen}  # what looks the same is seen once
        if len(missing) < 2:  # noqa: PLR2004 - one is no batch
            return
        seen = _seen_by(model, [picture_of(blobs, sha256) for sha256 in missing])
        kept = [embeddings.keep_vectors(blobs, vectors) for vectors in seen]
        for (item, picture), made in zip(missing.values(), kept, strict=True):
            with sessions.begin() as session:
                embeddings.put_embedding(session, item.workspace_id, item.document_id, picture.page_id, eye, made)
    except FolioscopeError:
        return
    except Exception as error:  # noqa: BLE001 - whatever a page makes a model raise: the others are seen without it
        _log.warning("a batch failed, its pages are shown one by one", items=len(items), cause=type(error).__name__)


def eye_of(name: str, model: EmbeddingModel) -> Eye:
    """How rows tell the model: by its name in the catalog, whatever it calls itself."""
    return Eye(name, model.identity.revision)


def pages_seen(results: Iterable[Mapping[str, Any]], failed: int) -> dict[str, int]:
    """Of a job its pages, by what became of them."""
    states = [result.get("state") for result in results]
    seen, blank = states.count("seen"), states.count("blank")
    return {"pages": seen + blank + failed, "seen": seen, "blank": blank, "failed": failed}


def _unseen(session: Session, item: ClaimedItem, eye: Eye) -> Picture | None:
    """The item's picture, where there is one that nobody has shown to this eye yet."""
    try:
        picture = find_picture(session, item)
    except FolioscopeError:
        return None
    return picture if not picture.blank and _known(session, item, picture, eye) == (False, None) else None


def _known(session: Session, item: ClaimedItem, picture: Picture, eye: Eye) -> tuple[bool, Embedding | None]:
    """Whether the page was seen by this eye; if not, what another page of the same picture looks like, if known."""
    if embeddings.is_embedded(session, picture.page_id, eye):
        return True, None
    return False, embeddings.find_twin(session, item.workspace_id, picture.sha256, eye)


def _seen_by(model: EmbeddingModel, images: Sequence[Image.Image]) -> list[NDArray[np.float32]]:
    """Vectors of each picture. Raises InvalidOutput where there is a number among them that is none."""
    seen = model.embed_pages(images)
    if not all(np.isfinite(vectors).all() and len(vectors) for vectors in seen):
        raise InvalidOutput("The model of visual search gave numbers that are none; a larger dtype may help.")
    return seen
