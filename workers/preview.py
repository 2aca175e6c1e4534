"""One page read by a schema that is still being written: nothing is kept of it but what the model said."""

from collections.abc import Callable
from dataclasses import asdict

from core.records import ClaimedItem
from storage import documents, ledger, previews, schemas
from storage.blobs import BlobStore
from storage.database import Sessions
from workers.extract import read_fields
from workers.layer import LayerWords
from workers.merge import draft_of_page
from workers.pages import find_picture
from workers.verify import Asked
from workers.vlm.interface import Model


def preview_page(
    sessions: Sessions, blobs: BlobStore, model: Model, owner: str, item: ClaimedItem, cancelled: Callable[[], bool]
) -> None:
    """Finish the item of a preview with the record that its page alone would make.

    Raises LeaseLost, Interrupted, JobNotFound where nobody waits for it any more, and the page's own failure.
    """
    with sessions() as session:
        body = previews.get_body(session, item.workspace_id, item.job_id)
        picture = find_picture(session, item)
        wanted = schemas.wanted_of(body)
        page = documents.get_page(session, item.workspace_id, item.document_id, item.first_page)
        layer = LayerWords.of(page.words) if wanted.layer and not picture.blank else None
    asked = Asked(sessions, blobs, model, item.workspace_id, picture.sha256, cancelled)
    _, found, receipt = read_fields(asked, picture, body, layer)
    name = model.identity.name
    with sessions.begin() as session:
        draft = draft_of_page(session, item.workspace_id, wanted, name, item.first_page, found, receipt)
        ledger.finish(session, owner, item.id, item.attempt, {**asdict(draft), "model": name})
