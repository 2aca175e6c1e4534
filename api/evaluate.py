"""Measures a service on documents whose truth is known: uploads, extracts, asks, and compares."""

import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from api.answers import Answer
from api.calibrating import Labelled
from api.client import Client
from api.parcels import Source
from api.results import Document, Job, Record, Value
from api.scores import Outcome, shares
from api.truth import Truth
from api.truth_schemas import check_truths, made_paths, made_schema
from core.errors import FolioscopeError
from core.records import FINAL_JOB_STATES, DocumentState, ValueState

Progress = Callable[[Sequence[Job]], None]

_SERVICE_FAILED = 500
_LOOK_EVERY = 0.2  # seconds
_CELL = re.compile(r"(?P<table>.+)\[(?P<row>\d{1,9})\]\.(?P<column>.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Wish:
    """How the documents are to be read: the schema for all, the model, and whether with their own text."""

    schema: str | None = None
    model: str | None = None
    text_layer: bool = True
    measured: bool = False  # time is told, the model's alone; and what would be without the text layer


@dataclass(slots=True)
class Reading:
    """What a service made of one file of the truth; `error` where it took none."""

    truth: Truth
    document: Document | None = None
    error: FolioscopeError | None = None
    schema: str | None = None
    paths: dict[str, str] = field(default_factory=dict)  # from a field's name in the truth to its path in the schema
    record: Record | None = None
    bare: Record | None = None  # the same without the text layer, where that said anything
    answers: list[Answer | None] = field(default_factory=list)  # one a question

    def outcomes(self, *, bare: bool = False) -> list[Outcome]:
        """Every field of the truth beside what was read; if `bare`, without the text layer."""
        record = self.bare if bare and self.bare is not None else self.record
        truths = [*self.truth.fields.items(), *((name, None) for name in self.truth.absent)]
        return [self._outcome(record, name, text) for name, text in truths]

    def value_of(self, name: str) -> Value | None:
        """What was read for a field, by its name in the truth."""
        return _value_in(self.record, self.paths.get(name, name))

    def replies(self) -> list[Outcome]:
        """Every question beside its answer."""
        answers = self.answers or [None] * len(self.truth.qa)
        return [
            Outcome(question, text, answer.text if answer and answer.found else None, file=self.truth.file)
            for (question, text), answer in zip(self.truth.qa, answers, strict=True)
        ]

    def labelled(self) -> list[Labelled]:
        """Every value, and every absence, whose truth is known and of which the model says how sure it is."""
        out = []
        for o in self.outcomes():
            v = o.value
            if v is None or v.model_confidence is None or v.corrected:
                continue
            if v.state is ValueState.ABSENT:
                out.append(Labelled(None, v.model_confidence, o.truth is None))
            elif o.said is not None:
                out.append(Labelled(o.kind, v.model_confidence, o.exact, v.verified, v.layer))
        return out

    def _outcome(self, record: Record | None, name: str, text: str | None) -> Outcome:
        value, true = _value_in(record, self.paths.get(name, name)), self.truth.boxes.get(name)
        said = value.raw if value else None
        return Outcome(name, text, said, value, true.place if true else None, self.truth.file)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a service made of all files, and how long a page took; None where that was not to be told."""

    readings: Sequence[Reading]
    seconds_per_page: float | None = None
    text_layer: bool = True  # whether values were compared with the PDFs' own words, where these are sound

    @property
    def labelled(self) -> dict[str, list[Labelled]]:
        """Every value whose truth is known, by the model that read it."""
        out: dict[str, list[Labelled]] = defaultdict(list)
        for reading in self.readings:
            if reading.record is not None and reading.record.model is not None:
                out[reading.record.model] += reading.labelled()
        return dict(out)


def read_all(
    folioscope: Client, docs: Path, truths: Sequence[Truth], progress: Progress, wish: Wish | None = None
) -> Evaluation:
    """Have the service read every file of the truth. A file that is missing or refused is kept with its error.

    If measured, what the text layer had a word about is read once more without it: that asks nothing of the model.
    Before anything is sent, it raises InvalidRequest where the wished schema, or the one that a line names, lacks
    fields that the line names, or is not there at all.
    """
    wish = wish or Wish()
    check_truths(folioscope, truths, wish.schema)
    readings = [_uploaded(folioscope, docs, truth) for truth in truths]
    taken = [reading for reading in readings if reading.document is not None]
    groups = _with_schemas(folioscope, taken, wish.schema)
    if wish.measured:
        _wait_for_pages(folioscope)
    jobs = [_extract(folioscope, name, group, wish) for name, group in groups.items()]
    ended = _wait_for_all(folioscope, jobs, progress)
    for name, group in groups.items():
        for reading, record in zip(group, _records(folioscope, name, group), strict=True):
            reading.record = record
    if wish.measured and wish.text_layer:
        _read_bare(folioscope, groups, wish, progress)
    _ask(folioscope, taken, wish, progress)
    return Evaluation(readings, _seconds_a_page(ended) if wish.measured else None, wish.text_layer)


def report_on(evaluation: Evaluation) -> dict[str, Any]:
    """The figures: over all fields, for each field, for each file, over the questions; and the files that failed.

    Beside them, over all fields, those without the text layer: None where it had no say.
    """
    readings, seconds = evaluation.readings, evaluation.seconds_per_page
    by_field: dict[str, list[Outcome]] = defaultdict(list)
    for reading in readings:
        for outcome in reading.outcomes():
            by_field[outcome.field].append(outcome)
    bare = [outcome for reading in readings for outcome in reading.outcomes(bare=True)]
    replies = shares((reply for reading in readings for reply in reading.replies()), whole=False)
    return {
        "overall": shares((outcome for outcomes in by_field.values() for outcome in outcomes), seconds),
        "without_text_layer": shares(bare, seconds) if any(r.bare is not None for r in readings) else None,
        "fields": {name: shares(outcomes, seconds) for name, outcomes in sorted(by_field.items())},
        "files": {reading.truth.file: shares(reading.outcomes(), whole=False) for reading in readings},
        "qa": {"exact_match": replies["exact_match"], "anls": replies["anls"], "questions": replies["fields"]},
        "text_layer": evaluation.text_layer,
        "models": sorted({r.record.model for r in readings if r.record is not None and r.record.model is not None}),
        "errors": [
            {"file": r.truth.file, "code": r.error.code, "detail": r.error.detail}
            for r in readings
            if r.error is not None
        ],
    }


def _value_in(record: Record | None, path: str) -> Value | None:
    """A record's value, or a cell by its row: `line_items[0].amount`."""
    if record is None or path in record.values:
        return record.values[path] if record else None
    cell = _CELL.fullmatch(path)
    table = record.tables.get(cell["table"]) if cell else None
    if cell is None or table is None or int(cell["row"]) >= len(table.rows):
        return None
    return table.rows[int(cell["row"])].cells.get(cell["column"])


def _extract(folioscope: Client, schema: str, group: Sequence[Reading], wish: Wish) -> Job:
    return folioscope.extract(schema, _ids(group), model=wish.model, text_layer=wish.text_layer)


def _records(folioscope: Client, schema: str, group: Sequence[Reading]) -> list[Record | None]:
    """The record that each of these files has now, in order."""
    found = {record.document_id: record for record in folioscope.records(schema, documents=_ids(group))}
    return [found.get(reading.document.id) if reading.document else None for reading in group]


def _read_bare(folioscope: Client, groups: dict[str, list[Reading]], wish: Wish, progress: Progress) -> None:
    """Read once more without the text layer what it had a word about."""
    spoken = {name: [r for r in group if _has_layer(r.record)] for name, group in groups.items()}
    spoken = {name: group for name, group in spoken.items() if group}
    bare = Wish(wish.schema, wish.model, text_layer=False)
    _wait_for_all(folioscope, [_extract(folioscope, name, group, bare) for name, group in spoken.items()], progress)
    for name, group in spoken.items():
        for reading, record in zip(group, _records(folioscope, name, group), strict=True):
            reading.bare = record


def _has_layer(record: Record | None) -> bool:
    """Whether a text layer had a word about any value, or any cell."""
    if record is None:
        return False
    cells = (value for table in record.tables.values() for row in table.rows for value in row.cells.values())
    return any(value.layer is not None for value in (*record.values.values(), *cells))


def _ask(folioscope: Client, taken: Sequence[Reading], wish: Wish, progress: Progress) -> None:
    asked = [(reading, question) for reading in taken for question, _ in reading.truth.qa]
    jobs = [folioscope.start_asking(question, _ids([reading]), model=wish.model) for reading, question in asked]
    for (reading, _), job in zip(asked, _wait_for_all(folioscope, jobs, progress), strict=True):
        reading.answers.append(folioscope.answer_of(job) if job.result else None)


def _wait_for_pages(folioscope: Client) -> None:
    while any(True for _ in folioscope.documents(state=DocumentState.RASTERIZING)):
        time.sleep(_LOOK_EVERY)


def _seconds_a_page(jobs: Sequence[Job]) -> float | None:
    """From the first job's start to the last one's end, by the service's clock."""
    ends = [job.finished_at for job in jobs if job.finished_at is not None]
    pages = sum(job.progress.total for job in jobs)
    if not ends or not pages:
        return None
    return round((max(ends) - min(job.created_at for job in jobs)).total_seconds() / pages, 3)


def _uploaded(folioscope: Client, docs: Path, truth: Truth) -> Reading:
    """One file a request: the document is surely this file's, also where its bytes are known by another name."""
    try:
        source = Source.of(docs / truth.file, truth.file)
        return Reading(truth, folioscope.upload_file(source, password=truth.password))
    except FolioscopeError as error:
        if error.status >= _SERVICE_FAILED:
            raise
        return Reading(truth, error=error)


def _with_schemas(folioscope: Client, readings: Iterable[Reading], wished: str | None) -> dict[str, list[Reading]]:
    """The readings by their schema: the wished one, else the one that the line names, else one of string fields."""
    groups: dict[str, list[Reading]] = defaultdict(list)
    for reading in readings:
        names = reading.truth.names
        reading.schema = wished or reading.truth.schema_name
        if reading.schema is None and names:
            reading.paths = made_paths(names)
            reading.schema = made_schema(folioscope, reading.paths).name
        if reading.schema is not None and names:
            groups[reading.schema].append(reading)
    return groups


def _ids(readings: Iterable[Reading]) -> list[str]:
    return list(dict.fromkeys(r.document.id for r in readings if r.document is not None))


def _wait_for_all(folioscope: Client, jobs: Sequence[Job], progress: Progress) -> list[Job]:
    now = list(jobs)
    for place, job in enumerate(jobs):

        def tell(seen: Job, place: int = place) -> None:
            now[place] = seen
            progress(now)

        now[place] = job if job.state in FINAL_JOB_STATES else folioscope.wait(job, tell)
    return now
