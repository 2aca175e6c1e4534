"""The bundled model behind the model interface."""

import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import torch
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor

from core.errors import ModelUnavailable
from core.records import Box, StopReason
from workers.vlm.bundled.modeling import Answer, FolioscopeForImageTextToText, ReadPage
from workers.vlm.bundled.processing import FolioscopeProcessor
from workers.vlm.interface import Generation, ModelIdentity, PageRequest

FOLDER = Path(__file__).parent
DECODING = "pointers-1"  # changes when the way from scores to text does
KEPT_PAGES = 128  # read pages kept for the next question, about half a megabyte each


@dataclass
class BundledModel:
    """Reads a page once, answers all its prompts in one batch, and keeps recent pages for follow-up questions."""

    model: FolioscopeForImageTextToText
    processor: FolioscopeProcessor
    identity: ModelIdentity

    def __post_init__(self) -> None:
        """Begin with no page kept."""
        self._pages: OrderedDict[str, ReadPage | None] = OrderedDict()

    @classmethod
    def load(cls, folder: Path = FOLDER, threads: int = 0) -> Self:
        """Load weights that match their checksum; `threads` 0 leaves torch's own choice."""
        if threads:
            torch.set_num_threads(threads)
        weights = folder / "model.safetensors"
        if not weights.exists():
            raise ModelUnavailable("The bundled model's weights are not installed; install the package whole.")
        digest = hashlib.sha256(weights.read_bytes()).hexdigest()
        _check(folder, digest)
        model = AutoModelForImageTextToText.from_pretrained(folder, dtype=torch.float32).eval()
        processor = AutoProcessor.from_pretrained(folder)
        return cls(model, processor, ModelIdentity("bundled", digest[:16], DECODING))

    def generate(
        self, requests: Sequence[PageRequest], cancelled: Callable[[], bool] = lambda: False
    ) -> list[list[Generation]]:
        """Answer every prompt of every page; a cancel is seen between pages, and answers the rest with `cancelled`."""
        return [self._cancelled(r) if cancelled() else self._page(r) for r in requests]

    def _cancelled(self, request: PageRequest) -> list[Generation]:
        return [Generation(None, None, None, StopReason.CANCELLED, 0.0) for _ in request.prompts]

    def _page(self, request: PageRequest) -> list[Generation]:
        start = time.perf_counter()
        page = self.read(request.image)
        if page is None:
            answers = [Answer(None, None, (1.0,), 1.0) for _ in request.prompts]
            size = (1.0, 1.0)
        else:
            inputs = self.processor(text=[p.text for p in request.prompts])
            answers = self.model.answer(page, inputs["input_ids"], inputs["attention_mask"].bool())
            size = page.size
        seconds = (time.perf_counter() - start) / max(1, len(request.prompts))
        return [_generation(a, size, seconds) for a in answers]

    def read(self, image: Image.Image) -> ReadPage | None:
        """The page as words, from the kept pages where it is among them; None where no text was found."""
        key = hashlib.sha256(image.tobytes() + str(image.size).encode()).hexdigest()
        if key in self._pages:
            self._pages.move_to_end(key)
            return self._pages[key]
        inputs = self.processor.image_processor.preprocess(image, return_tensors="pt")
        width, height = inputs["page_size"][0].tolist()
        page = self.model.read(inputs["pixel_values"], (width, height))
        self._pages[key] = page
        while len(self._pages) > KEPT_PAGES:
            self._pages.popitem(last=False)
        return page


def _check(folder: Path, digest: str) -> None:
    """Refuse weights that are not the ones that were released."""
    sums = folder / "SHA256SUMS"
    if sums.exists() and f"{digest}  model.safetensors" not in sums.read_text().splitlines():
        raise ModelUnavailable("The bundled model's weights do not match their checksum; install the package again.")


def _generation(answer: Answer, size: tuple[float, float], seconds: float) -> Generation:
    """An answer in page space: confidence is the product of its probabilities, or that of its absence."""
    product = 1.0
    for probability in answer.probabilities:
        product *= min(1.0, probability)
    if answer.text is None or answer.box is None:
        return Generation(None, answer.probabilities, None, StopReason.END, seconds, product)
    (x0, y0, x1, y1), (width, height) = answer.box, size
    inside = [min(1.0, max(0.0, v)) for v in (x0 / width, y0 / height, x1 / width, y1 / height)]
    return Generation(answer.text, answer.probabilities, Box(*inside), StopReason.END, seconds, product)


def promised_share(folder: Path = FOLDER) -> float:
    """The share of sample fields that the model card promises to be read exactly."""
    share: float = json.loads((folder / "promise.json").read_text())["promised_share"]
    return share
