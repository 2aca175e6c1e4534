"""Inferences on one page: looked up by content, and only what is missing is asked of the model, as one batch."""

import hashlib
import io
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image

from core.errors import GenerationCutShort, GenerationLoops
from core.records import StopReason
from storage import inferences
from storage.blobs import BlobStore
from storage.database import Sessions
from workers.vlm.interface import Generation, Model, ModelIdentity, PageRequest, Prompt


class Interrupted(Exception):
    """The work was ended from outside; its results are dropped."""


@dataclass(frozen=True, slots=True)
class Inference:
    """What a model said to one prompt on one page. `fresh` tells that it is not stored yet."""

    prompt: Prompt
    key: str
    generation: Generation
    fresh: bool


def inference_key(image_sha256: str, prompt: Prompt, identity: ModelIdentity) -> str:
    """The name of an inference by its content: equal pictures, prompts, models and decodings share it."""
    parts = [image_sha256, prompt.kind.value, prompt.text, identity.name, identity.revision, identity.decoding]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def confidence_of(generation: Generation) -> float | None:
    """The model's own figure, or the product of its token probabilities; None where it gives none."""
    if generation.confidence is not None:
        return generation.confidence
    return None if generation.probabilities is None else math.prod(generation.probabilities)


def failure_of(stop: StopReason) -> str:
    """The code of a generation that is a failure to report, never a value."""
    return (GenerationLoops if stop is StopReason.LOOP else GenerationCutShort).code


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

    Raises Interrupted where `cancelled` says so, BlobMissing where the page's picture is gone.
    """
    keys = [inference_key(image_sha256, p, model.identity) for p in prompts]
    with sessions() as session:
        known = {key: _generation_of(row) for key, row in inferences.find(session, workspace_id, keys).items()}
    missing = {key: p for key, p in zip(keys, prompts, strict=True) if key not in known}  # equal prompts are asked once
    if missing:
        known |= _run(model, _picture(blobs, image_sha256), missing, cancelled)
    return [Inference(p, key, known[key], fresh=key in missing) for key, p in zip(keys, prompts, strict=True)]


def _run(
    model: Model, image: Image.Image, missing: dict[str, Prompt], cancelled: Callable[[], bool]
) -> dict[str, Generation]:
    """Ask the model once for everything that is missing on a page."""
    if cancelled():
        raise Interrupted
    (generations,) = model.generate([PageRequest(image, tuple(missing.values()))], cancelled)
    if any(g.stop is StopReason.CANCELLED for g in generations):
        raise Interrupted
    return dict(zip(missing, generations, strict=True))


def _picture(blobs: BlobStore, sha256: str) -> Image.Image:
    """The page's picture, decoded."""
    image = Image.open(io.BytesIO(blobs.read(sha256)))
    image.load()
    return image
