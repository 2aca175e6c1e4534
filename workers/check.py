"""Tries a model: `python -m workers.check NAME PAGE` loads it, shows it a page, and prints as JSON what it got.

A process of its own, started by its name alone: what a model takes of memory is then told from what others take.
"""

import io
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from core.errors import FolioscopeError, RejectedFile
from core.logs import set_up_logs
from core.records import FieldKind, StopReason
from core.settings import Settings
from ingest.answers import PageFailure
from ingest.limits import Limits
from ingest.sandbox import Sandbox
from workers.environment import read_settings
from workers.inference import confidence_of, failure_of
from workers.vlm import memory
from workers.vlm.catalog import read_catalog
from workers.vlm.interface import (
    Capability,
    Column,
    Generation,
    Model,
    PageRequest,
    Prompt,
    PromptKind,
    Role,
    Turn,
    capabilities_of,
)
from workers.vlm.registry import load_model

_LABELS = ("invoice", "receipt", "letter", "form", "statement")
_TALK = "What kind of document is this? Answer in one short sentence."
ASKED: Mapping[Capability, tuple[Prompt, ...]] = {
    Capability.EXTRACT: (
        Prompt("invoice_number", PromptKind.FIELD, "invoice number"),
        Prompt("invoice_date", PromptKind.FIELD, "invoice date"),
        Prompt("total", PromptKind.FIELD, "total"),
        Prompt("iban", PromptKind.FIELD, "iban"),
    ),
    Capability.ASK: (Prompt("answer", PromptKind.QUESTION, "What is the name of the vendor?"),),
    Capability.READ: (Prompt("page", PromptKind.READ, ""),),
    Capability.LOCATE: (Prompt("place", PromptKind.LOCATE, "Total"),),
    Capability.CLASSIFY: (Prompt("label", PromptKind.CLASSIFY, "kind of document", labels=_LABELS),),
    Capability.DESCRIBE: (Prompt("description", PromptKind.DESCRIBE, "page"),),
    Capability.ROWS: (
        Prompt(
            "line_items",
            PromptKind.ROWS,
            "line items",
            columns=(Column("description", "description"), Column("amount", "amount", kind=FieldKind.MONEY)),
        ),
    ),
    Capability.CHAT: (Prompt("reply", PromptKind.CHAT, _TALK, turns=(Turn(Role.USER, _TALK),)),),
}


def check(settings: Settings, name: str, page: Image.Image) -> dict[str, Any]:
    """Load a model and show it a page, once for each capability that it claims. Raises what loading it raises."""
    catalog = read_catalog(settings)
    entry = catalog.entry(name)
    before, began = memory.peak_bytes(), time.perf_counter()
    model = load_model(settings, name, catalog)
    seconds = time.perf_counter() - began
    claimed = capabilities_of(model)
    known = model.identity
    return {
        "name": name,
        "kind": entry.kind.value,
        "model": known.name,
        "revision": known.revision,
        "page": list(page.size),
        "load_seconds": round(seconds, 2),
        "memory_bytes": memory.peak_bytes() - before,
        "capabilities": [_tried(model, page, capability) for capability in Capability if capability in claimed],
        "peak_bytes": memory.peak_bytes(),
        "device_bytes": memory.peak_device_bytes(),
    }


def page_in(settings: Settings, file: Path) -> Image.Image:
    """The first page of a file as it is shown to models. Raises RejectedFile or UnreadablePage."""
    if not file.is_file():
        raise RejectedFile(f"There is no file {file}.")
    with Sandbox(Limits.of(settings)) as sandbox:
        (page,) = sandbox.draw(file, None, 1, 1)
    if isinstance(page, PageFailure):
        raise page.error
    image = Image.open(io.BytesIO(page.image))
    image.load()
    return image


def _tried(model: Model, page: Image.Image, capability: Capability) -> dict[str, Any]:
    """What one capability gives on the page, or why it gives nothing."""
    prompts = ASKED[capability]
    began = time.perf_counter()
    try:
        (generations,) = model.generate([PageRequest(page, prompts)])
    except Exception as error:  # noqa: BLE001 - a check tells what is wrong, whatever it is
        code = error.code if isinstance(error, FolioscopeError) else type(error).__name__
        detail = error.detail if isinstance(error, FolioscopeError) else str(error)
        return {"capability": capability.value, "error": {"code": code, "detail": detail}, "got": []}
    seconds = time.perf_counter() - began
    tokens = [len(g.probabilities) for g in generations if g.probabilities is not None]
    got = [_got(prompt, generation) for prompt, generation in zip(prompts, generations, strict=True)]
    return {
        "capability": capability.value,
        "error": None,
        "got": got,
        "seconds": round(seconds, 2),
        "tokens": sum(tokens) if tokens else None,
    }


def _got(prompt: Prompt, said: Generation) -> dict[str, Any]:
    failure = failure_of(said) if said.stop is not StopReason.CANCELLED else None
    sure = confidence_of(said)
    return {
        "asked": prompt.key,
        "text": said.text,
        "confidence": None if sure is None else round(sure, 4),
        "box": None if said.box is None else said.box.as_list(),
        "lines": len(said.lines),
        "rows": None if said.table is None else len(said.table.rows),
        "failure": failure,
    }


def main(arguments: Sequence[str]) -> int:
    """Print what the check found, or the error that ended it."""
    os.umask(0o077)
    name, file = arguments
    set_up_logs("WARNING")
    try:
        settings = read_settings()
        said = check(settings, name, page_in(settings, Path(file)))
    except FolioscopeError as error:
        print(json.dumps({"error": {"code": error.code, "detail": error.detail}}))  # noqa: T201 - a command speaks
        return error.exit_code
    print(json.dumps(said, ensure_ascii=False))  # noqa: T201 - a command speaks
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
