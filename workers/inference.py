"""What a model said to one prompt on one page: its name by content, whether it counts, and its row."""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import GenerationCutShort, GenerationLoops
from core.records import Box, StopReason
from storage.tables import Inference as Row
from workers.said import lines_from, plain_lines, plain_table, table_from
from workers.vlm.interface import Column, Generation, ModelIdentity, Prompt


@dataclass(frozen=True, slots=True)
class Inference:
    """What a model said to one prompt on one page. `fresh` tells that it was asked just now."""

    prompt: Prompt
    key: str
    generation: Generation
    fresh: bool


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


def generation_of(row: Row) -> Generation:
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
