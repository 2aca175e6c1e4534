"""From prompts to the inputs of a model: what is encoded once, and how rows of unequal lengths are batched."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from PIL import Image
from torch import Tensor
from transformers import DynamicCache
from transformers.modeling_outputs import BaseModelOutput, BaseModelOutputWithPooling

from workers.vlm.local.families import Entry, Shared
from workers.vlm.local.header import with_header
from workers.vlm.local.loading import Checkpoint
from workers.vlm.local.pages import Page, RecentPages, key_of, shown_size
from workers.vlm.local.prompting import Asked, mark_of

_GUESSED_PAGE = 1024  # tokens of a page, where only the processor knows


class CannotShare(Exception):
    """The prompts of a page have less in common than the family's row says."""


@dataclass(frozen=True, slots=True)
class Row:
    """A prompt on its way through the model."""

    asked: Asked
    page: Page
    ids: Tensor  # (T,) what is read after what its page's prompts share
    length: int  # tokens that it costs before its reply


class Way(Protocol):
    """How one family's rows are made and batched."""

    ragged: bool  # whether rows of unequal lengths may share a batch

    def row(self, asked: Asked) -> Row:
        """A prompt with its page, encoded now or lately."""
        ...

    def batch(self, rows: Sequence[Row]) -> dict[str, Any]:
        """What `generate` takes for these rows."""
        ...


def way_of(checkpoint: Checkpoint, pages: RecentPages) -> Way:
    """How this checkpoint's family shares its pages."""
    match checkpoint.family.shared:
        case Shared.PREFIX:
            return SharedPrefix(checkpoint, pages)
        case Shared.FEATURES:
            return SharedFeatures(checkpoint, pages)
        case Shared.ENCODER:
            return SharedEncoder(checkpoint, pages)
        case Shared.NOTHING:
            return Whole(checkpoint)


def placed(checkpoint: Checkpoint, value: Any) -> Any:
    """A tensor where the model is; numbers with a point in its dtype."""
    if not isinstance(value, Tensor):
        return value
    dtype = checkpoint.model.dtype if value.is_floating_point() else value.dtype
    return value.to(checkpoint.model.device, dtype)


def process(checkpoint: Checkpoint, images: Sequence[Sequence[Image.Image]], texts: Sequence[str]) -> dict[str, Any]:
    """The processor's tensors for rows of pictures and text, padded."""
    flat = [image for row in images for image in row]
    if checkpoint.family.entry is Entry.HEADER and checkpoint.processor.image_processor.is_vqa:
        drawn = [with_header(image, text) for image, text in zip(flat, texts, strict=True)]
        batch = checkpoint.processor.image_processor(drawn, is_vqa=False, return_tensors="pt")
    else:
        nested: list[Any] = flat if mark_of(checkpoint) is None else [list(row) for row in images]
        batch = checkpoint.processor(images=nested, text=list(texts), padding=True, return_tensors="pt")
    return {k: placed(checkpoint, v) for k, v in batch.items() if k != "labels"}


def pad(rows: Sequence[Tensor], value: int, *, left: bool) -> tuple[Tensor, Tensor]:
    """Rows of ids in one (B, L), and a mask of what is real."""
    longest = max(len(row) for row in rows)
    ids = rows[0].new_full((len(rows), longest), value)
    mask = torch.zeros_like(ids)
    for number, row in enumerate(rows):
        part = slice(longest - len(row), longest) if left else slice(0, len(row))
        ids[number, part], mask[number, part] = row, 1
    return ids, mask


class Whole:
    """Nothing is shared: each row is its pages and its text, as the processor makes them."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.checkpoint = checkpoint
        self.ragged = not checkpoint.model.config.is_encoder_decoder

    def row(self, asked: Asked) -> Row:
        """Lengths are guessed: only the processor knows how many tokens a page becomes."""
        words = token_ids(self.checkpoint, asked.text)
        size = asked.images[0].size
        return Row(asked, Page(size), words, len(words) + _GUESSED_PAGE * len(asked.images))

    def batch(self, rows: Sequence[Row]) -> dict[str, Any]:
        """Pages and texts through the processor."""
        return process(self.checkpoint, [r.asked.images for r in rows], [r.asked.text for r in rows])


def token_ids(checkpoint: Checkpoint, text: str) -> Tensor:
    """A text as tokens, nothing set before or behind it."""
    ids = checkpoint.tokenizer(text, add_special_tokens=False)["input_ids"]
    return torch.tensor(ids, dtype=torch.long, device=checkpoint.model.device)


class SharedPrefix:
    """Keys and values of everything up to the last picture are kept; a row is what stands behind it."""

    def __init__(self, checkpoint: Checkpoint, pages: RecentPages) -> None:
        self.checkpoint, self.pages = checkpoint, pages
        kosmos = checkpoint.model.config.model_type == "kosmos-2"
        self.anchor: str = checkpoint.processor.eoi_token if kosmos else checkpoint.processor.image_token
        self.ragged = not kosmos  # its positions count padding
        self.inner = checkpoint.model.model if hasattr(checkpoint.model, "model") else checkpoint.model

    def row(self, asked: Asked) -> Row:
        """The words after the last picture, and the page's keys and values."""
        head, tail = self._split(asked.text)
        ids = self._after_anchor(tail)
        page = self.pages.get(key_of(asked.pictures.name, head), lambda: self._encode(asked, ids))
        return Row(asked, page, ids, len(page.prefix if page.prefix is not None else ()) + len(ids))

    def _split(self, text: str) -> tuple[str, str]:
        if self.anchor not in text:  # the processor sets the picture before the text
            return "", f" {text.strip()}"
        head, _, tail = text.rpartition(self.anchor)
        return head, tail

    def _after_anchor(self, tail: str) -> Tensor:
        """The tokens of a text that stands behind a picture: cut there alone, never within a word."""
        return token_ids(self.checkpoint, self.anchor + tail)[1:]

    @torch.inference_mode()
    def _encode(self, asked: Asked, tail: Tensor) -> Page:
        """Read the page once: all inputs of the row, without its last words."""
        inputs = process(self.checkpoint, [asked.images], [asked.text])
        ids = inputs["input_ids"][0]  # (L,)
        length = len(ids) - len(tail)
        if not torch.equal(ids[length:], tail):
            raise CannotShare("the words behind a page are cut into other tokens than by themselves")
        cut = {k: v[:, :length] if _is_of_tokens(k, v, len(ids)) else v for k, v in inputs.items()}
        output = self.inner(**cut, use_cache=True)
        if any(layer.is_sliding and layer.keys.shape[-2] < length for layer in output.cache.layers):
            raise CannotShare("the page is longer than a window of attention")
        layers = tuple((layer.keys, layer.values) for layer in output.cache.layers)
        crossed = cut.get("cross_attention_mask")
        shift = getattr(self.inner, "rope_deltas", None)
        shown = shown_size(inputs, self.checkpoint.processor, asked.images[0])
        return Page(shown, ids[:length], layers, None if shift is None else shift.clone(), crossed)

    def batch(self, rows: Sequence[Row]) -> dict[str, Any]:
        """Kept prefixes padded on the left into one cache, then the rows' own words padded on the left."""
        blank = self.checkpoint.tokenizer.pad_token_id or 0
        prefixes = [row.page.prefix for row in rows if row.page.prefix is not None]
        before, seen = pad(prefixes, blank, left=True)  # (B, P)
        after, real = pad([row.ids for row in rows], blank, left=True)  # (B, T)
        inputs: dict[str, Any] = {
            "input_ids": torch.cat([before, after], dim=1),
            "attention_mask": torch.cat([seen, real], dim=1),
            "cache": self._cache([row.page for row in rows]),
        }
        if all(row.page.shift is not None for row in rows):
            self.inner.rope_deltas = torch.cat([row.page.shift for row in rows if row.page.shift is not None])
        crossed = [row.page.crossed[:, -1:] for row in rows if row.page.crossed is not None]
        if crossed:
            mask = torch.cat(crossed)  # (B, 1, pictures, tiles)
            inputs["cross_attention_mask"] = mask.expand(-1, inputs["input_ids"].shape[1], -1, -1)
        return inputs

    def _cache(self, pages: Sequence[Page]) -> Any:
        """One cache of the kept keys and values, shorter ones padded on the left."""
        cache = DynamicCache(config=self.checkpoint.model.config)
        for number, layers in enumerate(zip(*(page.layers for page in pages), strict=True)):
            keys = _stacked([layer[0] for layer in layers])
            values = _stacked([layer[1] for layer in layers])
            cache.update(keys, values, number)
        return cache


def _is_of_tokens(name: str, value: Any, length: int) -> bool:
    """Whether an input has one entry a token."""
    named = name.endswith(("_ids", "_mask")) and not name.startswith(("pixel", "aspect"))
    return named and isinstance(value, Tensor) and value.ndim > 1 and value.shape[1] == length


def _stacked(parts: Sequence[Tensor]) -> Tensor:
    """Keys or values (1, H, P, W) of several pages in one (B, H, longest P, W)."""
    longest = max(part.shape[-2] for part in parts)
    padded = [torch.nn.functional.pad(part, (0, 0, longest - part.shape[-2], 0)) for part in parts]
    return torch.cat(padded)


class SharedFeatures:
    """What the vision tower says is kept; page and prompt are then read together."""

    def __init__(self, checkpoint: Checkpoint, pages: RecentPages) -> None:
        self.checkpoint, self.pages, self.ragged = checkpoint, pages, True
        self._blank = Image.new("RGB", (8, 8))

    def row(self, asked: Asked) -> Row:
        """The tokens with the page's places among them, whose number does not depend on the page."""
        blanks = [self._blank] * len(asked.images)
        ids = process(self.checkpoint, [blanks], [asked.text])["input_ids"][0]
        page = self.pages.get(key_of(asked.pictures.name, ""), lambda: self._encode(asked.images))
        return Row(asked, page, ids, len(ids))

    @torch.inference_mode()
    def _encode(self, images: Sequence[Image.Image]) -> Page:
        batch = self.checkpoint.processor.image_processor(list(images), return_tensors="pt")
        pixels = placed(self.checkpoint, batch["pixel_values"])
        features = self.checkpoint.model.get_image_features(pixels, return_dict=True).pooler_output
        return Page(images[0].size, features=features)

    def batch(self, rows: Sequence[Row]) -> dict[str, Any]:
        """Tokens padded on the family's side, and the features of all rows' pages in their order."""
        ids, mask = pad(
            [r.ids for r in rows],
            self.checkpoint.tokenizer.pad_token_id or 0,
            left=self.checkpoint.family.pads_left,
        )
        features = torch.cat([r.page.features for r in rows if r.page.features is not None])
        inputs = {
            "input_ids": ids,
            "attention_mask": mask,
            "mm_encoder_outputs": {"image": BaseModelOutputWithPooling(pooler_output=features)},
        }
        if "token_type_ids" in self.checkpoint.processor.model_input_names:
            inputs["token_type_ids"] = torch.zeros_like(ids)  # all of it is prefix
        return inputs


class SharedEncoder:
    """All that the encoder says is kept; prompts are read by the decoder alone."""

    ragged = False  # its positions count padding

    def __init__(self, checkpoint: Checkpoint, pages: RecentPages) -> None:
        self.checkpoint, self.pages = checkpoint, pages

    def row(self, asked: Asked) -> Row:
        """The words that the reply follows."""
        ids = token_ids(self.checkpoint, asked.text)
        page = self.pages.get(key_of(asked.pictures.name, ""), lambda: self._encode(asked.images))
        return Row(asked, page, ids, len(ids))

    @torch.inference_mode()
    def _encode(self, images: Sequence[Image.Image]) -> Page:
        batch = self.checkpoint.processor.image_processor(images[0], return_tensors="pt")
        pixels = placed(self.checkpoint, batch["pixel_values"])
        states = self.checkpoint.model.get_encoder()(pixels, return_dict=True).last_hidden_state
        return Page(images[0].size, features=states)

    def batch(self, rows: Sequence[Row]) -> dict[str, Any]:
        """Encoder states of all rows' pages, and their words, all of one length."""
        states = torch.cat([r.page.features for r in rows if r.page.features is not None])
        return {
            "encoder_outputs": BaseModelOutput(last_hidden_state=states),
            "decoder_input_ids": torch.stack([r.ids for r in rows]),
        }
