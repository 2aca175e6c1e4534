"""What a job that reads is about: one box of a page, alone, as a person drew it; or whole pages, for search."""

from collections.abc import Callable

from core.errors import ModelCannot
from core.records import Box, ClaimedItem
from storage import jobs, ledger
from storage.blobs import BlobStore
from storage.database import Sessions
from workers.inference import confidence_of, failure_of
from workers.pages import find_picture
from workers.transcribe import read_page
from workers.verify import Asked, recall_alone
from workers.vlm.interface import Capability, Model, capabilities_of


def read_item(
    sessions: Sessions,
    blobs: BlobStore,
    get_model: Callable[[], Model],
    owner: str,
    item: ClaimedItem,
    cancelled: Callable[[], bool],
) -> None:
    """Read the box that the item's job names, else the whole page. Fails as `read_box` and `read_page` do."""
    with sessions() as session:
        of_a_box = "box" in jobs.get_job(session, item.workspace_id, item.job_id).params
    if of_a_box:
        read_box(sessions, blobs, get_model(), owner, item, cancelled)
    else:
        read_page(sessions, blobs, get_model, owner, item, cancelled)


def read_box(
    sessions: Sessions, blobs: BlobStore, model: Model, owner: str, item: ClaimedItem, cancelled: Callable[[], bool]
) -> None:
    """Read the box that the item's job names on its page, and finish the item with text and confidence.

    Raises ModelCannot for a model that reads no text, LeaseLost, Interrupted, and the page's own failure.
    """
    if Capability.READ not in capabilities_of(model):
        raise ModelCannot(f"The model {model.identity.name} cannot read a part of a page.")
    with sessions() as session:
        picture = find_picture(session, item)
        box = Box(*jobs.get_job(session, item.workspace_id, item.job_id).params["box"])
    asked = Asked(sessions, blobs, model, item.workspace_id, picture.sha256, cancelled)
    made = recall_alone(asked, [box])
    generation = made[0].generation
    said = {
        "text": None if failure_of(generation) else " ".join((generation.text or "").split()) or None,
        "confidence": confidence_of(generation),
        "reason": failure_of(generation),
    }
    with sessions.begin() as session:
        ledger.finish(session, owner, item.id, item.attempt, said)
