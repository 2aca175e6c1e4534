"""A model of visual search whose vectors a test can foretell: by the number in a page's picture, or in a text."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.errors import ModelUnavailable
from core.settings import Settings
from tests.scripted_model import number_of
from workers.vlm.interface import ModelIdentity

WIDTH = 32


def vectors_of(number: int, count: int = 6) -> NDArray[np.float32]:
    """Vectors of length 1, alike for the same number."""
    made = np.random.default_rng(number).normal(size=(count, WIDTH)).astype(np.float32)
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32)


@dataclass
class ScriptedEye:
    """Sees the number of a page. A text that holds a number looks exactly like the page of it."""

    revision: str = "r1"
    away: bool = False
    blind_to: frozenset[int] = frozenset()  # pages of which it says numbers that are none
    batches: list[list[int]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def identity(self) -> ModelIdentity:
        """As tests name it."""
        return ModelIdentity("eye", self.revision, "")

    def embed_pages(self, images: Sequence[Image.Image]) -> list[NDArray[np.float32]]:
        """By their numbers."""
        if self.away:
            raise ModelUnavailable
        numbers = [number_of(image) for image in images]
        self.batches.append(numbers)
        return [vectors_of(number) * (np.nan if number in self.blind_to else 1) for number in numbers]

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """By the number in it; 0 without one."""
        if self.away:
            raise ModelUnavailable
        self.asked.append(text)
        return vectors_of(int("".join(letter for letter in text if letter.isdigit()) or 0))


def load(_settings: Settings) -> ScriptedEye:
    """The factory for worker processes."""
    return ScriptedEye()
