"""What an extraction would cost, told before it is begun: pages, what is known of them already, and about how long."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.records import PageState
from storage import inferences, planning, records
from storage.database import Session
from storage.tables import Schema
from workers.inference import inference_key
from workers.prompts import prompts_of, prompts_with_rows
from workers.vlm.interface import ModelIdentity, Prompt, PromptKind

_PART = 2_000  # pages whose keys are looked up at a time
_RECORDS = 100  # the latest, whose checks are counted


class By(StrEnum):
    """What tells how many boxes would be read again alone."""

    NOTHING = "nothing"  # none would be
    RECORDS = "records"  # about as many as on the pages of the latest records of the schema
    FIELDS = "fields"  # at most one for each field; how many cells rows will have, nobody knows


@dataclass(frozen=True, slots=True)
class Asks:
    """What a model is asked beside fields, as far as that is known without loading it."""

    rows: bool = True  # for the schema's tables
    checks: bool = False  # whether boxes of values are read again alone


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
    seconds: float | None  # of one model on this machine's word; None: it has read nothing here yet
    model: str


def estimate(
    session: Session,
    workspace_id: str,
    schema: Schema,
    document_ids: Sequence[str] | None,
    model: str,
    asks: Asks,
) -> Estimate:
    """What reading this schema from these documents, or from all, would take. Raises DocumentNotFound."""
    pages = planning.pages_to_cover(session, workspace_id, document_ids)
    blank = sum(is_blank for _, state, _, is_blank in pages if state is PageState.READY)
    failed = sum(state is PageState.FAILED for _, state, _, _ in pages)
    drawn = [sha256 for _, _, sha256, is_blank in pages if sha256 is not None and not is_blank]
    waiting = len(pages) - blank - failed - len(drawn)
    prompts = prompts_with_rows(schema.body) if asks.rows else prompts_of(schema.body)
    missing = _missing(session, workspace_id, list(dict.fromkeys(drawn)), prompts, model)
    known = sum(not missing[sha256] for sha256 in drawn)
    to_read = sum(count > 0 for count in missing.values()) + waiting
    pace = inferences.seconds_a_page(session, workspace_id, model)
    asked = sum(missing.values()) + waiting * len(prompts)
    checks, by = _checks(session, schema, model, prompts, asked) if asks.checks and asked else (0, By.NOTHING)
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
