"""A worker without a queue: a desk on a real database, a scripted model, and documents that are drawn already."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from core.records import ItemState, JobKind, JobState, PageState, Queue
from core.settings import Settings
from ingest.words import PlacedWord
from storage import documents, jobs, ledger, planning, records, schemas
from storage.blobs import BlobStore
from storage.database import Sessions
from storage.documents import DrawnPage, NewDocument
from storage.planning import NewJob
from storage.tables import Item, Job, Record, Workspace
from tests.scripted_model import ScriptedModel, picture
from workers.desk import Desk
from workers.vlm.interface import Model
from workers.vlm.remote.model import RemoteModel
from workers.work import MODEL_QUEUES, work_until_idle


@dataclass
class Bench:
    """One worker and what a person does around it."""

    sessions: Sessions
    workspace_id: str
    settings: Settings
    model: ScriptedModel = field(default_factory=ScriptedModel)
    models: dict[str, Model] = field(default_factory=dict)  # others, by name
    desks: list[Desk] = field(default_factory=list)

    def desk(self, **changes: Any) -> Desk:
        """A desk that serves the model's queues; each has an owner's name of its own."""
        desk = Desk(self.settings.model_copy(update=changes), MODEL_QUEUES, self.model, self.models)
        self.desks.append(desk)
        return desk

    def schema(self, **fields: str) -> str:
        """A version of the schema `thing` with these fields and titles; its id."""
        body = {"type": "object", "properties": {k: {"type": "string", "title": v} for k, v in fields.items()}}
        with self.sessions.begin() as session:
            return schemas.add_schema(session, self.workspace_id, "thing", body).id

    def document(
        self,
        *numbers: int,
        name: str = "a.pdf",
        blank: Sequence[int] = (),
        failed: Sequence[int] = (),
        words: Sequence[PlacedWord] = (),
    ) -> str:
        """A document whose pages carry these numbers in their pictures, and these words, drawn; its id."""
        document_id = self.waiting_document(len(numbers), name)
        with self.sessions.begin() as session:
            claim = ledger.claim(session, "drawer", [Queue.RASTERIZE], 100, 60)
            assert claim is not None
            for item in claim.items:
                ledger.finish(session, "drawer", item.id, item.attempt)
            for page, number in enumerate(numbers, 1):
                if page in failed:
                    documents.fail_page(session, document_id, page, "unreadable-page", "No engine could draw it.")
                else:
                    documents.finish_page(session, document_id, self._drawn(page, number, words, blank=page in blank))
            documents.settle_document(session, document_id)
            for item in claim.items:
                jobs.settle(session, item.job_id)
        return document_id

    def waiting_document(self, pages: int, name: str = "a.pdf") -> str:
        """A document that was just uploaded; its id."""
        content = f"{name} {pages} {len(self.desks)}".encode()
        stored = self.blobs.put(content)
        new = NewDocument(stored.sha256, name, "application/pdf", stored.size, pages, None)
        with self.sessions.begin() as session:
            return documents.add_document(session, self.workspace_id, new, window=8).id

    def _drawn(self, page: int, number: int, words: Sequence[PlacedWord], *, blank: bool) -> DrawnPage:
        stored = self.blobs.put(picture(number))
        return DrawnPage(page, 612, 792, 150, "mupdf", stored.sha256, 96, 48, blank, words)

    def extract(self, schema_id: str, *document_ids: str, model: str | None = None, **params: Any) -> str:
        """An extract job over these documents; its id."""
        return self._plan(NewJob(JobKind.EXTRACT, Queue.BULK, schema_id, params, model), document_ids)

    def ask(self, question: str, *document_ids: str, model: str | None = None) -> str:
        """A question to these documents; its job's id."""
        params = {"question": question}
        return self._plan(NewJob(JobKind.ASK, Queue.INTERACTIVE, params=params, model=model), document_ids)

    def _plan(self, new: NewJob, document_ids: Sequence[str]) -> str:
        with self.sessions.begin() as session:
            return planning.plan(session, self.workspace_id, new, list(document_ids)).id

    def run(self) -> None:
        """Work until nothing waits."""
        work_until_idle(self.desks[0] if self.desks else self.desk(), MODEL_QUEUES)

    def job(self, job_id: str) -> Job:
        with self.sessions() as session:
            return jobs.get_job(session, self.workspace_id, job_id)

    def state(self, job_id: str) -> JobState:
        return JobState(self.job(job_id).state)

    def gaps(self, job_id: str) -> list[tuple[int | None, str]]:
        with self.sessions() as session:
            job = jobs.get_job(session, self.workspace_id, job_id)
            return [(gap.page, gap.code) for gap in jobs.gaps(session, job)]

    def items(self, job_id: str) -> dict[int, Item]:
        """The job's items by page."""
        with self.sessions() as session:
            return {item.first_page: item for item in session.query(Item).filter(Item.job_id == job_id)}

    def states(self, job_id: str) -> list[ItemState]:
        return [ItemState(item.state) for _, item in sorted(self.items(job_id).items())]

    def record(self, document_id: str, schema_id: str) -> Record | None:
        with self.sessions() as session:
            return records.find_record(session, document_id, schema_id)

    def page_states(self, document_id: str) -> list[PageState]:
        with self.sessions() as session:
            return [PageState(page.state) for page in documents.pages_of(session, document_id)]

    @property
    def blobs(self) -> BlobStore:
        return BlobStore(self.settings.blobs)


@pytest.fixture
def bench(sessions: Sessions, workspace: Workspace, database_url: str, tmp_path: Path) -> Iterator[Bench]:
    settings = Settings(data_dir=tmp_path, database_url=database_url, poll_seconds=0.05, lease_seconds=30)
    bench = Bench(sessions, workspace.id, settings)
    yield bench
    for desk in bench.desks:
        desk.close()
    for model in bench.models.values():
        if isinstance(model, RemoteModel):
            model.close()
