"""A first visit: the samples are loaded by a button, and the page shows what comes out of them, one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated
from urllib.parse import urlencode

import anyio
from fastapi import APIRouter, Query
from starlette.responses import RedirectResponse, Response

from api.caller import Caller
from api.routes.given import id_or_nobody
from api.samples import FOLDER, first_samples
from api.shapes import documents_out
from api.web.choosing import start_extraction
from api.web.site import render
from api.web.values import ShownRecord, shown_records
from api.web.visitor import ChangingVisitorDep, Visitor, VisitorDep
from api.wire.documents import DocumentOut
from core.records import FINAL_JOB_STATES, DocumentOrder, Queue
from ingest.intake import Upload, accept
from storage import document_lists, jobs, tags
from storage.document_lists import Narrowing
from workers import send

router = APIRouter(prefix="/samples", include_in_schema=False)

TAG = "sample"
_MOST_SHOWN = 50  # documents
_MOST_JOBS = 20

JobsGiven = Annotated[list[str], Query(max_length=_MOST_JOBS, default_factory=list)]


@dataclass(frozen=True, slots=True)
class ReadSample:
    """A sample, and what was read from it so far."""

    document: DocumentOut
    record: ShownRecord | None


@router.post("")
async def load(visitor: ChangingVisitorDep) -> Response:
    """Take the samples in, begin to read each as what it is, and go where that is seen."""
    begun = await anyio.to_thread.run_sync(partial(_begin, visitor), limiter=visitor.caller.desk.uploads)
    return RedirectResponse(_address(begun), 303)


@router.get("")
def show(visitor: VisitorDep, jobs_: Annotated[JobsGiven, Query(alias="jobs")]) -> Response:
    """What was read from the samples; while jobs go on, the page asks again."""
    caller = visitor.caller
    with caller.sessions() as session:
        wanted = Narrowing(tag=TAG)
        listing = document_lists.find_documents(
            session, caller.workspace_id, wanted, DocumentOrder.NAME, limit=_MOST_SHOWN
        )
        shown = []
        for document in documents_out(session, listing.items):
            records = shown_records(session, caller.workspace_id, document.id)
            shown.append(ReadSample(document, records[0] if records else None))
        asked = [jobs.get_job(session, caller.workspace_id, id_or_nobody(one)) for one in jobs_]
    open_ = any(job.state not in FINAL_JOB_STATES for job in asked)
    here = _address([job.id for job in asked])
    return render(visitor, "samples.html", samples=shown, jobs=asked, open=open_, here=here)


def _address(job_ids: Sequence[str]) -> str:
    """Where it is seen what these jobs come to."""
    return f"/samples?{urlencode([('jobs', one) for one in job_ids])}"


def _begin(visitor: Visitor) -> list[str]:
    """The ids of the jobs, one a schema."""
    caller = visitor.caller
    by_schema = _take_in(caller)
    send.announce([Queue.RASTERIZE], caller.settings.redis_url)
    return [start_extraction(caller, schema, ids) for schema, ids in by_schema.items()]


def _take_in(caller: Caller) -> dict[str, list[str]]:
    """Accept the samples with their tag; the ids of the documents by the schema to read them with. Harmless twice."""
    ids: dict[str, list[str]] = {}
    for truth in first_samples():
        sample = Upload(truth.file, FOLDER / truth.file)
        accepted = accept(caller.sessions, caller.blobs, caller.workspace_id, sample, caller.sandbox)
        ids.setdefault(str(truth.schema_name), []).append(accepted.document_id)
    with caller.sessions.begin() as session:
        tags.add_tags(session, caller.workspace_id, [one for some in ids.values() for one in some], [TAG])
    return ids
