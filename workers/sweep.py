"""What waited too long: expired leases and claims, jobs that nobody ended, unannounced items, chats, nameless bytes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from core.errors import ServiceUnavailable
from core.logs import get_log
from storage import chats, documents, idempotency, inference_claims, jobs, ledger, lookups, previews, workspaces
from storage.database import new_id
from storage.leftovers import sweep_blobs
from workers.desk import Desk
from workers.refresh import refresh_records
from workers.send import announce
from workers.settle import settle_item, settle_job

MOST_JOBS = 100  # ended in one round; the others come in the next
MOST_RECORDS = 200  # from before an upgrade, made anew in one round
TERMS = 3  # rounds that a sweeper holds its office without showing up
KEPT_HOURS = 24  # bytes that no row names may belong to an upload that is still under way
CHAT_SPARED_SECONDS = 60.0  # beyond the time that a chat is waited for
_HOUR = 3600.0

_log = get_log(__name__)


def sweep(desk: Desk) -> None:
    """Set right what killed workers and lost hints left behind. One of all workers does it; who holds the office."""
    settings = desk.settings
    with desk.sessions.begin() as session:
        if not ledger.hold_office(session, "sweeper", desk.owner, TERMS * settings.sweep_seconds):
            return
        expired = ledger.expire(session, settings.max_attempts)
        forgotten = ledger.forgotten(session, settings.announce_again_seconds)
    announce((*expired.queues, *forgotten), settings.redis_url)
    for item in expired.failed:
        _log.warning(
            "a page was given up", item=item.id, document=item.document_id, page=item.first_page, job=item.job_id
        )
        with _by_itself(item.job_id):
            settle_item(desk, item)
    with desk.sessions() as session:
        unsettled = [(job.workspace_id, job.id) for job in jobs.unsettled(session, MOST_JOBS)]
    for workspace_id, job_id in unsettled:
        with _by_itself(job_id):
            settle_job(desk.sessions, settings, workspace_id, job_id)
    with desk.sessions.begin() as session:
        stuck = documents.settle_stuck(session)
    if stuck:
        _log.warning("documents that nobody drew any more were ended", documents=stuck)
    with desk.sessions.begin() as session:
        inference_claims.forget(session)
    sweep_chats(desk)
    refresh_records(desk.sessions, MOST_RECORDS)


def sweep_chats(desk: Desk) -> None:
    """Forget chats, their pictures, lookups and previews that nobody waits for any more."""
    with desk.sessions() as session:
        left = chats.overdue(session, desk.settings.chat_seconds + CHAT_SPARED_SECONDS)
    for job_id in left:
        with desk.sessions.begin() as session:
            pictures = chats.forget(session, job_id)
        for sha256 in pictures:
            desk.blobs.delete(sha256)
    with desk.sessions.begin() as session:
        lookups.forget_overdue(session, desk.settings.chat_seconds + CHAT_SPARED_SECONDS)
        previews.forget_overdue(session)
    if left:
        _log.info("chats that nobody waited for any more were removed", chats=len(left))


@contextmanager
def _by_itself(job_id: str) -> Iterator[None]:
    """A job that cannot be ended must not keep those behind it from their end; it is tried again next round."""
    try:
        yield
    except ServiceUnavailable:
        raise  # nothing else can be done now either
    except Exception:  # noqa: BLE001 - whatever it is, the other jobs go on
        _log.exception("a job could not be ended", job=job_id)


def sweep_leftovers(desk: Desk) -> None:
    """Remove bytes that no row has named for a day, workspaces whose time is over, and answers that nobody wants.

    Once an hour, by one of all workers.
    """
    with desk.sessions.begin() as session:
        if not ledger.hold_office(session, "blob-sweeper", new_id(), _HOUR):  # never renewed: a new name each time
            return
        idempotency.forget(session)
    with desk.sessions.begin() as session:
        expired = workspaces.delete_expired(session)
    if expired:
        _log.info("workspaces whose time was over were deleted", workspaces=expired)
    removed = sweep_blobs(desk.sessions, desk.blobs, timedelta(hours=KEPT_HOURS))
    if removed:
        _log.info("bytes that no document names were removed", blobs=removed)
