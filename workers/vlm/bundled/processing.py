"""The bundled model's processor: pages to ink, prompts and chats to character ids, ids back to text."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import BatchFeature, PreTrainedTokenizerFast
from transformers.image_processing_utils import BaseImageProcessor
from transformers.image_utils import load_image
from transformers.processing_utils import ProcessorMixin

from workers.vlm.bundled.configuration import ALPHABET
from workers.vlm.bundled.finder import SIDE
from workers.vlm.bundled.prompts import prompt_ids, task_of, task_rows

# A chat's prompt is what its last user said; turns before it are not looked at.
CHAT_TEMPLATE = (
    "{%- set said = namespace(text='') -%}"
    "{%- for message in messages if message['role'] == 'user' -%}"
    "{%- if message['content'] is string -%}{%- set said.text = message['content'] -%}"
    "{%- else -%}{%- set said.text = message['content'] | selectattr('type', 'equalto', 'text')"
    " | map(attribute='text') | join(' ') -%}{%- endif -%}"
    "{%- endfor -%}{{ said.text }}"
)


class FolioscopeImageProcessor(BaseImageProcessor):  # type: ignore[misc]
    """An upright page to ink, 0 white to 1 black, at a size near 150 dpi of a letter page."""

    model_input_names = ("pixel_values", "page_size")

    def __init__(self, max_pixels: int = 2_400_000, min_pixels: int = 400_000, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_pixels, self.min_pixels = max_pixels, min_pixels

    def preprocess(self, images: Any, return_tensors: str | None = None, **_: Any) -> BatchFeature:
        """Pages to `pixel_values` (B, 1, H, W), sides multiples of 32, and `page_size` (B, 2): width, height."""
        pages = [self._sized(image) for image in _flat(images)]
        height, width = (-(-max(p.shape[i] for p in pages) // SIDE) * SIDE for i in (0, 1))
        ink = np.zeros((len(pages), 1, height, width), np.float32)
        for row, page in enumerate(pages):
            ink[row, 0, : page.shape[0], : page.shape[1]] = np.divide(255 - page, 255, dtype=np.float32)
        size = np.array([[p.shape[1], p.shape[0]] for p in pages], np.int64)  # whole: no dtype of a model rounds it
        return BatchFeature({"pixel_values": ink, "page_size": size}, tensor_type=return_tensors)

    def _sized(self, image: Image.Image) -> "np.ndarray[Any, np.dtype[np.uint8]]":
        gray = image.convert("L")
        pixels = gray.width * gray.height
        wanted = min(max(pixels, self.min_pixels), self.max_pixels)
        if wanted != pixels:
            share = math.sqrt(wanted / pixels)
            size = (max(SIDE, round(gray.width * share)), max(SIDE, round(gray.height * share)))
            gray = gray.resize(size, Image.Resampling.LANCZOS if share < 1 else Image.Resampling.BICUBIC)
        return np.asarray(gray)


def _flat(images: Any) -> list[Image.Image]:
    """One image, its path or address, a list, or a list of lists (the pipeline's form)."""
    if isinstance(images, str):
        return [load_image(images)]
    if isinstance(images, Image.Image):
        return [images]
    if isinstance(images, np.ndarray):
        return [Image.fromarray(images)]
    return [page for image in images for page in _flat(image)]


class FolioscopeProcessor(ProcessorMixin):  # type: ignore[misc]
    """Image processor and tokenizer behind one call."""

    attributes = ("image_processor", "tokenizer")

    def __init__(
        self,
        image_processor: FolioscopeImageProcessor,
        tokenizer: PreTrainedTokenizerFast,
        word_length: int = 20,
        **kwargs: Any,
    ) -> None:
        self.word_length = word_length
        kwargs.setdefault("chat_template", CHAT_TEMPLATE)
        super().__init__(image_processor, tokenizer, **kwargs)

    def __call__(
        self, images: Any = None, text: str | Sequence[str] | None = None, return_tensors: str | None = "pt", **_: Any
    ) -> BatchFeature:
        """Pages and prompts: `pixel_values`, `page_size`, `input_ids` (P, T, L), `attention_mask` (P, T), `tasks`.

        A prompt is a field, a question, or a task: `<read>`, `<read x0 y0 x1 y1>` in shares of the page, or
        `<locate>words`.
        """
        data: dict[str, Any] = {}
        if images is not None:
            data.update(self.image_processor.preprocess(images, return_tensors=return_tensors))
        if text is not None:
            prompts = [text] if isinstance(text, str) else list(text)
            ids, there = prompt_ids(prompts, self.word_length)
            tasks = task_rows([task_of(prompt) for prompt in prompts])
            data |= {"input_ids": ids, "attention_mask": there.to(torch.long), "tasks": tasks}
        return BatchFeature(data)

    @classmethod
    def _get_arguments_from_pretrained(
        cls, name: str, _processor_dict: dict[str, Any] | None = None, **kwargs: Any
    ) -> list[Any]:
        """Both parts by their own classes: the library's look-up by name knows only its own image processors."""
        return [
            FolioscopeImageProcessor.from_pretrained(name, **kwargs),
            PreTrainedTokenizerFast.from_pretrained(name, **kwargs),
        ]

    def batch_decode(self, sequences: Any, **kwargs: Any) -> list[str]:
        """Ids (P, T) to text, an absent answer to the empty one; or words (P, T, L) to a prompt."""
        kwargs.setdefault("skip_special_tokens", True)
        if getattr(sequences, "ndim", 2) == 3:  # noqa: PLR2004 - prompts are words of characters
            prompts = [self.tokenizer.batch_decode(words, **kwargs) for words in sequences]
            return [" ".join(word for word in words if word) for words in prompts]
        return list(self.tokenizer.batch_decode(sequences, **kwargs))

    def post_process_image_text_to_text(self, generated_outputs: Any, **kwargs: Any) -> list[str]:
        """What the pipeline of the same name shows."""
        return self.batch_decode(generated_outputs, **kwargs)


def make_tokenizer() -> PreTrainedTokenizerFast:
    """One token a character: 0 padding (the reader's blank), the alphabet, the end, the unknown, the line feed."""
    vocabulary = (
        {"<pad>": 0}
        | {c: i for i, c in enumerate(ALPHABET, start=1)}
        | {"</s>": len(ALPHABET) + 1, "<unk>": len(ALPHABET) + 2, "\n": len(ALPHABET) + 3}
    )
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))  # noqa: S106 - a token, not a secret
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("(?m)."), "isolated")
    tokenizer.decoder = decoders.Fuse()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",  # noqa: S106 - tokens, no secrets
        eos_token="</s>",  # noqa: S106 - likewise
        unk_token="<unk>",  # noqa: S106 - likewise
        clean_up_tokenization_spaces=False,
    )
