"""ColPali and ColQwen2 checkpoints behind the interface, loaded by path or hub id."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from transformers import AutoConfig, AutoProcessor, ColPaliForRetrieval, ColQwen2ForRetrieval

from core.errors import ModelUnavailable
from workers.vlm.embedding.interface import PAGES_AT_ONCE
from workers.vlm.interface import ModelIdentity
from workers.vlm.local.loading import revision_of

FAMILIES: Mapping[str, Any] = {"colpali": ColPaliForRetrieval, "colqwen2": ColQwen2ForRetrieval}
LONGEST_QUERY = 2_000  # characters of a text that are looked at
_SHOWN = {"input_ids", "attention_mask", "token_type_ids", "pixel_values", "image_grid_thw"}


class LateInteraction:
    """A checkpoint of a family that tells pages and texts by many vectors each."""

    def __init__(self, model: Any, processor: Any, identity: ModelIdentity) -> None:
        self._model, self._processor, self._identity = model, processor, identity

    @classmethod
    def load(
        cls, name: str, revision: str | None = None, device: str = "cpu", dtype: str = "auto", threads: int = 0
    ) -> Self:
        """Load a checkpoint: its weights from safetensors alone, and none of its code.

        Raises ModelUnavailable with the reason in one line.
        """
        if threads:
            torch.set_num_threads(threads)
        try:
            config = AutoConfig.from_pretrained(name, revision=revision, trust_remote_code=False)
            family = FAMILIES.get(config.model_type)
            if family is None:
                known = " and ".join(FAMILIES)
                says = f"The model {name!r} is of the family {config.model_type!r}; visual search takes {known}."
                raise ModelUnavailable(says, model=name)
            processor = AutoProcessor.from_pretrained(name, revision=revision, trust_remote_code=False)
            loaded = family.from_pretrained(name, revision=revision, dtype=dtype, use_safetensors=True)
            model = loaded.to(device).eval()
        except (OSError, ValueError, ImportError, RuntimeError, KeyError) as error:
            reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise ModelUnavailable(f"The model {name!r} could not be loaded: {reason}", model=name) from error
        return cls(model, processor, ModelIdentity(name, revision_of(name, model), "late-interaction-1"))

    @property
    def identity(self) -> ModelIdentity:
        """Name and revision of this model."""
        return self._identity

    def embed_pages(self, images: Sequence[Image.Image]) -> list[NDArray[np.float32]]:
        """Of each page its vectors, (patches, width). Pages of one size go together: so none of them is padded."""
        made: dict[int, NDArray[np.float32]] = {}
        order = sorted(range(len(images)), key=lambda at: images[at].size)
        for _, alike in groupby(order, key=lambda at: images[at].size):
            places = list(alike)
            for first in range(0, len(places), PAGES_AT_ONCE):
                some = places[first : first + PAGES_AT_ONCE]
                shown = self._processor.process_images([images[at].convert("RGB") for at in some])
                made |= dict(zip(some, self._vectors(shown), strict=True))
        return [made[at] for at in range(len(images))]

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """The vectors of a text's tokens, (tokens, width). Of a very long text its beginning is looked at."""
        return self._vectors(self._processor.process_queries([text[:LONGEST_QUERY]]))[0]

    def _vectors(self, shown: Mapping[str, Any]) -> list[NDArray[np.float32]]:
        given = {name: value.to(self._model.device) for name, value in shown.items() if name in _SHOWN}
        with torch.inference_mode():
            said = self._model(**given).embeddings  # (B, tokens, width)
        masks = given["attention_mask"].bool()  # (B, tokens)
        return [one[mask].float().cpu().numpy() for one, mask in zip(said, masks, strict=True)]
