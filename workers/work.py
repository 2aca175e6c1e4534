"""Claim, do, finish: the loop of every worker, for windows of pages to draw and for pages to show to a model."""

import time
from collections.abc import Sequence
from typing import assert_never

from core.errors import FolioscopeError, LeaseLost, NotFound, PoisonPage
from core.logs import get_log
from core.records import Claim, ClaimedItem, JobKind, Queue
from ingest.rasterize import draw_window
from storage import ledger
from workers.answer import answer_page
from workers.desk import Desk
from workers.extract import extract_page
from workers.infer import Interrupted
from workers.lease import Held
from workers.send import announce
from workers.settle import settle_item

MODEL_QUEUES = (Queue.INTERACTIVE, Queue.BULK)  # in the order in which they are served

_log = get_log(__name__)


def work_until_idle(desk: Desk, queues: Sequence[Queue]) -> None:
    """Claim and do until nothing waits or the desk is closing."""
    while work_once(desk, queues):
        pass


def work_once(desk: Desk, queues: Sequence[Queue]) -> tuple[Queue, ...]:
    """Work on one claim. Returns the queues it came from; nothing where nothing waits or the desk is closing."""
    with desk.turn:
        claim = None if desk.stopping.is_set() else _claim(desk, queues)
        if claim is None:
            return ()
        _work_on(desk, claim)
        return tuple({item.queue for item in claim.items})


def _claim(desk: Desk, queues: Sequence[Queue]) -> Claim | None:
    """Pages for the model come in batches, windows to draw one at a time."""
    for served, limit in ((MODEL_QUEUES, desk.settings.model_batch), ((Queue.RASTERIZE,), 1)):
        wanted = [queue for queue in served if queue in queues]
        if wanted:
            with desk.sessions.begin() as session:
                claim = ledger.claim(session, desk.owner, wanted, limit, desk.settings.lease_seconds)
            if claim is not None:
                return claim
    return None


def _work_on(desk: Desk, claim: Claim) -> None:
    """Do the items in turn; what is left when the desk closes goes back as if it had never been claimed."""
    with Held(desk.sessions, claim, desk.settings.lease_seconds) as held:
        try:
            for item in claim.items:
                if desk.stopping.is_set():
                    break
                if not held.gone(item.id) and _do(desk, claim.owner, item, held):
                    held.put_down(item.id)
        except FolioscopeError as error:  # not the page's fault: nothing else can be done now either
            _log.warning("work is given back for now", code=error.code, detail=error.detail, owner=claim.owner)
            time.sleep(desk.settings.poll_seconds)
        finally:
            left = tuple(item for item in claim.items if not held.gone(item.id))
            if left:
                with desk.sessions.begin() as session:
                    ledger.release(session, Claim(claim.owner, left))


def _do(desk: Desk, owner: str, item: ClaimedItem, held: Held) -> bool:
    """Do one item and write down how it ended. False where it is to be given back. Raises failures that are no fault of the page."""
    try:
        _run(desk, owner, item, held)
    except Interrupted:
        return False
    except (LeaseLost, NotFound) as error:
        _log.info("somebody else has the item by now", item=item.id, attempt=item.attempt, code=error.code)
        return True
    except FolioscopeError as error:
        if error.retryable:
            raise
        _fail(desk, owner, item, error, retry=False)
    except Exception as error:
        _log.exception(
            "the page made its worker fail",
            item=item.id,
            document=item.document_id,
            page=item.first_page,
            attempt=item.attempt,
        )
        _fail(
            desk,
            owner,
            item,
            PoisonPage(f"The page made its worker fail on every attempt, at last by {type(error).__name__}."),
            retry=True,
        )
    settle_item(desk, item)
    return True


def _run(desk: Desk, owner: str, item: ClaimedItem, held: Held) -> None:
    def cancelled() -> bool:
        return desk.stopping.is_set() or held.gone(item.id)

    match item.job_kind:
        case JobKind.RASTERIZE:
            draw_window(desk.sessions, desk.blobs, desk.sandbox, owner, item)
            announce(MODEL_QUEUES, desk.settings.redis_url)
        case JobKind.EXTRACT:
            extract_page(desk.sessions, desk.blobs, desk.model, owner, item, cancelled)
        case JobKind.ASK:
            answer_page(desk.sessions, desk.blobs, desk.model, owner, item, cancelled)
        case _:
            assert_never(item.job_kind)


def _fail(desk: Desk, owner: str, item: ClaimedItem, error: FolioscopeError, *, retry: bool) -> None:
    """Write the failure down, unless somebody else has the item by now."""
    try:
        with desk.sessions.begin() as session:
            ledger.fail(
                session,
                owner,
                item.id,
                item.attempt,
                error.code,
                error.detail,
                retry=retry,
                max_attempts=desk.settings.max_attempts,
            )
    except LeaseLost:
        _log.info("somebody else has the item by now", item=item.id, attempt=item.attempt)
