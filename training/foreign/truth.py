"""The set as it lies in tests/data/foreign/: its lines, its prompts, and what an absent field would look like."""

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from training.foreign.locate import Layer, Place

FOLDER = Path("tests/data/foreign")


@dataclass(frozen=True, slots=True)
class Line:
    """A file and what stands in it. A field may stand at several places that mean the same."""

    file: str
    look: str
    tool: str
    language: str
    fields: dict[str, str]
    absent: tuple[str, ...]
    asked: dict[str, str]
    places: dict[str, tuple[Place, ...]]

    def prompt(self, field: str) -> str:
        """The words by which a field is asked for."""
        return self.asked.get(field, field.replace("_", " "))


def read(folder: Path = FOLDER) -> list[Line]:
    """All lines of the truth."""
    lines = (folder / "truth.jsonl").read_text("utf-8").splitlines()
    return [_line(json.loads(text)) for text in lines]


def _line(raw: dict[str, Any]) -> Line:
    places = {
        field: tuple(Place(at["page"], tuple(at["box"])) for at in (box, *box.get("also", ())))
        for field, box in raw["boxes"].items()
    }
    plain = {name: raw[name] for name in ("file", "look", "tool", "language", "fields", "asked")}
    return Line(**plain, absent=tuple(raw["absent"]), places=places)


@cache
def patterns() -> dict[str, str]:
    """What would name or be a field, by the field's name."""
    return tomllib.loads(Path(__file__).with_name("wordings.toml").read_text("utf-8"))


def stated(field: str, layers: Sequence[Layer]) -> str | None:
    """What on the pages names the field or looks like one; None where nothing does."""
    found = (re.search(patterns()[field], layer.text, re.IGNORECASE) for layer in layers)
    return next((match[0] for match in found if match), None)
