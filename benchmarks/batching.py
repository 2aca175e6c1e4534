"""Tokens a second in batches against a plain loop: `python -m benchmarks.batching [--model PATH]`.

The same requests are answered three times: all at once, as the model worker gives them to a model; one prompt at a time
with pages kept; and one prompt at a time with nothing kept, which is what a plain loop over `generate` does. Tokens are
those that the replies are made of. Measured is processor time, which other work on the machine bends less than the
clock. Without `--model`, two models are measured: the bundled one on pages of samples/, and one in the shape of
SmolVLM-256M with random weights, made here.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pymupdf
import torch
from PIL import Image
from rich.console import Console
from rich.table import Table

from benchmarks.shaped import smolvlm_256m
from workers.vlm.bundled import backend
from workers.vlm.bundled.kept import KEPT_ASKED, KEPT_OTHERS, KeptPages
from workers.vlm.interface import Generation, Model, PageRequest, Prompt, PromptKind
from workers.vlm.local.backend import LocalModel

TARGET = 1.5
SAMPLES = Path(__file__).parents[1] / "samples"
FIELDS = ("invoice number", "total", "vendor name", "due date", "tax", "customer name", "currency", "date")
Make = Callable[[int], Model]  # a fresh model that keeps so much of pages: 0 is nothing
PLENTY = 2**30


def main() -> None:
    """Print the table; end with 1 where batches bring less than their target over the plain loop."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="bundled, or a checkpoint of your own, by path or hub id")
    parser.add_argument("--tokens", type=int, default=12, help="tokens of a local model's reply at most")
    parser.add_argument("--pages", type=int, default=2)
    given = parser.parse_args()
    torch.set_num_threads(1)
    table = Table("model", "plain loop", "pages kept", "batches", "over the loop", title="tokens a CPU second")
    gains = []
    with tempfile.TemporaryDirectory() as folder:
        for name, make in _models(given.model, given.tokens, Path(folder)):
            loop, kept, batched = _measured(make, _requests(given.pages))
            gains.append(batched / loop)
            table.add_row(name, f"{loop:.2f}", f"{kept:.2f}", f"{batched:.2f}", f"{gains[-1]:.2f}")
    Console().print(table)
    raise SystemExit(int(min(gains) < TARGET))


def _models(name: str | None, tokens: int, folder: Path) -> list[tuple[str, Make]]:
    if name == "bundled":
        return [("bundled", _bundled)]
    if name is None:
        smolvlm_256m(folder, edge=512)
    local = LocalModel.load(name or str(folder), max_new_tokens=tokens)

    def make(kept: int) -> Model:
        return LocalModel(local.checkpoint, kept_bytes=kept)

    if name is not None:
        return [(name, make)]
    return [("bundled", _bundled), ("SmolVLM-256M in shape", make)]


def _bundled(kept: int) -> Model:
    model = backend.BundledModel.load(threads=1)
    model.pages = KeptPages(min(kept, KEPT_ASKED), min(kept, KEPT_OTHERS))
    return model


def _measured(make: Make, requests: Sequence[PageRequest]) -> tuple[float, float, float]:
    """Tokens a CPU second of the plain loop, of the loop with pages kept, and in batches."""
    single = [PageRequest(r.image, (prompt,)) for r in requests for prompt in r.prompts]

    def one_by_one(model: Model) -> list[list[Generation]]:
        return [model.generate([request])[0] for request in single]

    make(PLENTY).generate(single[:1])  # warms up
    loop = _speed(make(0), one_by_one)
    kept = _speed(make(PLENTY), one_by_one)
    return loop, kept, _speed(make(PLENTY), lambda model: model.generate(requests))


def _speed(model: Model, run: Callable[[Model], list[list[Generation]]]) -> float:
    began = time.process_time()
    told = run(model)
    seconds = time.process_time() - began
    return sum(len(generation.probabilities or ()) for page in told for generation in page) / seconds


def _requests(pages: int) -> list[PageRequest]:
    prompts = tuple(Prompt(name, PromptKind.FIELD, name) for name in FIELDS)
    return [PageRequest(_page(path), prompts) for path in sorted(SAMPLES.glob("invoice-0*.pdf"))[:pages]]


def _page(path: Path) -> Image.Image:
    with pymupdf.open(path) as document:
        pixmap = document[0].get_pixmap(dpi=150, colorspace=pymupdf.csGRAY, alpha=False)
        return Image.frombytes("L", (pixmap.width, pixmap.height), pixmap.samples)


if __name__ == "__main__":
    main()
