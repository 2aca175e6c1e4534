"""The page ledger: who works on which item, until when, at which attempt. Nothing is lost and nothing done twice.

Only who holds owner and attempt may end an item. Times are the database's: the clocks of workers need not agree.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import Select, and_, func, or_, select, text, tuple_, update
from sqlalchemy.sql.elements import ColumnElement

from core.errors import LeaseLost, PoisonPage
from core.records import Claim, ClaimedItem, ItemState, JobState, Queue
from storage.database import Session, clock, insert_into
from storage.paging import in_parts
from storage.tables import Item, Job, Office

Jobs: TypeAlias = Select[str]  # ids of jobs
PageKey: TypeAlias = tuple[str, int]  # document and number

_FACTS = (
    Item.id,
    Item.attempt,
    Item.workspace_id,
    Item.job_id,
    Item.job_kind,
    Item.queue,
    func.coalesce(Item.document_id, ""),
    Item.first_page,
    Item.last_page,
)
_KILLED = "The page killed its worker, or kept it beyond its lease, on every attempt."


@dataclass(frozen=True, slots=True)
class Shown:
    """The pages of the job whose turn it is that can be claimed, and were done before for somebody who waited."""

    job_id: str
    owners: dict[PageKey, frozenset[str]]  # by document and number of a page: who did it


@dataclass(frozen=True, slots=True)
class Expired:
    """What became of leases that ran out."""

    queues: tuple[Queue, ...]  # where items wait again: to be announced
    failed: tuple[ClaimedItem, ...]  # poison: their attempts are used up


def claim(  # noqa: PLR0913 - whose lease, of what, for how long, and which pages first or not at all
    session: Session,
    owner: str,
    queues: Sequence[Queue],
    limit: int,
    lease_seconds: float,
    resting: Jobs | None = None,
    known: Sequence[PageKey] = (),
    *,
    left: Sequence[PageKey] = (),
) -> Claim | None:
    """Lease up to `limit` items of the first of these queues that has any; None where nothing waits.

    Items of `resting` jobs are passed over. Of the oldest job, `known` pages (document, number) come before others, and
    pages that are `left` to others are passed over.

    Oldest first. The attempt is counted now, before the work. An item that was tried before comes alone, so that a bad
    page does not burn its neighbours.
    """
    expires_at = clock(session) + timedelta(seconds=lease_seconds)
    for queue in queues:
        wanted = _claimable(queue, resting)
        rows = session.execute(_claiming(_known_first(wanted, known), owner, limit, expires_at)).all() if known else ()
        rows = rows or session.execute(_claiming(_without(wanted, left), owner, limit, expires_at)).all()
        if rows:
            items = tuple(sorted((_item(row) for row in rows), key=lambda item: item.id))
            _start_jobs(session, {item.job_id for item in items})
            return Claim(owner, items)
    return None


def shown(session: Session, queue: Queue, within_seconds: float, resting: Jobs | None = None) -> Shown | None:
    """Which pages of the oldest job of a queue were done in it lately, by whom; None where nothing waits. Cheap.

    Pages that met trouble are not among them: those are nobody's.
    """
    wanted = _claimable(queue, resting)
    job_id = session.execute(wanted.with_only_columns(Item.job_id).limit(1)).scalar_one_or_none()
    if job_id is None:
        return None
    waiting = wanted.with_only_columns(Item.document_id, Item.first_page).order_by(None)
    pages = waiting.where(Item.job_id == job_id, Item.attempt == 0, Item.document_id.is_not(None)).subquery()
    done = (
        select(Item.document_id, Item.first_page, Item.owner)
        .join(pages, and_(pages.c.document_id == Item.document_id, pages.c.first_page == Item.first_page))
        .where(Item.queue == queue, Item.state == ItemState.DONE, Item.owner.is_not(None))
        .where(Item.announced_at > clock(session) - timedelta(seconds=within_seconds))
    )
    owners: dict[PageKey, set[str]] = {}
    for document_id, number, owner in session.execute(done.distinct()):
        owners.setdefault((str(document_id), number), set()).add(str(owner))
    return Shown(job_id, {page: frozenset(some) for page, some in owners.items()})


def waits(session: Session, queue: Queue) -> bool:
    """Whether an item of the queue can be claimed, of a job none of whose items waits after a trouble. Cheap."""
    claimable = select(Item.job_id).where(Item.queue == queue, _CLAIMABLE)
    troubled = claimable.where(Item.error_code.is_not(None))
    return session.execute(claimable.where(Item.job_id.not_in(troubled)).limit(1)).one_or_none() is not None


def renew(session: Session, claim: Claim, lease_seconds: float) -> set[int]:
    """Make the leases last `lease_seconds` from now; returns the ids that are still held."""
    query = update(Item).where(_held(claim)).values(expires_at=clock(session) + timedelta(seconds=lease_seconds))
    return set(session.scalars(query.returning(Item.id)))


def cancelled(session: Session, ids: Iterable[int]) -> set[int]:
    """Which of these nobody waits for any longer: cancelled, or gone with their document."""
    wanted = set(ids)
    query = select(Item.id).where(Item.id.in_(wanted), Item.state != ItemState.CANCELLED)
    return wanted - set(session.scalars(query))


def release(session: Session, claim: Claim) -> None:
    """Give back what is still held, as if it had never been claimed."""
    given_back = update(Item).where(_held(claim))
    session.execute(given_back.values(_UNHELD | {"state": ItemState.WAITING, "attempt": Item.attempt - 1}))


def explain(session: Session, claim: Claim, code: str, detail: str) -> None:
    """Write down why what is still held is about to be given back; an end of the item takes it away again."""
    session.execute(update(Item).where(_held(claim)).values(error_code=code, error_detail=detail))


def finish(
    session: Session,
    owner: str,
    item_id: int,
    attempt: int,
    result: dict[str, Any] | None = None,
    short: tuple[str, str] | None = None,
) -> None:
    """The item is done: call it in the transaction that writes its results. Raises LeaseLost, and changes nothing.

    Its row keeps who did it, as that worker's model may know the page for the next question; the lease is over.
    `short` is code and detail of what its result lacks: the item is done, and a gap.
    """
    code, detail = short or (None, None)
    done = {"state": ItemState.DONE, "owner": owner, "result": result, "error_code": code, "error_detail": detail}
    _end(session, owner, item_id, attempt, done)


def fail(  # noqa: PLR0913 - the fence, the failure and the rule
    session: Session,
    owner: str,
    item_id: int,
    attempt: int,
    code: str,
    detail: str,
    *,
    retry: bool,
    max_attempts: int,
) -> None:
    """The item went wrong: it waits again while attempts are left and `retry` says so, else it has failed.

    Raises LeaseLost, and changes nothing.
    """
    state = ItemState.WAITING if retry and attempt < max_attempts else ItemState.FAILED
    failed = {"state": state, "error_code": code, "error_detail": detail, "announced_at": clock(session)}
    _end(session, owner, item_id, attempt, failed)


def expire(session: Session, max_attempts: int) -> Expired:
    """Take leases back that ran out: their items wait again, or have failed as poison where attempts are used up."""
    moment = clock(session)
    ran_out = select(Item.id).where(_LEASED, Item.expires_at < moment).order_by(Item.id)
    ids = list(session.scalars(ran_out.with_for_update(skip_locked=True)))
    queues: set[Queue] = set()
    failed: list[ClaimedItem] = []
    for some in in_parts(ids):
        back = update(Item).where(Item.id.in_(some), Item.attempt < max_attempts)
        back = back.values(_UNHELD | {"state": ItemState.WAITING, "announced_at": moment})
        queues |= set(session.scalars(back.returning(Item.queue)))
        poison = {
            "state": ItemState.FAILED,
            "error_code": func.coalesce(Item.error_code, PoisonPage.code),
            "error_detail": func.coalesce(Item.error_detail, _KILLED),
        }
        over = update(Item).where(Item.id.in_(some), Item.state == ItemState.LEASED).values(_UNHELD | poison)
        failed += [_item(row) for row in session.execute(over.returning(*_FACTS))]
    return Expired(tuple(sorted(queues)), tuple(sorted(failed, key=lambda item: item.id)))


def forgotten(session: Session, older_than_seconds: float) -> tuple[Queue, ...]:
    """The queues whose oldest item that can be claimed was announced too long ago; it counts as announced now.

    A hint says no more than that its queue has work, so one item speaks for all.
    """
    moment = clock(session)
    queues = []
    for queue in Queue:
        oldest = select(Item.id, Item.announced_at).where(Item.queue == queue, _CLAIMABLE).order_by(Item.id).limit(1)
        item = session.execute(oldest.with_for_update(skip_locked=True)).one_or_none()
        if item is not None and item.announced_at < moment - timedelta(seconds=older_than_seconds):
            session.execute(update(Item).where(Item.id == item.id).values(announced_at=moment))
            queues.append(queue)
    return tuple(queues)


def hold_office(session: Session, name: str, owner: str, seconds: float) -> bool:
    """Take or keep the office of this name for so long. False while another owner holds it."""
    moment = clock(session)
    held = {"owner": owner, "until": moment + timedelta(seconds=seconds)}
    row = insert_into(session, Office).values({"name": name, **held})
    free = or_(Office.owner == owner, Office.until < moment)
    taken = row.on_conflict_do_update(index_elements=["name"], set_=held, where=free).returning(Office.name)
    return session.execute(taken).one_or_none() is not None


def has_work(session: Session) -> bool:
    """Whether an item can be claimed now, or is being worked on."""
    return any(session.scalar(select(Item.id).where(state).limit(1)) for state in (_CLAIMABLE, _LEASED))


def depth(session: Session) -> dict[Queue, int]:
    """How many items of each queue can be claimed now."""
    counted = select(Item.queue, func.count()).where(_CLAIMABLE).group_by(Item.queue)
    found = {row[0]: row[1] for row in session.execute(counted)}
    return {queue: found.get(queue, 0) for queue in Queue}


_UNHELD: dict[str, Any] = {"owner": None, "expires_at": None}
_CLAIMABLE = text("state = 'waiting' AND ready")  # in the words of the index over them, and without parameters
_LEASED = text("state = 'leased'")


def _claimable(queue: Queue, resting: Jobs | None) -> Any:
    """Id and attempt of what may be claimed of a queue, the oldest first."""
    oldest = select(Item.id, Item.attempt).where(Item.queue == queue, _CLAIMABLE).order_by(Item.id)
    return oldest if resting is None else oldest.where(Item.job_id.not_in(resting))


def _known_first(claimable: Any, known: Sequence[PageKey]) -> Any:
    """Only these pages, and only of the job whose turn it is: nobody's question waits for that of another."""
    its_turn = claimable.with_only_columns(Item.job_id).limit(1).correlate(None).scalar_subquery()
    return claimable.where(Item.job_id == its_turn, tuple_(Item.document_id, Item.first_page).in_(known))


def _without(claimable: Any, left: Sequence[PageKey]) -> Any:
    """All but these pages; an item without a document is none of them."""
    if not left:
        return claimable
    return claimable.where(or_(Item.document_id.is_(None), tuple_(Item.document_id, Item.first_page).not_in(left)))


def _claiming(oldest: Any, owner: str, limit: int, expires_at: datetime) -> Any:
    """The one UPDATE of a claim. The candidates are locked, and those that others hold are passed over."""
    candidates = oldest.limit(limit).with_for_update(skip_locked=True).cte("candidates")
    first = select(candidates).order_by(candidates.c.id).limit(1).cte("first")
    alone = and_(first.c.attempt > 0, candidates.c.id == first.c.id)
    together = and_(first.c.attempt == 0, candidates.c.attempt == 0)
    chosen = select(candidates.c.id).join(first, or_(alone, together))
    leased = {"state": ItemState.LEASED, "attempt": Item.attempt + 1, "owner": owner, "expires_at": expires_at}
    return (
        update(Item)
        .where(Item.id.in_(chosen))
        .values(leased)
        .returning(*_FACTS)
        .execution_options(synchronize_session=False)
    )


def _end(session: Session, owner: str, item_id: int, attempt: int, values: dict[str, Any]) -> None:
    """End a lease that still holds. Raises LeaseLost."""
    ended = update(Item).where(Item.id == item_id, *_fence(owner, attempt)).values(_UNHELD | values)
    if session.execute(ended.returning(Item.id)).one_or_none() is None:
        raise LeaseLost


def _fence(owner: str, attempt: int) -> tuple[ColumnElement[bool], ...]:
    return (Item.state == ItemState.LEASED, Item.owner == owner, Item.attempt == attempt)


def _held(claim: Claim) -> ColumnElement[bool]:
    pairs = [(item.id, item.attempt) for item in claim.items]
    held = tuple_(Item.id, Item.attempt).in_(pairs)
    return and_(held, Item.state == ItemState.LEASED, Item.owner == claim.owner)


def _start_jobs(session: Session, job_ids: set[str]) -> None:
    """Queued jobs run from now on. One that somebody else is writing to is left to them: a claim waits for nobody."""
    queued = select(Job.id).where(Job.id.in_(job_ids), Job.state == JobState.QUEUED)
    free = queued.with_for_update(skip_locked=True, key_share=True)
    session.execute(update(Job).where(Job.id.in_(free)).values(state=JobState.RUNNING))


def _item(row: Any) -> ClaimedItem:
    return ClaimedItem(*row)
