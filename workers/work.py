"""Claim, do, finish: the loop of every worker, for windows of pages to draw and for pages to show to a model."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from typing import assert_never

from structlog.contextvars import bound_contextvars

from core.errors import FolioscopeError, LeaseLost, ModelFailed, ModelUnavailable, NotFound, PoisonPage
from core.logs import get_log
from core.records import Claim, ClaimedItem, JobKind, Queue
from ingest.rasterize import draw_window
from storage import jobs, ledger
from workers.ahead import look_ahead
from workers.answer import answer_page
from workers.chat import reply_to_chat
from workers.claiming import claim_next
from workers.desk import Desk
from workers.embed import embed_page
from workers.extract import extract_page
from workers.find import look_up
from workers.infer import Interrupted
from workers.lease import Held
from workers.looking import look_at_page
from workers.overtaking import LOOK_SECONDS, Way
from workers.preview import preview_page
from workers.read import read_item
from workers.searching import search_pages
from workers.send import announce
from workers.settle import settle_item
from workers.vlm.interface import Model

MODEL_QUEUES = (Queue.INTERACTIVE, Queue.BULK)  # in the order in which they are served

_log = get_log(__name__)
_OF_A_PAGE = {
    JobKind.EXTRACT: extract_page,
    JobKind.ASK: answer_page,
    JobKind.DESCRIBE: look_at_page,
    JobKind.CLASSIFY: look_at_page,
    JobKind.LOCATE: look_at_page,
    JobKind.PREVIEW: preview_page,
}


@dataclass(frozen=True, slots=True)
class _Hand:
    """A claim that is worked on, and what takes items out of the hand again."""

    desk: Desk
    owner: str
    held: Held
    way: Way
    queues: Sequence[Queue]  # that its worker serves

    def lets_go(self, item: ClaimedItem) -> bool:
        """Whether nobody waits for an item from us. Cheap: asked between tokens."""
        return self.desk.stopping.is_set() or self.held.gone(item.id)


def work_until_idle(desk: Desk, queues: Sequence[Queue]) -> None:
    """Claim and do until nothing waits, the desk is closing, or a hint wants its turn: that goes on from here."""
    while work_once(desk, queues) and not desk.turn.wanted:
        pass


def work_once(desk: Desk, queues: Sequence[Queue]) -> tuple[Queue, ...]:
    """Work on one claim. Returns the queues it came from; nothing where nothing waits or the desk is closing."""
    with desk.turn:
        began = time.monotonic()
        claim = None if desk.stopping.is_set() else claim_next(desk, queues)
        if claim is None:
            return ()
        _work_on(desk, claim, began, queues)
        return tuple(dict.fromkeys(item.queue for item in claim.items))


def _work_on(desk: Desk, claim: Claim, began: float, queues: Sequence[Queue]) -> None:
    """Do the items; what is left at the end goes back as if it had never been claimed.

    A failure that is no fault of the page (the store is away) ends the turn, and the worker rests a while. Where a
    model is away, only its jobs rest. Bulk is left where a question wants past.
    """
    trouble = False
    way = desk.overtaking.begin(claim, queues)
    with Held(desk.sessions, claim, desk.settings.lease_seconds, began) as held:
        hand = _Hand(desk, claim.owner, held, way, queues)
        try:
            for name, items in _by_model(desk, claim).items():
                if name is not None:
                    look_ahead(desk, held, way, name, items)
                _each(hand, name, items)
        except FolioscopeError as error:
            trouble = True
            _log.warning("work is given back for now", code=error.code, detail=error.detail, items=len(claim.items))
        finally:
            _give_back(desk, Claim(claim.owner, tuple(item for item in claim.items if not held.gone(item.id))))
            way.end()
    if trouble:
        desk.stopping.wait(desk.settings.poll_seconds)


def _by_model(desk: Desk, claim: Claim) -> dict[str | None, list[ClaimedItem]]:
    """The items by the name of the model that is to read them; None: windows to draw."""
    with desk.sessions() as session:
        asked = jobs.models_of(session, {item.job_id for item in claim.items})
    found: dict[str | None, list[ClaimedItem]] = {}
    for item in claim.items:
        drawn = item.job_kind is JobKind.RASTERIZE
        name = None if drawn else desk.model_named(asked.get(item.job_id), item.job_kind)
        found.setdefault(name, []).append(item)
    return found


def _each(hand: _Hand, name: str | None, items: Sequence[ClaimedItem]) -> None:
    """Do the items in turn, or side by side where a model answers several requests at a time.

    What such a model is at cannot be called back: questions that come meanwhile are served beside it.
    """
    do = partial(_do_one, hand, name)
    at_a_time = 1 if name is None else hand.desk.shelf.concurrency_of(name)
    if min(at_a_time, len(items)) <= 1:
        for item in items:
            do(item)
        return
    with ThreadPoolExecutor(at_a_time, thread_name_prefix="item") as pool:
        doing = {pool.submit(do, item) for item in items}
        while doing:
            ended, doing = wait(doing, timeout=LOOK_SECONDS)
            for one in ended:
                one.result()
            if doing and hand.way.yields:
                _serve_aside(hand)


def _serve_aside(hand: _Hand) -> None:
    """Work on a claim of questions while others of our threads wait for a model's replies about pages in bulk."""
    desk = hand.desk
    if desk.stopping.is_set() or not desk.overtaking.waits():
        return
    began = time.monotonic()
    claim = claim_next(desk, [Queue.INTERACTIVE])
    if claim is not None:
        _work_on(desk, claim, began, hand.queues)


def _do_one(hand: _Hand, name: str | None, item: ClaimedItem) -> None:
    """Do an item unless nobody waits for it, a question wants past, or its model is away: then its job rests.

    Raises as `_do` does.
    """
    desk = hand.desk
    if hand.lets_go(item) or hand.way.gives() or desk.resting.has(item.job_id):
        return
    try:
        if _do(hand, item, name):
            hand.held.put_down(item.id)
            hand.way.done()
    except ModelUnavailable as error:
        rest = desk.resting.put(name or "", item.job_id, error, desk.settings.poll_seconds)
        with desk.sessions.begin() as session:
            ledger.explain(session, Claim(hand.owner, (item,)), error.code, error.detail)
        facts = {"model": name, "code": error.code, "detail": error.detail}
        _log.warning("a job waits for its model", job=item.job_id, seconds=round(rest, 1), **facts)


def _give_back(desk: Desk, left: Claim) -> None:
    """Release what is left. With the database away the leases run out by themselves."""
    if not left.items:
        return
    try:
        with desk.sessions.begin() as session:
            ledger.release(session, left)
    except FolioscopeError as error:
        _log.warning("leases are left to run out", code=error.code, items=len(left.items))


def _do(hand: _Hand, item: ClaimedItem, name: str | None) -> bool:
    """Do one item and write down how it ended; False where it is to be given back.

    Raises failures that are no fault of the page.
    """
    desk, owner = hand.desk, hand.owner
    with bound_contextvars(job=item.job_id, document=item.document_id, page=_pages(item), attempt=item.attempt):
        try:
            began = time.monotonic()
            _run(hand, item, name)
            desk.seen.add(item)
            _log.info("item done", kind=item.job_kind.value, seconds=round(time.monotonic() - began, 3))
        except Interrupted:
            _log.info("broken off", because=_reason(hand, item))
            return False
        except (LeaseLost, NotFound) as error:
            _log.info("somebody else has the item by now", code=error.code)
            return True
        except FolioscopeError as error:
            if error.retryable and not isinstance(error, ModelFailed) and not _is_alone_with_it(desk, error):
                raise
            _fail(desk, owner, item, error, retry=error.retryable)
        except Exception as error:  # noqa: BLE001 - whatever a page makes a model or an engine raise
            _log.exception("the page made its worker fail")
            last = f"The page made its worker fail on every attempt, at last by {type(error).__name__}."
            _fail(desk, owner, item, PoisonPage(last), retry=True)
        settle_item(desk, item)
        return True


def _reason(hand: _Hand, item: ClaimedItem) -> str:
    """Why an item was broken off."""
    if hand.desk.stopping.is_set():
        return "the worker ends"
    return "nobody waits for it" if hand.held.gone(item.id) else "a question wants past"


def _is_off(hand: _Hand, item: ClaimedItem, name: str | None) -> bool:
    """Whether an item is to be broken off. What a model elsewhere is at goes on unheard: no question gains by that."""
    here = name is not None and not hand.desk.shelf.is_remote(name)
    return hand.lets_go(item) or (here and hand.way.gives())


def _run(hand: _Hand, item: ClaimedItem, name: str | None) -> None:
    desk, owner = hand.desk, hand.owner
    cancelled = partial(_is_off, hand, item, name)

    def model() -> Model:
        return desk.shelf.get(name or desk.catalog.default)

    match item.job_kind:
        case JobKind.RASTERIZE:
            draw_window(desk.sessions, desk.blobs, desk.sandbox, owner, item)
            announce(MODEL_QUEUES, desk.settings.redis_url)
        case JobKind.READ:
            read_item(desk.sessions, desk.blobs, model, owner, item, cancelled)
        case JobKind.ASK if not item.document_id:
            search_pages(desk, owner, item)
        case JobKind.EXTRACT | JobKind.ASK | JobKind.DESCRIBE | JobKind.CLASSIFY | JobKind.LOCATE | JobKind.PREVIEW:
            _OF_A_PAGE[item.job_kind](desk.sessions, desk.blobs, model(), owner, item, cancelled)
        case JobKind.EMBED | JobKind.FIND:
            _see(hand, item, name or "")
        case JobKind.CHAT:
            threshold = desk.settings.answer_threshold
            reply_to_chat(desk.sessions, desk.blobs, model(), owner, item, cancelled, threshold)
        case _:
            assert_never(item.job_kind)


def _see(hand: _Hand, item: ClaimedItem, name: str) -> None:
    """Do an item by the model of visual search."""
    desk = hand.desk
    if item.job_kind is JobKind.FIND:
        look_up(desk.sessions, desk.blobs, desk.eyes.get, hand.owner, item)
    else:
        cancelled = partial(_is_off, hand, item, name)
        embed_page(desk.sessions, desk.blobs, desk.eyes.get, name, hand.owner, item, cancelled)


def _is_alone_with_it(desk: Desk, error: FolioscopeError) -> bool:
    """Whether the store works and only this item's bytes cannot be had: such an item must not hold up the others."""
    if error.facts.get("part") != "blobs":
        return False
    try:
        desk.blobs.check()
    except FolioscopeError:
        return False
    return True


def _pages(item: ClaimedItem) -> int | str:
    return item.first_page if item.first_page == item.last_page else f"{item.first_page}-{item.last_page}"


def _fail(desk: Desk, owner: str, item: ClaimedItem, error: FolioscopeError, *, retry: bool) -> None:
    """Write the failure down, unless somebody else has the item by now."""
    most = desk.settings.max_attempts
    _log.warning("item failed", kind=item.job_kind.value, code=error.code, detail=error.detail, retry=retry)
    try:
        with desk.sessions.begin() as session:
            ledger.fail(session, owner, item.id, item.attempt, error.code, error.detail, retry=retry, max_attempts=most)
    except LeaseLost:
        _log.info("somebody else has the item by now")
