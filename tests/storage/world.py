"""What the tests of storage make by hand: documents, pages and jobs, without any file."""

import hashlib
from dataclasses import dataclass
from itertools import count

from sqlalchemy import update

from core.records import Claim, ClaimedItem, JobKind, Queue
from storage import documents, jobs, ledger, planning
from storage.database import Session, Sessions, clock
from storage.documents import DrawnPage, NewDocument
from storage.planning import NewJob
from storage.tables import Item, Job, JobDocument
from storage.workspaces import ensure_workspace

WINDOW = 4
_numbers = count()


def digest(text: str) -> str:
    """The hash of some bytes that nobody needs."""
    return hashlib.sha256(text.encode()).hexdigest()


def new_document(pages: int | None = 3, password: str | None = None, name: str | None = None) -> NewDocument:
    """A file unlike all others."""
    number = next(_numbers)
    return NewDocument(digest(f"file {number}"), name or f"{number}.pdf", "application/pdf", 1000, pages, password)


def drawn(number: int, picture: str | None = None) -> DrawnPage:
    """A page with a picture."""
    words = [("Total", 0.1, 0.2, 0.3, 0.4)]
    return DrawnPage(
        number,
        612.0,
        792.0,
        150.0,
        "mupdf",
        digest(picture or f"picture {number}"),
        1275,
        1650,
        blank=False,
        words=words,
    )


@dataclass(frozen=True, slots=True)
class World:
    """One workspace of a database."""

    sessions: Sessions
    workspace_id: str

    def add(self, pages: int | None = 3, *, draw: bool = True, name: str | None = None) -> str:
        """A document, its pages drawn; and with them all other pages that wait."""
        with self.sessions.begin() as session:
            document_id = documents.add_document(session, self.workspace_id, new_document(pages, name=name), WINDOW).id
        if draw and pages:
            self.draw()
        return document_id

    def draw(self) -> None:
        """Do what rasterizing workers do until nothing waits for them."""
        while claim := self.claim("drawer", [Queue.RASTERIZE]):
            with self.sessions.begin() as session:
                for item in claim.items:
                    ledger.finish(session, "drawer", item.id, item.attempt)
                    for number in range(item.first_page, item.last_page + 1):
                        documents.finish_page(session, item.document_id, drawn(number))
                    documents.settle_document(session, item.document_id)

    def plan(
        self, document_ids: list[str] | None = None, kind: JobKind = JobKind.EXTRACT, queue: Queue = Queue.BULK
    ) -> str:
        """A job over documents."""
        with self.sessions.begin() as session:
            return planning.plan(session, self.workspace_id, NewJob(kind, queue), document_ids).id

    def job(self, job_id: str) -> Job:
        """A job as it stands."""
        with self.sessions() as session:
            return jobs.get_job(session, self.workspace_id, job_id)

    def claim(
        self, owner: str, queues: list[Queue] | None = None, limit: int = 4, lease_seconds: float = 60
    ) -> Claim | None:
        """A claim on model work."""
        with self.sessions.begin() as session:
            return ledger.claim(session, owner, queues or [Queue.INTERACTIVE, Queue.BULK], limit, lease_seconds)

    def claim_one(self, owner: str) -> ClaimedItem:
        """The oldest item of model work."""
        claim = self.claim(owner, limit=1)
        assert claim is not None
        return claim.items[0]

    def finish(self, owner: str, item: ClaimedItem) -> None:
        """End an item well."""
        with self.sessions.begin() as session:
            ledger.finish(session, owner, item.id, item.attempt)

    def fail(self, owner: str, item: ClaimedItem, *, retry: bool = True, code: str = "poison-page") -> None:
        """End an item badly."""
        with self.sessions.begin() as session:
            ledger.fail(session, owner, item.id, item.attempt, code, "It went wrong.", retry=retry, max_attempts=3)

    def let_leases_run_out(self) -> None:
        """Move the end of every lease into the past."""
        with self.sessions.begin() as session:
            long_ago = clock(session).replace(year=2000)
            session.execute(update(Item).where(Item.expires_at.is_not(None)).values(expires_at=long_ago))

    def items(self, job_id: str) -> list[Item]:
        """The items of a job in order."""
        with self.sessions() as session:
            return list(session.query(Item).where(Item.job_id == job_id).order_by(Item.id))

    def states(self, job_id: str) -> list[str]:
        """The states of a job's items in order."""
        return [item.state.value for item in self.items(job_id)]


def world_of(sessions: Sessions, name: str) -> World:
    """The workspace of this name."""
    with sessions.begin() as session:
        return World(sessions, ensure_workspace(session, name).id)


def covered(session: Session, job_id: str) -> list[JobDocument]:
    """The documents that a job covers."""
    return list(session.query(JobDocument).where(JobDocument.job_id == job_id).order_by(JobDocument.document_id))
