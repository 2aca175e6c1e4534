"""Any checkpoint by path or hub id, through the Auto classes: greedy, with the probability of each token."""

import hashlib
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import torch
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor, StoppingCriteriaList

from core.errors import ModelUnavailable
from core.records import StopReason
from workers.vlm.asking import instruction_for, read_reply
from workers.vlm.interface import Generation, ModelIdentity, PageRequest, Prompt
from workers.vlm.stops import CancelStop, LoopStop, loops

MAX_NEW_TOKENS = 128
PROMPTS_AT_ONCE = 8  # prompts of one page in one batch: bounds memory
DECODING = f"greedy-{MAX_NEW_TOKENS}-1"  # changes when the way from prompt to text does
_WEIGHTS_AND_WORDS = {".safetensors", ".bin", ".json", ".model", ".txt", ".jinja"}


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A checkpoint of the library's image-text-to-text classes, whatever its family."""

    model: Any
    processor: Any
    identity: ModelIdentity

    @classmethod
    def load(
        cls, name: str, revision: str | None = None, device: str = "cpu", dtype: str = "auto", threads: int = 0
    ) -> Self:
        """Load a checkpoint by path or hub id. Raises ModelUnavailable with the reason in one line."""
        if threads:
            torch.set_num_threads(threads)
        try:
            # Never the checkpoint's own code: on a terminal the library would ask, and who answers is not the operator.
            processor = AutoProcessor.from_pretrained(name, revision=revision, trust_remote_code=False)
            loaded = AutoModelForImageTextToText.from_pretrained(
                name, revision=revision, dtype=dtype, trust_remote_code=False
            )
            model = loaded.to(device).eval()
        except (OSError, ValueError, ImportError, RuntimeError, KeyError) as error:
            reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise ModelUnavailable(f"The model {name!r} could not be loaded: {reason}", model=name) from error
        tokenizer = getattr(processor, "tokenizer", None)
        if tokenizer is not None:
            tokenizer.padding_side = "left"  # new tokens of a batch begin in one column
            tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
        return cls(model, processor, ModelIdentity(name, _revision_of(name, model), DECODING))

    def generate(
        self, requests: Sequence[PageRequest], cancelled: Callable[[], bool] = lambda: False
    ) -> list[list[Generation]]:
        """Answer every prompt of every page. A cancel ends the running batch at its next token, the rest unasked."""
        return [self._page(request, cancelled) for request in requests]

    def _page(self, request: PageRequest, cancelled: Callable[[], bool]) -> list[Generation]:
        image = request.image.convert("RGB")
        generations: list[Generation] = []
        for start in range(0, len(request.prompts), PROMPTS_AT_ONCE):
            prompts = request.prompts[start : start + PROMPTS_AT_ONCE]
            if cancelled():
                generations += [Generation(None, None, None, StopReason.CANCELLED, 0.0) for _ in prompts]
            else:
                generations += self._batch(image, prompts, cancelled)
        return generations

    def _batch(self, image: Image.Image, prompts: Sequence[Prompt], cancelled: Callable[[], bool]) -> list[Generation]:
        began = time.perf_counter()
        inputs = self._inputs(image, [instruction_for(p) for p in prompts])
        cancel = CancelStop(cancelled)
        prompt_length = inputs["input_ids"].shape[1] if "input_ids" in inputs and not self._encodes else 1
        with torch.inference_mode():
            output = self.model.generate(
                **inputs,
                max_new_tokens=MAX_NEW_TOKENS,
                do_sample=False,
                num_beams=1,
                output_scores=True,
                return_dict_in_generate=True,
                stopping_criteria=StoppingCriteriaList([LoopStop(prompt_length), cancel]),
            )
            chances = self.model.compute_transition_scores(
                output.sequences, output.scores, normalize_logits=True
            ).exp()  # (B, new)
        new = output.sequences[:, -len(output.scores) :].tolist()  # B lists of new tokens
        seconds = (time.perf_counter() - began) / len(prompts)
        return [
            self._generation(*row, cancelled=cancel.seen, seconds=seconds)
            for row in zip(new, chances.tolist(), strict=True)
        ]

    @property
    def _encodes(self) -> bool:
        """Whether prompts are read by an encoder, so that the output holds new tokens alone."""
        return bool(self.model.config.is_encoder_decoder)

    def _inputs(self, image: Image.Image, instructions: list[str]) -> dict[str, Any]:
        """One batch, each row the page and one instruction: a chat where the processor has a template, else plain."""
        if getattr(self.processor, "chat_template", None):
            texts = [
                self.processor.apply_chat_template(_chat(text), add_generation_prompt=True, tokenize=False)
                for text in instructions
            ]
            images: list[Any] = [[image] for _ in texts]
        else:
            token = getattr(self.processor, "image_token", None)
            texts = [f"{token}\n{text}\n" if token else text for text in instructions]
            images = [image for _ in texts]
        batch = self.processor(images=images, text=texts, padding=True, return_tensors="pt")
        return {k: self._placed(v) for k, v in batch.items()}

    def _placed(self, tensor: Any) -> Any:
        """A tensor on the model's device; numbers with a point in its dtype."""
        dtype = self.model.dtype if tensor.is_floating_point() else tensor.dtype
        return tensor.to(self.model.device, dtype)

    def _generation(self, tokens: list[int], chances: list[float], *, cancelled: bool, seconds: float) -> Generation:
        """Cut a row at its end mark and say why it ended. Only a row that reached its end mark gives a text."""
        ends = self._end_tokens()
        length = next((i + 1 for i, token in enumerate(tokens) if token in ends), len(tokens))
        ended = length > 0 and tokens[length - 1] in ends
        probabilities = tuple(min(1.0, chance) for chance in chances[:length])
        if not ended:
            stop = StopReason.CANCELLED if cancelled else StopReason.LOOP if loops(tokens) else StopReason.BUDGET
            return Generation(None, probabilities, None, stop, seconds)
        said = self._tokenizer().decode(tokens[:length], skip_special_tokens=True)
        return Generation(read_reply(said), probabilities, None, StopReason.END, seconds, math.prod(probabilities))

    def _end_tokens(self) -> set[int]:
        ends = self.model.generation_config.eos_token_id
        if ends is None:
            ends = self._tokenizer().eos_token_id
        return set(ends) if isinstance(ends, list | tuple) else {ends}

    def _tokenizer(self) -> Any:
        return getattr(self.processor, "tokenizer", self.processor)


def _chat(instruction: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": instruction}]}]


def _revision_of(name: str, model: Any) -> str:
    """The hub commit, or a hash of everything in the folder that decides what the model says."""
    folder = Path(name)
    if not folder.is_dir():
        return str(getattr(model.config, "_commit_hash", None) or "unknown")
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.iterdir() if p.suffix in _WEIGHTS_AND_WORDS):
        digest.update(path.name.encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]
