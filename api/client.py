"""The Python client: everything the service can do, with typed results, and the errors of core/errors.py."""

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from api.answers import Answer
from api.calibrating import Calibrating
from api.citing import Citing
from api.conversing import Conversing
from api.correcting import Correcting
from api.hits import Hit
from api.listening import AskEvent, Listening
from api.looking import Looking
from api.parcels import Parcel, PathLike, Source, parcels_of, sources_in
from api.results import (
    Document,
    Estimate,
    Job,
    Page,
    Record,
    Schema,
    SchemaDiff,
    SchemaVersion,
    Uploaded,
    made_from,
)
from api.wire_errors import error_of, refused_in
from core.errors import FolioscopeError, RejectedFile
from core.records import FINAL_JOB_STATES

_FIRST_LOOK, _LAST_LOOK = 0.1, 1.0  # seconds between two looks at a job: soon at first, then less often
_MOST_NAMED = 100  # documents that one request for records names
_MOST_SEEN = 100  # pages that a visual search gives
_LONGEST_ASK = 30  # seconds that one request waits for an answer


class Client(Calibrating, Citing, Conversing, Correcting, Listening, Looking):
    """A connection to a service, with one key. Use it in a `with`, or close it; not from several threads at once.

    Requests that create carry an Idempotency-Key: repeating one after a broken connection does nothing twice.
    """

    # -- documents

    def upload(
        self,
        paths: Iterable[PathLike] | PathLike,
        *,
        password: str | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Uploaded:
        """Send files, folders and zips; a file that is refused does not hold up the others.

        Many small files travel in one request. `progress` is told how many bytes are sent, of how many.
        """
        sources, refused = sources_in(paths)
        documents: list[Document] = []
        sent, total = 0, sum(source.size for source in sources)
        for parcel in parcels_of(sources):
            done = self._send(parcel, password)
            documents += done.documents
            refused += done.refused
            sent += parcel.size
            if progress is not None:
                progress(sent, total)
        return Uploaded(tuple(documents), tuple(refused))

    def upload_file(self, source: PathLike | Source, *, password: str | None = None) -> Document:
        """Send one file, or bytes under a name. Raises the error of a file that is refused."""
        given = source if isinstance(source, Source) else Source.of(source)
        done = self._send(Parcel((given,)), password, alone=True)
        return done.documents[0]

    def documents(
        self, *, state: str | None = None, name: str | None = None, tag: str | None = None, order: str | None = None
    ) -> Iterator[Document]:
        """All documents, or those that pass; the newest first, or as `order` says: `oldest`, `name`, `pages`."""
        return self._each(Document, "/v1/documents", {"state": state, "name": name, "tag": tag, "order": order})

    def document(self, document_id: str) -> Document:
        """One document. Raises DocumentNotFound."""
        return made_from(Document, self._get(f"/v1/documents/{document_id}"))

    def pages(self, document_id: str) -> list[Page]:
        """The pages of a document in order, without their words."""
        return [made_from(Page, page) for page in self._get(f"/v1/documents/{document_id}/pages")["items"]]

    def page(self, document_id: str, number: int) -> Page:
        """One page with its words; numbers count from 1. Raises PageNotFound."""
        return made_from(Page, self._get(f"/v1/documents/{document_id}/pages/{number}"))

    def image(self, document_id: str, number: int) -> bytes:
        """The picture of a page, PNG or JPEG."""
        return self._request("GET", f"/v1/documents/{document_id}/pages/{number}/image").content

    def delete(self, document_id: str) -> None:
        """Delete a document with everything that was read from it."""
        self._request("DELETE", f"/v1/documents/{document_id}")

    def tag(self, document_id: str, tags: Sequence[str]) -> Document:
        """Give a document these tags and no others."""
        answer = self._request("PUT", f"/v1/documents/{document_id}/tags", json={"tags": list(tags)})
        return made_from(Document, answer.json())

    def unlock(self, document_id: str, password: str) -> Document:
        """Open a document that waits for its password. Raises WrongPassword."""
        return made_from(Document, self._post(f"/v1/documents/{document_id}/unlock", {"password": password}))

    def sign_in_path(self) -> str:
        """Where on the service a browser is signed in, once: a path."""
        return str(self._post("/v1/sign-in-links", {})["path"])

    # -- schemas

    def schemas(self) -> list[Schema]:
        """The latest version of every schema."""
        return list(self._each(Schema, "/v1/schemas"))

    def schema(self, name: str, version: int | None = None) -> Schema:
        """One schema, in its latest version unless told otherwise. Raises SchemaNotFound."""
        return made_from(Schema, self._get(f"/v1/schemas/{name}", {"version": version}))

    def add_schema(self, name: str, body: Mapping[str, Any]) -> Schema:
        """Add a schema; another body under a known name is its next version. Raises InvalidSchema."""
        return made_from(Schema, self._post("/v1/schemas", {"name": name, "body": dict(body)}))

    def schema_versions(self, name: str) -> list[SchemaVersion]:
        """The versions of a schema, the latest first. Raises SchemaNotFound."""
        return list(self._each(SchemaVersion, f"/v1/schemas/{name}/versions"))

    def schema_diff(self, name: str, older: int | None = None, newer: int | None = None) -> SchemaDiff:
        """What a version, by default the latest, asks for otherwise than an older one, by default the one before it."""
        return made_from(SchemaDiff, self._get(f"/v1/schemas/{name}/diff", {"older": older, "newer": newer}))

    # -- jobs

    def extract(
        self,
        schema: str,
        documents: Sequence[str] | None = None,
        *,
        version: int | None = None,
        model: str | None = None,
        text_layer: bool = True,
    ) -> Job:
        """Start reading a schema's fields from these documents (ids), or from all. Returns at once: see `wait`.

        `model` is the name of one that is configured; without `text_layer`, values are not compared with the words
        that a PDF itself has. Raises UnknownModel.
        """
        body = {"kind": "extract", "schema": schema, "schema_version": version, "documents": _ids(documents)}
        return made_from(Job, self._post("/v1/jobs", body | _named(model) | {"text_layer": text_layer}))

    def read(self, documents: Sequence[str] | None = None, *, model: str | None = None, text_layer: bool = True) -> Job:
        """Start reading the pages of these documents (ids), or of all, for search. Returns at once: see `wait`.

        A PDF's own text is taken where it is sound; else, and without `text_layer`, the model transcribes the page.
        """
        body = {"kind": "read", "documents": _ids(documents), "text_layer": text_layer}
        return made_from(Job, self._post("/v1/jobs", body | _named(model)))

    def embed(self, documents: Sequence[str] | None = None) -> Job:
        """Start telling what the pages of these documents (ids), or of all, look like, for visual search.

        What the model has seen already it does not see again. Raises VisualSearchOff.
        """
        return made_from(Job, self._post("/v1/jobs", {"kind": "embed", "documents": _ids(documents)}))

    def estimate(
        self,
        schema: str,
        documents: Sequence[str] | None = None,
        *,
        version: int | None = None,
        model: str | None = None,
    ) -> Estimate:
        """What `extract` would do with the same arguments, and about how long that takes. Starts nothing."""
        body = {"kind": "extract", "schema": schema, "schema_version": version, "documents": _ids(documents)}
        return made_from(Estimate, self._post("/v1/jobs/estimate", body | _named(model)))

    def ask(
        self,
        question: str,
        documents: Sequence[str] | None = None,
        *,
        records: str | None = None,
        where: str | None = None,
        model: str | None = None,
    ) -> Answer:
        """Ask and wait for the answer: these documents (ids), or those of the `records` of a schema, or all.

        `where` is a filter on these records, as of `records`. Raises FolioscopeError where there is no answer at all.
        """
        body = _question(question, documents, records, where) | {"wait": _LONGEST_ASK}
        said = self._post("/v1/ask", body | _named(model))
        if "progress" not in said:
            return made_from(Answer, said)
        return self.answer_of(self.wait(made_from(Job, said)))

    def ask_events(
        self,
        question: str,
        documents: Sequence[str] | None = None,
        *,
        records: str | None = None,
        where: str | None = None,
        model: str | None = None,
    ) -> Iterator[AskEvent]:
        """Ask as `ask` does, and hear what becomes of it: what is searched, which pages are looked at, the answer.

        Who stops listening stops the events alone. Raises FolioscopeError where there is no answer at all.
        """
        body = _question(question, documents, records, where) | _named(model)
        return self._listen("/v1/ask", body, "answer", Answer, lambda _: True)

    def start_asking(
        self,
        question: str,
        documents: Sequence[str] | None = None,
        *,
        records: str | None = None,
        where: str | None = None,
        model: str | None = None,
    ) -> Job:
        """Ask without waiting: see `wait`, then `answer_of`."""
        body = _question(question, documents, records, where) | {"wait": 0}
        said = self._post("/v1/ask", body | _named(model))
        return made_from(Job, said) if "progress" in said else self.job(said["job_id"])

    def answer_of(self, job: Job) -> Answer:
        """The answer that a final job of a question has. Raises FolioscopeError where it has none."""
        if job.result is None:
            why = next((gap.detail for gap in job.gaps if gap.detail), f"the job is {job.state}")
            raise FolioscopeError(f"There is no answer: {why}", job=job.id)
        return made_from(Answer, {**job.result, "job_id": job.id})

    def jobs(self, *, state: str | None = None) -> Iterator[Job]:
        """All jobs, or those in a state, the newest first."""
        return self._each(Job, "/v1/jobs", {"state": state})

    def job(self, job_id: str) -> Job:
        """One job. Raises JobNotFound."""
        return made_from(Job, self._get(f"/v1/jobs/{job_id}"))

    def cancel(self, job_id: str) -> Job:
        """Stop a job; what it has read so far stays."""
        return made_from(Job, self._post(f"/v1/jobs/{job_id}/cancel", {}))

    def retry(self, job: Job | str) -> Job:
        """Run again, as a new job, what a final one has no result for. Raises InvalidRequest where it lacks nothing."""
        job_id = job if isinstance(job, str) else job.id
        return made_from(Job, self._post(f"/v1/jobs/{job_id}/retry", {}))

    def wait(self, job: Job | str, progress: Callable[[Job], None] | None = None) -> Job:
        """Wait until a job is final and return it. `progress` is told of every look."""
        job_id = job if isinstance(job, str) else job.id
        pause = _FIRST_LOOK
        while True:
            now = self.job(job_id)
            if progress is not None:
                progress(now)
            if now.state in FINAL_JOB_STATES:
                return now
            time.sleep(pause)
            pause = min(_LAST_LOOK, pause * 1.3)

    # -- search

    def search(self, text: str, documents: Sequence[str] | None = None, *, mode: str = "text") -> Iterator[Hit]:
        """The pages that have these words, the best first, of some documents (ids) or all. Raises InvalidRequest.

        Words, "phrases", beginnings (inv*), either OR or, and -not. By the mode `visual` pages are found by what they
        look like, by `both` by words and looks: at most 100. Raises VisualSearchOff where the service has no model for
        that.
        """
        parameters: dict[str, Any] = {"q": text, "documents": _ids(documents)}
        if mode != "text":
            parameters |= {"mode": mode, "limit": _MOST_SEEN}
        return self._each(Hit, "/v1/search", parameters)

    # -- records

    def records(
        self,
        schema: str,
        *,
        documents: Sequence[str] | None = None,
        **asked: str | int | bool | None,
    ) -> Iterator[Record]:
        """What was read under a schema, a record a document, the oldest first.

        `asked` may be `version`, `where` ("total >= 1000 and vendor_name ~ acme"), `sort` ("-invoice_date,total"),
        `columns` ("vendor_name,total"), `evidence` (False: values alone). Raises InvalidFilter or InvalidColumn.
        """
        for part in _parts(documents):
            yield from self._each(Record, f"/v1/records/{schema}", {**asked, "document": part})

    def older_records(self, schema: str, documents: Sequence[str] | None = None) -> dict[int, int]:
        """By older version, how many records of documents that have none under the latest stand under it."""
        found: dict[int, int] = {}
        for part in _parts(documents):
            page = self._get(f"/v1/records/{schema}", {"limit": 1, "document": part})
            for one in page.get("older_versions", ()):
                found[one["version"]] = found.get(one["version"], 0) + one["records"]
        return found

    def export(
        self,
        schema: str,
        form: str,
        *,
        documents: Sequence[str] | None = None,
        **asked: str | int | bool | None,
    ) -> Iterator[bytes]:
        """The records as a `csv`, `jsonl` or `parquet` file, in pieces as they come; `asked` as for `records`.

        With a `table`, the file has a row for each row of it. Raises ServiceUnavailable where it breaks off.
        """
        parameters = {"format": form, "document": None if documents is None else list(documents), **asked}
        yield from self._pieces(f"/v1/records/{schema}/export", parameters)

    @contextmanager
    def temporary(self) -> Iterator["Client"]:
        """A workspace for a while, with this one's schemas and calibrations: deleted afterwards, with all it holds."""
        with Client(self.url, str(self._post("/v1/workspaces/temporary", {})["key"])) as inside:
            try:
                yield inside
            finally:
                for job in list(inside.jobs()):
                    if not job.final:
                        inside.cancel(job.id)
                inside._request("DELETE", "/v1/workspaces/temporary")

    def ready(self) -> dict[str, Any]:
        """What the service says about its parts. Raises ServiceUnavailable where one is missing."""
        body: dict[str, Any] = self._get("/readyz")
        return body

    def is_there(self) -> bool:
        """Whether a service answers at this address."""
        try:
            self._once("GET", "/healthz", timeout=5.0)
        except FolioscopeError:
            return False
        return True

    # -- requests

    def _send(self, parcel: Parcel, password: str | None, *, alone: bool = False) -> Uploaded:
        """Send the files of one request. A refusal of the only file is raised where `alone`, else listed."""
        key = uuid.uuid4().hex
        headers = {"Idempotency-Key": key, "Content-Type": f"multipart/form-data; boundary={key}"}
        with parcel.opened() as files:
            try:
                body = self._request(
                    "POST",
                    "/v1/documents",
                    headers=headers,
                    data={"password": password} if password else {},
                    files=[("files", part) for part in files],
                ).json()
            except RejectedFile as error:
                listed = refused_in(error)
                if alone and not listed:
                    raise
                body = {"documents": [], "refused": listed or [parcel.refusal(error)]}
        done = made_from(Uploaded, body)
        if alone and not done.documents:
            raise error_of(done.refused)
        return done


def _named(model: str | None) -> dict[str, str]:
    """What a request says about its model; nothing where it leaves that to the service."""
    return {} if model is None else {"model": model}


def _ids(documents: Sequence[str] | None) -> list[str] | None:
    return None if documents is None else list(documents)


def _question(
    question: str, documents: Sequence[str] | None, records: str | None, where: str | None
) -> dict[str, object]:
    """A question and what it is asked of. A filter without a schema is left to the service to refuse."""
    scope = {} if records is None and where is None else {"records": {"schema": records or "", "where": where}}
    return {"question": question, "documents": _ids(documents), **scope}


def _parts(documents: Sequence[str] | None) -> Iterator[list[str] | None]:
    """Ids that one request takes; None once, for all documents."""
    if documents is None:
        yield None
        return
    for first in range(0, len(documents), _MOST_NAMED):
        yield list(documents[first : first + _MOST_NAMED])
