"""What a worker takes in hand next: of which queue, how much at a time, and which pages of a question."""

from collections.abc import Iterator, Sequence

from core.records import Claim, Queue
from storage import jobs, ledger
from storage.ledger import PageKey
from workers import leaving
from workers.desk import Desk


def claim_next(desk: Desk, queues: Sequence[Queue]) -> Claim | None:
    """What is to be done next of these queues; nothing of jobs that wait for a model that is away."""
    for queue, limit in _lines(desk):
        if queue in queues:
            claim = _claim_for_people(desk, limit) if queue is Queue.INTERACTIVE else _claim(desk, queue, limit)
            if claim is not None:
                return claim
    return None


def _lines(desk: Desk) -> Iterator[tuple[Queue, int]]:
    """The queues in the order in which they are served, each with the most items of a claim.

    Pages for the model come in batches, windows to draw one at a time. The pages of a question are shared among the
    workers, unless its model takes several at a time.
    """
    shelf, catalog, batch = desk.shelf, desk.catalog, desk.settings.model_batch
    if desk.overtaking.owes_bulk:
        yield Queue.BULK, 1
    yield (
        Queue.INTERACTIVE,
        max(batch if shelf.batches(catalog.questions) else 1, shelf.concurrency_of(catalog.questions)),
    )
    yield Queue.BULK, max(batch, shelf.concurrency_of(catalog.default))
    yield Queue.RASTERIZE, 1


def _claim_for_people(desk: Desk, limit: int) -> Claim | None:
    """Pages that this worker's model knows before others; those that another's knows are left to it for a moment."""
    while True:
        known = desk.seen.pages()
        left = _left_to_others(desk, known)
        claim = _claim(desk, Queue.INTERACTIVE, limit, known, left)
        if claim is not None or not left or desk.stopping.wait(leaving.LOOK_SECONDS):
            return claim


def _claim(
    desk: Desk, queue: Queue, limit: int, known: Sequence[PageKey] = (), left: Sequence[PageKey] = ()
) -> Claim | None:
    seconds = desk.settings.lease_seconds
    with desk.sessions.begin() as session:
        return ledger.claim(session, desk.owner, [queue], limit, seconds, _resting(desk), known, left=left)


def _left_to_others(desk: Desk, known: Sequence[PageKey]) -> list[PageKey]:
    """Pages of the question whose turn it is that others were asked about; none where its model keeps no page."""
    with desk.sessions() as session:
        shown = ledger.shown(session, Queue.INTERACTIVE, leaving.KNOWN_SECONDS, _resting(desk))
        if shown is None or not shown.owners:
            return []
        asked = jobs.models_of(session, {shown.job_id}).get(shown.job_id)
    return desk.leaving.pages(shown, known) if desk.shelf.keeps(asked or desk.catalog.questions) else []


def _resting(desk: Desk) -> ledger.Jobs | None:
    """The jobs that wait for a model that is away."""
    away, catalog = desk.resting.models(), desk.catalog
    return jobs.told_to_wait(away, catalog.default, catalog.questions) if away else None
