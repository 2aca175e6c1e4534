"""The pages of a claim shown to a model as one batch, ahead of their items: each then finds what was said about it."""

from collections.abc import Sequence

from core.errors import FolioscopeError, ModelUnavailable
from core.logs import get_log
from core.records import ClaimedItem, JobKind
from storage.database import Session
from workers.answer import prompts_asked
from workers.desk import Desk
from workers.embed import embed_ahead
from workers.extract import fields_asked
from workers.infer import PageAsked, infer_together
from workers.lease import Held
from workers.looking import LOOKS, prompt_asked
from workers.overtaking import Way
from workers.pages import find_picture
from workers.vlm.interface import Model

_log = get_log(__name__)


def look_ahead(desk: Desk, held: Held, way: Way, name: str, items: Sequence[ClaimedItem]) -> None:
    """Ask a model that batches about all pages at once, whatever documents and jobs they are of.

    It ends no item and raises nothing: what it cannot do, each item does by itself, and tells how that ends. A model
    without `batches` is left to that from the start.
    """
    if len(items) < 2 or desk.stopping.is_set():  # noqa: PLR2004 - one is no batch
        return

    def cancelled() -> bool:
        return desk.stopping.is_set() or way.gives() or all(held.gone(item.id) for item in items)

    if items[0].job_kind is JobKind.EMBED:
        embed_ahead(desk.sessions, desk.blobs, desk.eyes.get, name, items)
        return
    try:
        model = desk.shelf.get(name)
        if not getattr(model, "batches", False):
            return
        with desk.sessions() as session:
            pages = [page for item in items if (page := _asked(session, item, model)) is not None]
        infer_together(desk.sessions, desk.blobs, model, pages, cancelled)
    except ModelUnavailable:
        return
    except Exception as error:  # noqa: BLE001 - whatever a page makes a model raise: the others are read without it
        _log.warning("a batch failed, its pages are shown one by one", items=len(items), cause=type(error).__name__)


def _asked(session: Session, item: ClaimedItem, model: Model) -> PageAsked | None:
    """What an item asks of its page; None where its page has nothing to show, or its job is no reading of pages."""
    if item.job_kind not in {JobKind.EXTRACT, JobKind.ASK, *LOOKS}:
        return None
    try:
        picture = find_picture(session, item)
        if item.job_kind is JobKind.EXTRACT:
            prompts = tuple(fields_asked(session, item))
        elif item.job_kind in LOOKS:
            prompts = (prompt_asked(session, item),)
        else:
            prompts = prompts_asked(session, item, model)
    except FolioscopeError:
        return None
    if any(prompt.region is not None for prompt in prompts):  # shown cut out, by the item itself
        return None
    return None if picture.blank else PageAsked(item.workspace_id, picture.sha256, prompts)
