"""A model that can talk about several pages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from core.records import StopReason
from tests.scripted_model import number_of
from workers.vlm.interface import Capability, Generation, ModelIdentity, PageRequest, Token, Turn


@dataclass
class Talker:
    """A model that can talk: it says which pages it sees, and keeps what it was told."""

    stop: StopReason = StopReason.END
    error: str | None = None
    text: str | None = None  # None: which pages it sees
    tokens: tuple[Token, ...] | None = None
    schemas: list[Mapping[str, Any] | None] = field(default_factory=list)  # what it was to say, in its form
    told: list[tuple[Turn, ...]] = field(default_factory=list)
    capabilities: frozenset[Capability] = frozenset({Capability.CHAT})
    identity: ModelIdentity = field(default_factory=lambda: ModelIdentity("talker", "1", "greedy"))

    def generate(
        self, requests: Sequence[PageRequest], _cancelled: Callable[[], bool] = lambda: False
    ) -> list[list[Generation]]:
        return [[self._reply(request)] for request in requests]

    def _reply(self, request: PageRequest) -> Generation:
        (prompt,) = request.prompts
        self.told.append(prompt.turns)
        images: list[Image.Image] = [request.image, *request.more]
        self.schemas.append(prompt.schema)
        text = None if self.error else self.text or f"I see {', '.join(str(number_of(image)) for image in images)}"
        return Generation(text, (0.5, 0.5), None, self.stop, 0.0, error=self.error, tokens=self.tokens)
