"""What the client does about looking: pages described, classified, and searched for where something stands."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from api.connection import Connection
from api.results import Failure, Job, WireBox, made_from
from core.records import Box

_LONGEST_WAIT = 30  # seconds that one request waits for a page


@dataclass(frozen=True, slots=True)
class Place:
    """One place of what was looked for."""

    text: str
    confidence: float | None
    box: WireBox


@dataclass(frozen=True, slots=True)
class Finding:
    """What a page said. `state` is found, nothing, blank, failed, waiting or cancelled."""

    document: str
    document_name: str
    page: int
    state: str
    text: str | None  # the description; the label; the text at its surest place
    confidence: float | None  # of that, or of its absence; None where the model gives none
    box: WireBox | None = None
    places: tuple[Place, ...] = ()  # of what was located, the surest first
    model: str | None = None
    error: Failure | None = None

    @property
    def found(self) -> bool:
        """Whether the page said something."""
        return self.state == "found"


@dataclass(frozen=True, slots=True)
class Differing:
    """A page that has another label than its document, or none."""

    page: int
    text: str | None
    confidence: float | None


@dataclass(frozen=True, slots=True)
class DocumentFinding:
    """What a document's pages said together."""

    document: str
    document_name: str
    pages: int
    pages_open: int
    pages_failed: int
    pages_with_it: int
    text: str | None  # the first page's description; the label; the text at its surest place
    confidence: float | None
    page: int | None  # the page that says so
    box: WireBox | None = None
    differing: tuple[Differing, ...] = ()
    differing_count: int = 0
    error: Failure | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request about pages."""

    verb: Literal["describe", "classify", "locate"]
    model: str | None
    says: Mapping[str, Any] = field(default_factory=dict)

    @property
    def body(self) -> dict[str, Any]:
        return {**self.says, **({} if self.model is None else {"model": self.model})}


class Looking(Connection):
    """The part of the client that is about describing, classifying and locating."""

    def describe(self, documents: Sequence[str] | None = None, *, model: str | None = None) -> Job:
        """Start describing the pages of these documents (ids), or of all: see `wait`, then `findings`."""
        return self._start(_Asked("describe", model), documents)

    def classify(
        self, labels: Sequence[str], documents: Sequence[str] | None = None, *, model: str | None = None
    ) -> Job:
        """Start giving pages one of these labels, or none: see `wait`, then `document_findings`."""
        return self._start(_Asked("classify", model, {"labels": list(labels)}), documents)

    def locate(self, text: str, documents: Sequence[str] | None = None, *, model: str | None = None) -> Job:
        """Start looking where something stands: see `wait`, then `findings` with `found=True`."""
        return self._start(_Asked("locate", model, {"text": text}), documents)

    def describe_page(
        self, document_id: str, page: int, *, region: Box | Sequence[float] | None = None, model: str | None = None
    ) -> Finding:
        """Describe a page, or a region of it, and wait for that. Raises PageNotFound, ModelCannot."""
        return self._look(_Asked("describe", model, _within(region)), document_id, page)

    def classify_page(self, document_id: str, page: int, labels: Sequence[str], *, model: str | None = None) -> Finding:
        """Give a page one of these labels, or none, and wait for that. Raises PageNotFound, ModelCannot."""
        return self._look(_Asked("classify", model, {"labels": list(labels)}), document_id, page)

    def locate_on_page(
        self,
        document_id: str,
        page: int,
        text: str,
        *,
        region: Box | Sequence[float] | None = None,
        model: str | None = None,
    ) -> Finding:
        """Find where something stands on a page, or in a region of it; its boxes are on the page.

        Waits for that. Raises PageNotFound, ModelCannot.
        """
        return self._look(_Asked("locate", model, {"text": text, **_within(region)}), document_id, page)

    def findings(self, job: Job | str, *, document: str | None = None, found: bool = False) -> Iterator[Finding]:
        """What each page said to a job; of one document, or with `found` only pages that said something."""
        parameters = {"document": document, "found": "true" if found else None}
        yield from self._each(Finding, f"/v1/jobs/{_id(job)}/findings", parameters)

    def document_findings(self, job: Job | str) -> Iterator[DocumentFinding]:
        """What each document's pages said together."""
        yield from self._each(DocumentFinding, f"/v1/jobs/{_id(job)}/findings/documents")

    def export_findings(self, job: Job | str, of: Literal["pages", "documents"] = "pages") -> Iterator[bytes]:
        """All findings as JSON lines, in pieces as they come. Raises ServiceUnavailable where it breaks off."""
        yield from self._pieces(f"/v1/jobs/{_id(job)}/findings/export", {"of": of})

    def _start(self, asked: _Asked, documents: Sequence[str] | None) -> Job:
        body = asked.body | {"documents": None if documents is None else list(documents)}
        return made_from(Job, self._post(f"/v1/{asked.verb}", body))

    def _look(self, asked: _Asked, document_id: str, page: int) -> Finding:
        """One request, sent again under its key while there is no reply: each waits for the same page."""
        path = f"/v1/documents/{document_id}/pages/{page}/{asked.verb}"
        body, headers = asked.body | {"wait": _LONGEST_WAIT}, {"Idempotency-Key": uuid.uuid4().hex}
        while True:
            said = self._request("POST", path, json=body, headers=headers).json()
            if "progress" not in said:
                return made_from(Finding, said)


def _within(region: Box | Sequence[float] | None) -> dict[str, list[float]]:
    sides = region.as_list() if isinstance(region, Box) else region
    return {} if sides is None else {"region": list(sides)}


def _id(job: Job | str) -> str:
    return job if isinstance(job, str) else job.id
