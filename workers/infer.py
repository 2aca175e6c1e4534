"""Inferences on one page: looked up by content, and only what is missing is asked of the model, as one batch.

What was said is stored at once, before the item that wanted it ends: whoever wants the same then finds it.
"""

import hashlib
import json
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from core.errors import GenerationCutShort, GenerationLoops
from core.records import Box, StopReason
from storage import inferences
from storage.blobs import BlobStore
from storage.database import Sessions
from storage.tables import Inference as Row
from workers.pages import picture_of
from workers.said import lines_from, plain_lines, plain_table, table_from
from workers.underway import UNDERWAY, claimed, wait_elsewhere
from workers.vlm.interface import Column, Generation, Model, ModelIdentity, PageRequest, Prompt


class Interrupted(Exception):
    """The work was ended from outside; its results are dropped."""


@dataclass(frozen=True, slots=True)
class Inference:
    """What a model said to one prompt on one page. `fresh` tells that it was asked just now."""

    prompt: Prompt
    key: str
    generation: Generation
    fresh: bool


@dataclass(frozen=True, slots=True)
class PageAsked:
    """A page's picture, and everything that is asked of it."""

    workspace_id: str
    image_sha256: str
    prompts: tuple[Prompt, ...]


def inference_key(image_sha256: str, prompt: Prompt, identity: ModelIdentity) -> str:
    """The name of an inference by its content: equal pictures, prompts, models and decodings share it."""
    parts = [image_sha256, prompt.kind.value, prompt.text, identity.name, identity.revision, identity.decoding]
    more: list[Any] = [prompt.region.as_list()] if prompt.region else []
    more += [{"schema": prompt.schema}] if prompt.schema is not None else []
    more += [{"labels": prompt.labels}] if prompt.labels else []
    more += [{"columns": [_column_key(column) for column in prompt.columns]}] if prompt.columns else []
    more += [{"turns": [(turn.role, turn.text) for turn in prompt.turns]}] if prompt.turns else []
    more += [{"budget": prompt.budget}] if prompt.budget is not None else []
    return hashlib.sha256(json.dumps([*parts, *more]).encode()).hexdigest()


def _column_key(column: Column) -> list[Any]:
    schema = None if column.schema is None else dict(column.schema)
    return [column.key, column.title, column.description, column.kind.value, schema]


def confidence_of(generation: Generation) -> float | None:
    """The model's own figure, or the product of its token probabilities; None where it gives none."""
    if generation.confidence is not None:
        return generation.confidence
    return None if generation.probabilities is None else math.prod(generation.probabilities)


def failure_of(generation: Generation) -> str | None:
    """The code of a generation that is a failure to report, never a value; None of one that is none."""
    if generation.error is not None or generation.stop is StopReason.END:
        return generation.error
    return (GenerationLoops if generation.stop is StopReason.LOOP else GenerationCutShort).code


def is_kept(inference: Inference) -> bool:
    """Whether an inference is stored. One that went wrong in form is not: the next job asks for it again."""
    return inference.generation.error is None


def infer(
    sessions: Sessions,
    blobs: BlobStore,
    model: Model,
    workspace_id: str,
    image_sha256: str,
    prompts: Sequence[Prompt],
    cancelled: Callable[[], bool],
) -> list[Inference]:
    """One inference a prompt, in order; what is not in the cache is run as one batch. No transaction is open meanwhile.

    Raises Interrupted where `cancelled` says so, and stores what was said by then. Raises BlobMissing where the page's
    picture is gone.
    """

    def ask(missing: Sequence[Prompt]) -> list[Generation]:
        if cancelled():
            raise Interrupted
        (said,) = model.generate([PageRequest(picture_of(blobs, image_sha256), tuple(missing))], cancelled)
        ended = [(p, g) for p, g in zip(missing, said, strict=True) if g.stop is not StopReason.CANCELLED]
        if len(ended) < len(said):
            made = [Inference(p, inference_key(image_sha256, p, model.identity), g, fresh=True) for p, g in ended]
            _store(sessions, workspace_id, rows_of(made, image_sha256, model.identity))
            raise Interrupted
        return said

    return recall(sessions, workspace_id, image_sha256, model.identity, prompts, ask, cancelled)


def recall(
    sessions: Sessions,
    workspace_id: str,
    image_sha256: str,
    identity: ModelIdentity,
    prompts: Sequence[Prompt],
    ask: Callable[[Sequence[Prompt]], Sequence[Generation]],
    cancelled: Callable[[], bool],
) -> list[Inference]:
    """One inference a prompt, in order: from the cache, or as `ask` has it of those that are missing there.

    What another thread or process is asking already is waited for, and asked here only if it came to nothing there.
    Raises Interrupted where `cancelled` says so meanwhile.
    """
    keys = [inference_key(image_sha256, p, identity) for p in prompts]
    asked: dict[str, Prompt] = {}
    for key, prompt in zip(keys, prompts, strict=True):
        asked.setdefault(key, prompt)  # equal prompts once
    made: dict[str, Inference] = {}
    while left := {key: p for key, p in asked.items() if key not in made}:
        with (
            UNDERWAY.taken(workspace_id, left) as mine,
            _claimed(sessions, workspace_id, [key for key in left if key in mine]) as (known, missing),
        ):
            said = dict(zip(missing, ask([left[key] for key in missing]), strict=True)) if missing else {}
            new = [Inference(left[key], key, generation, fresh=True) for key, generation in said.items()]
            _store(sessions, workspace_id, rows_of(new, image_sha256, identity))
        made |= {key: Inference(left[key], key, generation, fresh=False) for key, generation in known.items()}
        made |= {one.key: one for one in new}
        if not UNDERWAY.wait(workspace_id, left.keys() - mine, cancelled):
            raise Interrupted
        if not wait_elsewhere(sessions, workspace_id, mine - made.keys(), cancelled):
            raise Interrupted
    return [replace(made[key], prompt=p) for key, p in zip(keys, prompts, strict=True)]


def infer_together(
    sessions: Sessions, blobs: BlobStore, model: Model, pages: Sequence[PageAsked], cancelled: Callable[[], bool]
) -> None:
    """Run what is missing on several pages as one batch, and store it: `infer` then finds it on each of them.

    Pages of equal pictures are shown once. A page alone is left to `infer`, and so is what another thread or process
    is asking already, and everything where `cancelled` says so. Raises BlobMissing.
    """
    with ExitStack() as stack:
        missing: list[tuple[PageAsked, dict[str, Prompt]]] = []
        for page in pages:
            keyed = {inference_key(page.image_sha256, prompt, model.identity): prompt for prompt in page.prompts}
            mine = stack.enter_context(UNDERWAY.taken(page.workspace_id, keyed))  # not those of a page before, either
            keys = [key for key in keyed if key in mine]
            _, ours = stack.enter_context(_claimed(sessions, page.workspace_id, keys))
            if ours:
                missing.append((page, {key: keyed[key] for key in ours}))
        if len(missing) < 2 or cancelled():  # noqa: PLR2004 - one is no batch
            return
        _ask_together(sessions, blobs, model, missing, cancelled)


def _ask_together(
    sessions: Sessions,
    blobs: BlobStore,
    model: Model,
    missing: Sequence[tuple[PageAsked, Mapping[str, Prompt]]],
    cancelled: Callable[[], bool],
) -> None:
    """Ask what is missing of pages, by its keys, and store it; nothing where a cancel came meanwhile."""
    requests = [PageRequest(picture_of(blobs, page.image_sha256), tuple(wanted.values())) for page, wanted in missing]
    made = model.generate(requests, cancelled)
    if any(g.stop is StopReason.CANCELLED for generations in made for g in generations):
        return
    with sessions.begin() as session:
        for (page, wanted), generations in zip(missing, made, strict=True):
            new = [Inference(p, key, g, fresh=True) for (key, p), g in zip(wanted.items(), generations, strict=True)]
            inferences.store(session, page.workspace_id, rows_of(new, page.image_sha256, model.identity))


def rows_of(made: Sequence[Inference], image_sha256: str, identity: ModelIdentity) -> list[dict[str, Any]]:
    """The rows of what was asked just now, one a key."""
    fresh = {inference.key: inference for inference in made if inference.fresh and is_kept(inference)}
    return [
        {
            "key": key,
            "image_sha256": image_sha256,
            "prompt_kind": inference.prompt.kind.value,
            "prompt": inference.prompt.text,
            "model": identity.name,
            "revision": identity.revision,
            "decoding": identity.decoding,
            **_columns_of(inference.generation),
        }
        for key, inference in fresh.items()
    ]


@contextmanager
def _claimed(
    sessions: Sessions, workspace_id: str, keys: Sequence[str]
) -> Iterator[tuple[dict[str, Generation], list[str]]]:
    """What is stored under these, and which of the others are to be asked here: in order, those that nobody is at."""
    known = _known(sessions, workspace_id, keys)
    with claimed(sessions, workspace_id, [key for key in keys if key not in known]) as ours:
        known |= _known(sessions, workspace_id, ours)  # said between the look and the claim
        yield known, [key for key in keys if key in ours and key not in known]


def _known(sessions: Sessions, workspace_id: str, keys: Collection[str]) -> dict[str, Generation]:
    """What is stored under these."""
    if not keys:
        return {}
    with sessions() as session:
        return {key: _generation_of(row) for key, row in inferences.find(session, workspace_id, keys).items()}


def _store(sessions: Sessions, workspace_id: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        with sessions.begin() as session:
            inferences.store(session, workspace_id, rows)


def _columns_of(generation: Generation) -> dict[str, Any]:
    return {
        "text": generation.text,
        "probabilities": None if generation.probabilities is None else list(generation.probabilities),
        "confidence": generation.confidence,
        "box": generation.box.as_list() if generation.box else None,
        "lines": plain_lines(generation.lines),
        "table": plain_table(generation.table),
        "stop": generation.stop,
        "seconds": generation.seconds,
    }


def _generation_of(row: Row) -> Generation:
    """What was stored, as the model said it."""
    return Generation(
        text=row.text,
        probabilities=None if row.probabilities is None else tuple(row.probabilities),
        box=None if row.box is None else Box(*row.box),
        stop=StopReason(row.stop),
        seconds=row.seconds,
        confidence=row.confidence,
        lines=lines_from(row.lines),
        table=table_from(row.table),
    )


def run(model: Model, requests: Sequence[PageRequest], cancelled: Callable[[], bool]) -> list[list[Generation]]:
    """Ask a model. Raises Interrupted where `cancelled` says so, before or meanwhile."""
    if cancelled():
        raise Interrupted
    made = model.generate(requests, cancelled)
    if any(g.stop is StopReason.CANCELLED for generations in made for g in generations):
        raise Interrupted
    return made
