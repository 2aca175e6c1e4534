"""Kinds of documents that the bundled model knows by what they print, in six languages: those of kinds.json."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from workers.vlm.titles import fold

_NARROW = frozenset({"receipt"})  # on a till's roll
_ENDINGS = ("s", "es")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. `titles` name it where they head a page, and are what people may call it; `cues` speak for it."""

    name: str  # in English, as a description says it
    titles: tuple[str, ...]
    cues: tuple[str, ...]
    narrow: bool


def _read() -> tuple[Kind, ...]:
    told = json.loads((Path(__file__).parent / "kinds.json").read_text("utf-8"))
    return tuple(
        Kind(name, (name, *said["titles"]), tuple(said["cues"]), name in _NARROW) for name, said in told.items()
    )


KINDS = _read()


@lru_cache(maxsize=1024)
def kind_called(label: str) -> Kind | None:
    """The kind that a label names, in the singular or the plural; None where it names none that is known."""
    said = fold(label)
    forms = (said, *(said.removesuffix(ending) for ending in _ENDINGS if said.endswith(ending)))
    return next((kind for form in forms for kind in KINDS if form in kind.titles), None)
