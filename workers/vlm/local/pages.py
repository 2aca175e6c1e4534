"""Pages as a model keeps them between prompts: what of the encoding all prompts share, in a store bounded by bytes."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from workers.vlm.local.boxes import Size

KEPT_BYTES = (
    512 * 2**20
)  # of pages that were read lately, at least: 32 pages of 350 tokens in the shape of SmolVLM-256M
_SHARE_OF_GPU = 4  # that part of what a GPU has left beside the weights


@dataclass(frozen=True, slots=True)
class Page:
    """What is kept of pages that were shown together. Which fields are set is up to the way they are shared."""

    shown: Size  # of the first picture as the model saw it
    prefix: Tensor | None = None  # (P,) tokens up to the end of the last picture
    layers: tuple[tuple[Tensor, Tensor], ...] = ()  # keys and values a layer, (1, heads, P, width) each
    shift: Tensor | None = None  # (1, 1): how far positions lie behind the count of tokens
    crossed: Tensor | None = None  # (1, P, pictures, tiles): which pictures each token may look at
    features: Tensor | None = None  # of the pictures, first axis theirs; or all states of an encoder, (1, N, width)

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        tensors = [t for pair in self.layers for t in pair]
        tensors += [t for t in (self.prefix, self.shift, self.crossed, self.features) if t is not None]
        return sum(t.numel() * t.element_size() for t in tensors)


class RecentPages:
    """Pages by their pictures and the words before them; those that were used longest ago go first."""

    def __init__(self, most: int = KEPT_BYTES) -> None:
        self.most = most
        self.bytes = 0
        self._pages: OrderedDict[str, Page] = OrderedDict()

    def get(self, key: str, encode: Callable[[], Page]) -> Page:
        """The kept page, or a new one; one that is larger than the whole store is not kept."""
        page = self._pages.get(key)
        if page is None:
            page = encode()
            self._keep(key, page)
        else:
            self._pages.move_to_end(key)
        return page

    def _keep(self, key: str, page: Page) -> None:
        if page.size > self.most:
            return
        self._pages[key] = page
        self.bytes += page.size
        while self.bytes > self.most:
            _, oldest = self._pages.popitem(last=False)
            self.bytes -= oldest.size

    def clear(self) -> None:
        """Keep none; whoever still works on one has it for as long."""
        self._pages.clear()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._pages)


def room_for_pages(device: torch.device) -> int:
    """The bytes that a model sets aside for pages: those of a conversation should fit, so more where there is more."""
    if device.type != "cuda":
        return KEPT_BYTES
    free, _ = torch.cuda.mem_get_info(device)
    return max(KEPT_BYTES, free // _SHARE_OF_GPU)


def key_of(pictures: str, head: str) -> str:
    """The name of pages by that of their pictures and the words before the last of them."""
    return hashlib.sha256(f"{pictures} {head}".encode()).hexdigest()


def shown_size(inputs: Any, checkpoint_processor: Any, image: Image.Image) -> Size:
    """Width and height of the first picture as the model sees it, in pixels."""
    grid = inputs.get("image_grid_thw")
    if grid is None:
        return image.size
    patch = checkpoint_processor.image_processor.patch_size
    return int(grid[0][2]) * patch, int(grid[0][1]) * patch
