"""Requests and generations: the one interface between the workers and every kind of model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from PIL import Image

from core.records import Box, StopReason


class PromptKind(StrEnum):
    """What is asked of a page: a field by its description, or a question in plain words."""

    FIELD = "field"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Prompt:
    """One thing to ask of a page. `key` names it for the caller (a field path, or `answer`)."""

    key: str
    kind: PromptKind
    text: str  # "invoice number", or "What is the total?"


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A page and everything that is asked of it; the model encodes the page once."""

    image: Image.Image  # upright, mode L or RGB
    prompts: tuple[Prompt, ...]


@dataclass(frozen=True, slots=True)
class Generation:
    """What a model said to one prompt. `text` is None where it said that the page has no such thing."""

    text: str | None
    probabilities: tuple[float, ...] | None  # one per token; None where the backend gives none
    box: Box | None  # in page space
    stop: StopReason
    seconds: float
    confidence: float | None = None  # 0..1: of the value, or of its absence


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model read something: enough to find it again and to key the cache."""

    name: str
    revision: str  # hash of the weights, or the hub commit
    decoding: str  # everything that changes the output for the same prompt, as a short stable string


class Model(Protocol):
    """A vision language model behind one contract."""

    @property
    def identity(self) -> ModelIdentity:
        """Name, revision and decoding of this model."""
        ...

    def generate(
        self, requests: Sequence[PageRequest], cancelled: Callable[[], bool] = lambda: False
    ) -> list[list[Generation]]:
        """Answer every prompt of every request, in order. `cancelled` is asked between tokens or pages."""
        ...
