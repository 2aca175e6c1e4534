"""Proposes a schema: `python -m workers.suggest MODEL PATHS...` reads documents and prints it as JSON.

A path is a file, or a folder with the pictures of one document's pages.
A process of its own, so that the command line neither loads a model nor leaves anything behind: what is read is kept
nowhere. MODEL may be empty: then the one for jobs reads.
"""

import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from PIL import Image

from core.errors import FolioscopeError, ModelCannot, RejectedFile
from core.logs import set_up_logs
from core.records import Box
from core.settings import Settings
from ingest.answers import PageFailure
from ingest.limits import Limits
from ingest.sandbox import Sandbox
from workers.environment import read_settings
from workers.proposal import Found, Proposal, propose
from workers.vlm.catalog import read_catalog
from workers.vlm.interface import (
    Capability,
    Generation,
    Line,
    Model,
    PageRequest,
    Prompt,
    PromptKind,
    capabilities_of,
)
from workers.vlm.registry import load_model

Told: TypeAlias = Callable[[int, int], None]

_MOST_PAGES = 3  # of a document: what a schema asks for stands at its beginning
_READ = (Prompt("page", PromptKind.READ, ""),)


def suggest(model: Model, paths: Sequence[Path], limits: Limits, told: Told) -> Proposal:
    """What the first pages of documents have in common; `told` hears how many are read, of how many.

    Raises RejectedFile for a file that cannot be opened, ModelCannot for a model that does not read.
    """
    if Capability.READ not in capabilities_of(model):
        raise ModelCannot(f"The model {model.identity.name} does not read pages; name another one with --model.")
    with Sandbox(limits) as sandbox:
        return propose(_documents(model, paths, sandbox, told))


def _documents(model: Model, paths: Sequence[Path], sandbox: Sandbox, told: Told) -> Iterator[list[Sequence[Line]]]:
    for number, path in enumerate(paths):
        told(number, len(paths))
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        yield [_lines_of(model, picture) for file in files for picture in _pictures(sandbox, file)]
    told(len(paths), len(paths))


def _pictures(sandbox: Sandbox, file: Path) -> Iterator[bytes]:
    """The first pages of a file, those left out that are blank or cannot be drawn."""
    if not file.is_file():
        raise RejectedFile(f"There is no file {file}.")
    count = sandbox.probe(file).page_count
    for page in sandbox.draw(file, None, 1, min(count, _MOST_PAGES)):
        if not isinstance(page, PageFailure) and not page.blank:
            yield page.image


def _lines_of(model: Model, picture: bytes) -> Sequence[Line]:
    """The lines of a page; where the model tells no places, one below the other."""
    with Image.open(io.BytesIO(picture)) as image:
        image.load()
        ((read,),) = model.generate([PageRequest(image, _READ)])
    return read.lines or _in_order(read)


def _in_order(read: Generation) -> list[Line]:
    texts = [line for line in (read.text or "").splitlines() if line.strip()]
    height = 1 / max(len(texts), 1)
    return [Line(text, Box(0, n * height, 1, (n + 1) * height), None) for n, text in enumerate(texts)]


def as_json(proposal: Proposal) -> dict[str, Any]:
    """The body, and what it was made from, for people."""
    columns = [_told(found, f"line_items: {found.title}") for found in proposal.columns.values()]
    return {"body": proposal.body, "found": [_told(found, found.title) for found in proposal.kept().values()] + columns}


def _told(found: Found, title: str) -> dict[str, Any]:
    return {"title": title, "kind": found.kind.value, "documents": len(found.documents), "example": found.example}


def main(arguments: Sequence[str]) -> int:
    """Print the proposal, or the error that ended it; progress goes to stderr, a line a document."""
    os.umask(0o077)
    name, *paths = arguments
    set_up_logs("WARNING")
    try:
        settings: Settings = read_settings()
        catalog = read_catalog(settings)
        model = load_model(settings, name or None, catalog)
        said = as_json(suggest(model, [Path(path) for path in paths], Limits.of(settings), _tell))
    except FolioscopeError as error:
        print(json.dumps({"error": {"code": error.code, "detail": error.detail}}))  # noqa: T201 - a command speaks
        return error.exit_code
    print(json.dumps(said, ensure_ascii=False))  # noqa: T201 - a command speaks
    return 0


def _tell(done: int, total: int) -> None:
    if total > 1 and done:
        print(f"read {done} of {total}", file=sys.stderr)  # noqa: T201 - a command speaks


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
