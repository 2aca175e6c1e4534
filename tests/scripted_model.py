"""A model that answers from a script: `model="tests.scripted_model:load"`, the script in the file SCRIPTED_MODEL names.

Pages are told apart by the number that `picture` hides in their pixels. A script is JSON:
`{"answers": {"7": {"total": "12.00", "iban": null}}, "acts": {"9": "kill"}, "seconds": 0.01, "journal": "calls"}`.
Rows of a table stand in `tables`, as `answers` do: `{"7": {"line_items": [{"amount": "4.20"}]}}`; a row `{"seen": ""}`
is seen and not read. A prompt without an answer is answered by `<prompt> <page number>`. Acts come before an answer, or
instead of one:
`kill` (the process, by SIGKILL), `raise`, `unavailable`, `budget`, `loop`, `wait` (until cancelled), `sleep 2.5`;
`kill once` and the like act at the first time only. Every page that is asked is one line in the journal: page number,
process id and the time in seconds.
"""

import io
import json
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.errors import ModelUnavailable
from core.records import Box, StopReason
from core.settings import Settings
from workers.vlm.interface import (
    Capability,
    Cell,
    Generation,
    Line,
    ModelIdentity,
    PageRequest,
    Prompt,
    PromptKind,
    Table,
)

BITS = 24
CELL = 4  # pixels: survives JPEG


def picture(number: int) -> bytes:
    """A small page that carries its number."""
    pixels = np.full((48, BITS * CELL), 255, np.uint8)
    for bit in range(BITS):
        if number >> bit & 1:
            pixels[:CELL, bit * CELL : (bit + 1) * CELL] = 0
    pixels[20:24, 10:80] = 0  # a line of ink: the page is not blank
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def number_of(image: Image.Image) -> int:
    """The number that `picture` hid."""
    gray = np.asarray(image.convert("L"))
    return sum(1 << bit for bit in range(BITS) if gray[CELL // 2, bit * CELL + CELL // 2] < 128)


@dataclass
class ScriptedModel:
    """Answers by page number and prompt key; see the module for what a script may say."""

    answers: dict[str, dict[str, str | None]] = field(default_factory=dict)
    tables: dict[str, dict[str, list[dict[str, str]]]] = field(default_factory=dict)
    capabilities: frozenset[Capability] = frozenset({Capability.EXTRACT, Capability.ASK, Capability.ROWS})
    acts: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    journal: Path | None = None
    revision: str = "1"
    keeps: bool = False  # what it is said to do with pages that it was asked about
    calls: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)

    @property
    def identity(self) -> ModelIdentity:
        """A name and the script's revision."""
        return ModelIdentity("scripted", self.revision, "script-1")

    def generate(
        self, requests: Sequence[PageRequest], cancelled: Callable[[], bool] = lambda: False
    ) -> list[list[Generation]]:
        """Do what the script says for each page."""
        return [self._page(request, cancelled) for request in requests]

    def _page(self, request: PageRequest, cancelled: Callable[[], bool]) -> list[Generation]:
        number = number_of(request.image)
        self.calls.append((number, tuple(p.key for p in request.prompts)))
        if self.journal is not None:
            with self.journal.open("a") as journal:
                journal.write(f"{number} {os.getpid()} {time.time()}\n")
        stop = self._act(number, cancelled)
        if stop is not StopReason.END:
            return [Generation(None, (0.5,), None, stop, 0.0) for _ in request.prompts]
        time.sleep(self.seconds)
        return [self._answer(number, prompt) for prompt in request.prompts]

    def _answer(self, number: int, prompt: Prompt) -> Generation:
        if prompt.kind is PromptKind.ROWS:
            return self._rows(self.tables.get(str(number), {}).get(prompt.key, []))
        text = self.answers.get(str(number), {}).get(prompt.key, f"{prompt.text} {number}")
        if text is None:
            return Generation(None, (0.9,), None, StopReason.END, self.seconds, 0.9)
        text, _, sure = text.partition(" @")  # "12.00 @0.7" is said with that confidence
        box, confidence = Box(0.1, 0.2, 0.3, 0.4), float(sure or 0.81)
        lines = (Line(text, box, confidence),) if prompt.kind is PromptKind.LOCATE else ()
        return Generation(text, (0.9, 0.9), box, StopReason.END, self.seconds, confidence, lines)

    def _rows(self, said: list[dict[str, str]]) -> Generation:
        """Rows by the names of their columns; one that says `seen` was seen and not read."""
        rows = [{key: Cell(text, Box(0.1, 0.2, 0.3, 0.4), 0.9) for key, text in row.items()} for row in said]
        read = tuple(row for row in rows if "seen" not in row)
        table = Table(read, len(rows)) if rows else None
        return Generation(None, None, None, StopReason.END, self.seconds, 0.9, table=table)

    def _act(self, number: int, cancelled: Callable[[], bool]) -> StopReason:  # noqa: C901 - one line an act
        act = self.acts.get(str(number), "")
        if act.endswith(" once"):
            act = act.removesuffix(" once") if self._first_time(number) else ""
        match act.split():
            case ["kill"]:
                os.kill(os.getpid(), signal.SIGKILL)
            case ["raise"]:
                raise ValueError(f"the script says so for page {number}")
            case ["unavailable"]:
                raise ModelUnavailable
            case ["budget"]:
                return StopReason.BUDGET
            case ["loop"]:
                return StopReason.LOOP
            case ["sleep", seconds]:
                time.sleep(float(seconds))
            case ["wait"]:
                while not cancelled():
                    time.sleep(0.02)
                return StopReason.CANCELLED
        return StopReason.END

    def _first_time(self, number: int) -> bool:
        """Whether this page is asked for the first time, in any process that shares the journal."""
        if self.journal is None:
            return sum(n == number for n, _ in self.calls) == 1
        return sum(line.split()[0] == str(number) for line in self.journal.read_text().splitlines()) == 1


def load(_settings: Settings) -> ScriptedModel:
    """The factory for worker processes."""
    script: dict[str, Any] = json.loads(Path(os.environ["SCRIPTED_MODEL"]).read_text())
    journal = script.pop("journal", None)
    return ScriptedModel(**script, journal=Path(journal) if journal else None)
