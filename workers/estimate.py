"""What an extraction would cost, told before it is begun: pages, what is known of them already, and about how long."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from core.records import PageState
from storage import inferences, planning, records, schemas
from storage.database import Session
from storage.tables import Schema
from workers.inference import inference_key
from workers.prompts import prompts_of, prompts_with_rows
from workers.vlm.catalog import Catalog, Kind
from workers.vlm.interface import ModelIdentity, Prompt, PromptKind

_PART = 2_000  # pages whose keys are looked up at a time
_RECORDS = 100  # the latest, whose checks are counted
_BUNDLED_SECONDS = 1.0  # that the bundled model takes for a page on one core, as docs/log.md has it


class By(StrEnum):
    """What tells how many boxes would be read again alone."""

    NOTHING = "nothing"  # none would be
    RECORDS = "records"  # about as many as on the pages of the latest records of the schema
    FIELDS = "fields"  # at most one for each field; how many cells rows will have, nobody knows


@dataclass(frozen=True, slots=True)
class Reader:
    """The model that would read, and what it is asked beside fields, as far as that is known without loading it."""

    model: str  # its name in rows
    rows: bool = True  # for the schema's tables
    reads_again: bool = True  # whether it can read boxes of values again alone
    checks_unasked: bool = False  # whether it does so unless the schema forbids it; else where the schema wants it
    usual_seconds: float | None = None  # a page, as long as it has read nothing here

    @classmethod
    def of(cls, catalog: Catalog, chosen: str | None = None) -> Self:
        """The model of this name, or the default. Raises UnknownModel."""
        name = chosen or catalog.default
        entry = catalog.entry(name)
        return cls(
            model=catalog.name_in_rows(name),
            rows=entry.can("rows") is not False,
            reads_again=entry.can("read") is not False,
            checks_unasked=entry.reads_sheets,
            usual_seconds=_BUNDLED_SECONDS if entry.kind is Kind.BUNDLED else None,
        )

    def checks(self, schema: Schema) -> bool:
        """Whether boxes of values would be read again alone."""
        wanted = schemas.wanted_of(schema.body).verify
        return self.reads_again and (self.checks_unasked if wanted is None else wanted)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a job would do. Equal pictures are read once."""

    documents: int
    pages: int
    pages_blank: int  # told by their pixels; no model sees them
    pages_failed: int  # could not be drawn: they will be gaps
    pages_known: int  # everything that would be asked of them is known already
    pages_to_read: int  # the model sees these
    inferences: int  # prompts that the model answers on them; `checks` come on top
    checks: int  # boxes of values that are read again alone: an estimate
    checks_by: By  # what that rests on
    seconds: float | None  # of one process, by its latest pages; None: it has read nothing here yet
    model: str


def estimate(
    session: Session,
    workspace_id: str,
    schema: Schema,
    document_ids: Sequence[str] | None,
    reader: Reader,
) -> Estimate:
    """What reading this schema from these documents, or from all, would take. Raises DocumentNotFound."""
    pages = planning.pages_to_cover(session, workspace_id, document_ids)
    blank = sum(is_blank for _, state, _, is_blank in pages if state is PageState.READY)
    failed = sum(state is PageState.FAILED for _, state, _, _ in pages)
    drawn = [sha256 for _, _, sha256, is_blank in pages if sha256 is not None and not is_blank]
    waiting = len(pages) - blank - failed - len(drawn)
    model, prompts = reader.model, prompts_with_rows(schema.body) if reader.rows else prompts_of(schema.body)
    missing = _missing(session, workspace_id, list(dict.fromkeys(drawn)), prompts, model)
    known = sum(not missing[sha256] for sha256 in drawn)
    to_read = sum(count > 0 for count in missing.values()) + waiting
    pace = inferences.seconds_a_page(session, workspace_id, model) or reader.usual_seconds
    asked = sum(missing.values()) + waiting * len(prompts)
    checks, by = _checks(session, schema, model, prompts, asked) if asked and reader.checks(schema) else (0, By.NOTHING)
    return Estimate(
        documents=len({document for document, *_ in pages}),
        pages=len(pages),
        pages_blank=blank,
        pages_failed=failed,
        pages_known=known,
        pages_to_read=to_read,
        inferences=asked,
        checks=checks,
        checks_by=by,
        seconds=None if pace is None else pace * to_read,
        model=model,
    )


def _checks(session: Session, schema: Schema, model: str, prompts: Sequence[Prompt], asked: int) -> tuple[int, By]:
    """How many boxes of values would be read again alone: as many a prompt as so far, else one for each field."""
    receipts = records.newest_receipts(session, schema.workspace_id, schema.name, model, _RECORDS)
    pages = sum(receipt["looked_at"] - len(receipt["blank"]) for receipt in receipts)
    if pages > 0:
        checked = sum(receipt["checked"] for receipt in receipts)
        return math.ceil(asked * checked / (pages * len(prompts))), By.RECORDS
    fields = sum(prompt.kind is PromptKind.FIELD for prompt in prompts)
    return asked * fields // len(prompts), By.FIELDS


def _missing(
    session: Session, workspace_id: str, pictures: Sequence[str], prompts: Sequence[Prompt], model: str
) -> dict[str, int]:
    """How many prompts are not answered yet on each picture, by the model as it was when it last said something."""
    newest = inferences.latest(session, workspace_id, model)
    if newest is None:
        return dict.fromkeys(pictures, len(prompts))
    identity = ModelIdentity(newest.model, newest.revision, newest.decoding)
    missing: dict[str, int] = {}
    for start in range(0, len(pictures), _PART):
        keys = {p: [inference_key(p, prompt, identity) for prompt in prompts] for p in pictures[start : start + _PART]}
        known = inferences.known_keys(session, workspace_id, (key for some in keys.values() for key in some))
        missing |= {picture: sum(key not in known for key in set(some)) for picture, some in keys.items()}
    return missing
