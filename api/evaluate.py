"""Measures a service on documents whose truth is known: uploads, extracts, asks, and compares."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.client import Client
from api.parcels import Source
from api.results import Answer, Document, Job, Record, Schema, Value
from api.scores import Outcome, shares
from core.errors import FolioscopeError, InvalidRequest
from core.records import FINAL_JOB_STATES

Progress = Callable[[Sequence[Job]], None]


class Truth(BaseModel):
    """A line of the truth: what stands in a file, what does not, and questions with their answers."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    file: Annotated[str, Field(min_length=1)]
    fields: dict[str, str] = {}
    absent: list[str] = []
    qa: list[tuple[str, str]] = []
    schema_name: Annotated[str | None, Field(alias="schema")] = None
    password: str | None = None

    @property
    def names(self) -> list[str]:
        """All fields that the line says something about."""
        return [*self.fields, *(name for name in self.absent if name not in self.fields)]


@dataclass(slots=True)
class Reading:
    """What a service made of one file of the truth; `error` where it took none."""

    truth: Truth
    document: Document | None = None
    error: FolioscopeError | None = None
    schema: str | None = None
    paths: dict[str, str] = field(default_factory=dict)  # from a field's name in the truth to its path in the schema
    record: Record | None = None
    answers: list[Answer | None] = field(default_factory=list)  # one a question

    def outcomes(self) -> list[Outcome]:
        """Every field of the truth beside what was read."""
        return [
            *(Outcome(name, text, self.said(name)) for name, text in self.truth.fields.items()),
            *(Outcome(name, None, self.said(name)) for name in self.truth.absent),
        ]

    def value_of(self, name: str) -> Value | None:
        """What was read for a field, by its name in the truth."""
        return self.record.values.get(self.paths.get(name, name)) if self.record else None

    def said(self, name: str) -> str | None:
        """The text that was read for a field, by its name in the truth."""
        value = self.value_of(name)
        return value.raw if value else None

    def replies(self) -> list[Outcome]:
        """Every question beside its answer."""
        answers = self.answers or [None] * len(self.truth.qa)
        return [
            Outcome(question, text, answer.text if answer and answer.found else None)
            for (question, text), answer in zip(self.truth.qa, answers, strict=True)
        ]


def read_truth(path: Path) -> list[Truth]:
    """The lines of a truth file. Raises InvalidRequest with the line's number."""
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(
            f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}."
        ) from error
    truths = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                truths.append(Truth.model_validate_json(line))
            except ValidationError as error:
                wrong = error.errors()[0]
                place = ".".join(str(part) for part in wrong["loc"]) or "it"
                raise InvalidRequest(f"{path}, line {number}: {place}: {wrong['msg']}.") from error
    if not truths:
        raise InvalidRequest(f"{path} has no lines.")
    return truths


def read_all(folioscope: Client, docs: Path, truths: Sequence[Truth], progress: Progress) -> list[Reading]:
    """Have the service read every file of the truth. A file that is missing or refused is kept with its error."""
    readings = [_uploaded(folioscope, docs, truth) for truth in truths]
    taken = [reading for reading in readings if reading.document is not None]
    groups = _with_schemas(folioscope, taken)
    asked = [(reading, question) for reading in taken for question, _ in reading.truth.qa]
    jobs = [folioscope.extract(name, _ids(group)) for name, group in groups.items()]
    jobs += [folioscope.start_asking(question, _ids([reading])) for reading, question in asked]
    ended = _wait_for_all(folioscope, jobs, progress)
    for name, group in groups.items():
        found = {record.document_id: record for record in folioscope.records(name, documents=_ids(group))}
        for reading in group:
            reading.record = found.get(reading.document.id) if reading.document else None
    for (reading, _), job in zip(asked, ended[len(groups) :], strict=True):
        reading.answers.append(folioscope.answer_of(job) if job.result else None)
    return readings


def report_on(readings: Sequence[Reading]) -> dict[str, Any]:
    """The figures: over all fields, for each field, for each file, over the questions; and the files that failed."""
    by_field: dict[str, list[Outcome]] = defaultdict(list)
    for reading in readings:
        for outcome in reading.outcomes():
            by_field[outcome.field].append(outcome)
    replies = shares(reply for reading in readings for reply in reading.replies())
    return {
        "overall": shares(outcome for outcomes in by_field.values() for outcome in outcomes),
        "fields": {name: shares(outcomes) for name, outcomes in sorted(by_field.items())},
        "files": {reading.truth.file: shares(reading.outcomes()) for reading in readings},
        "qa": {"exact_match": replies["exact_match"], "anls": replies["anls"], "questions": replies["fields"]},
        "errors": [
            {"file": r.truth.file, "code": r.error.code, "detail": r.error.detail}
            for r in readings
            if r.error is not None
        ],
    }


def _uploaded(folioscope: Client, docs: Path, truth: Truth) -> Reading:
    """One file a request: the document is surely this file's, also where its bytes are known by another name."""
    try:
        source = Source.of(docs / truth.file, truth.file)
        return Reading(truth, folioscope.upload_file(source, password=truth.password))
    except FolioscopeError as error:
        if error.status >= _SERVICE_FAILED:
            raise
        return Reading(truth, error=error)


_SERVICE_FAILED = 500


def _with_schemas(folioscope: Client, readings: Iterable[Reading]) -> dict[str, list[Reading]]:
    """The readings by their schema: the one that the truth names, else one that has its fields, else one made."""
    known = {schema.name: {f.path for f in schema.fields} for schema in folioscope.schemas()}
    groups: dict[str, list[Reading]] = defaultdict(list)
    for reading in readings:
        names = reading.truth.names
        if not names:
            continue
        fitting = sorted((len(paths), name) for name, paths in known.items() if paths >= set(names))
        wished = reading.truth.schema_name
        if wished in known and known[wished] >= set(names):
            reading.schema = wished
        elif fitting:
            reading.schema = fitting[0][1]
        else:
            reading.paths = {name: _path_of(number, name) for number, name in enumerate(names)}
            made = _schema_for(folioscope, reading.paths)
            reading.schema = made.name
        groups[reading.schema].append(reading)
    return groups


def _schema_for(folioscope: Client, paths: dict[str, str]) -> Schema:
    properties = {path: {"type": "string", "title": _title_of(name)} for name, path in paths.items()}
    mark = hashlib.sha256(json.dumps(properties, sort_keys=True).encode()).hexdigest()[:10]
    return folioscope.add_schema(f"evaluate-{mark}", {"type": "object", "properties": properties})


def _path_of(number: int, name: str) -> str:
    """A path that any schema takes, and that no other name of the line has."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return plain if plain == name else f"{plain[:60] or 'field'}_{number}"


def _title_of(name: str) -> str:
    return re.sub(r"[_.\s]+", " ", name).strip() or name


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
